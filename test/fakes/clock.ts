import { OpsError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Stands still until {@link advance}; sleepers wake in the order of their times, each seeing its own. */
export class FakeClock implements Clock {
  private time: number;
  private sleepers: Sleeper[] = [];

  constructor(time = Date.UTC(2026, 10, 20, 9, 0, 0)) {
    this.time = time;
  }

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new OpsError('cancelled', {}));
        return;
      }
      const cancel = () => {
        this.sleepers = this.sleepers.filter(({ wake }) => wake !== sleeper.wake);
        reject(new OpsError('cancelled', {}));
      };
      const sleeper: Sleeper = {
        at: this.time + milliseconds,
        wake: () => {
          signal.removeEventListener('abort', cancel);
          resolve();
        },
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.sleepers.push(sleeper);
    });
  }

  /** How many wait. */
  get sleeping(): number {
    return this.sleepers.length;
  }

  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (let next = this.earliest(end); next; next = this.earliest(end)) {
      this.time = Math.max(this.time, next.at);
      this.sleepers = this.sleepers.filter((other) => other !== next);
      next.wake();
      await settle();
    }
    this.time = end;
  }

  /** The machine slept: whoever was to be woken meanwhile wakes now, all at the same late time. */
  async suspend(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    await this.advance(0);
  }

  /** Somebody set the clock forward, or back: sleepers sleep on for as long as they would have. */
  set(milliseconds: number): void {
    this.time += milliseconds;
    this.sleepers = this.sleepers.map(({ at, wake }) => ({ at: at + milliseconds, wake }));
  }

  private earliest(end: number): Sleeper | undefined {
    return this.sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
