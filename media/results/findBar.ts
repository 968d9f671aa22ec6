/** Looks for a text in all rows, also in those that the page does not have. */
import type { Words } from '../../src/features/results/protocol.ts';
import { button, element, iconButton } from './dom.ts';

export interface FindNeeds {
  readonly words: Words;
  /** `false` when there is none. */
  readonly find: (text: string, direction: 'next' | 'previous') => Promise<boolean>;
  readonly closed: () => void;
}

export class FindBar {
  readonly element = element('form', 'find');
  private readonly input = element('input');
  private readonly answer = element('span', 'answer');
  private readonly needs: FindNeeds;

  constructor(needs: FindNeeds) {
    this.needs = needs;
    const { words } = needs;
    this.element.setAttribute('role', 'search');
    this.element.hidden = true;
    this.input.setAttribute('aria-label', words.find);
    this.input.placeholder = words.find;
    this.answer.setAttribute('role', 'status');
    const next = button(words.findNext, () => void this.find('next'));
    const previous = button(words.findPrevious, () => void this.find('previous'));
    this.element.append(this.input, next, previous, this.answer, iconButton(words.close, 'close', () => this.close()));
    this.element.addEventListener('submit', (event) => event.preventDefault());
    this.input.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') {
        event.preventDefault();
        void this.find(event.shiftKey ? 'previous' : 'next');
      } else if (event.key === 'Escape') {
        this.close();
      }
    });
  }

  open(): void {
    this.element.hidden = false;
    this.input.focus();
    this.input.select();
  }

  close(): void {
    this.input.blur();
    this.element.hidden = true;
    this.answer.textContent = '';
    this.needs.closed();
  }

  private async find(direction: 'next' | 'previous'): Promise<void> {
    const found = this.input.value === '' || (await this.needs.find(this.input.value, direction));
    this.answer.textContent = found ? '' : this.needs.words.notFound;
  }
}
