import { maskSecrets } from '../secrets/mask.ts';
import type { Cell, ResultSet } from '../sql/result.ts';
import type { Step } from '../runbook/document.ts';
import { parseDecimal } from './decimal.ts';
import { isLimitProblem, parseLimits } from './limit.ts';
import type { Judged } from './run.ts';
import type { Verdict } from './verdict.ts';

/** What one diagnostic said at one time: enough to report it, and to be held against another time. Plain data. */
export interface Finding {
  /** Label of the document it stands in; with the title it tells one diagnostic from another. */
  readonly source: string;
  readonly title: string;
  readonly topic: string;
  readonly state: Verdict['state'];
  readonly summary: string;
  /** The limits as written. */
  readonly warn?: string;
  readonly critical?: string;
  /** Columns that the limits speak of; `rows` is the number of rows. */
  readonly measures: readonly string[];
  /** Absent where the query did not run. */
  readonly rowCount?: number;
  /** The gravest first, and of those that are not named the gravest alone; at most {@link mostRows}. */
  readonly rows: readonly FindingRow[];
}

export interface FindingRow {
  /** What the row is about: `public · orders`; empty for a result of one row, and for rows that nothing names for longer than a moment (pids). */
  readonly name: string;
  /** The measures' cells. */
  readonly values: Readonly<Record<string, Cell>>;
}

export const mostRows = 50;
const longestName = 200;
const mostNames = 3;

/** `measure` of a limit that counts rows. */
export const countMeasure = 'rows';

export function findingOf({ step, source, topic }: { readonly step: Step; readonly source: string; readonly topic: string }, { verdict, result }: Judged): Finding {
  const { title, options } = step;
  const measures = measuresOf(step);
  return {
    source,
    title,
    topic,
    state: verdict.state,
    summary: verdict.summary,
    ...(options.warn === undefined ? {} : { warn: options.warn }),
    ...(options.critical === undefined ? {} : { critical: options.critical }),
    measures,
    ...(result === undefined ? {} : { rowCount: result.rows.length }),
    rows: result === undefined ? [] : rowsOf(step, result, verdict, measures),
  };
}

function measuresOf(step: Step): string[] {
  const { warn, critical } = parseLimits(step.options);
  return [...new Set([critical, warn].flatMap((limit) => (limit === undefined || isLimitProblem(limit) ? [] : [limit.measure])))];
}

type Result = Pick<ResultSet, 'columns' | 'rows'>;

function rowsOf(step: Step, result: Result, { rows: broken }: Verdict, measures: readonly string[]): FindingRow[] {
  const naming = namingColumns(step, result, measures);
  const measured = measures.flatMap((measure) => {
    const column = columnIndex(result, measure);
    return column === -1 ? [] : [[measure, column] as const];
  });
  const others = [...result.rows.keys()].filter((index) => !broken.includes(index));
  const byName = new Map<string, FindingRow>();
  for (const index of [...broken, ...others]) {
    const row = result.rows[index] ?? [];
    const name = naming.map((column) => inOneLine(row[column] ?? '')).filter(Boolean).join(' · ');
    // Of equal names the gravest, which came first.
    if (!byName.has(name) && byName.size < mostRows) {
      byName.set(name, { name, values: Object.fromEntries(measured.map(([measure, column]) => [measure, row[column] ?? null])) });
    }
  }
  return [...byName.values()];
}

/**
 * The option `key` names the columns that tell one row from another. Without it they are the words that stand before the first number:
 * schema and table, a bucket, a job. A process id names a session for a moment only.
 */
function namingColumns(step: Step, result: Result, measures: readonly string[]): number[] {
  const key = step.options.other['key'];
  if (key !== undefined) {
    return key.split(',').map((name) => columnIndex(result, name.trim())).filter((column) => column !== -1);
  }
  const end = result.columns.findIndex(({ name }, column) => measures.includes(name) || result.rows.some((row) => isNumberOrTruth(row[column] ?? null)));
  return [...result.columns.keys()].slice(0, Math.min(mostNames, end === -1 ? mostNames : end));
}

function isNumberOrTruth(cell: Cell): boolean {
  return cell !== null && (cell === 'true' || cell === 'false' || parseDecimal(cell) !== undefined);
}

function columnIndex({ columns }: Result, name: string): number {
  return columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** Names are kept on disk: what looks like a key or a password is none that helps. */
function inOneLine(text: string): string {
  return maskSecrets(text.replace(/\s+/g, ' ').trim()).slice(0, longestName);
}
