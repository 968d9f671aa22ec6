import { Emitter } from '../../util/event.ts';
import type { LogFilter } from './log.ts';

/** Another filter, and another span if it says one: without `from` it is read again from where the tail began. */
export interface Reread {
  readonly filter: LogFilter;
  readonly from?: number;
  readonly until?: number;
  readonly lines?: number;
}

/** The reins of a tail that runs: it looks at them before each question, and a change ends its rest. */
export class TailControl {
  private readonly changed = new Emitter<void>();
  private wanted: Reread | undefined;
  private held = false;
  private changes = 0;
  readonly onDidChange = this.changed.event;

  get paused(): boolean {
    return this.held;
  }

  /** Counts the changes. */
  get revision(): number {
    return this.changes;
  }

  pause(): void {
    this.hold(true);
  }

  /** Goes on where it stopped: what came meanwhile is read first. */
  resume(): void {
    this.hold(false);
  }

  /** Also while paused: then the past is read again, and nothing after it. */
  reread(wanted: Reread): void {
    this.wanted = wanted;
    this.change();
  }

  /** There is something to read: the next question is asked now. */
  nudge(): void {
    this.change();
  }

  /** What was asked for since the last time; the tail's own question. */
  take(): Reread | undefined {
    const { wanted } = this;
    this.wanted = undefined;
    return wanted;
  }

  private hold(held: boolean): void {
    if (this.held !== held) {
      this.held = held;
      this.change();
    }
  }

  private change(): void {
    this.changes++;
    this.changed.fire();
  }
}
