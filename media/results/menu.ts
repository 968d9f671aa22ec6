/** A menu that opens where it is asked for: https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/ */
import { element } from './dom.ts';

export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
}

let open: { close(): void } | undefined;

/** Below the element, or at the point; the focus goes back to where it was when the menu closes. */
export function openMenu(label: string, items: readonly MenuItem[], at: HTMLElement | { readonly x: number; readonly y: number }): void {
  open?.close();
  const before = document.activeElement;
  const menu = element('div', 'menu');
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', label);
  const close = (): void => {
    menu.remove();
    open = undefined;
    document.removeEventListener('pointerdown', outside, true);
    window.removeEventListener('blur', close);
    if (before instanceof HTMLElement && (document.activeElement === document.body || document.activeElement === null)) {
      before.focus({ preventScroll: true });
    }
  };
  const outside = ({ target }: PointerEvent): void => {
    if (!(target instanceof Node && menu.contains(target))) {
      close();
    }
  };
  menu.append(...items.map((item) => menuItem(item, close)));
  menu.addEventListener('keydown', (event) => moveInMenu(event, menu, close));
  document.body.append(menu);
  place(menu, at);
  document.addEventListener('pointerdown', outside, true);
  window.addEventListener('blur', close);
  open = { close };
  focusItem(menu, 0);
}

function menuItem({ label, run }: MenuItem, close: () => void): HTMLElement {
  const made = element('div', 'item', label);
  made.setAttribute('role', 'menuitem');
  made.tabIndex = -1;
  made.addEventListener('click', () => {
    close();
    run();
  });
  return made;
}

function moveInMenu(event: KeyboardEvent, menu: HTMLElement, close: () => void): void {
  const items = [...menu.children];
  const at = items.findIndex((item) => item === document.activeElement);
  const moves: Readonly<Record<string, number>> = { ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length, Home: 0, End: items.length - 1 };
  const to = moves[event.key];
  event.stopPropagation();
  if (to !== undefined) {
    focusItem(menu, to);
  } else if (event.key === 'Enter' || event.key === ' ') {
    (items[at] as HTMLElement | undefined)?.click();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    close();
  } else {
    focusByLetter(menu, event.key, at);
    return;
  }
  event.preventDefault();
}

function focusByLetter(menu: HTMLElement, key: string, at: number): void {
  const items = [...menu.children];
  const next = [...items.slice(at + 1), ...items.slice(0, at + 1)].find((item) => item.textContent?.toLowerCase().startsWith(key.toLowerCase()));
  if (key.length === 1 && next instanceof HTMLElement) {
    next.focus();
  }
}

function focusItem(menu: HTMLElement, index: number): void {
  (menu.children[index] as HTMLElement | undefined)?.focus();
}

function place(menu: HTMLElement, at: HTMLElement | { readonly x: number; readonly y: number }): void {
  const box = at instanceof HTMLElement ? at.getBoundingClientRect() : undefined;
  const [x, y] = at instanceof HTMLElement ? [box?.left ?? 0, (box?.bottom ?? 0) + 2] : [at.x, at.y];
  menu.style.left = `${Math.max(0, Math.min(x, window.innerWidth - menu.offsetWidth - 4))}px`;
  menu.style.top = `${Math.max(0, Math.min(y, window.innerHeight - menu.offsetHeight - 4))}px`;
}
