/** Ends a running statement on the server: when the signal aborts, or when its time is up. */
import { OpsError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { OpenConnection } from './connection.ts';

export interface InterruptionNeeds {
  readonly connection: OpenConnection;
  readonly signal: AbortSignal;
  /** Milliseconds until the server is asked to cancel. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** What is thrown when the time is up. */
  readonly timedOut: () => OpsError;
}

/** A server that does not answer a cancel request is not waited for. */
const graceMs = 3_000;

export class Interruption {
  private readonly needs: InterruptionNeeds;
  private readonly over = new AbortController();
  private why: 'cancelled' | 'timedOut' | undefined;
  private cancelling: Promise<void> = Promise.resolve();

  constructor(needs: InterruptionNeeds) {
    this.needs = needs;
    needs.signal.addEventListener('abort', this.onAbort);
    needs.clock.sleep(needs.timeoutMs, this.over.signal).then(
      () => this.interrupt('timedOut'),
      () => {},
    );
    if (needs.signal.aborted) {
      this.onAbort();
    }
  }

  /** The server was asked: the connection is not used again, since the request may reach it late. */
  get happened(): boolean {
    return this.why !== undefined;
  }

  /** The server has looked at the request to cancel; at once without one. */
  get settled(): Promise<void> {
    return this.cancelling;
  }

  /** Instead of what the statement threw, whose reason this was. */
  error(): OpsError | undefined {
    switch (this.why) {
      case 'cancelled':
        return new OpsError('cancelled', {});
      case 'timedOut':
        return this.needs.timedOut();
      case undefined:
        return undefined;
      default:
        return this.why satisfies never;
    }
  }

  dispose(): void {
    this.needs.signal.removeEventListener('abort', this.onAbort);
    this.over.abort();
  }

  private readonly onAbort = (): void => this.interrupt('cancelled');

  private interrupt(why: 'cancelled' | 'timedOut'): void {
    if (this.why !== undefined || this.over.signal.aborted) {
      return;
    }
    this.why = why;
    const { connection, clock } = this.needs;
    this.cancelling = connection.cancel();
    clock.sleep(graceMs, this.over.signal).then(
      () => connection.destroy(),
      () => {},
    );
  }
}
