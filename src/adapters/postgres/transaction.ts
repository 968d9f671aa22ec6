/** A transaction that stays open on a connection of its own, until somebody or something ends it. */
import { OpsError, isOpsError } from '../../core/errors.ts';
import type { CallOptions, Clock, HeldTransaction, Logger, StatementRequest } from '../../core/ports.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import type { OpenConnection } from './connection.ts';
import { isServerError, toStatementFailure } from './failure.ts';
import { StatementRun, heldSavepoint } from './statementRun.ts';
import type { TypeCatalog } from './types.ts';

export interface TransactionNeeds {
  readonly connection: OpenConnection;
  readonly clock: Clock;
  readonly types: TypeCatalog;
  readonly log: Logger;
  /** For the user: the server's name. */
  readonly host: string;
  /** Gives the connection back; it can be used again at once, if it is not lost. */
  readonly release: () => void;
}

export interface PostgresTransaction extends HeldTransaction {
  /** Resolves when the connection was given back, however it ended. */
  readonly over: Promise<void>;
}

/** How long a statement that was told to end may keep ROLLBACK waiting, and ROLLBACK itself the caller, in milliseconds. */
const longestRollBack = 3_000;

/** A commit runs deferred constraints and triggers, and may wait for a standby; in milliseconds. */
const longestCommit = 60_000;

/** Throws what `pg` throws; the connection is the caller's then. */
export async function beginTransaction(needs: TransactionNeeds, idleMs: number): Promise<PostgresTransaction> {
  await needs.connection.client.query(`BEGIN; ${idleLimit(idleMs)}; ${heldSavepoint}`);
  return new HeldConnection(needs);
}

class HeldConnection implements PostgresTransaction {
  private readonly needs: TransactionNeeds;
  /** Ends what runs. */
  private readonly ending = new AbortController();
  /** Resolved when whoever came last is done. */
  private last: Promise<void> = Promise.resolve();
  private isOver = false;
  private tellOver = (): void => {};
  readonly over: Promise<void>;
  readonly lost: Promise<OpsError<'transactionLost'>>;

  constructor(needs: TransactionNeeds) {
    this.needs = needs;
    this.over = new Promise((resolve) => (this.tellOver = resolve));
    this.lost = new Promise((resolve) => {
      void needs.connection.ended.then((why) => {
        if (!this.isOver) {
          resolve(this.lostBecause(why));
          this.end('lost');
        }
      });
    });
  }

  async *run(request: StatementRequest, { signal }: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    const done = await this.turn();
    try {
      this.requireOpen();
      const { connection, clock, types, host } = this.needs;
      const run = new StatementRun(connection, request, { signal: AbortSignal.any([signal, this.ending.signal]), clock, types, held: true });
      try {
        yield* run.events();
      } catch (error) {
        throw run.interruptedBy(error) ?? toStatementFailure(error, host);
      } finally {
        await run.end();
      }
    } catch (error) {
      // What is lost here was not committed: that much is known.
      throw isOpsError(error, 'connectionLost') ? this.lostBecause(error.cause) : error;
    } finally {
      done();
    }
  }

  async keepOpen(idleMs: number): Promise<void> {
    await this.alone(async () => {
      // Outside the savepoint of a later statement, which would take it back.
      await this.needs.connection.client.query(`${idleLimit(idleMs)}; RELEASE ${heldSavepoint}; ${heldSavepoint}`);
    });
  }

  async commit(): Promise<void> {
    await this.alone(async () => {
      const { connection, clock } = this.needs;
      const transactionId = await this.transactionId();
      this.isOver = true;
      const over = new AbortController();
      // Nobody knows what became of it then, but the server.
      const late = clock.sleep(longestCommit, over.signal).then(() => connection.destroy());
      late.catch(() => {});
      try {
        const { command } = await connection.client.query('COMMIT');
        if (command !== 'COMMIT') {
          throw this.lostBecause(undefined);
        }
      } catch (error) {
        throw this.commitFailure(error, transactionId);
      } finally {
        over.abort();
        this.end('commit');
      }
    });
  }

  async rollBack(): Promise<void> {
    if (this.isOver) {
      return this.over;
    }
    this.isOver = true;
    this.ending.abort();
    const { connection, clock } = this.needs;
    const over = new AbortController();
    const late = clock.sleep(longestRollBack, over.signal).then(() => connection.destroy());
    const rollingBack = this.last.then(async () => connection.client.query('ROLLBACK'));
    await Promise.race([rollingBack, late]).catch(() => connection.destroy());
    over.abort();
    late.catch(() => {});
    this.end('rollback');
  }

  /** Waits until nobody else uses the connection; the caller says when it is done. */
  private async turn(): Promise<() => void> {
    const before = this.last;
    let done = (): void => {};
    this.last = new Promise((resolve) => (done = resolve));
    await before;
    return done;
  }

  private async alone(work: () => Promise<void>): Promise<void> {
    const done = await this.turn();
    try {
      this.requireOpen();
      await work();
    } catch (error) {
      const failure = toStatementFailure(error, this.needs.host);
      throw failure.code === 'connectionLost' ? this.lostBecause(error) : failure;
    } finally {
      done();
    }
  }

  /** Empty when nothing was changed, so that nothing can be lost by a commit that is not answered. */
  private async transactionId(): Promise<string> {
    const answer = await this.needs.connection.client.query<{ id: string | null }>(
      `SET LOCAL statement_timeout = ${longestCommit}; SELECT pg_catalog.pg_current_xact_id_if_assigned()::text AS id`,
    );
    const results = (Array.isArray(answer) ? answer : [answer]) as readonly { readonly rows: readonly { readonly id?: string | null }[] }[];
    return results.at(-1)?.rows[0]?.id ?? '';
  }

  private commitFailure(error: unknown, transactionId: string): OpsError {
    const failure = toStatementFailure(error, this.needs.host);
    if (failure.code !== 'connectionLost') {
      return failure;
    }
    return transactionId === '' ? this.lostBecause(error) : new OpsError('commitUnknown', { host: this.needs.host, transactionId }, error);
  }

  private requireOpen(): void {
    if (this.isOver) {
      throw this.lostBecause(undefined);
    }
  }

  private lostBecause(why: unknown): OpsError<'transactionLost'> {
    return new OpsError('transactionLost', { host: this.needs.host, reason: isServerError(why) ? why.message : '' }, why);
  }

  private end(how: string): void {
    this.isOver = true;
    this.needs.log.debug('transaction over', { how });
    this.needs.release();
    this.tellOver();
  }
}

function idleLimit(milliseconds: number): string {
  return `SET LOCAL idle_in_transaction_session_timeout = ${Math.max(1, Math.round(milliseconds))}`;
}
