import type { HealthState } from '../health/health.ts';
import type { Row, ResultSet } from '../sql/result.ts';
import { compareDecimals, fromInteger, toNumber } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { isLimitProblem, shareOf } from './limit.ts';
import type { Limit, LimitProblem, Limits, Operator } from './limit.ts';
import { readCell } from './quantity.ts';
import type { Verdict } from './verdict.ts';

/** `truncated`: there are more rows than were read. */
export type JudgedRows = Pick<ResultSet, 'columns' | 'rows'> & Partial<Pick<ResultSet, 'truncated'>>;

type Result = JudgedRows;

/** One row under one limit: broken or not, or why that cannot be told. */
type Finding = { readonly broken: boolean } | { readonly unknown: string };

/**
 * Holds a result against its limits: the worst of its rows decides. A missing column, a null and a value that is no number are
 * *unknown*, which counts for less than a broken limit and for more than a kept one.
 */
export function judge(result: Result, limits: Limits): Verdict {
  const problem = [limits.critical, limits.warn].find((limit): limit is LimitProblem => limit !== undefined && isLimitProblem(limit));
  const critical = usable(limits.critical);
  const warn = usable(limits.warn);
  const judged = [critical && judgeLimit(result, critical, 'critical'), warn && judgeLimit(result, warn, 'warn')].filter((each) => each !== undefined);
  const worst = judged.find(({ state }) => state === 'critical') ?? judged.find(({ state }) => state === 'warn');
  if (worst !== undefined) {
    return worst;
  }
  if (problem !== undefined) {
    return unknown(`the limit "${problem.source}" cannot be read: ${problem.problem}`);
  }
  return judged.find(({ state }) => state === 'unknown') ?? judged.at(-1) ?? unknown('no limit is set');
}

function usable(limit: Limit | LimitProblem | undefined): Limit | undefined {
  return limit === undefined || isLimitProblem(limit) ? undefined : limit;
}

function judgeLimit(result: Result, limit: Limit, level: 'warn' | 'critical'): Verdict {
  const column = columnIndex(result, limit.measure);
  if (column === undefined && limit.measure.toLowerCase() === 'rows') {
    return judgeCount(result, limit, level);
  }
  if (result.rows.length === 0) {
    return { state: 'ok', summary: 'no rows', rows: [] };
  }
  if (column === undefined) {
    return unknown(`the result has no column ${limit.measure}`);
  }
  const findings = result.rows.map((row) => judgeRow(result, row, column, limit));
  const sorted = gravestFirst(result, column, limit);
  const broken = sorted.filter((index) => isBroken(findings[index]));
  const shown = broken[0] ?? sorted[0] ?? 0;
  const unclear = findings.find((finding) => 'unknown' in finding);
  if (broken.length === 0 && unclear !== undefined) {
    return unknown('unknown' in unclear ? unclear.unknown : '');
  }
  if (broken.length === 0 && result.truncated === true) {
    return unknown(`of more than ${result.rows.length} rows only these were judged`);
  }
  const state: HealthState = broken.length > 0 ? level : 'ok';
  return { state, summary: summaryOf(limit, level, cellOf(result, shown, column), broken.length, result.rows.length), rows: broken };
}

function judgeCount(result: Result, limit: Limit, level: 'warn' | 'critical'): Verdict {
  const count = result.rows.length;
  const { bound } = limit;
  if (bound.kind !== 'number') {
    return unknown('rows are counted: their limit is a number');
  }
  const broken = holds(compareDecimals(fromInteger(count), bound.exact), limit.operator);
  if (result.truncated === true && !broken && !limit.operator.startsWith('<')) {
    return unknown(`more than ${count} rows, and no more were counted`);
  }
  const words = count === 1 ? '1 row' : `${count === 0 ? 'no' : result.truncated === true ? `more than ${count}` : count} rows`;
  return { state: broken ? level : 'ok', summary: `${words}, ${level} ${operatorWords[limit.operator]} ${boundWords(limit)}`, rows: broken ? [...result.rows.keys()] : [] };
}

function judgeRow(result: Result, row: Row, column: number, limit: Limit): Finding {
  const cell = row[column] ?? null;
  if (cell === null) {
    return { unknown: `${limit.measure} is null` };
  }
  const { bound } = limit;
  if (bound.kind === 'text') {
    return { broken: (asWord(cell) === asWord(bound.value)) === (limit.operator === '=') };
  }
  const value = readCell(cell, limit.measure, bound.kind === 'number' ? bound.unit : 'none');
  const against = bound.kind === 'number' ? bound.exact : shareOfColumn(result, row, bound.share, bound.of);
  if (value === undefined) {
    return { unknown: `${limit.measure} is no number: ${cell.slice(0, 40)}` };
  }
  return typeof against === 'string' ? { unknown: against } : { broken: holds(compareDecimals(value, against), limit.operator) };
}

/** The words say why there is none. */
function shareOfColumn(result: Result, row: Row, share: number, name: string): Decimal | string {
  const column = columnIndex(result, name);
  const cell = column === undefined ? null : (row[column] ?? null);
  if (cell === null) {
    return column === undefined ? `the result has no column ${name}` : `${name} is null`;
  }
  const whole = readCell(cell, name, 'none');
  return whole === undefined ? `${name} is no number: ${cell.slice(0, 40)}` : shareOf(share, whole);
}

/** `max_connections` is found as written, else whatever its case. */
function columnIndex({ columns }: Result, name: string): number | undefined {
  const exact = columns.findIndex((column) => column.name === name);
  const index = exact === -1 ? columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase()) : exact;
  return index === -1 ? undefined : index;
}

function isBroken(finding: Finding | undefined): boolean {
  return finding !== undefined && 'broken' in finding && finding.broken;
}

/** Farthest over an upper limit, or under a lower one, first. */
function gravestFirst(result: Result, column: number, limit: Limit): number[] {
  const unit = limit.bound.kind === 'number' ? limit.bound.unit : 'none';
  const value = (row: number): Decimal => readCell(cellOf(result, row, column) ?? '', limit.measure, unit) ?? fromInteger(0);
  const direction = limit.operator.startsWith('<') ? 1 : -1;
  const values = result.rows.map((_, index) => value(index));
  const zero = fromInteger(0);
  return [...values.keys()].sort((one, other) => direction * compareDecimals(values[one] ?? zero, values[other] ?? zero));
}

function cellOf(result: Result, row: number, column: number): string | null {
  return result.rows[row]?.[column] ?? null;
}

function holds(comparison: number, operator: Operator): boolean {
  switch (operator) {
    case '<':
      return comparison < 0;
    case '<=':
      return comparison <= 0;
    case '>':
      return comparison > 0;
    case '>=':
      return comparison >= 0;
    case '=':
      return comparison === 0;
    case '!=':
      return comparison !== 0;
  }
}

const operatorWords: Readonly<Record<Operator, string>> = { '<': 'below', '<=': 'at or below', '>': 'above', '>=': 'at or above', '=': 'at', '!=': 'other than' };

/** `hit_ratio 97.2, warn below 99 %`; of several broken rows the gravest, and how many there are. */
function summaryOf(limit: Limit, level: 'warn' | 'critical', cell: string | null, broken: number, rows: number): string {
  const value = `${limit.measure} ${cellWords(cell ?? '', limit)}`;
  const count = broken > 0 ? broken : rows;
  const many = count > 1 ? `${count} rows, worst ${value}` : value;
  return `${many}, ${level} ${operatorWords[limit.operator]} ${boundWords(limit)}`;
}

function cellWords(cell: string, limit: Limit): string {
  const isPercent = limit.bound.kind === 'number' && limit.bound.unit === 'percent';
  return isPercent && !cell.includes('%') ? `${cell} %` : cell;
}

/** As written: `99 %`, `80 % of max_connections`, `5 min`. */
function boundWords(limit: Limit): string {
  const written = limit.source.slice(limit.source.search(/[<>=!≤≥≠]/)).replace(/^[<>=!≤≥≠]+\s*/, '');
  return written.replace(/(\d)\s*%/, '$1 %').replace(/(\d)([a-zA-Z])/, '$1 $2');
}

function asWord(text: string): string {
  const word = text.trim().toLowerCase();
  return word === 't' ? 'true' : word === 'f' ? 'false' : word;
}

function unknown(summary: string): Verdict {
  return { state: 'unknown', summary, rows: [] };
}

/** A measure's value for a chart; `undefined` when it is no number. */
export function measureOf(result: Result, limit: Limit): number | undefined {
  const column = columnIndex(result, limit.measure);
  if (column === undefined) {
    return limit.measure.toLowerCase() === 'rows' ? result.rows.length : undefined;
  }
  const value = readCell(cellOf(result, 0, column) ?? '', limit.measure, limit.bound.kind === 'number' ? limit.bound.unit : 'none');
  return value === undefined ? undefined : toNumber(value);
}
