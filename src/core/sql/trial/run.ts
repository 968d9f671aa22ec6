/** Tries migrations: all of them in order in one transaction, which is rolled back whatever happens (SAFETY 12). */
import { isOpsError, throwIfCancelled, type ErrorFacts } from '../../errors.ts';
import type { Clock, Database, HeldTransaction } from '../../ports.ts';
import { moved, type TextRange } from '../../runbook/document.ts';
import { faultRange } from '../lint/reading.ts';
import { convertPosition } from '../positions.ts';
import { headOf, rangeAt } from '../prepared/verdict.ts';
import type { PlannedMigration, PlannedStatement, Unknowable } from './plan.ts';

/** How long one statement may take, and how long all together: so long at most is locked what they lock. Milliseconds. */
export const statementMs = 2_000;
export const totalMs = 30_000;
/** Should nobody be there any more, the server rolls back by itself after so long. */
const idleMs = 10_000;

export interface TriedMigration {
  readonly migration: PlannedMigration;
  /** Statements that ran. */
  readonly ran: number;
  readonly durationMs: number;
  /** Outside text. */
  readonly warnings: readonly string[];
  readonly outcome: Outcome;
}

export type Outcome =
  | { readonly kind: 'ran' }
  /** `at` is in the file. */
  | { readonly kind: 'failed'; readonly at: TextRange; readonly facts: Pick<ErrorFacts['queryFailed'], 'sqlState' | 'message' | 'detail' | 'hint'> }
  /** `message` is the server's own, or empty. */
  | { readonly kind: 'unknown'; readonly at: TextRange; readonly because: Unknowable; readonly message: string }
  /** One before it did not get through. */
  | { readonly kind: 'notTried' };

/** Throws what {@link Database.begin} throws, and `cancelled`; all is rolled back then too. */
export async function tryMigrations(migrations: readonly PlannedMigration[], { database, clock }: { readonly database: Database; readonly clock: Clock }, signal: AbortSignal, report: (migration: PlannedMigration) => void = () => {}): Promise<readonly TriedMigration[]> {
  const held = await database.begin(idleMs, { signal, priority: 'user' });
  const over = new AbortController();
  const deadline = new AbortController();
  clock.sleep(totalMs, over.signal).then(
    () => deadline.abort(),
    () => {},
  );
  try {
    const trial = new Trial(held, clock, signal, deadline.signal);
    const tried: TriedMigration[] = [];
    let isOpen = true;
    for (const migration of migrations) {
      report(migration);
      const next: TriedMigration = isOpen ? await trial.migration(migration, tried.length === 0) : { migration, ran: 0, durationMs: 0, warnings: [], outcome: { kind: 'notTried' } };
      isOpen = next.outcome.kind === 'ran';
      tried.push(next);
    }
    return tried;
  } finally {
    over.abort();
    await held.rollBack();
  }
}

class Trial {
  private readonly held: HeldTransaction;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private readonly deadline: AbortSignal;
  private readonly warnings: string[] = [];
  /** What ran since the CLI would last have committed: anything, and a new value of an enumeration. */
  private hasRun = false;
  private addedEnumValue = false;

  constructor(held: HeldTransaction, clock: Clock, signal: AbortSignal, deadline: AbortSignal) {
    this.held = held;
    this.clock = clock;
    this.signal = signal;
    this.deadline = deadline;
  }

  async migration(migration: PlannedMigration, isFirst: boolean): Promise<TriedMigration> {
    const began = this.clock.now();
    let ran = 0;
    const result = (outcome: Outcome): TriedMigration => ({ migration, ran, durationMs: this.clock.now() - began, warnings: this.warnings.splice(0), outcome });
    if (!isFirst) {
      try {
        await this.beginAnew();
      } catch (error) {
        return result(this.notKnownBecauseOf(error, { start: 0, end: 0 }));
      }
    }
    for (const statement of migration.statements) {
      const stopped = await this.statement(statement);
      if (stopped !== undefined) {
        return result(stopped);
      }
      ran += statement.deed.kind === 'run' ? 1 : 0;
      const broken = await this.commit(statement);
      if (broken !== undefined) {
        return result(broken);
      }
    }
    return result({ kind: 'ran' });
  }

  /**
   * As the CLI does between files. The role is no setting that this resets; with a role of its own for signing in the CLI sets it anew, and
   * with another it fails on its history before the next file. The server's patience is a setting too.
   */
  private async beginAnew(): Promise<void> {
    await this.send('reset all');
    await this.send('reset role');
    await this.held.keepOpen(idleMs);
  }

  private async statement({ text, range, deed }: PlannedStatement): Promise<Outcome | undefined> {
    switch (deed.kind) {
      case 'leaveOut':
        return undefined;
      case 'stop':
        return { kind: 'unknown', at: moved(headOf(text), range.start), because: deed.because, message: '' };
      case 'invalid':
        return { kind: 'failed', at: moved(faultRange(text, convertPosition(text, deed.position - 1, 'codePoint', 'utf16')), range.start), facts: { sqlState: '42601', message: deed.message } };
      case 'run':
        try {
          await this.send(text);
          this.hasRun = true;
          this.addedEnumValue ||= deed.addsEnumValue;
          return undefined;
        } catch (error) {
          return this.outcomeOf(error, text, range.start);
        }
      default:
        return deed satisfies never;
    }
  }

  /**
   * What COMMIT would check: it is looked at and taken back, so that what follows finds it as it would. Then what COMMIT would do, where a
   * later statement would notice.
   */
  private async commit({ text, range, commit }: PlannedStatement): Promise<Outcome | undefined> {
    if (commit === undefined || !this.hasRun) {
      return undefined;
    }
    this.hasRun = this.addedEnumValue = false;
    try {
      await this.send('set constraints all immediate', true);
    } catch (error) {
      return this.outcomeOf(error, text, range.start);
    }
    try {
      for (const end of commit) {
        await this.send(end);
      }
      return undefined;
    } catch (error) {
      return this.notKnownBecauseOf(error, moved(headOf(text), range.start));
    }
  }

  private async send(text: string, rolledBack = false): Promise<void> {
    const request = { text, values: [], mode: 'write', rowLimit: 1, timeoutMs: statementMs, background: true, ...(rolledBack ? { rolledBack } : {}) } as const;
    for await (const event of this.held.run(request, { signal: AbortSignal.any([this.signal, this.deadline]), priority: 'user' })) {
      if (event.kind === 'notice' && event.notice.severity === 'WARNING') {
        this.warnings.push(event.notice.message);
      }
    }
  }

  /** What stood in the way of something that is no statement of the person's. Throws `cancelled` when somebody cancelled it. */
  private notKnownBecauseOf(error: unknown, at: TextRange): Outcome {
    throwIfCancelled(this.signal);
    if (this.deadline.aborted || isOpsError(error, 'timedOut')) {
      return { kind: 'unknown', at, because: 'time', message: '' };
    }
    if (isOpsError(error, 'connectionLost', 'transactionLost')) {
      return { kind: 'unknown', at, because: 'server', message: 'reason' in error.facts ? error.facts.reason : '' };
    }
    if (!isOpsError(error, 'queryFailed')) {
      throw error;
    }
    const { sqlState, message } = error.facts;
    return { kind: 'unknown', at, because: notKnown[sqlState] ?? notKnown[sqlState.slice(0, 2)] ?? 'server', message };
  }

  /** Throws `cancelled` when somebody cancelled it. */
  private outcomeOf(error: unknown, text: string, start: number): Outcome {
    const unknown = this.notKnownBecauseOf(error, moved(headOf(text), start));
    if (!isOpsError(error, 'queryFailed') || this.deadline.aborted) {
      return unknown;
    }
    const { sqlState, message, position, detail, hint } = error.facts;
    // Within one transaction the CLI would fail in the same way.
    const isSure = sqlState === '55P04' ? this.addedEnumValue : (notKnown[sqlState] ?? notKnown[sqlState.slice(0, 2)]) === undefined;
    if (!isSure) {
      return unknown;
    }
    const at = position === undefined ? headOf(text) : rangeAt(text, convertPosition(text, position - 1, 'codePoint', 'utf16'));
    return { kind: 'failed', at: moved(at, start), facts: { sqlState, message, ...(detail === undefined ? {} : { detail }), ...(hint === undefined ? {} : { hint }) } };
  }
}

/** What does not say that the migration is wrong, by state or class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const notKnown: Readonly<Record<string, Unknowable>> = {
  '55P03': 'lock',
  '40P01': 'lock',
  '57014': 'time',
  '25001': 'outsideTransaction',
  '2D000': 'control',
  '55P04': 'enumValue',
  '53': 'server',
  '57': 'server',
  '58': 'server',
  XX: 'server',
};
