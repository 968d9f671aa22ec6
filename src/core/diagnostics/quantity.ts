/** Cells and limits as exact numbers in one unit: milliseconds for times, bytes for sizes, percent as it is. */
import { add, fromInteger, multiply, negate, parseDecimal } from './decimal.ts';
import type { Decimal } from './decimal.ts';

/** `percent` means the measure counts in percent (0 to 100); times are given in milliseconds, sizes in bytes. */
export type LimitUnit = 'none' | 'percent' | 'milliseconds' | 'bytes';

interface Unit {
  readonly unit: LimitUnit;
  /** Of the base unit. */
  readonly factor: Decimal;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** As Postgres counts in `extract(epoch from interval)`: 30 days, 365.25 days. */
const month = 30 * day;
const year = 365.25 * day;

/** Sizes are binary, as Postgres' own `pg_size_pretty` and settings have them: 1 kB = 1024 bytes. */
const units: Readonly<Record<string, Unit>> = {
  '': { unit: 'none', factor: fromInteger(1) },
  '%': { unit: 'percent', factor: fromInteger(1) },
  us: { unit: 'milliseconds', factor: { digits: 1n, scale: 3 } },
  ms: time(1),
  s: time(second),
  sec: time(second),
  second: time(second),
  m: time(minute),
  min: time(minute),
  minute: time(minute),
  h: time(hour),
  hour: time(hour),
  d: time(day),
  day: time(day),
  w: time(7 * day),
  week: time(7 * day),
  b: size(0),
  byte: size(0),
  kb: size(1),
  mb: size(2),
  gb: size(3),
  tb: size(4),
  pb: size(5),
};

export interface Quantity {
  readonly unit: LimitUnit;
  readonly amount: Decimal;
}

/** `500ms`, `26 h`, `99.5%`, `1 GB`, `2 days`, `10`; `undefined` when it is no number with a unit. */
export function parseQuantity(text: string): Quantity | undefined {
  const [, number = '', written = ''] = /^([+-]?[\d.]+(?:e[+-]?\d+)?)\s*(%|[a-zµ]*)$/i.exec(text.trim()) ?? [];
  const amount = parseDecimal(number);
  const unit = unitOf(written);
  return amount === undefined || unit === undefined ? undefined : { unit: unit.unit, amount: multiply(amount, unit.factor) };
}

/** `5m`, `10m`, `1h` of the options `every` and `for`, in milliseconds; a number alone means seconds. */
export function parseDuration(text: string): number | undefined {
  const quantity = parseQuantity(text);
  if (quantity === undefined || quantity.amount.digits <= 0n || (quantity.unit !== 'milliseconds' && quantity.unit !== 'none')) {
    return undefined;
  }
  const number = Number(quantity.amount.digits) / 10 ** quantity.amount.scale;
  return quantity.unit === 'none' ? number * second : number;
}

/**
 * A cell as a quantity of the unit that the limit speaks of; `undefined` when it is none. A number without a unit is taken to
 * count in that unit, unless the column's name tells another (`age_hours`, `size_mb`).
 */
export function readCell(cell: string, column: string, wanted: LimitUnit): Decimal | undefined {
  const text = cell.trim();
  const plain = parseDecimal(text);
  if (plain !== undefined) {
    return multiply(plain, factorOfColumn(column, wanted));
  }
  if (wanted === 'milliseconds') {
    return parseInterval(text);
  }
  const quantity = parseQuantity(text);
  return quantity?.unit === wanted || (wanted === 'none' && quantity !== undefined) ? quantity.amount : undefined;
}

/** How many milliseconds or bytes a plain number of this column is worth. */
function factorOfColumn(column: string, wanted: LimitUnit): Decimal {
  const suffix = /_([a-z]+)$/i.exec(column)?.[1] ?? '';
  const unit = wanted === 'none' || wanted === 'percent' ? undefined : unitOf(suffix);
  return unit?.unit === wanted ? unit.factor : fromInteger(1);
}

/** Postgres' own style: `00:05:12.5`, `1 day 02:00:00`, `-00:00:01`, `2 mons 3 days`, and `1 day 2 hours` as people write it. */
function parseInterval(text: string): Decimal | undefined {
  const clock = /(?:^|\s)([+-]?)(\d+):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
  let total = clock === null ? fromInteger(0) : clockTime(clock);
  let rest = (clock === null ? text : text.slice(0, clock.index)).trim();
  if (text === '' || (rest === '' && clock === null)) {
    return undefined;
  }
  for (const [part, number = '', name = ''] of rest.matchAll(/([+-]?[\d.]+)\s*([a-z]+)\s*/gi)) {
    const amount = parseDecimal(number);
    const factor = calendarUnits[name.toLowerCase().replace(/s$/, '')] ?? unitOf(name);
    if (amount === undefined || factor?.unit !== 'milliseconds') {
      return undefined;
    }
    total = add(total, multiply(amount, factor.factor));
    rest = rest.replace(part, '');
  }
  return rest.trim() === '' ? total : undefined;
}

const calendarUnits: Readonly<Record<string, Unit>> = { mon: time(month), month: time(month), year: time(year) };

function clockTime([, sign, hours = '0', minutes = '0', seconds = '0']: RegExpExecArray): Decimal {
  const wholeMinutes = fromInteger(Number(hours) * 60 + Number(minutes));
  const total = add(multiply(wholeMinutes, fromInteger(minute)), multiply(parseDecimal(seconds) ?? fromInteger(0), fromInteger(second)));
  return sign === '-' ? negate(total) : total;
}

function unitOf(written: string): Unit | undefined {
  const name = written.toLowerCase().replace('µ', 'u');
  return units[name] ?? (name.length > 2 ? units[name.replace(/s$/, '')] : undefined) ?? (name === 'mins' ? units['min'] : undefined);
}

function time(milliseconds: number): Unit {
  return { unit: 'milliseconds', factor: fromInteger(milliseconds) };
}

function size(power: number): Unit {
  return { unit: 'bytes', factor: fromInteger(1024 ** power) };
}
