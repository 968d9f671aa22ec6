import { OpsError } from '../../core/errors.ts';
import { buildLegacyQuery, legacyPageSize, matchesFilter, readLegacyRow } from '../../core/logs/bigquery.ts';
import { buildLogQuery, buildMessageCountQuery, buildSharedQuery, buildStatisticsQuery, buildVersionsQuery, isFor, largestPage, readLogRow, readMessageCount, readVersionSeen, type LogQuestion } from '../../core/logs/clickhouse.ts';
import { SharedReading } from '../../core/logs/sharedReading.ts';
import type { MessageCount, VersionSeen } from '../../core/logs/errorGroups.ts';
import { compareLines, type FunctionStatistics, type LogFilter, type LogLine, type LogService, type LogWindow } from '../../core/logs/log.ts';
import type { CallOptions, Clock, LogBudget, LogReadOptions, LogStore } from '../../core/ports.ts';
import { defined } from '../../util/defined.ts';
import { Field } from './decode.ts';
import { decodeJson, type ApiRequest, type Transport } from './http.ts';
import { serviceMessage } from './refusal.ts';

const minute = 60_000;
/** It travels in the address, which servers take up to 8 KB of at least; escaped it is about half as long again. */
const longestQuery = 5000;
/** A longer range is refused. */
const longestRange = 24 * 60 * minute;

/** The logs of a hosted project: `GET /v1/projects/{ref}/analytics/endpoints/logs`, ClickHouse SQL. */
export function createHostedLogStore({ transport, ref, clock }: { transport: Transport; ref: string; clock: Pick<Clock, 'now'> }): LogStore {
  return new HostedLogStore(transport, ref, clock);
}

/** The logs of a stack of one's own: Logflare's `logs.all`, BigQuery SQL. The transport carries Logflare's key as `x-api-key`. */
export function createLegacyLogStore({ transport }: { transport: Transport }): LogStore {
  return new LegacyLogStore(transport);
}

class HostedLogStore implements LogStore {
  private readonly transport: Transport;
  private readonly ref: string;
  private readonly shared: SharedReading;

  constructor(transport: Transport, ref: string, clock: Pick<Clock, 'now'>) {
    this.transport = transport;
    this.ref = ref;
    this.shared = new SharedReading({
      one: async ({ filter, window }, options) => this.readOne(filter, window, options),
      fit: (questions) => buildSharedQuery(questions).length <= longestQuery && spanOf(questions).to - spanOf(questions).from < longestRange - minute,
      together: async (take, signal) => this.readTogether(take, signal),
      now: () => clock.now(),
    });
  }

  get skewMs(): number {
    return this.transport.skewMs;
  }

  get budget(): LogBudget | undefined {
    return this.transport.used?.(this.ref, 'logs');
  }

  /** What tails ask again and again is asked together. */
  async read(filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<readonly LogLine[]> {
    const repeats = options.priority === 'tail' && options.order === 'oldest' && !options.after && options.limit === largestPage;
    return repeats ? this.shared.ask({ filter, window }, options) : this.readOne(filter, window, options);
  }

  private async readTogether(take: () => readonly LogQuestion[], signal: AbortSignal): Promise<readonly (readonly LogLine[])[] | undefined> {
    const asking = () => {
      const [first, ...others] = take();
      if (!first) {
        throw new OpsError('cancelled', {});
      }
      return { sql: others.length === 0 ? buildLogQuery(first.filter, first.window, { order: 'oldest', limit: largestPage }) : buildSharedQuery([first, ...others]), window: spanOf([first, ...others]) };
    };
    const rows = await this.query('read logs', asking, { signal, priority: 'tail' });
    const questions = take();
    if (questions.length === 1) {
      return [rows.map(readLogRow).filter((line) => line !== undefined)];
    }
    return rows.length >= largestPage ? undefined : questions.map((_, index) => rows.filter((row) => isFor(row, index)).map(readLogRow).filter((line) => line !== undefined));
  }

  private async readOne(filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<LogLine[]> {
    const rows = await this.query('read logs', () => ({ sql: buildLogQuery(filter, window, options), window }), options);
    const lines = rows.map(readLogRow).filter((line) => line !== undefined);
    return options.order === 'newest' ? lines.reverse() : lines;
  }

  async functionStatistics(window: LogWindow, options: CallOptions): Promise<Map<string, FunctionStatistics[]>> {
    const statistics = new Map<string, FunctionStatistics[]>();
    let last: { readonly functionId: string; readonly version: string } | undefined;
    do {
      const rows = await this.query('read the statistics of functions', () => ({ sql: buildStatisticsQuery(window, last), window }), options);
      for (const row of rows) {
        const one = toStatistics(new Field(row, 'read the statistics of functions'));
        statistics.set(one.functionId, [...(statistics.get(one.functionId) ?? []), one]);
        last = { functionId: one.functionId, version: one.version ?? '' };
      }
      last = rows.length === largestPage ? last : undefined;
    } while (last !== undefined);
    return statistics;
  }

  async messageCounts(filter: LogFilter, window: LogWindow, options: CallOptions): Promise<MessageCount[]> {
    const rows = await this.query('count log messages', () => ({ sql: buildMessageCountQuery(filter, window), window }), options);
    return rows.map(readMessageCount).filter((count) => count !== undefined);
  }

  async versionsSeen(filter: Pick<LogFilter, 'functionIds'>, window: LogWindow, options: CallOptions): Promise<VersionSeen[]> {
    const rows = await this.query('look for versions of functions', () => ({ sql: buildVersionsQuery(filter, window), window }), options);
    return rows.map(readVersionSeen).filter((seen) => seen !== undefined);
  }

  private query(operation: string, asking: () => { readonly sql: string; readonly window: LogWindow }, options: CallOptions): Promise<Record<string, unknown>[]> {
    const path = `/v1/projects/${this.ref}/analytics/endpoints/logs`;
    const query = () => {
      const { sql, window } = asking();
      return { sql, ...wholeMinutes(window) };
    };
    const request = { operation, path, ref: this.ref, budget: 'logs', query } as const;
    return sendLogQuery(this.transport, request, options);
  }
}

function spanOf(questions: readonly LogQuestion[]): LogWindow {
  return { from: Math.min(...questions.map(({ window }) => window.from)), to: Math.max(...questions.map(({ window }) => window.to)) };
}

/**
 * The endpoint rounds both ends to the minute, so they are sent as whole minutes around the window, and the SQL holds the exact
 * ends. Rounded down, the newest lines would stay unseen for up to a minute.
 */
function wholeMinutes({ from, to }: LogWindow): { iso_timestamp_start: string; iso_timestamp_end: string } {
  const end = Math.ceil(to / minute) * minute;
  const start = Math.max(Math.floor(from / minute) * minute, end - longestRange);
  return { iso_timestamp_start: new Date(start).toISOString(), iso_timestamp_end: new Date(end).toISOString() };
}

function toStatistics(row: Field): FunctionStatistics {
  return {
    functionId: row.at('function_id').text(),
    ...defined({ version: row.at('version').optionalText() || undefined }),
    requests: row.at('requests').number(),
    errors: row.at('errors').number(),
    ...defined({ p95Ms: row.at('p95_ms').optionalNumber() }),
  };
}

class LegacyLogStore implements LogStore {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  get skewMs(): number {
    return this.transport.skewMs;
  }

  /** Queries for each service, merged: the dialect has a table for each. */
  async read(filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<LogLine[]> {
    const perService = await Promise.all(filter.services.map(async (service) => this.readService(service, filter, window, options)));
    const lines = perService.flat().sort(compareLines);
    return options.order === 'newest' ? lines.slice(-options.limit) : lines.slice(0, options.limit);
  }

  /** Page by page, since much of a page may not be what the filter asks for: a short answer must mean that there is no more. */
  private async readService(service: LogService, filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<LogLine[]> {
    const found = new Map<string, LogLine>();
    const full = legacyPageSize(filter, options);
    // Lines of the cursor's own millisecond come again and are left out below.
    let piece: LogWindow | undefined = { from: Math.max(window.from, options.after?.time ?? 0), to: window.to };
    while (piece) {
      const rows = await this.page(service, filter, piece, options);
      for (const line of rows) {
        if (matchesFilter(line, filter, window, options.after)) {
          found.set(line.id, line);
        }
      }
      piece = rows.length < full || found.size >= options.limit ? undefined : rest(piece, rows, options.order);
    }
    return [...found.values()];
  }

  private async page(service: LogService, filter: LogFilter, { from, to }: LogWindow, options: LogReadOptions): Promise<LogLine[]> {
    const request = {
      operation: 'read logs',
      path: '/api/endpoints/query/logs.all',
      missing: 'The log endpoint',
      budget: 'logs',
      query: {
        project: 'default',
        iso_timestamp_start: new Date(from).toISOString(),
        iso_timestamp_end: new Date(to).toISOString(),
        sql: buildLegacyQuery(service, filter, options),
      },
    } as const;
    const rows = await sendLogQuery(this.transport, request, options);
    return rows.map((row) => readLegacyRow(service, row)).filter((line) => line !== undefined);
  }
}

/** What is left of a window after a page of it, with the millisecond at which the page broke off; `undefined` when no time is left. */
function rest({ from, to }: LogWindow, page: readonly LogLine[], order: LogReadOptions['order']): LogWindow | undefined {
  const times = page.map(({ time }) => time);
  const next = order === 'newest' ? { from, to: Math.min(...times) + 1 } : { from: Math.max(...times), to };
  return times.length === 0 || next.to - next.from >= to - from || next.to <= next.from ? undefined : next;
}

/** Rows of an answer; an `error` may come with status 200 and `result: null`. */
async function sendLogQuery(transport: Transport, request: Omit<ApiRequest, 'method'>, options: CallOptions): Promise<Record<string, unknown>[]> {
  const { operation } = request;
  const answer = new Field(decodeJson(await transport.send({ ...request, method: 'GET' }, options), operation), operation);
  const error = answer.at('error');
  if (error.present) {
    throw toLogError(error.value, operation);
  }
  return answer
    .at('result')
    .list()
    .map((row) => {
      row.at('id');
      return row.value as Record<string, unknown>;
    });
}

/** A text, or `{code, errors, message, status}` with an HTTP status in `code`. */
function toLogError(error: unknown, operation: string): OpsError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? Number(error.code) : NaN;
  const message = serviceMessage(JSON.stringify({ message: error }), []);
  switch (code) {
    case 402:
      return new OpsError('allowanceExhausted', { operation, message });
    case 429:
      return new OpsError('rateLimited', { operation, retryAfterSeconds: minute / 1000 });
    default:
      return new OpsError('serviceFailed', { operation, status: code >= 400 && code < 600 ? code : 200, message });
  }
}
