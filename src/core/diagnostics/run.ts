import type { CallOptions } from '../ports.ts';
import { need, type Connection } from '../project/connection.ts';
import type { Step } from '../runbook/document.ts';
import { splitStatements } from '../sql/split.ts';
import { gather, type ResultEvent, type ResultSet } from '../sql/result.ts';
import { OpsError, isOpsError } from '../errors.ts';
import { l10n } from '../../util/l10n.ts';
import { judge, type JudgedRows } from './judge.ts';
import { parseLimits } from './limit.ts';
import type { Verdict } from './verdict.ts';

/** A diagnostic lists what is wrong, not everything there is: more rows than this say nothing more. */
const rowLimit = 1000;

/**
 * Runs a diagnostic's query: read only, whatever it says, over either way to the database, and not at all where policies would hide rows from
 * it: what is not seen is not well. Throws `badDocument` unless it is one statement.
 */
export function runDiagnostic(step: Step, connection: Connection, options: CallOptions): AsyncIterable<ResultEvent> {
  const database = need(connection.database, step.title);
  const background = options.priority !== 'user';
  return database.run({ text: onlyStatement(step), values: [], mode: 'read', rowLimit, timeoutMs: background ? 2000 : 30_000, background, allRows: true }, options);
}

/** Of several, one would be judged and the others not, and nobody would see which. */
function onlyStatement({ text, title }: Step): string {
  const [only, ...others] = splitStatements(text);
  if (!only || others.length > 0) {
    throw new OpsError('badDocument', { document: title, problem: l10n.t('a limit judges one statement, and there are {0}', only ? others.length + 1 : 0) });
  }
  return only.text;
}

export function judgeDiagnostic(step: Step, result: JudgedRows): Verdict {
  return withNeeds(step, judge(result, parseLimits(step.options)));
}

/** What became of a run: without a result where the query could not be run. */
export interface Judged {
  readonly verdict: Verdict;
  readonly result?: Pick<ResultSet, 'columns' | 'rows' | 'truncated'>;
}

/** Runs and judges. What keeps the query from running for lack of a right or an extension is the verdict *unknown*, never an error. */
export async function diagnose(step: Step, connection: Connection, options: CallOptions): Promise<Judged> {
  try {
    const result = await gather(runDiagnostic(step, connection, options));
    return { result, verdict: judgeDiagnostic(step, result) };
  } catch (error) {
    const verdict = verdictOfFailure(step, error);
    if (verdict) {
      return { verdict };
    }
    throw error;
  }
}

/**
 * 42501 insufficient privilege, and rows that policies would hide, 42P01 undefined table, 3F000 undefined schema, 42883 undefined function, 42703 undefined column (another
 * version of an extension), 55000 not in the required state (an extension that is not loaded), 0A000 not supported (the tables of `pg_net` are unlogged, which a replica
 * does not have).
 */
const missing: Readonly<Record<string, true>> = { '42501': true, '42P01': true, '3F000': true, '42883': true, '42703': true, '55000': true, '0A000': true };

export function verdictOfFailure(step: Step, error: unknown): Verdict | undefined {
  return isOpsError(error, 'queryFailed') && missing[error.facts.sqlState] ? withNeeds(step, { state: 'unknown', summary: error.facts.message, rows: [] }) : undefined;
}

/** The option `needs` says what is missing when a number cannot be known: `needs the role pg_monitor (connections is null)`. */
function withNeeds({ options }: Step, verdict: Verdict): Verdict {
  const needs = options.other['needs'];
  return verdict.state === 'unknown' && needs !== undefined ? { ...verdict, summary: l10n.t('needs {0} ({1})', needs, verdict.summary) } : verdict;
}
