import { defined } from '../../util/defined.ts';
import type { LogLevel, LogLine, LogService } from './log.ts';

/** A row with the names that the queries of both dialects give their columns; values are outside text, or numbers. */
export interface RawLogRow {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly level?: unknown;
  readonly event_message?: unknown;
  readonly message?: unknown;
  readonly function_id?: unknown;
  readonly execution_id?: unknown;
  readonly version?: unknown;
  readonly region?: unknown;
  readonly method?: unknown;
  readonly path?: unknown;
  readonly status?: unknown;
  readonly duration_ms?: unknown;
  readonly error_code?: unknown;
}

export function toLogLine(service: LogService, row: RawLogRow): LogLine {
  const status = toNumber(row.status);
  return {
    id: row.id,
    time: row.time,
    service,
    level: levelOf(toText(row.level), status),
    message: toText(row.event_message) ?? toText(row.message) ?? '',
    ...defined({
      functionId: toText(row.function_id),
      executionId: toText(row.execution_id),
      version: toText(row.version),
      region: toText(row.region),
      method: toText(row.method),
      path: toText(row.path),
      status,
      durationMs: toNumber(row.duration_ms),
      errorCode: toText(row.error_code),
    }),
  };
}

/** Levels as consoles, Auth and Postgres spell them; an HTTP status of 400 or more is heard as well. */
export function levelOf(word: string | undefined, status: number | undefined): LogLevel {
  const level = word?.toLowerCase() ?? '';
  if (/^(error|fatal|panic|critical|alert|emergency)$/.test(level) || (status ?? 0) >= 500) {
    return 'error';
  }
  if (/^warn(ing)?$/.test(level) || (status ?? 0) >= 400) {
    return 'warn';
  }
  return level.startsWith('debug') || level === 'trace' ? 'debug' : 'info';
}

/** What a row lacks comes as null, as an absent member, or as the empty text. */
function toText(value: unknown): string | undefined {
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function toNumber(value: unknown): number | undefined {
  const text = toText(value);
  const number = Number(text ?? NaN);
  return Number.isFinite(number) ? number : undefined;
}
