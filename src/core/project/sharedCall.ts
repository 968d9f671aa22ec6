import { OpsError, throwIfCancelled } from '../errors.ts';

/**
 * One call that several callers wait for, each until its own signal aborts: who gives up takes the answer from nobody else. When
 * nobody waits any more, the call itself is aborted.
 */
export class SharedCall<T> {
  readonly outcome: Promise<T>;
  private readonly controller = new AbortController();
  private waiting = 0;

  constructor(call: (signal: AbortSignal) => Promise<T>) {
    this.outcome = call(this.controller.signal);
  }

  /** Everybody gave up: it will end without an answer. */
  get abandoned(): boolean {
    return this.controller.signal.aborted;
  }

  /** Throws `cancelled` when the caller's own signal aborts, else what the call throws. */
  wait(signal: AbortSignal): Promise<T> {
    throwIfCancelled(signal);
    this.waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting--;
        if (this.waiting === 0) {
          this.controller.abort();
        }
        reject(new OpsError('cancelled', {}));
      };
      const settled = () => signal.removeEventListener('abort', leave);
      signal.addEventListener('abort', leave, { once: true });
      this.outcome.then(resolve, reject);
      this.outcome.then(settled, settled);
    });
  }
}
