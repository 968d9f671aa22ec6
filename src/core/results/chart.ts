/** A result as a drawing: a time or a category along the bottom, numbers upwards. */
import type { Cell, Column, Row } from '../sql/result.ts';
import { parseTime } from './ordering.ts';

export type ChartKind = 'line' | 'bar';

/** What becomes of rows that stand at the same place along the bottom; `each`: one bar or point for each of them. */
export type Fold = 'sum' | 'average' | 'largest' | 'each';

/** Columns by their place in the result. */
export interface ChartChoice {
  readonly kind: ChartKind;
  readonly x: number;
  readonly ys: readonly number[];
  /** A series for each value of this column; of the first of `ys` alone. */
  readonly by?: number;
  readonly fold: Fold;
}

export interface ChartData {
  readonly labels: readonly string[];
  /** Milliseconds since 1970 for each label, where they are times; the labels are in their order then. */
  readonly times: readonly number[] | undefined;
  /** For each chosen column, or each value of the one that splits them, a value for each label. */
  readonly series: readonly ChartSeries[];
  readonly facts: ChartFacts;
}

export interface ChartSeries {
  /** Of a split result: the value that it is of. */
  readonly of?: Cell;
  readonly values: readonly (number | null)[];
}

/** What was done to the rows, to be said beside the drawing. */
export interface ChartFacts {
  /** Rows that were looked at. */
  readonly rows: number;
  /** More than one row stood at some place, and they became one value. */
  readonly folded: boolean;
  /** Places along the bottom that are drawn, of so many. */
  readonly drawn: number;
  readonly places: number;
  /** Series that are drawn, of so many. */
  readonly series: number;
  readonly allSeries: number;
  /** Rows without a time, where all others have one. */
  readonly withoutTime: number;
  /** Values that are no finite number. */
  readonly withoutNumber: number;
}

/** What can be drawn of a result. */
export interface Drawable {
  /** Columns for the bottom: times first. */
  readonly bottoms: readonly number[];
  readonly times: readonly number[];
  readonly numbers: readonly number[];
}

const mostPoints = 1000;
const mostBars = 60;
const mostSeries = 5;

/** A column with more values than this splits a result into nothing that could be read. */
const mostSplits = 12;

/** Looks at the first rows: over a way that tells no types, times are texts. */
export function drawable(columns: readonly Column[], first: readonly Row[]): Drawable {
  const all = columns.map((_, column) => column);
  const times = all.filter((column) => isTime(columns[column], first.map((row) => row[column] ?? null)));
  const numbers = all.filter((column) => columns[column]?.category === 'number');
  const categories = all.filter((column) => !times.includes(column) && ['text', 'boolean'].includes(columns[column]?.category ?? ''));
  return { bottoms: [...times, ...categories], times, numbers };
}

/**
 * The drawing that one would probably want; `undefined` when there is nothing to draw. Where several rows stand at the same place (`group
 * by day, status`) and another column tells them apart, it is a series for each of its values; else they are summed, or averaged.
 */
export function suggestChart(columns: readonly Column[], { bottoms, times, numbers }: Drawable, rows: readonly Row[]): ChartChoice | undefined {
  const [x] = bottoms;
  const measures = numbers.filter((column) => !/(^|_)(id|pid|oid)$/i.test(columns[column]?.name ?? ''));
  const ys = (measures.length > 0 ? measures : numbers).slice(0, mostSeries);
  if (x === undefined || ys.length === 0) {
    return undefined;
  }
  const kind = times.includes(x) ? 'line' : 'bar';
  const by = bottoms.find((column) => column !== x && !times.includes(column) && tellsApart(rows, x, column));
  const shown = by === undefined ? ys : ys.slice(0, 1);
  const areMeans = shown.every((column) => isMean.test(columns[column]?.name ?? ''));
  return { kind, x, ys: shown, ...(by === undefined ? {} : { by }), fold: areMeans ? 'average' : 'sum' };
}

/** By their names, numbers of which a sum means nothing. */
const isMean = /(^|_)(avg|average|mean|median|p\d\d?|pct|percent|percentage|ratio|rate|share)(_|$)/i;

/** Rows at the same place differ in it, and it has few values. */
function tellsApart(rows: readonly Row[], x: number, by: number): boolean {
  const places = new Set(rows.map((row) => row[x] ?? null));
  const values = new Set(rows.map((row) => row[by] ?? null));
  const pairs = new Set(rows.map((row) => JSON.stringify([row[x], row[by]])));
  return places.size < rows.length && values.size > 1 && values.size <= mostSplits && pairs.size === rows.length;
}

/** Rows that stand at one place along the bottom. */
interface Place {
  readonly label: string;
  readonly moment: number | undefined;
  readonly rows: Row[];
}

/** Takes the choice as it is: one that was made for other columns draws nothing of those that are not there. */
export function chartData(rows: readonly Row[], choice: ChartChoice): ChartData {
  const { kind, by, ys } = choice;
  const { places, isTimeline, withoutTime } = placesOf(rows, choice);
  const [y = -1] = ys;
  const splits = by === undefined ? [] : splitsOf(rows, by, y);
  const valuesOf = (column: number, isOf: (row: Row) => boolean): ChartSeries['values'] => places.map((place) => fold(numbersOf(place.rows.filter(isOf), column), choice.fold));
  const kept: readonly ChartSeries[] =
    by === undefined ? ys.map((column) => ({ values: valuesOf(column, () => true) })) : largest(splits).map(({ of }) => ({ of, values: valuesOf(y, (row) => (row[by] ?? null) === of) }));
  const drawn = kind === 'bar' ? someBars(places.length, isTimeline) : thin(kept, places.length);
  const at = <T>(list: readonly T[]): T[] => drawn.flatMap((index) => list.slice(index, index + 1));
  const shown = at(places);
  return {
    labels: shown.map(({ label }) => label),
    times: isTimeline ? shown.map(({ moment = 0 }) => moment) : undefined,
    series: kept.map((each) => ({ ...each, values: at(each.values) })),
    facts: {
      rows: rows.length,
      folded: places.some((place) => new Set(place.rows.map((row) => row[by ?? -1])).size < place.rows.length),
      drawn: drawn.length,
      places: places.length,
      series: kept.length,
      allSeries: by === undefined ? kept.length : splits.length,
      withoutTime,
      withoutNumber: (by === undefined ? ys : [y]).reduce((sum, column) => sum + numbersOf(rows, column).filter((value) => value === null).length, 0),
    },
  };
}

/** In the order of the rows, or of time where all that have a value have a time. */
function placesOf(rows: readonly Row[], { x, fold }: ChartChoice): { readonly places: readonly Place[]; readonly isTimeline: boolean; readonly withoutTime: number } {
  const moments = rows.map((row) => momentOf(row[x] ?? null));
  const isTimeline = moments.some((moment) => moment !== undefined) && moments.every((moment, index) => moment !== undefined || (rows[index]?.[x] ?? null) === null);
  const found = new Map<unknown, Place>();
  let withoutTime = 0;
  rows.forEach((row, index) => {
    const [cell, moment] = [row[x] ?? null, moments[index]];
    if (isTimeline && moment === undefined) {
      withoutTime++;
      return;
    }
    const key = fold === 'each' ? index : isTimeline ? moment : cell;
    const place = found.get(key);
    if (place) {
      place.rows.push(row);
    } else {
      found.set(key, { label: cell ?? 'NULL', moment, rows: [row] });
    }
  });
  const places = [...found.values()];
  return { places: isTimeline ? places.sort((one, other) => (one.moment ?? 0) - (other.moment ?? 0)) : places, isTimeline, withoutTime };
}

function numbersOf(rows: readonly Row[], column: number): readonly (number | null)[] {
  return rows.map((row) => numberOf(row[column] ?? null));
}

interface Split {
  readonly of: Cell;
  size: number;
}

/** The values of the column, each with the sum of what it has, whatever its sign. */
function splitsOf(rows: readonly Row[], by: number, y: number): readonly Split[] {
  const found = new Map<Cell, Split>();
  for (const row of rows) {
    const of = row[by] ?? null;
    const split = found.get(of) ?? { of, size: 0 };
    split.size += Math.abs(numberOf(row[y] ?? null) ?? 0);
    found.set(of, split);
  }
  return [...found.values()];
}

/** Those with the largest sums, in the order in which they came. */
function largest(splits: readonly Split[]): readonly Split[] {
  const kept = new Set([...splits].sort((one, other) => other.size - one.size).slice(0, mostSeries));
  return splits.filter((each) => kept.has(each));
}

/** Values of one place as one; nothing of nothing. */
function fold(values: readonly (number | null)[], how: Fold): number | null {
  const numbers = values.filter((value) => value !== null);
  const [first] = numbers;
  if (first === undefined || numbers.length === 1) {
    return first ?? null;
  }
  switch (how) {
    case 'largest':
      return numbers.reduce((one, other) => Math.max(one, other));
    case 'average':
      return rounded(numbers.reduce((sum, value) => sum + value, 0) / numbers.length);
    case 'sum':
    case 'each':
      return rounded(numbers.reduce((sum, value) => sum + value, 0));
    default:
      return how satisfies never;
  }
}

/** 0.1 and 0.2 are 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(15));
}

/** The first, or of times the last: what just happened is what one looks for. */
function someBars(count: number, isTimeline: boolean): readonly number[] {
  const first = isTimeline ? Math.max(0, count - mostBars) : 0;
  return Array.from({ length: Math.min(count, mostBars) }, (_, index) => first + index);
}

/** Of each stretch of a long line the highest and the lowest point, so that no peak is lost, and both ends. */
function thin(series: readonly ChartSeries[], count: number): readonly number[] {
  if (count <= mostPoints) {
    return Array.from({ length: count }, (_, index) => index);
  }
  const kept = new Set([0, count - 1]);
  const stretches = Math.floor(mostPoints / (2 * Math.max(1, series.length)));
  for (let stretch = 0; stretch < stretches; stretch++) {
    const [from, to] = [Math.floor((stretch * count) / stretches), Math.floor(((stretch + 1) * count) / stretches)];
    for (const { values } of series) {
      extremes(values, from, to).forEach((index) => kept.add(index));
    }
  }
  return [...kept].sort((one, other) => one - other);
}

function extremes(values: readonly (number | null)[], from: number, to: number): readonly number[] {
  let [low, high]: [number | undefined, number | undefined] = [undefined, undefined];
  for (let index = from; index < to; index++) {
    const value = values[index] ?? null;
    if (value !== null) {
      low = low === undefined || value < (values[low] ?? 0) ? index : low;
      high = high === undefined || value > (values[high] ?? 0) ? index : high;
    }
  }
  return [low, high].flatMap((index) => index ?? []);
}

function isTime(column: Column | undefined, cells: readonly Cell[]): boolean {
  if (column?.category === 'time') {
    return true;
  }
  const values = cells.filter((cell) => cell !== null);
  return column?.type === 'unknown' && column.category === 'text' && values.length > 0 && values.every((cell) => momentOf(cell) !== undefined);
}

function momentOf(cell: Cell): number | undefined {
  const time = cell === null ? undefined : parseTime(cell);
  return time === undefined || Math.abs(time.seconds) > 1e13 ? undefined : time.seconds * 1000 + time.fraction * 1000;
}

function numberOf(cell: Cell): number | null {
  const value = cell === null ? NaN : Number(cell.replaceAll(/[$,]/g, ''));
  return Number.isFinite(value) ? value : null;
}

/** Round numbers from at most `low` to at least `high`, about `count` of them. */
export function ticks(low: number, high: number, count: number): readonly number[] {
  const span = high - low || Math.abs(high) || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? rough;
  const first = Math.floor(low / step);
  const last = Math.ceil((high === low ? low + span : high) / step);
  return Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

/** Times as short as tells them apart: what all of them have in common (zone, seconds, day or year) is left out. */
export function shortTimes(labels: readonly string[]): readonly string[] {
  const zone = /(?:Z|[+-]\d\d(?::?\d\d)?)$/.exec(labels.find((label) => label.includes(':')) ?? '')?.[0] ?? '';
  const steps: readonly ((texts: readonly string[]) => readonly string[])[] = [
    (texts) => (zone === '' ? texts : withoutEnd(texts, zone)),
    (texts) => texts.map((text) => text.replace(/^(\d+-\d\d-\d\d)T/, '$1 ')),
    withoutNeedless(/(?<=:\d\d:\d\d)\.\d+$/),
    withoutNeedless(/(?<=:\d\d):\d\d$/),
    (texts) => withoutEnd(texts, ' 00:00'),
    withoutCommon(/^\d{4}-\d\d-\d\d (?=\d)/),
    withoutCommon(/^\d{4}-(?=\d\d-\d\d)/),
  ];
  return steps.reduce<readonly string[]>((texts, step) => step(texts), labels);
}

/** A part that does not tell them apart. */
function withoutNeedless(part: RegExp): (texts: readonly string[]) => readonly string[] {
  return (texts) => {
    const shorter = texts.map((text) => text.replace(part, ''));
    return new Set(shorter).size === new Set(texts).size ? shorter : texts;
  };
}

function withoutEnd(texts: readonly string[], end: string): readonly string[] {
  return texts.every((text) => text.endsWith(end)) ? texts.map((text) => text.slice(0, -end.length)) : texts;
}

function withoutCommon(beginning: RegExp): (texts: readonly string[]) => readonly string[] {
  return (texts) => {
    const common = beginning.exec(texts[0] ?? '')?.[0];
    return common !== undefined && texts.length > 1 && texts.every((text) => text.startsWith(common)) ? texts.map((text) => text.slice(common.length)) : texts;
  };
}
