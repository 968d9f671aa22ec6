/** A row on the screen, used again for another one when it is scrolled out of sight; only what differs is written. */
import type { ShownCell } from '../../src/features/results/protocol.ts';
import { element } from './dom.ts';

export interface CellModel {
  /** Place among the columns as they are shown. */
  readonly place: number;
  readonly width: number;
  /** Pixels from the left edge, for what does not scroll. */
  readonly sticky: number | undefined;
  readonly kind: 'numeric' | 'plain';
  /** `undefined` while it is on its way. */
  readonly value: ShownCell | undefined;
  readonly selected: boolean;
  readonly focused: boolean;
}

export interface RowModel {
  /** Place in the view. */
  readonly place: number;
  /** Number in the result, from 0; `undefined` while it is on its way. */
  readonly number: number | undefined;
  /** Pixels from the upper edge of the canvas. */
  readonly top: number;
  readonly width: number;
  readonly marked: boolean;
  readonly selected: boolean;
  /** Pixels between the pinned columns and the first of the others that is drawn. */
  readonly gap: number;
  readonly pinned: readonly CellModel[];
  readonly free: readonly CellModel[];
}

export class RowView {
  readonly element = element('div', 'row');
  private readonly number = element('div', 'cell number');
  private readonly gap = element('div', 'gap');
  private pinned: CellView[] = [];
  private free: CellView[] = [];
  private last: Partial<RowModel> = {};

  constructor() {
    this.element.setAttribute('role', 'row');
    this.number.setAttribute('role', 'rowheader');
    this.number.setAttribute('aria-colindex', '1');
    this.gap.setAttribute('role', 'none');
    this.element.append(this.number, this.gap);
  }

  /** `nullWord` stands for null. */
  show(row: RowModel, nullWord: string): void {
    this.showFrame(row);
    this.pinned = fitCells(this.pinned, row.pinned.length, (cell) => this.gap.before(cell));
    this.free = fitCells(this.free, row.free.length, (cell) => this.element.append(cell));
    row.pinned.forEach((cell, index) => this.pinned[index]?.show(cell, nullWord));
    row.free.forEach((cell, index) => this.free[index]?.show(cell, nullWord));
    this.last = row;
  }

  cellAt(place: number): HTMLElement | undefined {
    return [...this.pinned, ...this.free].find((cell) => cell.place === place)?.element;
  }

  private showFrame({ place, number, top, width, marked, selected, gap }: RowModel): void {
    const { last } = this;
    const { style, classList } = this.element;
    if (place !== last.place) {
      this.element.setAttribute('aria-rowindex', String(place + 2));
      this.element.dataset['row'] = String(place);
      classList.toggle('odd', place % 2 === 1);
    }
    if (number !== last.number || last.place === undefined) {
      this.number.textContent = number === undefined ? '' : String(number + 1);
    }
    if (top !== last.top) {
      style.transform = `translateY(${top}px)`;
    }
    if (width !== last.width) {
      style.width = `${width}px`;
    }
    if (gap !== last.gap) {
      this.gap.style.width = `${gap}px`;
    }
    classList.toggle('marked', marked);
    this.number.classList.toggle('selected', selected);
  }
}

/** As many cells as are needed: new ones are handed to `add`, those too many are removed. */
function fitCells(cells: CellView[], count: number, add: (cell: HTMLElement) => void): CellView[] {
  for (const extra of cells.splice(count)) {
    extra.element.remove();
  }
  while (cells.length < count) {
    const cell = new CellView();
    add(cell.element);
    cells.push(cell);
  }
  return cells;
}

class CellView {
  readonly element = element('div', 'cell');
  private last: Partial<CellModel> = {};
  private isNull = false;
  private isBusy = false;
  private title = '';

  constructor() {
    this.element.setAttribute('role', 'gridcell');
  }

  get place(): number | undefined {
    return this.last.place;
  }

  show(cell: CellModel, nullWord: string): void {
    const { last, element: shown } = this;
    if (cell.place !== last.place) {
      shown.setAttribute('aria-colindex', String(cell.place + 2));
      shown.dataset['column'] = String(cell.place);
    }
    if (cell.width !== last.width) {
      shown.style.width = `${cell.width}px`;
    }
    if (cell.sticky !== last.sticky) {
      shown.classList.toggle('pinned', cell.sticky !== undefined);
      shown.style.left = cell.sticky === undefined ? '' : `${cell.sticky}px`;
    }
    if (cell.kind !== last.kind) {
      shown.classList.toggle('numeric', cell.kind === 'numeric');
    }
    if (cell.value !== last.value || last.place === undefined) {
      this.showValue(cell.value, nullWord);
    }
    if (cell.selected !== last.selected) {
      shown.classList.toggle('selected', cell.selected);
      shown.setAttribute('aria-selected', String(cell.selected));
    }
    if (cell.focused !== last.focused) {
      shown.tabIndex = cell.focused ? 0 : -1;
    }
    this.last = cell;
  }

  private showValue(value: ShownCell | undefined, nullWord: string): void {
    const text = typeof value === 'object' && value !== null ? `${value[0]}…` : value;
    const hasLines = text?.includes('\n') === true;
    const title = text !== null && text !== undefined && (text.length > 40 || hasLines) ? text : '';
    const isBusy = value === undefined;
    this.element.textContent = text === null ? nullWord : hasLines ? text.replaceAll(/\s*\n\s*/g, ' ↵ ') : (text ?? '');
    // Thousands of cells change in a second of dragging: an attribute that stays is not written again.
    if ((value === null) !== this.isNull) {
      this.isNull = value === null;
      this.element.classList.toggle('null', this.isNull);
    }
    if (isBusy !== this.isBusy) {
      this.isBusy = isBusy;
      this.element.ariaBusy = isBusy ? 'true' : null;
    }
    if (title !== this.title) {
      this.title = title;
      this.element.title = title;
    }
  }
}
