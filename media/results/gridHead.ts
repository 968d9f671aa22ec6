/** The head of the grid: names to sort by, edges to drag, menus, and texts to filter by. */
import type { Arrangement } from '../../src/core/results/arrangement.ts';
import type { ShownColumn, Words } from '../../src/features/results/protocol.ts';
import { element, fill, iconButton } from './dom.ts';

/** What a person does to a column, by its place in the result. */
export interface HeadActions {
  sort(column: number, more: boolean): void;
  filter(column: number, text: string): void;
  menu(column: number, at: HTMLElement): void;
  resize(column: number, width: number): void;
  fit(column: number): void;
  /** Clicked to be selected. */
  focus(column: number): void;
}

export interface HeadCell {
  readonly column: number;
  /** Place among the columns as they are shown. */
  readonly place: number;
  readonly width: number;
  readonly sticky: number | undefined;
  readonly focused: boolean;
}

/** A person stops typing before the rows are looked through. */
const typingPause = 250;

export class GridHead {
  readonly element = element('div', 'head row');
  private readonly corner = element('div', 'cell number');
  private readonly gap = element('div', 'gap');
  private readonly actions: HeadActions;
  private readonly words: Words;
  private columns: readonly ShownColumn[] = [];
  /** By column. */
  private readonly cells = new Map<number, HTMLElement>();
  private arrangement: Arrangement = { sort: [], filters: [] };
  private filtering = false;

  constructor(words: Words, actions: HeadActions) {
    this.words = words;
    this.actions = actions;
    this.element.setAttribute('role', 'row');
    this.element.setAttribute('aria-rowindex', '1');
    this.corner.setAttribute('role', 'rowheader');
    this.corner.setAttribute('aria-colindex', '1');
    this.corner.setAttribute('aria-label', words.rowNumber);
    this.gap.setAttribute('role', 'none');
  }

  reset(columns: readonly ShownColumn[]): void {
    this.columns = columns;
    this.cells.clear();
    this.element.replaceChildren(this.corner, this.gap);
  }

  /** Shows these cells and no others; a text that is being typed stays. */
  show(pinned: readonly HeadCell[], free: readonly HeadCell[], gap: number, width: number): void {
    this.element.style.width = `${width}px`;
    this.gap.style.width = `${gap}px`;
    const wanted = [this.corner, ...pinned.map((cell) => this.cell(cell)), this.gap, ...free.map((cell) => this.cell(cell))];
    const present = [...this.element.children];
    if (wanted.length !== present.length || wanted.some((each, index) => each !== present[index])) {
      this.element.replaceChildren(...wanted);
    }
  }

  arrange(arrangement: Arrangement, filtering: boolean): void {
    this.arrangement = arrangement;
    this.filtering = filtering;
    this.element.classList.toggle('filtering', filtering);
    this.cells.forEach((cell, column) => this.showArrangement(cell, column));
  }

  cellOf(column: number): HTMLElement | undefined {
    return this.cells.get(column);
  }

  focusFilter(column: number): void {
    this.cells.get(column)?.querySelector('input')?.focus();
  }

  private cell({ column, place, width, sticky, focused }: HeadCell): HTMLElement {
    const cell = this.cells.get(column) ?? this.makeCell(column);
    cell.style.width = `${width}px`;
    cell.style.left = sticky === undefined ? '' : `${sticky}px`;
    cell.classList.toggle('pinned', sticky !== undefined);
    cell.setAttribute('aria-colindex', String(place + 2));
    cell.dataset['column'] = String(place);
    cell.tabIndex = focused ? 0 : -1;
    return cell;
  }

  private makeCell(column: number): HTMLElement {
    const { name, type, category } = this.columns[column] ?? { name: '', type: '', category: 'text' };
    const label = element('span', 'name', name);
    const menu = iconButton(fill(this.words.columnMenu, name), 'more', (event) => {
      event.stopPropagation();
      this.actions.menu(column, menu);
    });
    menu.tabIndex = -1;
    menu.setAttribute('aria-haspopup', 'menu');
    const top = element('div', 'top', label, element('span', 'order'), menu);
    const cell = element('div', category === 'number' ? 'cell numeric' : 'cell', top, this.filterInput(column, name), this.edge(column));
    cell.setAttribute('role', 'columnheader');
    // Without the menu and the filter that are in it.
    cell.setAttribute('aria-label', name);
    cell.title = type === 'unknown' ? name : `${name} · ${type}`;
    top.addEventListener('click', (event) => {
      this.actions.focus(column);
      this.actions.sort(column, event.shiftKey);
    });
    this.cells.set(column, cell);
    this.showArrangement(cell, column);
    return cell;
  }

  private filterInput(column: number, name: string): HTMLInputElement {
    const input = element('input', 'filter');
    input.placeholder = this.words.filter;
    input.setAttribute('aria-label', fill(this.words.filterOf, name));
    input.title = fill(this.words.filterOf, name);
    let typing = 0;
    const send = (): void => {
      clearTimeout(typing);
      this.actions.filter(column, input.value);
    };
    input.addEventListener('input', () => {
      clearTimeout(typing);
      typing = window.setTimeout(send, typingPause);
    });
    input.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Enter') {
        send();
      } else if (event.key === 'Escape' || event.key === 'ArrowDown') {
        this.actions.focus(column);
      }
    });
    return input;
  }

  /** The right edge, to be dragged; twice clicked it fits the width. */
  private edge(column: number): HTMLElement {
    const edge = element('div', 'edge');
    edge.setAttribute('aria-hidden', 'true');
    edge.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      event.stopPropagation();
      const start = (this.cells.get(column)?.offsetWidth ?? 0) - event.clientX;
      const drag = (moved: PointerEvent): void => this.actions.resize(column, start + moved.clientX);
      edge.setPointerCapture(event.pointerId);
      edge.addEventListener('pointermove', drag);
      edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', drag), { once: true });
    });
    edge.addEventListener('dblclick', () => this.actions.fit(column));
    return edge;
  }

  private showArrangement(cell: HTMLElement, column: number): void {
    const at = this.arrangement.sort.findIndex((key) => key.column === column);
    const key = this.arrangement.sort[at];
    cell.setAttribute('aria-sort', key === undefined ? 'none' : key.descending ? 'descending' : 'ascending');
    const order = cell.querySelector('.order');
    if (order) {
      order.className = key === undefined ? 'order' : `order ${key.descending ? 'down' : 'up'}`;
      order.textContent = key !== undefined && this.arrangement.sort.length > 1 ? String(at + 1) : '';
    }
    const input = cell.querySelector('input');
    const text = this.arrangement.filters.find((filter) => filter.column === column)?.text ?? '';
    if (input && input !== document.activeElement) {
      input.value = text;
    }
    input?.toggleAttribute('hidden', !this.filtering);
    cell.classList.toggle('filtered', text !== '');
  }
}
