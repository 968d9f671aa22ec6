/** The runs of SQL of all windows, newest first; nothing secret is in it (SAFETY 20). */
import { isOpsError, type OpsError } from '../errors.ts';
import type { Clock, RollingJournal } from '../ports.ts';
import type { Project } from '../project/project.ts';
import type { Cell, ResultEvent } from './result.ts';

export interface SqlRun {
  /** Epoch milliseconds of its beginning. */
  readonly time: number;
  readonly ref: string;
  readonly project: string;
  /** As it can be run again, with its placeholders; absent when it held a secret. */
  readonly statement?: string;
  /** What it does, in a few words, for one whose statement is not kept. */
  readonly why: string;
  /** Of its placeholders by name, without those of secrets. */
  readonly values: Readonly<Record<string, Cell>>;
  /** `read`, `write`, `tried` (rolled back), `held` (in a transaction); what became of that is not in it. */
  readonly mode: 'read' | 'write' | 'tried' | 'held';
  /** The role it was run as. */
  readonly as?: string;
  readonly durationMs: number;
  readonly rows?: number;
  readonly outcome: 'done' | 'failed' | 'cancelled';
  /** SQLSTATE or our code, and the server's message where no secret can be in it. */
  readonly problem?: string;
}

export type SqlRunStart = Omit<SqlRun, 'time' | 'durationMs' | 'rows' | 'outcome' | 'problem' | 'ref' | 'project'> & {
  readonly project: Project;
  /** A value that is kept nowhere went with it: messages of the server may repeat it. */
  readonly hasSecret: boolean;
};

/** Longer ones are not kept, as they would fill the history alone. */
const longestStatement = 50_000;
const longestValue = 1_000;
const longestProblem = 300;

export interface SqlHistoryNeeds {
  readonly journal: () => Promise<RollingJournal>;
  readonly clock: Clock;
  /** Hears of a history that cannot be written; the run itself is not to blame. */
  readonly failed: (error: unknown) => void;
}

export class SqlHistory {
  private readonly needs: SqlHistoryNeeds;

  constructor(needs: SqlHistoryNeeds) {
    this.needs = needs;
  }

  /** The same events, and an entry of how they ended. */
  async *record(start: SqlRunStart, events: AsyncIterable<ResultEvent>): AsyncGenerator<ResultEvent, void, undefined> {
    const time = this.needs.clock.now();
    // Whoever leaves the rows early cancels.
    let end: Pick<SqlRun, 'outcome' | 'rows' | 'problem'> = { outcome: 'cancelled' };
    try {
      for await (const event of events) {
        if (event.kind === 'done') {
          end = { outcome: 'done', ...(event.rowCount === undefined ? {} : { rows: event.rowCount }) };
        }
        yield event;
      }
    } catch (error) {
      end = isOpsError(error, 'cancelled') ? end : { outcome: 'failed', problem: isOpsError(error) ? problemOf(error, start.hasSecret) : 'unexpected' };
      throw error;
    } finally {
      void this.add(toRun(start, time, this.needs.clock.now() - time, end));
    }
  }

  /** Keeps how a transaction ended: what was run in it took effect with `commit` alone. */
  async noteEnd({ project, statement, why, error }: { readonly project: Project; readonly statement: 'commit' | 'rollback'; readonly why: string; readonly error?: OpsError }): Promise<void> {
    const end = error === undefined ? { outcome: 'done' as const } : { outcome: 'failed' as const, problem: problemOf(error, false) };
    await this.add(toRun({ project, statement, why, values: {}, mode: 'held', hasSecret: false }, this.needs.clock.now(), 0, end));
  }

  async runs(): Promise<readonly SqlRun[]> {
    const entries = await (await this.needs.journal()).read();
    return entries.filter(isRun).sort((one, other) => other.time - one.time);
  }

  async clear(): Promise<void> {
    await (await this.needs.journal()).clear();
  }

  private async add(run: SqlRun): Promise<void> {
    try {
      await (await this.needs.journal()).append(run);
    } catch (error) {
      this.needs.failed(error);
    }
  }
}

function toRun({ project, hasSecret: _, statement, values, ...start }: SqlRunStart, time: number, durationMs: number, end: Pick<SqlRun, 'outcome' | 'rows' | 'problem'>): SqlRun {
  const kept = Object.entries(values).filter(([, value]) => value === null || value.length <= longestValue);
  return {
    ...start,
    ...(statement === undefined || statement.length > longestStatement ? {} : { statement }),
    values: Object.fromEntries(kept),
    time,
    ref: project.ref,
    project: project.name,
    durationMs,
    ...end,
  };
}

/** Of a run with a secret only the code: `invalid input syntax for type integer: "hunter2"`. */
function problemOf(error: OpsError, hasSecret: boolean): string {
  if (!isOpsError(error, 'queryFailed')) {
    return error.code;
  }
  const { sqlState, message } = error.facts;
  return hasSecret ? sqlState : `${sqlState} ${message}`.slice(0, longestProblem);
}

const needed: Readonly<Record<string, 'number' | 'string' | 'object'>> = { time: 'number', durationMs: 'number', ref: 'string', project: 'string', why: 'string', mode: 'string', outcome: 'string', values: 'object' };

/** Entries of other versions of Opsbook are passed over. */
function isRun(entry: unknown): entry is SqlRun {
  if (typeof entry !== 'object' || entry === null) {
    return false;
  }
  const fields = entry as Readonly<Record<string, unknown>>;
  const { statement, values } = fields;
  return Object.entries(needed).every(([key, type]) => typeof fields[key] === type) && values !== null && (statement === undefined || typeof statement === 'string');
}
