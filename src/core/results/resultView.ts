/** The rows of a result as they are looked at: filtered and sorted, searched, without a copy of them. */
import { OpsError, throwIfCancelled } from '../errors.ts';
import type { Cell, Column, Row } from '../sql/result.ts';
import { unarranged, type Arrangement, type FoundCell, type SortKey } from './arrangement.ts';
import { parseFilter, type CellTest } from './filter.ts';
import { orderingOf } from './ordering.ts';
import type { RowStore } from './rowStore.ts';
import { sortPlaces, type SortColumn } from './sortRows.ts';

/** Rows that are looked through at once. */
const stride = 500;

export class ResultView {
  readonly columns: readonly Column[];
  private readonly store: RowStore;
  /** Numbers of rows by place; `undefined` is all of them as they came. */
  private order: Uint32Array | undefined;
  arrangement: Arrangement = unarranged;

  constructor(store: RowStore, columns: readonly Column[]) {
    this.store = store;
    this.columns = columns;
  }

  get rowCount(): number {
    return this.order?.length ?? this.store.rowCount;
  }

  /** Of all rows that are there now; those that come later are not in it. Throws `cancelled`, and the old arrangement stays. */
  async arrange(arrangement: Arrangement, signal: AbortSignal): Promise<void> {
    const numbers = await this.filtered(arrangement, signal);
    this.order = arrangement.sort.length === 0 ? numbers : await this.sorted(arrangement.sort, numbers, signal);
    this.arrangement = arrangement;
  }

  /** Rows by place in the view, each with its number in the result (from 0). */
  async rows(from: number, count: number): Promise<{ readonly rows: readonly Row[]; readonly numbers: readonly number[] }> {
    const length = Math.max(0, Math.min(this.rowCount - from, count));
    const numbers = this.order === undefined ? Array.from({ length }, (_, index) => from + index) : [...this.order.subarray(from, from + length)];
    return { rows: await this.store.readAt(numbers), numbers };
  }

  /** The first rows of the view with these columns alone, at most so many rows and so many characters: fewer when cells are long. */
  async slim(columns: readonly number[], most: { readonly rows: number; readonly characters: number }, signal: AbortSignal): Promise<Row[]> {
    const found: Row[] = [];
    let characters = 0;
    while (found.length < Math.min(this.rowCount, most.rows) && characters < most.characters) {
      throwIfCancelled(signal);
      for (const row of (await this.rows(found.length, Math.min(stride, most.rows - found.length))).rows) {
        const slim: Cell[] = [];
        for (const column of columns) {
          slim[column] = row[column] ?? null;
          characters += row[column]?.length ?? 0;
        }
        found.push(slim);
      }
    }
    return found;
  }

  async cell(row: number, column: number): Promise<Cell> {
    const [found] = (await this.rows(row, 1)).rows;
    if (found === undefined) {
      throw new OpsError('notFound', { what: `row ${row + 1}` });
    }
    return found[column] ?? null;
  }

  /** The next cell that contains the text, in any case; around the end once. `undefined` when there is none. */
  async find(text: string, from: FoundCell, direction: 'next' | 'previous', signal: AbortSignal): Promise<FoundCell | undefined> {
    const wanted = text.toLowerCase();
    const { rowCount } = this;
    if (wanted === '' || rowCount === 0) {
      return undefined;
    }
    const step = direction === 'next' ? 1 : -1;
    const [first, ...rest] = spans(Math.min(from.row, rowCount - 1), rowCount, step);
    const order = first === undefined ? [] : [first, ...rest, first];
    for (const [index, span] of order.entries()) {
      throwIfCancelled(signal);
      const { rows } = await this.rows(span.from, span.count);
      const found = searchSpan(rows, span.from, wanted, step, index === 0 ? from : undefined);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }

  private async filtered({ filters }: Arrangement, signal: AbortSignal): Promise<Uint32Array | undefined> {
    let kept: Uint8Array | undefined;
    for (const { column, text } of filters) {
      const described = this.columns[column];
      const test = described && parseFilter(text, described);
      if (test) {
        kept = await this.tested(column, test, kept, signal);
      }
    }
    if (kept === undefined) {
      return undefined;
    }
    const numbers = new Uint32Array(kept.reduce((sum, each) => sum + each, 0));
    let at = 0;
    kept.forEach((each, number) => {
      if (each === 1) {
        numbers[at++] = number;
      }
    });
    return numbers;
  }

  private async tested(column: number, test: CellTest, before: Uint8Array | undefined, signal: AbortSignal): Promise<Uint8Array> {
    const kept = new Uint8Array(before?.length ?? this.store.rowCount);
    for await (const { firstRow, cells } of this.store.column(column, signal)) {
      cells.forEach((cell, index) => {
        const number = firstRow + index;
        kept[number] = (before === undefined || before[number] === 1) && test(cell) ? 1 : 0;
      });
    }
    return kept;
  }

  private async sorted(keys: readonly SortKey[], numbers: Uint32Array | undefined, signal: AbortSignal): Promise<Uint32Array> {
    const count = numbers?.length ?? this.store.rowCount;
    const columns: SortColumn[] = [];
    for (const { column, descending } of keys) {
      const described = this.columns[column];
      if (described !== undefined) {
        columns.push({ cells: await this.cellsOf(column, numbers, count, signal), ordering: orderingOf(described), descending });
      }
    }
    const places = await sortPlaces(count, columns, signal);
    return numbers === undefined ? places : places.map((place) => numbers[place] ?? 0);
  }

  private async cellsOf(column: number, numbers: Uint32Array | undefined, count: number, signal: AbortSignal): Promise<Cell[]> {
    const cells = new Array<Cell>(count).fill(null);
    let at = 0;
    for await (const block of this.store.column(column, signal)) {
      block.cells.forEach((cell, index) => {
        const number = block.firstRow + index;
        if (numbers === undefined ? number < count : numbers[at] === number) {
          cells[numbers === undefined ? number : at++] = cell;
        }
      });
    }
    return cells;
  }
}

interface Span {
  readonly from: number;
  readonly count: number;
}

/** All rows in pieces, from the one that holds `row` onwards and around. */
function spans(row: number, rowCount: number, step: 1 | -1): Span[] {
  const count = Math.ceil(rowCount / stride);
  const first = Math.floor(row / stride);
  return Array.from({ length: count }, (_, index) => (((first + index * step) % count) + count) % count).map((index) => ({
    from: index * stride,
    count: Math.min(stride, rowCount - index * stride),
  }));
}

/** Strictly behind `after` in the direction of the search, where it is given. */
function searchSpan(rows: readonly Row[], from: number, wanted: string, step: 1 | -1, after: FoundCell | undefined): FoundCell | undefined {
  const indexes = rows.map((_, index) => index);
  for (const index of step === 1 ? indexes : indexes.reverse()) {
    const row = from + index;
    const columns = (rows[index] ?? []).map((_, column) => column);
    for (const column of step === 1 ? columns : columns.reverse()) {
      const passed = after !== undefined && (row - after.row || column - after.column) * step <= 0;
      if (!passed && rows[index]?.[column]?.toLowerCase().includes(wanted)) {
        return { row, column };
      }
    }
  }
  return undefined;
}
