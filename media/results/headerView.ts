/** What was run, where, and the verdict on it. */
import type { PartState, TabState } from '../../src/features/results/protocol.ts';
import { button, element, line } from './dom.ts';
import { tell } from './host.ts';

export class HeaderView {
  readonly element = element('header', 'header');
  private drawn = '';

  /** Only what has changed, so that what a person has unfolded stays. */
  show({ title, target, as, running, canRunAgain, words }: TabState, statement: string): void {
    const key = JSON.stringify([title, target, as, running, canRunAgain, statement]);
    if (key === this.drawn) {
      return;
    }
    this.drawn = key;
    const hadFocus = this.element.contains(document.activeElement);
    const buttons = element('div', 'buttons');
    if (running) {
      buttons.append(button(words.cancel, () => tell({ type: 'cancel' })));
    } else if (canRunAgain) {
      buttons.append(button(words.runAgain, () => tell({ type: 'runAgain' })));
    }
    this.element.replaceChildren(element('h1', 'title', title), ...(as === undefined ? [] : [line('as', as)]), line('target', target), buttons, statementOf(statement));
    if (hadFocus) {
      buttons.querySelector('button')?.focus();
    }
  }
}

function statementOf(text: string): HTMLElement {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  const details = element('details', '', element('summary', '', flat), element('pre', '', text));
  details.hidden = flat === '';
  return details;
}

export function showVerdict(section: HTMLElement, part: PartState | undefined, words: TabState['words']): void {
  const verdict = part?.verdict;
  section.hidden = verdict === undefined;
  if (verdict !== undefined) {
    const { state, summary, explanation, remedy } = verdict;
    const hadFocus = section.contains(document.activeElement);
    section.className = `verdict ${state}`;
    section.replaceChildren(line('state', `${words.states[state].toUpperCase()} · ${summary}`), ...explanation.split('\n\n').filter(Boolean).map((paragraph) => line('explanation', paragraph)));
    if (remedy !== undefined && part !== undefined) {
      const act = button(remedy, () => tell({ type: 'remedy', part: part.id }), 'remedy');
      section.append(act);
      if (hadFocus) {
        act.focus();
      }
    }
  }
}
