/** What is in front, and what can be done with it. */
import { button, element } from './dom.ts';

export interface ToolbarTab {
  readonly key: string;
  readonly label: string;
}

export interface ToolbarButton {
  readonly label: string;
  /** Absent for what is no switch. */
  readonly pressed?: boolean;
  readonly opensMenu?: boolean;
  readonly run: (at: HTMLElement) => void;
}

export class Toolbar {
  readonly element = element('div', 'toolbar');
  private readonly tabs = element('div', 'tabs');
  private readonly buttons = element('div', 'buttons');
  private drawn = '';

  constructor(label: string) {
    this.tabs.setAttribute('role', 'tablist');
    this.tabs.setAttribute('aria-label', label);
    this.tabs.addEventListener('keydown', (event) => this.move(event));
    this.element.append(this.tabs, this.buttons);
  }

  /** `panel` is the id of what the tabs show. */
  show({ tabs, front, choose, buttons, panel }: { tabs: readonly ToolbarTab[]; front: string; choose: (key: string) => void; buttons: readonly ToolbarButton[]; panel: string }): void {
    const key = JSON.stringify([tabs, front, buttons]);
    if (key === this.drawn) {
      return;
    }
    this.drawn = key;
    const focused = document.activeElement instanceof HTMLElement && this.element.contains(document.activeElement) ? document.activeElement.dataset['key'] : undefined;
    this.tabs.replaceChildren(...tabs.map((tab) => this.tab(tab, front, choose, panel)));
    this.buttons.replaceChildren(...buttons.map(toolbarButton));
    if (focused !== undefined) {
      [...this.element.querySelectorAll<HTMLElement>('[data-key]')].find((each) => each.dataset['key'] === focused)?.focus();
    }
  }

  private tab({ key, label }: ToolbarTab, front: string, choose: (key: string) => void, panel: string): HTMLElement {
    const tab = button(label, () => choose(key), 'tab');
    tab.dataset['key'] = key;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-selected', String(key === front));
    tab.setAttribute('aria-controls', panel);
    tab.tabIndex = key === front ? 0 : -1;
    return tab;
  }

  private move(event: KeyboardEvent): void {
    const tabs = [...this.tabs.children];
    const at = tabs.findIndex((tab) => tab === document.activeElement);
    const moves: Readonly<Record<string, number>> = { ArrowLeft: (at - 1 + tabs.length) % tabs.length, ArrowRight: (at + 1) % tabs.length, Home: 0, End: tabs.length - 1 };
    const to = moves[event.key];
    if (to !== undefined && at >= 0) {
      event.preventDefault();
      (tabs[to] as HTMLElement | undefined)?.focus();
      (tabs[to] as HTMLElement | undefined)?.click();
    }
  }
}

function toolbarButton({ label, pressed, opensMenu, run }: ToolbarButton): HTMLElement {
  const made = button(label, () => run(made));
  made.dataset['key'] = `button ${label}`;
  if (pressed !== undefined) {
    made.setAttribute('aria-pressed', String(pressed));
  }
  if (opensMenu) {
    made.classList.add('opens');
    made.setAttribute('aria-haspopup', 'menu');
  }
  return made;
}
