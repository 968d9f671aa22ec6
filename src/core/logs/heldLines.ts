import { Emitter } from '../../util/event.ts';
import { throwIfCancelled, type OpsError } from '../errors.ts';
import type { LogReadOptions, LogStore } from '../ports.ts';
import { matchesFilter } from './bigquery.ts';
import { compareLines, type LogFilter, type LogLine, type LogWindow } from './log.ts';

/** So many lines are kept, the newest. */
const mostLines = 20_000;

/** Lines of a source that keeps none itself, such as a program's output: to be followed, filtered and read again like any other. */
export class HeldLines implements LogStore {
  readonly skewMs = 0;
  private lines: LogLine[] = [];
  private failure: OpsError | undefined;
  private drained = false;
  private readonly grown = new Emitter<void>();
  /** More lines, or the end. */
  readonly onDidGrow = this.grown.event;

  add(...lines: readonly LogLine[]): void {
    this.lines.push(...lines);
    if (this.lines.length > mostLines * 1.1) {
      this.lines = this.lines.slice(-mostLines);
    }
    this.grown.fire();
  }

  /** The source has ended; whoever reads on is told why. */
  fail(error: OpsError): void {
    this.failure = error;
    this.grown.fire();
  }

  async read(filter: LogFilter, window: LogWindow, { signal, limit, order, after }: LogReadOptions): Promise<readonly LogLine[]> {
    await Promise.resolve();
    throwIfCancelled(signal);
    // The last lines are given out before the reason why there are no more.
    if (this.failure && this.drained) {
      throw this.failure;
    }
    this.drained = this.failure !== undefined;
    const found = this.lines.filter((line) => filter.services.includes(line.service) && matchesFilter(line, filter, window, after)).sort(compareLines);
    return order === 'newest' ? found.slice(-limit) : found.slice(0, limit);
  }
}
