import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import type { CallOptions, Database, DatabaseCapabilities, HeldTransaction, StatementRequest } from '../../src/core/ports.ts';
import type { Column, Notice, ResultEvent, Row } from '../../src/core/sql/result.ts';

export interface FakeResult {
  readonly columns?: readonly (string | Column)[];
  readonly rows?: readonly Row[];
  readonly notices?: readonly Notice[];
  /** Of the command tag; `SELECT` unless said. */
  readonly command?: string;
  /** Rows changed, for a statement that returns none. */
  readonly changed?: number;
}

type Answer = FakeResult | OpsError | ((request: StatementRequest) => FakeResult | OpsError);

/**
 * Answers statements by their text, or by a part of it, and remembers what it was asked. A statement it was not told about fails as
 * one on a missing table does.
 */
export class FakeDatabase implements Database {
  capabilities: DatabaseCapabilities = { streams: true, cancels: true, notices: true, columnTypes: true, outsideTransaction: true, rollsBack: true, transactions: true, prepares: true, asRoles: 'everything' };
  address = 'postgres@fake:5432';
  /** Oldest first. */
  readonly requests: StatementRequest[] = [];
  /** Statements that were ended before they were done, oldest first. */
  readonly cancelled: StatementRequest[] = [];
  closed = 0;
  /** Those that were begun, oldest first. */
  readonly transactions: FakeTransaction[] = [];
  private readonly answers: { readonly part: string; readonly answer: Answer }[] = [];
  private readonly types: { readonly part: string; readonly names: readonly string[] }[] = [];
  private readonly refusals: { readonly part: string; readonly error: OpsError }[] = [];
  /** What was to be prepared, oldest first. */
  readonly prepared: string[] = [];
  private held: Promise<void> | undefined;

  /** The latest answer whose part the text contains counts. */
  answer(part: string, answer: Answer): this {
    this.answers.unshift({ part, answer });
    return this;
  }

  /** Statements wait until the returned function is called. */
  hold(): () => void {
    let release = (): void => {};
    this.held = new Promise((resolve) => (release = resolve));
    return () => {
      this.held = undefined;
      release();
    };
  }

  async *run(request: StatementRequest, { signal }: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    throwIfCancelled(signal);
    this.requests.push(request);
    let ended = false;
    try {
      await this.whileHeld(signal);
      const result = this.find(request);
      ended = result instanceof OpsError;
      yield* this.events(request, result);
      ended = true;
    } finally {
      if (!ended) {
        this.cancelled.push(request);
      }
    }
  }

  async parameterTypes(text: string, { signal }: CallOptions): Promise<readonly string[]> {
    throwIfCancelled(signal);
    if (!this.capabilities.prepares) {
      throw new OpsError('absent', { what: 'Preparing a statement', reason: 'noDatabaseConnection' });
    }
    this.prepared.push(text);
    await this.whileHeld(signal);
    const refusal = this.refusals.find(({ part }) => text.includes(part));
    if (refusal !== undefined) {
      throw refusal.error;
    }
    const known = this.types.find(({ part }) => text.includes(part));
    return known?.names ?? [];
  }

  /** What the server says when it is to prepare a statement with this text in it; without it accepts. */
  refuses(part: string, error: OpsError): this {
    this.refusals.unshift({ part, error });
    return this;
  }

  /** What it takes the parameters of a statement with this text in it for; without it does not tell. */
  infers(part: string, ...names: string[]): this {
    this.types.unshift({ part, names });
    return this;
  }

  async begin(idleMs: number, { signal }: CallOptions): Promise<HeldTransaction> {
    throwIfCancelled(signal);
    if (!this.capabilities.transactions) {
      throw new OpsError('absent', { what: 'A transaction that stays open', reason: 'noDatabaseConnection' });
    }
    const transaction = new FakeTransaction(this, idleMs);
    this.transactions.push(transaction);
    return transaction;
  }

  async close(): Promise<void> {
    this.closed++;
  }

  private async whileHeld(signal: AbortSignal): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([this.held, aborted]);
    throwIfCancelled(signal);
  }

  private find(request: StatementRequest): FakeResult | OpsError {
    const answer = this.answers.find(({ part }) => request.text.includes(part))?.answer;
    const result = typeof answer === 'function' ? answer(request) : answer;
    return result ?? new OpsError('queryFailed', { sqlState: '42P01', message: 'relation does not exist' });
  }

  private *events(request: StatementRequest, result: FakeResult | OpsError): Generator<ResultEvent, void, undefined> {
    if (result instanceof OpsError) {
      throw result;
    }
    const { columns = [], rows = [], notices = [], command = 'SELECT' } = result;
    yield {
      kind: 'columns',
      columns: columns.map((column) => (typeof column === 'string' ? { name: column, type: 'text', category: 'text' } : column)),
    };
    for (const notice of notices) {
      yield { kind: 'notice', notice };
    }
    const kept = rows.slice(0, request.rowLimit);
    if (kept.length > 0) {
      yield { kind: 'rows', rows: kept };
    }
    const rowCount = columns.length > 0 ? kept.length : result.changed;
    yield { kind: 'done', command, rowCount, truncated: kept.length < rows.length, durationMs: 1 };
  }
}

/** Answers as its database does, and remembers what became of it. */
export class FakeTransaction implements HeldTransaction {
  /** Oldest first. */
  readonly requests: StatementRequest[] = [];
  idleMs: number;
  state: 'open' | 'committed' | 'rolledBack' | 'lost' = 'open';
  /** Set to make the commit fail. */
  refuses: OpsError | undefined;
  readonly lost: Promise<OpsError<'transactionLost'>>;
  private readonly database: FakeDatabase;
  private tellLost: (error: OpsError<'transactionLost'>) => void = () => {};

  constructor(database: FakeDatabase, idleMs: number) {
    this.database = database;
    this.idleMs = idleMs;
    this.lost = new Promise((resolve) => (this.tellLost = resolve));
  }

  async *run(request: StatementRequest, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    this.requireOpen();
    this.requests.push(request);
    yield* this.database.run(request, options);
  }

  async keepOpen(idleMs: number): Promise<void> {
    this.requireOpen();
    this.idleMs = idleMs;
  }

  async commit(): Promise<void> {
    this.requireOpen();
    this.state = this.refuses === undefined ? 'committed' : 'rolledBack';
    if (this.refuses) {
      throw this.refuses;
    }
  }

  async rollBack(): Promise<void> {
    this.state = this.state === 'open' ? 'rolledBack' : this.state;
  }

  /** The server ends it. */
  lose(reason = ''): void {
    this.state = 'lost';
    this.tellLost(new OpsError('transactionLost', { host: 'fake', reason }));
  }

  private requireOpen(): void {
    if (this.state !== 'open') {
      throw new OpsError('transactionLost', { host: 'fake', reason: '' });
    }
  }
}
