/** A result as a drawing: a time or a category along the bottom, numbers upwards. */
import type { Cell, Column, Row } from '../sql/result.ts';
import { parseTime } from './ordering.ts';

export type ChartKind = 'line' | 'bar';

/** Columns by their place in the result. */
export interface ChartChoice {
  readonly kind: ChartKind;
  readonly x: number;
  readonly ys: readonly number[];
}

export interface ChartData {
  readonly labels: readonly string[];
  /** Milliseconds since 1970 for each label, where they are times; the labels are in their order then. */
  readonly times: readonly number[] | undefined;
  /** For each chosen column a value for each label. */
  readonly series: readonly (readonly (number | null)[])[];
  /** Rows that are drawn, of so many; fewer when the drawing would be a wall. */
  readonly drawn: number;
  readonly total: number;
}

/** What can be drawn of a result. */
export interface Drawable {
  /** Columns for the bottom: times first. */
  readonly bottoms: readonly number[];
  readonly times: readonly number[];
  readonly numbers: readonly number[];
}

const mostLines = 1000;
const mostBars = 60;
const mostSeries = 5;

/** Looks at the first rows: over a way that tells no types, times are texts. */
export function drawable(columns: readonly Column[], first: readonly Row[]): Drawable {
  const all = columns.map((_, column) => column);
  const times = all.filter((column) => isTime(columns[column], first.map((row) => row[column] ?? null)));
  const numbers = all.filter((column) => columns[column]?.category === 'number');
  const categories = all.filter((column) => !times.includes(column) && ['text', 'boolean'].includes(columns[column]?.category ?? ''));
  return { bottoms: [...times, ...categories], times, numbers };
}

/** The drawing that one would probably want; `undefined` when there is nothing to draw. */
export function suggestChart(columns: readonly Column[], { bottoms, times, numbers }: Drawable): ChartChoice | undefined {
  const [x] = bottoms;
  const measures = numbers.filter((column) => !/(^|_)(id|pid|oid)$/i.test(columns[column]?.name ?? ''));
  const ys = (measures.length > 0 ? measures : numbers).slice(0, mostSeries);
  return x === undefined || ys.length === 0 ? undefined : { kind: times.includes(x) ? 'line' : 'bar', x, ys };
}

export function chartData(rows: readonly Row[], { kind, x, ys }: ChartChoice): ChartData {
  const moments = rows.map((row) => momentOf(row[x] ?? null));
  const isTimeline = moments.some((moment) => moment !== undefined) && moments.every((moment, index) => moment !== undefined || (rows[index]?.[x] ?? null) === null);
  const places = rows.map((_, index) => index).filter((index) => !isTimeline || moments[index] !== undefined);
  if (isTimeline) {
    places.sort((a, b) => (moments[a] ?? 0) - (moments[b] ?? 0));
  }
  const drawn = thin(places, kind);
  return {
    labels: drawn.map((index) => rows[index]?.[x] ?? 'NULL'),
    times: isTimeline ? drawn.map((index) => moments[index] ?? 0) : undefined,
    series: ys.map((column) => drawn.map((index) => numberOf(rows[index]?.[column] ?? null))),
    drawn: drawn.length,
    total: rows.length,
  };
}

/** Lines keep every nth row and the last; of bars the first are drawn. */
function thin(places: readonly number[], kind: ChartKind): readonly number[] {
  if (kind === 'bar') {
    return places.slice(0, mostBars);
  }
  const step = Math.ceil(places.length / mostLines);
  return step <= 1 ? places : places.filter((_, at) => at % step === 0 || at === places.length - 1);
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
    (texts) => (texts.every((text) => /:\d\d:00(?:\.0+)?$/.test(text)) ? texts.map((text) => text.replace(/:00(?:\.0+)?$/, '')) : texts),
    (texts) => withoutEnd(texts, ' 00:00'),
    withoutCommon(/^\d{4}-\d\d-\d\d (?=\d)/),
    withoutCommon(/^\d{4}-(?=\d\d-\d\d)/),
  ];
  return steps.reduce<readonly string[]>((texts, step) => step(texts), labels);
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
