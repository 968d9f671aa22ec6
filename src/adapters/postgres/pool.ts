/** At most so many connections to one database, handed out by urgency, closed when nobody needs them (SAFETY 13). */
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import type { Clock, Priority } from '../../core/ports.ts';
import type { OpenConnection } from './connection.ts';

export const largestPool = 3;
export const idleMs = 60_000;

export interface PoolNeeds {
  readonly open: (signal: AbortSignal) => Promise<OpenConnection>;
  readonly clock: Clock;
}

interface Waiting {
  readonly priority: Priority;
  readonly proceed: () => void;
}

interface Idle {
  readonly timer: AbortController;
  /** Until then the last statement is being cleared away. */
  readonly settled: Promise<void>;
}

const urgency: readonly Priority[] = ['user', 'view', 'check', 'tail'];

export class ConnectionPool {
  private readonly needs: PoolNeeds;
  /** Handed out or being opened. */
  private busy = 0;
  private readonly idle = new Map<OpenConnection, Idle>();
  private readonly waiting: Waiting[] = [];
  private generation = 0;
  private readonly generations = new WeakMap<OpenConnection, number>();
  private drained: (() => void)[] = [];

  constructor(needs: PoolNeeds) {
    this.needs = needs;
  }

  /** The caller gives it back by {@link release}. Throws what opening throws, and `cancelled` while it waits for its turn. */
  async acquire(priority: Priority, signal: AbortSignal): Promise<OpenConnection> {
    throwIfCancelled(signal);
    if (this.busy >= largestPool) {
      await this.turn(priority, signal);
    } else {
      this.busy++;
    }
    // One is opened only when none is idle, so that all together are never more than the limit.
    const idle = await this.takeIdle();
    if (idle !== undefined) {
      return idle;
    }
    try {
      const connection = await this.needs.open(signal);
      this.generations.set(connection, this.generation);
      return connection;
    } catch (error) {
      this.giveTurn();
      throw error;
    }
  }

  /**
   * A connection that is lost, or will be when it has `settled`, is forgotten; one that is fine is handed out again when it has, which
   * its user need not wait for. `settled` never rejects.
   */
  release(connection: OpenConnection, settled: Promise<void>): void {
    if (this.generations.get(connection) === this.generation) {
      this.keep(connection, settled);
      this.giveTurn();
    } else {
      void settled.then(() => connection.end()).then(() => this.giveTurn());
    }
  }

  /** Closes what is idle, and what is busy as soon as it is given back; resolves when all is closed. Later calls open anew. */
  async close(): Promise<void> {
    this.generation++;
    const ending = [...this.idle].map(async ([connection, { timer, settled }]) => {
      timer.abort();
      await settled;
      await connection.end();
    });
    this.idle.clear();
    const drained = this.busy === 0 ? undefined : new Promise<void>((resolve) => this.drained.push(resolve));
    await Promise.all([...ending, drained]);
  }

  private turn(priority: Priority, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        reject(new OpsError('cancelled', {}));
      };
      const waiting: Waiting = {
        priority,
        proceed: () => {
          signal.removeEventListener('abort', cancel);
          resolve();
        },
      };
      signal.addEventListener('abort', cancel, { once: true });
      const behind = this.waiting.findIndex((other) => urgency.indexOf(other.priority) > urgency.indexOf(priority));
      this.waiting.splice(behind === -1 ? this.waiting.length : behind, 0, waiting);
    });
  }

  private giveTurn(): void {
    const next = this.waiting.shift();
    if (next !== undefined) {
      next.proceed();
      return;
    }
    this.busy--;
    if (this.busy === 0) {
      this.drained.splice(0).forEach((resolve) => resolve());
    }
  }

  private async takeIdle(): Promise<OpenConnection | undefined> {
    for (let [next] = this.idle; next !== undefined; [next] = this.idle) {
      const [connection, { timer, settled }] = next;
      timer.abort();
      this.idle.delete(connection);
      await settled;
      if (!connection.lost) {
        return connection;
      }
    }
    return undefined;
  }

  private keep(connection: OpenConnection, settled: Promise<void>): void {
    const timer = new AbortController();
    this.idle.set(connection, { timer, settled });
    this.needs.clock.sleep(idleMs, timer.signal).then(
      () => {
        this.idle.delete(connection);
        void connection.end();
      },
      () => {},
    );
  }
}
