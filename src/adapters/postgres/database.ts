/** The way to a database with a connection string: `pg`, with batches, cancel, notices, transactions and types. */
import { isOpsError } from '../../core/errors.ts';
import type { CallOptions, Clock, Database, DatabaseCapabilities, HeldTransaction, Logger, StatementRequest } from '../../core/ports.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import { openConnection } from './connection.ts';
import { toStatementFailure } from './failure.ts';
import { readParameterTypes } from './parameterTypes.ts';
import { ConnectionPool } from './pool.ts';
import { StatementRun } from './statementRun.ts';
import { formatAddress, formatHost, parseConnectionString, type DatabaseTarget } from '../../core/project/databaseTarget.ts';
import { beginTransaction } from './transaction.ts';
import { TypeCatalog } from './types.ts';

export interface PostgresNeeds {
  /** See {@link parseConnectionString}, which may throw. */
  readonly connection: string | DatabaseTarget;
  /** PEM of an authority besides the system's, such as Supabase's own. */
  readonly ssl: { readonly ca?: string };
  readonly log: Logger;
  readonly clock: Clock;
}

/** Nothing is opened before the first statement. */
export function createPostgresDatabase(needs: PostgresNeeds): Database {
  const target = typeof needs.connection === 'string' ? parseConnectionString(needs.connection) : needs.connection;
  return new PostgresDatabase(target, needs);
}

class PostgresDatabase implements Database {
  readonly capabilities: DatabaseCapabilities = {
    streams: true,
    cancels: true,
    notices: true,
    columnTypes: true,
    outsideTransaction: true,
    rollsBack: true,
    transactions: true,
    prepares: true,
    asRoles: 'everything',
  };
  readonly address: string;
  private readonly host: string;
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly pool: ConnectionPool;
  private readonly types = new TypeCatalog();
  private readonly held = new Set<HeldTransaction>();

  constructor(target: DatabaseTarget, { ssl, clock, log }: PostgresNeeds) {
    this.address = formatAddress(target);
    this.host = formatHost(target);
    this.clock = clock;
    this.log = log;
    this.pool = new ConnectionPool({ clock, open: (signal) => openConnection({ target, ca: ssl.ca, clock }, signal) });
  }

  async *run(request: StatementRequest, { signal, priority }: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    const connection = await this.pool.acquire(priority, signal);
    const run = new StatementRun(connection, request, { signal, clock: this.clock, types: this.types });
    let outcome = 'left';
    try {
      yield* run.events();
      outcome = 'done';
    } catch (error) {
      const failure = run.interruptedBy(error) ?? toStatementFailure(error, this.host);
      outcome = isOpsError(failure, 'queryFailed') ? failure.facts.sqlState : failure.code;
      throw failure;
    } finally {
      this.log.debug('sql', { address: this.address, mode: request.mode, outcome, ms: run.durationMs });
      // Nobody needs to wait for the ROLLBACK behind a statement that only read.
      this.pool.release(connection, run.end());
    }
  }

  async parameterTypes(text: string, { signal, priority }: CallOptions): Promise<readonly string[]> {
    const connection = await this.pool.acquire(priority, signal);
    try {
      return await readParameterTypes(connection, this.types, text, signal);
    } catch (error) {
      throw toStatementFailure(error, this.host);
    } finally {
      this.pool.release(connection, Promise.resolve());
    }
  }

  async begin(idleMs: number, { signal, priority }: CallOptions): Promise<HeldTransaction> {
    const { clock, host, log, pool, types } = this;
    const connection = await pool.acquire(priority, signal);
    try {
      const transaction = await beginTransaction({ connection, clock, host, log, types, release: () => pool.release(connection, Promise.resolve()) }, idleMs);
      this.held.add(transaction);
      void transaction.over.then(() => this.held.delete(transaction));
      return transaction;
    } catch (error) {
      connection.destroy();
      pool.release(connection, Promise.resolve());
      throw toStatementFailure(error, host);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.held].map((transaction) => transaction.rollBack()));
    await this.pool.close();
  }
}
