/** The one transaction that a window may hold open. What is done with it is in `transactionDeeds.ts`, which comes with the first. */
import type { Connection } from '../../core/project/connection.ts';
import type { OpenTransaction } from '../../core/sql/openTransaction.ts';
import { Emitter } from '../../util/event.ts';

/** In the workspace's storage while one is open, for the window that finds it so. */
export const openTransactionKey = 'sql.openTransaction';

export class Transactions {
  private readonly changed = new Emitter<void>();
  private open: OpenTransaction | undefined;
  /** One was begun or ended, or something was done in it. */
  readonly onDidChange = this.changed.event;

  /** The one that is open. */
  get current(): OpenTransaction | undefined {
    return this.open;
  }

  /** The one that is open on this connection: what is meant for another one never runs in it. */
  on(connection: Connection): OpenTransaction | undefined {
    return this.open?.connection === connection ? this.open : undefined;
  }

  /** From now on this is the one, until it ends. */
  take(transaction: OpenTransaction): void {
    this.open = transaction;
    transaction.onDidChange(() => this.changed.fire());
    void transaction.ended.then(() => {
      if (this.open === transaction) {
        this.open = undefined;
      }
      this.changed.fire();
    });
    this.changed.fire();
  }

  /** The server rolls back what is open; the next window says so. */
  dispose(): void {
    void this.open?.rollBack('closing');
    this.changed.dispose();
  }
}
