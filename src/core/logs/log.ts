import type { LogPattern } from './pattern.ts';

/** Where log lines come from: the `source` column of the hosted `logs` table. */
export const logSources = {
  functions: 'function_logs',
  invocations: 'function_edge_logs',
  postgres: 'postgres_logs',
  auth: 'auth_logs',
  authAudit: 'auth_audit_logs',
  api: 'edge_logs',
  rest: 'postgrest_logs',
  storage: 'storage_logs',
  realtime: 'realtime_logs',
  pooler: 'supavisor_logs',
} as const;

export type LogService = keyof typeof logSources;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line, whichever dialect it was read with. All text is outside text. */
export interface LogLine {
  /** Unique within the project; what an overlapping read is de-duplicated by. */
  readonly id: string;
  /** The event's own time, epoch milliseconds UTC. */
  readonly time: number;
  readonly service: LogService;
  readonly level: LogLevel;
  readonly message: string;
  /** Present where the service has them: the function's id, the execution, the deployed version, HTTP status and duration. */
  readonly functionId?: string;
  readonly executionId?: string;
  readonly version?: string;
  readonly region?: string;
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly durationMs?: number;
  /** The platform's own code of a failed call, its answer's header `sb-error-code`. */
  readonly errorCode?: string;
}

export interface LogFilter {
  readonly services: readonly LogService[];
  /** Function ids (uuids from the functions list, not slugs); absent means all functions. */
  readonly functionIds?: readonly string[];
  readonly levels?: readonly LogLevel[];
  /** Lines that contain this text, whatever the case. */
  readonly text?: string;
  readonly pattern?: LogPattern;
  /** Lines with an HTTP status in one of these ranges; a line without a status is in none. */
  readonly statuses?: readonly StatusRange[];
  /** Requests whose path contains this, whatever the case. */
  readonly path?: string;
  readonly executionId?: string;
  /** Lines of this deployed version. */
  readonly version?: string;
}

/** HTTP statuses, both ends included: 500 to 599 is `5xx`. */
export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** A read window, epoch milliseconds, `from` included; at most 24 hours. */
export interface LogWindow {
  readonly from: number;
  readonly to: number;
}

/** Where a tail stands: lines after it, in (time, id) order, are new. */
export interface LogCursor {
  readonly time: number;
  readonly id: string;
}

/** The order of lines: by time, then by id. */
export function compareLines(a: LogCursor, b: LogCursor): number {
  return a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The invocations of one version of a function in a window. */
export interface FunctionStatistics {
  readonly functionId: string;
  /** As the log tells it; absent where it does not. */
  readonly version?: string;
  readonly requests: number;
  /** Answers with a status of 500 or more. */
  readonly errors: number;
  /** 95th percentile of the execution time in milliseconds; absent when no invocation told its time. */
  readonly p95Ms?: number;
}
