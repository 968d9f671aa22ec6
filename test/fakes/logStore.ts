import { OpsError, throwIfCancelled } from '../../src/core/errors.ts';
import { matchesFilter } from '../../src/core/logs/bigquery.ts';
import { countMessages, type MessageCount, type VersionSeen } from '../../src/core/logs/errorGroups.ts';
import { compareLines, type FunctionStatistics, type LogFilter, type LogLine, type LogWindow } from '../../src/core/logs/log.ts';
import type { CallOptions, LogBudget, LogReadOptions, LogStore } from '../../src/core/ports.ts';

export interface LogRead {
  readonly filter: LogFilter;
  readonly window: LogWindow;
  readonly options: LogReadOptions;
}

/** Keeps lines in memory and answers as the service would: late and twice, when told to. */
export class FakeLogStore implements LogStore {
  skewMs = 0;
  budget: LogBudget | undefined;
  /** What the next answer teaches of the service's clock. */
  trueSkewMs = 0;
  readonly reads: LogRead[] = [];
  private rows: LogLine[] = [];
  private failures: OpsError[] = [];

  /** Rows appear in this order; the same id may come twice. */
  add(...lines: readonly LogLine[]): void {
    this.rows.push(...lines);
  }

  /** The next reads fail, one error each. */
  failNext(...errors: readonly OpsError[]): void {
    this.failures.push(...errors);
  }

  read(filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<readonly LogLine[]> {
    return this.answer(options, () => {
      this.reads.push({ filter, window, options });
      if (window.to - window.from > 24 * 3_600_000 - 60_000) {
        // Rounded to minutes it may be longer than the service takes.
        throw new OpsError('serviceFailed', { operation: 'read logs', status: 400, message: 'The timestamp range must be no more than 24 hours' });
      }
      const lines = this.rows
        .filter((line) => filter.services.includes(line.service) && matchesFilter(line, filter, window, options.after))
        .sort(compareLines);
      return options.order === 'newest' ? lines.slice(-options.limit) : lines.slice(0, options.limit);
    });
  }

  functionStatistics(window: LogWindow, options: CallOptions): Promise<ReadonlyMap<string, readonly FunctionStatistics[]>> {
    return this.answer(options, () => {
      const statistics = new Map<string, FunctionStatistics[]>();
      for (const line of this.rows) {
        if (line.service === 'invocations' && line.functionId !== undefined && line.time >= window.from && line.time < window.to) {
          const { functionId, version } = line;
          const all = statistics.get(functionId) ?? [];
          const { requests, errors } = all.find((one) => one.version === version) ?? { requests: 0, errors: 0 };
          const failed = (line.status ?? 0) >= 500;
          const counted = { functionId, ...(version === undefined ? {} : { version }), requests: requests + 1, errors: errors + (failed ? 1 : 0) };
          statistics.set(functionId, [...all.filter((one) => one.version !== version), counted]);
        }
      }
      return statistics;
    });
  }

  messageCounts(filter: LogFilter, window: LogWindow, options: CallOptions): Promise<readonly MessageCount[]> {
    return this.answer(options, () => countMessages(this.matching(filter, window)));
  }

  versionsSeen(filter: Pick<LogFilter, 'functionIds'>, window: LogWindow, options: CallOptions): Promise<readonly VersionSeen[]> {
    return this.answer(options, () => {
      const counts = countMessages(this.matching({ services: ['functions', 'invocations'], ...filter }, window));
      return counts.flatMap(({ functionId, version, first, last }) => (functionId === undefined || version === undefined ? [] : [{ functionId, version, first, last }]));
    });
  }

  private matching(filter: LogFilter, window: LogWindow): LogLine[] {
    return this.rows.filter((line) => filter.services.includes(line.service) && matchesFilter(line, filter, window));
  }

  private async answer<T>({ signal }: CallOptions, work: () => T): Promise<T> {
    await Promise.resolve();
    throwIfCancelled(signal);
    const failure = this.failures.shift();
    if (failure) {
      throw failure;
    }
    this.skewMs = this.trueSkewMs;
    return work();
  }
}

let made = 0;

/** A line of a function's console, unless said otherwise. */
export function logLine(line: Partial<LogLine> & { readonly time: number }): LogLine {
  made++;
  return { id: `line-${String(made).padStart(6, '0')}`, service: 'functions', level: 'info', message: `message ${made}`, ...line };
}
