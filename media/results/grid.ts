/** The grid: draws the rows in sight of those that the extension holds, and moves focus and selection as the ARIA grid pattern says. */
import type { Arrangement, SortKey } from '../../src/core/results/arrangement.ts';
import type { PartState, Selection, ShownCell, Words } from '../../src/features/results/protocol.ts';
import { ColumnLayout } from './columnLayout.ts';
import { element } from './dom.ts';
import { GridHead, type HeadCell } from './gridHead.ts';
import { pressKey } from './gridKeys.ts';
import { followPointer } from './gridPointer.ts';
import { keepSetup, setup } from './host.ts';
import { RowPages, type RowPage } from './rowPages.ts';
import { RowView, type CellModel } from './rowView.ts';
import { contains, GridSelection } from './selection.ts';
import { createWindows, rowHeight, type GridWindows } from './windows.ts';

export interface GridNeeds {
  readonly words: Words;
  readonly ask: (part: PartState, from: number, count: number) => Promise<RowPage | undefined>;
  readonly arrange: (part: PartState, arrangement: Arrangement) => void;
  readonly columnMenu: (column: number, at: HTMLElement) => void;
  readonly cellMenu: (at: HTMLElement | { readonly x: number; readonly y: number }) => void;
  readonly openCell: () => void;
  readonly selected: () => void;
}

/** Rows whose texts decide how wide the columns are at first. */
const rowsMeasured = 100;

export class Grid {
  readonly element = element('div', 'grid');
  readonly selection = new GridSelection();
  private readonly needs: GridNeeds;
  private readonly canvas = element('div', 'canvas');
  private readonly head: GridHead;
  private readonly windows: GridWindows;
  private readonly pages: RowPages;
  private readonly rowViews = new Map<number, RowView>();
  private readonly spare: RowView[] = [];
  private part: PartState | undefined;
  private marked: ReadonlySet<number> = new Set();
  private layout = new ColumnLayout([], () => 0);
  private isMeasured = false;
  private hasFocus = false;
  private drawing = 0;

  constructor(needs: GridNeeds) {
    this.needs = needs;
    this.head = new GridHead(needs.words, {
      sort: (column, more) => this.sortBy(column, more),
      filter: (column, text) => this.filter(column, text),
      menu: (column, at) => needs.columnMenu(column, at),
      resize: (column, width) => this.resizeColumn(column, width),
      fit: (column) => this.fit(column),
      focus: (column) => this.focusHeader(column),
    });
    this.pages = new RowPages(
      async (from, count) => (this.part ? needs.ask(this.part, from, count) : undefined),
      () => this.pageArrived(),
    );
    this.element.setAttribute('role', 'grid');
    this.element.tabIndex = -1;
    this.element.setAttribute('aria-multiselectable', 'true');
    // A grid is one of fields to be edited otherwise.
    this.element.setAttribute('aria-readonly', 'true');
    this.canvas.setAttribute('role', 'rowgroup');
    this.element.append(this.head.element, this.canvas);
    this.windows = createWindows({
      grid: this.element,
      head: this.head.element,
      widthOf: (free) => this.layout.width(this.layout.free[free] ?? -1),
      fixedWidth: () => this.fixedWidth,
      keptRow: () => (this.hasFocus ? this.selection.focus.row : -1),
      changed: () => this.drawSoon(),
    });
    this.listen();
  }

  get columns(): PartState['columns'] {
    return this.part?.columns ?? [];
  }

  get rowCount(): number {
    return this.part?.rowCount ?? 0;
  }

  /** Rows that fit into sight. */
  get page(): number {
    return this.windows.page;
  }

  /** The column of the result that has the focus. */
  get focusedColumn(): number {
    return this.layout.order[this.selection.focus.column] ?? 0;
  }

  isPinned(column: number): boolean {
    return this.layout.isPinned(column);
  }

  /** The value of the cell with the focus, as far as the page has it. */
  get focusedValue(): ShownCell | undefined {
    return this.pages.row(this.selection.focus.row)?.cells[this.focusedColumn];
  }

  /** What is selected, in terms of the result; `undefined` when it is a single cell. */
  get selectedRange(): Selection | undefined {
    const { fromRow, toRow, fromColumn, toColumn } = this.selection.span;
    return this.selection.isRange ? { fromRow, toRow, columns: this.layout.order.slice(fromColumn, toColumn) } : undefined;
  }

  /** The cell with the focus, as a selection. */
  get focusedCell(): Selection {
    const { row } = this.selection.focus;
    return { fromRow: Math.max(0, row), toRow: Math.max(0, row) + 1, columns: [this.focusedColumn] };
  }

  show(part: PartState, label: string): void {
    const before = this.part;
    this.part = part;
    this.marked = new Set(part.verdict?.rows ?? []);
    this.element.setAttribute('aria-label', label);
    this.element.setAttribute('aria-colcount', String(part.columns.length + 1));
    if (before?.id !== part.id || before.columns.length !== part.columns.length) {
      this.begin(part, before);
    } else {
      this.showChanged(part, before);
    }
    this.head.arrange(part.arrangement, setup().filtering);
    this.resize();
  }

  grown(total: number, rowCount: number): void {
    if (this.part) {
      this.part = { ...this.part, total, rowCount };
      this.resize();
    }
  }

  setFiltering(on: boolean): void {
    keepSetup({ filtering: on });
    if (this.part) {
      this.head.arrange(this.part.arrangement, on);
      this.resize();
    }
    if (on) {
      this.head.focusFilter(this.focusedColumn);
    }
  }

  sortBy(column: number, more: boolean, wanted?: 'up' | 'down' | 'none'): void {
    const { sort = [], filters = [] } = this.part?.arrangement ?? {};
    const key = sort.find((each) => each.column === column);
    const next = wanted ?? (key === undefined ? 'up' : key.descending ? 'none' : 'down');
    const others: readonly SortKey[] = more ? sort.filter((each) => each.column !== column) : [];
    this.arrange({ sort: next === 'none' ? others : [...others, { column, descending: next === 'down' }], filters });
  }

  /** An empty text takes the filter away. */
  filter(column: number, text: string): void {
    const { sort = [], filters = [] } = this.part?.arrangement ?? {};
    const others = filters.filter((each) => each.column !== column);
    this.arrange({ sort, filters: text.trim() === '' ? others : [...others, { column, text }] });
  }

  showAllRows(): void {
    this.arrange({ sort: this.part?.arrangement.sort ?? [], filters: [] });
  }

  togglePin(column: number): void {
    if (this.layout.isPinned(column)) {
      this.layout.unpin(column);
    } else {
      this.layout.pin(column);
    }
    this.layoutChanged();
  }

  resizeColumn(column: number, width: number): void {
    this.layout.setWidth(column, width);
    this.layoutChanged();
  }

  widen(column: number, by: number): void {
    this.resizeColumn(column, this.layout.width(column) + by);
  }

  /** As wide as the longest text in sight. */
  fit(column: number): void {
    this.resizeColumn(column, this.widthFor(column, [...this.rowViews.keys()], 120));
  }

  /** Moves the focus to where the selection says it is. */
  focusCell({ reveals = true } = {}): void {
    const { activeElement } = document;
    // What is typed above a column keeps the focus while rows are drawn, and gives it up here.
    if (activeElement instanceof HTMLInputElement && this.element.contains(activeElement)) {
      activeElement.blur();
    }
    this.hasFocus = true;
    if (reveals) {
      const { row, column } = this.selection.focus;
      const free = this.layout.free.indexOf(this.layout.order[column] ?? -1);
      this.windows.reveal(row, free < 0 ? undefined : free);
    }
    this.draw();
    this.needs.selected();
  }

  /** A cell that was searched for. */
  goTo(row: number, column: number): void {
    this.selection.moveTo({ row, column: this.layout.order.indexOf(column) });
    const free = this.layout.free.indexOf(column);
    this.windows.reveal(row, free < 0 ? undefined : free);
    this.draw();
    this.needs.selected();
  }

  focusHeader(column: number): void {
    this.selection.moveTo({ row: -1, column: this.layout.order.indexOf(column) });
    this.focusCell();
  }

  openColumnMenu(): void {
    const cell = this.head.cellOf(this.focusedColumn);
    if (cell) {
      this.needs.columnMenu(this.focusedColumn, cell);
    }
  }

  openCellMenu(): void {
    const cell = this.focusedElement();
    if (cell) {
      this.needs.cellMenu(cell);
    }
  }

  openCell(): void {
    this.needs.openCell();
  }

  drawSoon(): void {
    this.drawing ||= requestAnimationFrame(() => {
      this.drawing = 0;
      this.draw();
    });
  }

  private get fixedWidth(): number {
    return this.numberWidth + this.layout.pinnedWidth;
  }

  /** The thumb is on its way: only the numbers of rows are drawn, which tell where it is; values nobody could read would cost every other frame. */
  private get isPassing(): boolean {
    return this.windows.scale.isJumping && this.isUnarranged;
  }

  private get isUnarranged(): boolean {
    const { sort = [], filters = [] } = this.part?.arrangement ?? {};
    return sort.length === 0 && filters.length === 0;
  }

  /** The column of row numbers, for as many digits as there may be. */
  private get numberWidth(): number {
    return Math.round((String(this.part?.total ?? 0).length + 2) * this.characterWidth) + 8;
  }

  private get characterWidth(): number {
    return Number.parseFloat(getComputedStyle(this.element).fontSize) * 0.62 || 8;
  }

  private listen(): void {
    this.element.addEventListener('keydown', (event) => pressKey(this, event));
    this.element.addEventListener('focusin', ({ target }) => (this.hasFocus = target === this.element || (target instanceof HTMLElement && target.classList.contains('cell'))));
    this.element.addEventListener('focusout', ({ relatedTarget }) => (this.hasFocus = relatedTarget instanceof Node && this.element.contains(relatedTarget)));
    followPointer(this);
    this.element.addEventListener('dblclick', ({ target }) => {
      if (target instanceof HTMLElement && target.closest('[role=gridcell]')) {
        this.needs.openCell();
      }
    });
    this.element.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.needs.cellMenu({ x: event.clientX, y: event.clientY });
    });
    this.element.addEventListener('scrollend', () => keepSetup({ top: this.windows.top }));
  }

  /** The rows of another statement, or of another run. */
  private begin(part: PartState, before: PartState | undefined): void {
    const remembered = setup();
    const same = before !== undefined && before.columns.map(({ name }) => name).join('\u0000') === part.columns.map(({ name }) => name).join('\u0000');
    this.pages.reset();
    this.layout = new ColumnLayout(part.columns, (column) => remembered.widths[part.columns[column]?.name ?? ''] ?? this.widthFor(column, [], 40));
    part.columns.forEach(({ name }, column) => remembered.pinned.includes(name) && this.layout.pin(column));
    this.isMeasured = part.columns.every(({ name }) => name in remembered.widths);
    this.head.reset(part.columns);
    if (!same) {
      this.selection.reset();
      this.windows.goToRow(before === undefined ? remembered.top : 0);
    }
  }

  private showChanged(part: PartState, before: PartState): void {
    if (before.version !== part.version) {
      this.pages.reset();
    }
    // What the values are is known with the first of them.
    if (before.columns.some(({ category }, column) => category !== part.columns[column]?.category)) {
      this.head.reset(part.columns);
    }
  }

  private arrange(arrangement: Arrangement): void {
    if (this.part) {
      this.needs.arrange(this.part, arrangement);
    }
  }

  private resize(): void {
    this.selection.resize(this.rowCount, this.columns.length);
    this.element.setAttribute('aria-rowcount', String(this.rowCount + 1));
    this.windows.resize(this.rowCount, this.layout.free.length);
    this.canvas.style.height = `${this.windows.height}px`;
    this.drawSoon();
  }

  private layoutChanged(): void {
    keepSetup(this.layout.remember());
    this.windows.resize(this.rowCount, this.layout.free.length);
    this.windows.measure();
    this.drawSoon();
  }

  private pageArrived(): void {
    if (!this.isMeasured && this.pages.row(0)) {
      this.isMeasured = true;
      const places = Array.from({ length: Math.min(rowsMeasured, this.rowCount) }, (_, place) => place);
      this.columns.forEach(({ name }, column) => {
        if (!(name in setup().widths)) {
          this.layout.setWidth(column, this.widthFor(column, places, 60));
        }
      });
      this.windows.measure();
    }
    this.drawSoon();
  }

  /** Pixels for the name and for the texts in these places, of at most so many characters. */
  private widthFor(column: number, places: readonly number[], most: number): number {
    const lengths = places.map((place) => {
      const cell = this.pages.row(place)?.cells[column];
      return typeof cell === 'string' ? cell.length : (cell?.[1] ?? 4);
    });
    const name = this.columns[column]?.name.length ?? 0;
    return Math.max(name + 5, Math.min(most, Math.max(3, ...lengths))) * this.characterWidth + 20;
  }

  private draw(): void {
    const { part } = this;
    if (!part) {
      return;
    }
    const { rows, columns } = this.windows;
    const numberWidth = this.numberWidth;
    this.element.style.setProperty('--number-width', `${numberWidth}px`);
    const width = numberWidth + this.layout.totalWidth;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${this.windows.height}px`;
    const gap = Math.max(0, (columns[0]?.start ?? 0) - this.fixedWidth);
    const [pinned, free] = [this.layout.pinnedColumns, columns.map(({ index }) => this.layout.free[index] ?? 0)];
    const offsets = this.stickyOffsets(numberWidth);
    this.drawHead(pinned, free, { gap, width, offsets });
    const places = rows.map(({ index }) => index);
    if (!this.isPassing) {
      this.pages.want(places.find((place) => place >= this.windows.top) ?? 0, this.windows.top + this.windows.page + 3, part.rowCount);
    }
    this.recycle(new Set(places));
    for (const place of places) {
      this.drawRow(place, { pinned, free, gap, width, offsets });
    }
    this.restoreFocus();
  }

  private drawRow(place: number, { pinned, free, gap, width, offsets }: { pinned: readonly number[]; free: readonly number[]; gap: number; width: number; offsets: ReadonlyMap<number, number> }): void {
    const row = this.isPassing ? undefined : this.pages.row(place);
    const { span, focus } = this.selection;
    const cell = (column: number, at: number): CellModel => ({
      place: at,
      width: this.layout.width(column),
      sticky: offsets.get(column),
      kind: this.columns[column]?.category === 'number' ? 'numeric' : 'plain',
      value: row?.cells[column],
      selected: contains(span, place, at),
      focused: focus.row === place && focus.column === at,
    });
    const firstFree = pinned.length + (this.windows.columns[0]?.index ?? 0);
    const top = Math.max(-2 * rowHeight, Math.min(place * rowHeight - this.windows.scale.shift, this.windows.height + rowHeight));
    this.rowView(place).show(
      {
        place,
        // As they came, rows are numbered by their places: the thumb tells where it is before the values are here.
        number: row?.number ?? (this.isUnarranged ? place : undefined),
        top,
        width,
        gap,
        marked: row !== undefined && this.marked.has(row.number),
        selected: place >= span.fromRow && place < span.toRow && this.selection.isRange,
        pinned: pinned.map((column, at) => cell(column, at)),
        free: free.map((column, at) => cell(column, firstFree + at)),
      },
      this.needs.words.nullValue,
    );
  }

  private drawHead(pinned: readonly number[], free: readonly number[], { gap, width, offsets }: { gap: number; width: number; offsets: ReadonlyMap<number, number> }): void {
    const { focus } = this.selection;
    const noRows = this.rowCount === 0;
    const cell = (column: number): HeadCell => {
      const place = this.layout.order.indexOf(column);
      return { column, place, width: this.layout.width(column), sticky: offsets.get(column), focused: (focus.row < 0 || noRows) && focus.column === place };
    };
    this.head.show(pinned.map(cell), free.map(cell), gap, width);
  }

  private stickyOffsets(numberWidth: number): ReadonlyMap<number, number> {
    let left = numberWidth;
    return new Map(
      this.layout.pinnedColumns.map((column): [number, number] => {
        const at = left;
        left += this.layout.width(column);
        return [column, at];
      }),
    );
  }

  /** Rows out of sight are drawn as others. */
  private recycle(places: ReadonlySet<number>): void {
    for (const [place, view] of this.rowViews) {
      if (!places.has(place)) {
        this.rowViews.delete(place);
        this.spare.push(view);
      }
    }
  }

  private rowView(place: number): RowView {
    const view = this.rowViews.get(place) ?? this.spare.pop() ?? new RowView();
    this.rowViews.set(place, view);
    if (!view.element.isConnected) {
      this.canvas.append(view.element);
    }
    return view;
  }

  private focusedElement(): HTMLElement | undefined {
    const { row, column } = this.selection.focus;
    return row < 0 ? this.head.cellOf(this.layout.order[column] ?? -1) : this.rowViews.get(row)?.cellAt(column);
  }

  /** Until its row is drawn, the grid itself holds the focus: a row that is hidden or removed with it would lose it to the page. */
  private restoreFocus(): void {
    this.rowViews.forEach((view) => (view.element.hidden = false));
    const holder = this.focusedElement() ?? this.element;
    if (this.hasFocus && document.activeElement !== holder && !(document.activeElement instanceof HTMLInputElement)) {
      holder.focus({ preventScroll: true });
    }
    // Rows that wait for their turn are hidden from everybody; more than there are in sight are not needed.
    this.spare.splice(this.rowViews.size).forEach((view) => view.element.remove());
    this.spare.forEach((view) => (view.element.hidden = true));
  }
}
