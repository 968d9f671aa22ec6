/** A transaction that a person holds open: what was done in it, until when it may stay, and how it ended. */
import { OpsError, isOpsError } from '../errors.ts';
import type { CallOptions, Clock, HeldTransaction, StatementRequest } from '../ports.ts';
import type { Connection } from '../project/connection.ts';
import type { Risk } from '../runbook/operation.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import type { ResultEvent } from './result.ts';

/** A statement that was run in it and not taken back; what only read is not among them. */
export interface DoneInTransaction {
  readonly statement: string;
  readonly risk: Risk;
  /** Verb phrases, outside text: `updates rows of orders`. */
  readonly why: string;
  /** Rows changed, or returned by what changed them; absent where the server does not say. */
  readonly rows?: number;
}

export type TransactionEnd =
  | { readonly kind: 'committed' }
  /** `limit`: its time was up; `left`: another project or connection took the place of its own; `closing`: the window is going. */
  | { readonly kind: 'rolledBack'; readonly by: 'person' | 'limit' | 'left' | 'closing' }
  /** Everything was rolled back by the server, or is not known (`commitUnknown`). */
  | { readonly kind: 'failed'; readonly error: OpsError };

export interface OpenTransactionNeeds {
  readonly held: HeldTransaction;
  readonly connection: Connection;
  /** For the user: how the database is reached. */
  readonly address: string;
  readonly clock: Clock;
  readonly limitMs: number;
}

/** Before its time is up a person is told, so many milliseconds ahead. */
export const warnedAheadMs = 60_000;

/** The server ends it by itself when nothing was heard for so many milliseconds more than its time; then nobody is there any more. */
const serverBehindMs = 30_000;

/** What {@link HeldTransaction} is begun with, for a limit. */
export function idleLimit(limitMs: number): number {
  return limitMs + serverBehindMs;
}

export class OpenTransaction {
  readonly connection: Connection;
  readonly address: string;
  /** Resolves once, with what became of it. */
  readonly ended: Promise<TransactionEnd>;
  private readonly needs: OpenTransactionNeeds;
  private readonly changed = new Emitter<void>();
  private readonly warned = new Emitter<void>();
  private readonly steps: DoneInTransaction[] = [];
  private timer = new AbortController();
  private until = 0;
  private isOpen = true;
  private running = 0;
  private tellEnd: (end: TransactionEnd) => void = () => {};
  /** Something was done in it, or its time was changed. */
  readonly onDidChange = this.changed.event;
  /** Its time is up soon. */
  readonly onWarning = this.warned.event;

  constructor(needs: OpenTransactionNeeds) {
    this.needs = needs;
    this.connection = needs.connection;
    this.address = needs.address;
    this.ended = new Promise((resolve) => (this.tellEnd = resolve));
    void needs.held.lost.then((error) => this.end({ kind: 'failed', error }));
    this.startTimer();
  }

  /** Oldest first. */
  get done(): readonly DoneInTransaction[] {
    return this.steps;
  }

  /** Epoch milliseconds. */
  get endsAt(): number {
    return this.until;
  }

  get open(): boolean {
    return this.isOpen;
  }

  /** A statement runs in it, or waits for its turn. */
  get busy(): boolean {
    return this.running > 0;
  }

  /** Throws what {@link HeldTransaction.run} throws; `notFound` when it has ended. */
  async *run(request: StatementRequest, what: Pick<DoneInTransaction, 'statement' | 'risk' | 'why'>, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    if (!this.isOpen) {
      throw new OpsError('notFound', { what: l10n.t('The transaction that this was run in') });
    }
    this.running++;
    try {
      for await (const event of this.needs.held.run(request, options)) {
        if (event.kind === 'done' && request.mode === 'write' && request.rolledBack !== true) {
          this.steps.push({ ...what, ...(event.rowCount === undefined ? {} : { rows: event.rowCount }) });
          this.changed.fire();
        }
        yield event;
      }
    } catch (error) {
      if (this.isOpen) {
        const changes = this.steps.length === 1 ? l10n.t('1 change') : l10n.t('{0} changes', this.steps.length);
        yield { kind: 'notice', notice: { severity: 'INFO', message: l10n.t('Only this statement was taken back. The transaction is still open, with {0} in it.', changes) } };
      }
      throw error;
    } finally {
      this.running--;
    }
  }

  /** Its time begins anew. Throws `transactionLost`. */
  async keepOpen(): Promise<void> {
    await this.needs.held.keepOpen(idleLimit(this.needs.limitMs));
    this.startTimer();
    this.changed.fire();
  }

  /** How it ended; nothing is thrown. */
  async commit(): Promise<TransactionEnd> {
    if (this.isOpen) {
      this.timer.abort();
      try {
        await this.needs.held.commit();
        this.end({ kind: 'committed' });
      } catch (error) {
        this.end({ kind: 'failed', error: isOpsError(error) ? error : new OpsError('transactionLost', { host: this.address, reason: String(error) }, error) });
      }
    }
    return this.ended;
  }

  async rollBack(by: 'person' | 'limit' | 'left' | 'closing'): Promise<TransactionEnd> {
    if (this.isOpen) {
      this.isOpen = false;
      this.timer.abort();
      await this.needs.held.rollBack();
      this.end({ kind: 'rolledBack', by });
    }
    return this.ended;
  }

  private startTimer(): void {
    const { clock, limitMs } = this.needs;
    this.timer.abort();
    this.timer = new AbortController();
    const { signal } = this.timer;
    this.until = clock.now() + limitMs;
    clock.sleep(limitMs, signal).then(
      () => this.rollBack('limit'),
      () => {},
    );
    if (limitMs > warnedAheadMs) {
      clock.sleep(limitMs - warnedAheadMs, signal).then(
        () => this.warned.fire(),
        () => {},
      );
    }
  }

  private end(end: TransactionEnd): void {
    this.isOpen = false;
    this.timer.abort();
    this.tellEnd(end);
  }
}

/** `committed`, `aborted` or `in progress`; no row for a transaction that is too long ago. https://www.postgresql.org/docs/current/functions-info.html */
export const outcomeQuery = 'select pg_catalog.pg_xact_status($1::text::pg_catalog.xid8) as outcome';
