/** One value as a whole, below the grid. */
import type { PageQuestions, ShownColumn, Words } from '../../src/features/results/protocol.ts';
import { parseJsonTree } from '../../src/util/jsonTree.ts';
import { button, element, fill, iconButton } from './dom.ts';
import { jsonView } from './jsonView.ts';

export interface CellPanelNeeds {
  readonly words: Words;
  readonly copy: () => void;
  readonly openInEditor: () => void;
  readonly closed: () => void;
}

/** Larger JSON is shown as text. */
const largestTree = 300_000;

export class CellPanel {
  readonly element = element('section', 'value');
  private readonly needs: CellPanelNeeds;

  constructor(needs: CellPanelNeeds) {
    this.needs = needs;
    this.element.hidden = true;
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') {
        this.close();
      }
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  show({ name, category, type }: ShownColumn, row: number, { text, length }: PageQuestions['cell']['answer']): void {
    const { words } = this.needs;
    const title = element('h2', '', `${name} · ${words.rowNumber} ${row + 1}`);
    const size = text === null ? '' : fill(words.characters, length);
    const about = element('span', 'about', [type === 'unknown' ? '' : type, size].filter(Boolean).join(' · '));
    const buttons = [button(words.copyValue, () => this.needs.copy()), button(words.openValue, () => this.needs.openInEditor()), iconButton(words.close, 'close', () => this.close())];
    const cut = text !== null && text.length < length ? [element('p', 'about', fill(words.cutValue, text.length, length))] : [];
    const body = element('div', 'body', this.content(text, category));
    body.tabIndex = 0;
    body.setAttribute('aria-label', name);
    body.setAttribute('role', 'region');
    this.element.replaceChildren(element('header', '', title, about, ...buttons), ...cut, body);
    this.element.hidden = false;
  }

  focus(): void {
    this.element.querySelector<HTMLElement>('.body')?.focus();
  }

  close(): void {
    if (this.isOpen) {
      this.element.hidden = true;
      this.needs.closed();
    }
  }

  private content(text: string | null, category: ShownColumn['category']): HTMLElement {
    if (text === null) {
      return element('pre', 'null', this.needs.words.nullValue);
    }
    const tree = text.length <= largestTree && (category === 'json' || /^\s*[[{]/.test(text)) ? parseJsonTree(text) : undefined;
    return tree ? jsonView(tree) : element('pre', '', text);
  }
}
