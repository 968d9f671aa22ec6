/** Sorting by numbers of rows, in pieces, so that the thread stays free for others. */
import { throwIfCancelled } from '../errors.ts';
import { createBreather } from '../../util/breather.ts';
import type { Cell } from '../sql/result.ts';
import type { Ordering } from './ordering.ts';

export interface SortColumn {
  /** By the place in `rows`. */
  readonly cells: readonly Cell[];
  readonly ordering: Ordering;
  readonly descending: boolean;
}

/** Runs of so many are sorted at once. */
const runLength = 2048;

/** The places `0 … count - 1` in their new order; rows that are equal keep the order they had, nulls come last either way. */
export async function sortPlaces(count: number, columns: readonly SortColumn[], signal: AbortSignal): Promise<Uint32Array> {
  const breathe = createBreather();
  const compare = await comparison(columns, breathe);
  let from = Uint32Array.from({ length: count }, (_, place) => place);
  for (let start = 0; start < count; start += runLength) {
    from.subarray(start, start + runLength).sort(compare);
    await breathe();
    throwIfCancelled(signal);
  }
  let to = new Uint32Array(count);
  for (let width = runLength; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      await merge(from, to, { start, middle: Math.min(start + width, count), end: Math.min(start + 2 * width, count) }, compare, breathe);
      throwIfCancelled(signal);
    }
    [from, to] = [to, from];
  }
  return from;
}

type Compare = (a: number, b: number) => number;

async function merge(from: Uint32Array, to: Uint32Array, { start, middle, end }: { start: number; middle: number; end: number }, compare: Compare, breathe: () => Promise<void> | undefined): Promise<void> {
  let left = start;
  let right = middle;
  for (let at = start; at < end; at++) {
    const takeLeft = left < middle && (right >= end || compare(from[left] ?? 0, from[right] ?? 0) <= 0);
    to[at] = (takeLeft ? from[left++] : from[right++]) ?? 0;
    if (at % runLength === 0) {
      await breathe();
    }
  }
}

interface Ranked extends SortColumn {
  readonly keys: readonly Cell[];
  readonly ranks: Float64Array;
}

async function rank(column: SortColumn, breathe: () => Promise<void> | undefined): Promise<Ranked> {
  const { cells, ordering } = column;
  const keys = new Array<Cell>(cells.length).fill(null);
  const ranks = new Float64Array(cells.length);
  for (const [place, cell] of cells.entries()) {
    if (cell !== null) {
      const key = ordering.key(cell);
      keys[place] = key;
      ranks[place] = ordering.rank(key);
    }
    if (place % runLength === 0) {
      await breathe();
    }
  }
  return { ...column, keys, ranks };
}

async function comparison(columns: readonly SortColumn[], breathe: () => Promise<void> | undefined): Promise<Compare> {
  const ranked: Ranked[] = [];
  for (const column of columns) {
    ranked.push(await rank(column, breathe));
  }
  return (a, b) => {
    for (const { keys, ordering, descending, ranks } of ranked) {
      const [x, y] = [keys[a] ?? null, keys[b] ?? null];
      if (x === null || y === null) {
        if (x !== y) {
          return x === null ? 1 : -1;
        }
        continue;
      }
      const [p, q] = [ranks[a] ?? 0, ranks[b] ?? 0];
      const order = p < q ? -1 : p > q ? 1 : x === y ? 0 : ordering.compare(x, y);
      if (order !== 0) {
        return descending ? -order : order;
      }
    }
    return a - b;
  };
}
