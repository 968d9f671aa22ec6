/** The cell with the focus and the rectangle that is selected, as the ARIA grid pattern moves them: https://www.w3.org/WAI/ARIA/apg/patterns/grid/ */

/** `row` −1 is the header; `column` is a place among the columns as they are shown. */
export interface Place {
  readonly row: number;
  readonly column: number;
}

/** Rows and columns that are in it; the ends are not. */
export interface Span {
  readonly fromRow: number;
  readonly toRow: number;
  readonly fromColumn: number;
  readonly toColumn: number;
}

export class GridSelection {
  private rows = 0;
  private columns = 0;
  private anchor: Place = { row: 0, column: 0 };
  private whole: 'cells' | 'rows' | 'columns' | 'all' = 'cells';
  focus: Place = { row: 0, column: 0 };

  /** The grid has so many rows and columns now. */
  resize(rows: number, columns: number): void {
    this.rows = rows;
    this.columns = columns;
    this.focus = this.inside(this.focus);
    this.anchor = this.inside(this.anchor);
  }

  /** Back to the first cell. */
  reset(): void {
    this.focus = this.anchor = { row: 0, column: 0 };
    this.whole = 'cells';
  }

  moveTo(place: Place, extend = false): void {
    this.focus = this.inside(place);
    if (extend) {
      this.anchor = { ...this.anchor, row: Math.max(0, this.anchor.row) };
      this.focus = { ...this.focus, row: Math.max(0, this.focus.row) };
      this.whole = this.whole === 'all' ? 'cells' : this.whole;
    } else {
      this.anchor = this.focus;
      this.whole = 'cells';
    }
  }

  moveBy(rows: number, columns: number, extend = false): void {
    this.moveTo({ row: this.focus.row + rows, column: this.focus.column + columns }, extend);
  }

  /** The rows from the anchor to this one. */
  selectRow(row: number, extend = false): void {
    this.moveTo({ row, column: this.focus.column }, extend);
    this.whole = 'rows';
  }

  selectColumn(column: number, extend = false): void {
    this.moveTo({ row: Math.max(0, this.focus.row), column }, extend);
    this.whole = 'columns';
  }

  selectAll(): void {
    this.whole = 'all';
  }

  /** More than the cell with the focus. */
  get isRange(): boolean {
    return this.whole !== 'cells' || this.anchor.row !== this.focus.row || this.anchor.column !== this.focus.column;
  }

  get span(): Span {
    const [anchor, focus] = [this.anchor, this.focus];
    const allRows = this.whole === 'columns' || this.whole === 'all';
    const allColumns = this.whole === 'rows' || this.whole === 'all';
    return {
      fromRow: allRows ? 0 : Math.max(0, Math.min(anchor.row, focus.row)),
      toRow: allRows ? this.rows : Math.min(this.rows, Math.max(anchor.row, focus.row) + 1),
      fromColumn: allColumns ? 0 : Math.min(anchor.column, focus.column),
      toColumn: allColumns ? this.columns : Math.min(this.columns, Math.max(anchor.column, focus.column) + 1),
    };
  }

  get cellCount(): number {
    const { fromRow, toRow, fromColumn, toColumn } = this.span;
    return Math.max(0, toRow - fromRow) * Math.max(0, toColumn - fromColumn);
  }

  private inside({ row, column }: Place): Place {
    return { row: Math.max(-1, Math.min(row, this.rows - 1)), column: Math.max(0, Math.min(column, this.columns - 1)) };
  }
}

export function contains({ fromRow, toRow, fromColumn, toColumn }: Span, row: number, column: number): boolean {
  return row >= fromRow && row < toRow && column >= fromColumn && column < toColumn;
}
