/** Which of two cells of a column comes first, by what the type means and not by how it is written. */
import { compareDecimals, parseDecimal } from '../diagnostics/decimal.ts';
import type { Column } from '../sql/result.ts';

export interface Ordering {
  /** What the others are given in place of the cell: made once for each cell, compared often. */
  key(text: string): string;
  /** A number that never puts two keys the wrong way round; equal ones are told apart by {@link compare}. */
  rank(key: string): number;
  /** Exact; for keys of equal rank. */
  compare(a: string, b: string): number;
}

export function orderingOf({ type, category }: Column): Ordering {
  if (category === 'number') {
    return numbers;
  }
  if (category === 'time') {
    return times;
  }
  return type === 'interval' ? intervals : texts;
}

/** Negative, zero or positive, for any two cells that are not null. */
export function compareCells(ordering: Ordering, a: string, b: string): number {
  const [x, y] = [ordering.key(a), ordering.key(b)];
  const [p, q] = [ordering.rank(x), ordering.rank(y)];
  return p < q ? -1 : p > q ? 1 : ordering.compare(x, y);
}

/** Without regard to case, then with it. */
const texts: Ordering = {
  key: (text) => {
    const folded = text.toLowerCase();
    return folded === text ? text : `${folded}\u0000${text}`;
  },
  rank: (key) => ((key.charCodeAt(0) || 0) * 65_536 + (key.charCodeAt(1) || 0)) * 65_536 + (key.charCodeAt(2) || 0),
  compare: compareText,
};

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As Postgres orders them, `NaN` is greater than infinity; what is no number at all comes behind. */
const numbers: Ordering = {
  key: withoutCurrency,
  rank: (key) => {
    const value = Number(key);
    return Number.isNaN(value) ? Infinity : value;
  },
  compare: (a, b) => {
    const [x, y] = [parseDecimal(a), parseDecimal(b)];
    if (x !== undefined && y !== undefined) {
      return compareDecimals(x, y);
    }
    return beyond(a) - beyond(b) || compareText(a, b);
  },
};

/** `money` is written as `-$1,234.50`. */
function withoutCurrency(text: string): string {
  return text.includes('$') ? text.replaceAll(/[$,]/g, '') : text;
}

function beyond(text: string): number {
  return parseDecimal(text) !== undefined || text === '-Infinity' ? 0 : text === 'Infinity' ? 1 : text === 'NaN' ? 2 : 3;
}

const times: Ordering = {
  key: (text) => text,
  rank: (text) => parseTime(text)?.seconds ?? Infinity,
  compare: (a, b) => {
    const [x, y] = [parseTime(a), parseTime(b)];
    if (x !== undefined && y !== undefined) {
      return x.seconds === y.seconds ? x.fraction - y.fraction : x.seconds - y.seconds;
    }
    return Number(x === undefined) - Number(y === undefined) || compareText(a, b);
  },
};

/** A moment as whole seconds since 1970, exact, and the rest; `undefined` for a text in another style than ISO. */
export function parseTime(text: string): { readonly seconds: number; readonly fraction: number } | undefined {
  if (text === 'infinity' || text === '-infinity') {
    return { seconds: text === 'infinity' ? Number.MAX_VALUE : -Number.MAX_VALUE, fraction: 0 };
  }
  const match = /^(\d{4,7})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(\.\d+)?)?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?)?( BC)?$/.exec(text);
  if (!match) {
    return undefined;
  }
  const part = (index: number): number => Number(match[index] ?? 0);
  const year = match[13] === undefined ? part(1) : 1 - part(1);
  const offset = (part(10) * 3600 + part(11) * 60 + part(12)) * (match[9] === '-' ? -1 : 1);
  return { seconds: daysSince1970(year, part(2), part(3)) * 86_400 + part(4) * 3600 + part(5) * 60 + part(6) - offset, fraction: part(7) };
}

/** JavaScript's own dates end in the year 275760, Postgres' in 5874897. https://howardhinnant.github.io/date_algorithms.html#days_from_civil */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

/** As Postgres compares them: a month has 30 days, a day 24 hours. */
const intervals: Ordering = {
  key: (text) => text,
  rank: (text) => secondsOfInterval(text) ?? Infinity,
  compare: (a, b) => (secondsOfInterval(a) === undefined ? compareText(a, b) : 0),
};

const units: Readonly<Record<string, number>> = { year: 360 * 86_400, mon: 30 * 86_400, day: 86_400 };

/** Postgres' own style: `1 year 2 mons -3 days 04:05:06.789`. */
export function secondsOfInterval(text: string): number | undefined {
  let rest = text;
  let seconds = 0;
  for (const [whole, count, unit] of text.matchAll(/([+-]?\d+) (year|mon|day)s?(?: |$)/g)) {
    seconds += Number(count) * (units[unit ?? ''] ?? 0);
    rest = rest.replace(whole, '');
  }
  const [, sign, hours, minutes, more] = /^([+-]?)(\d+):(\d\d):(\d\d(?:\.\d+)?)$/.exec(rest) ?? [];
  if (hours === undefined) {
    return rest === '' && text !== '' ? seconds : undefined;
  }
  return seconds + (Number(hours) * 3600 + Number(minutes) * 60 + Number(more)) * (sign === '-' ? -1 : 1);
}
