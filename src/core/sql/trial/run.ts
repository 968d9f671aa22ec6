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
  /** Files that gave an enumeration a value. */
  private addedEnumValue: PlannedMigration | undefined;

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
      // The CLI does so between files; the server's patience is a setting too.
      await this.send('reset all');
      await this.held.keepOpen(idleMs);
    }
    for (const statement of migration.statements) {
      const stopped = await this.statement(statement, migration);
      if (stopped !== undefined) {
        return result(stopped);
      }
      ran += statement.deed.kind === 'run' ? 1 : 0;
    }
    const broken = await this.deferred(migration);
    return result(broken ?? { kind: 'ran' });
  }

  private async statement({ text, range, deed }: PlannedStatement, migration: PlannedMigration): Promise<Outcome | undefined> {
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
          this.addedEnumValue = deed.addsEnumValue ? migration : this.addedEnumValue;
          return undefined;
        } catch (error) {
          return this.outcomeOf(error, text, range.start, migration);
        }
      default:
        return deed satisfies never;
    }
  }

  /** What COMMIT would check: it is looked at and taken back, so that the next file finds it as it would. */
  private async deferred(migration: PlannedMigration): Promise<Outcome | undefined> {
    const last = migration.statements.findLast(({ deed }) => deed.kind === 'run');
    if (last === undefined) {
      return undefined;
    }
    try {
      await this.send('set constraints all immediate', true);
      return undefined;
    } catch (error) {
      return this.outcomeOf(error, last.text, last.range.start, migration);
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

  /** Throws `cancelled` when somebody cancelled it. */
  private outcomeOf(error: unknown, text: string, start: number, migration: PlannedMigration): Outcome {
    throwIfCancelled(this.signal);
    const unknown = (because: Unknowable, message = ''): Outcome => ({ kind: 'unknown', at: moved(headOf(text), start), because, message });
    if (this.deadline.aborted || isOpsError(error, 'timedOut')) {
      return unknown('time');
    }
    if (isOpsError(error, 'connectionLost', 'transactionLost')) {
      return unknown('server', 'reason' in error.facts ? error.facts.reason : '');
    }
    if (!isOpsError(error, 'queryFailed')) {
      throw error;
    }
    const { sqlState, message, position, detail, hint } = error.facts;
    // Within one file the CLI would fail in the same way.
    const because = sqlState === '55P04' && this.addedEnumValue === migration ? undefined : (notKnown[sqlState] ?? notKnown[sqlState.slice(0, 2)]);
    if (because !== undefined) {
      return unknown(because, message);
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
