import type { Cell } from '../sql/result.ts';
import { add, compareDecimals, formatDecimal, fromInteger, negate, parseDecimal, toNumber, type Decimal } from './decimal.ts';
import { countMeasure, mostRows, type Finding } from './finding.ts';
import { readCell } from './quantity.ts';
import type { Snapshot } from './snapshot.ts';

/** What became of one diagnostic between two times. */
export interface Change {
  /**
   * `unclear`: it was or is *unknown*, so that neither better nor worse can be told. `moved`: the verdict is the same, the numbers are
   * not. `new` and `gone`: only one of the two times knows it.
   */
  readonly kind: 'worse' | 'better' | 'unclear' | 'moved' | 'same' | 'new' | 'gone';
  readonly before?: Finding;
  readonly after?: Finding;
  /** It was held against other limits then. */
  readonly otherLimits: boolean;
  readonly moves: readonly Move[];
  /** Rows that only one of the times has; empty where not all rows were kept. */
  readonly came: readonly string[];
  readonly went: readonly string[];
}

/** A number that is another one. */
export interface Move {
  /** Of which row; empty where there is but one. */
  readonly name: string;
  readonly measure: string;
  readonly before: string;
  readonly after: string;
  /** `+2.4`, in the unit of the cells; absent for intervals and sizes in words. */
  readonly by?: string;
  /** Of what it was; absent when that was nothing. */
  readonly percent?: number;
}

const order: readonly Change['kind'][] = ['worse', 'better', 'unclear', 'moved', 'new', 'gone', 'same'];

/** Worse first, the same last. */
export function compareSnapshots(before: Pick<Snapshot, 'findings'>, after: Pick<Snapshot, 'findings'>): readonly Change[] {
  const then = keyed(before.findings);
  const now = keyed(after.findings);
  const keys = [...new Set([...now.keys(), ...then.keys()])];
  const changes = keys.map((key) => changeOf(then.get(key), now.get(key)));
  return changes.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind));
}

/** Two of one title in one document are told apart by their order. */
function keyed(findings: readonly Finding[]): Map<string, Finding> {
  const known = new Map<string, Finding>();
  for (const finding of findings) {
    let key = `${finding.source}\n${finding.title}`;
    while (known.has(key)) {
      key += '\n';
    }
    known.set(key, finding);
  }
  return known;
}

function changeOf(before: Finding | undefined, after: Finding | undefined): Change {
  const nothing = { otherLimits: false, moves: [], came: [], went: [] };
  if (before === undefined || after === undefined) {
    return { kind: before === undefined ? 'new' : 'gone', ...(before ? { before } : {}), ...(after ? { after } : {}), ...nothing };
  }
  const moves = movesOf(before, after);
  const isWhole = [before, after].every(({ rows }) => rows.length < mostRows);
  const missing = (from: Finding, others: Finding): string[] =>
    isWhole ? from.rows.map(({ name }) => name).filter((name) => name !== '' && !others.rows.some((row) => row.name === name)) : [];
  const ran = before.rowCount !== undefined && after.rowCount !== undefined;
  const rows = { came: ran ? missing(after, before) : [], went: ran ? missing(before, after) : [] };
  const hasMoved = moves.length + rows.came.length + rows.went.length > 0;
  return { kind: kindOf(before, after, hasMoved), before, after, otherLimits: before.warn !== after.warn || before.critical !== after.critical, moves, ...rows };
}

function kindOf(before: Finding, after: Finding, hasMoved: boolean): Change['kind'] {
  const gravity = { ok: 0, warn: 1, critical: 2 } as const;
  if (before.state === 'unknown' || after.state === 'unknown') {
    return before.state === after.state && before.summary === after.summary ? 'same' : 'unclear';
  }
  const by = gravity[after.state] - gravity[before.state];
  return by > 0 ? 'worse' : by < 0 ? 'better' : hasMoved ? 'moved' : 'same';
}

function movesOf(before: Finding, after: Finding): Move[] {
  const moves: Move[] = [];
  if (after.measures.includes(countMeasure) && before.rowCount !== undefined && after.rowCount !== undefined) {
    moves.push(...moveOf('', countMeasure, String(before.rowCount), String(after.rowCount)));
  }
  for (const row of after.rows) {
    const then = before.rows.find(({ name }) => name === row.name);
    for (const measure of then ? after.measures : []) {
      moves.push(...moveOf(row.name, measure, then?.values[measure] ?? null, row.values[measure] ?? null));
    }
  }
  return moves.sort((one, other) => Math.abs(other.percent ?? Infinity) - Math.abs(one.percent ?? Infinity));
}

/** One move, or none: the same, or no number at one of the times. */
function moveOf(name: string, measure: string, before: Cell, after: Cell): Move[] {
  if (before === null || after === null || before === after) {
    return [];
  }
  const [then, now] = [numberOf(before, measure), numberOf(after, measure)];
  if (then === undefined || now === undefined || compareDecimals(then, now) === 0) {
    return [];
  }
  const isPlain = parseDecimal(before) !== undefined && parseDecimal(after) !== undefined;
  const difference = add(now, negate(then));
  const sign = compareDecimals(difference, fromInteger(0)) > 0 ? '+' : '';
  return [
    {
      name,
      measure,
      before,
      after,
      ...(isPlain ? { by: `${sign}${formatDecimal(difference)}` } : {}),
      ...(then.digits === 0n ? {} : { percent: Number(((100 * toNumber(difference)) / Math.abs(toNumber(then))).toPrecision(3)) }),
    },
  ];
}

/** A plain number as it is; a time or a size in words in whatever unit both have. */
function numberOf(cell: string, measure: string): Decimal | undefined {
  return parseDecimal(cell) ?? readCell(cell, measure, 'milliseconds') ?? readCell(cell, measure, 'bytes') ?? readCell(cell, measure, 'percent');
}
