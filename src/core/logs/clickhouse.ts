/**
 * Log queries in the dialect of the hosted service: ClickHouse SQL over one table `logs` (id, timestamp, event_message,
 * severity_text, source, log_attributes), columns named, `limit` at most 1000.
 * https://supabase.com/docs/guides/observability/advanced-log-filtering
 */
import { defined } from '../../util/defined.ts';
import type { MessageCount, VersionSeen } from './errorGroups.ts';
import { logSources, type LogCursor, type LogFilter, type LogLevel, type LogLine, type LogService, type LogWindow } from './log.ts';
import { toRe2 } from './pattern.ts';
import { toLogLine, type RawLogRow } from './rawLogRow.ts';

export const largestPage = 1000;

export interface LogPage {
  readonly limit: number;
  readonly order: 'oldest' | 'newest';
  readonly after?: LogCursor;
}

/** A text as a literal: `'` is doubled, and so is `\`, which would start an escape. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

const time = 'toUnixTimestamp64Milli(timestamp)';
const attribute = (key: string) => `log_attributes[${literal(key)}]`;

/** Keys of `log_attributes` by the column they become: https://supabase.com/docs/guides/observability/log-field-reference */
const columns: Readonly<Record<string, Partial<Record<LogService, string>>>> = {
  function_id: { functions: 'function_id', invocations: 'function_id' },
  execution_id: { functions: 'execution_id', invocations: 'execution_id' },
  version: { functions: 'version', invocations: 'version' },
  region: { functions: 'region', invocations: 'response.headers.x_sb_edge_region' },
  method: { invocations: 'request.method', api: 'request.method' },
  path: { invocations: 'request.pathname', api: 'request.path', auth: 'path' },
  status: { invocations: 'response.status_code', api: 'response.status_code', auth: 'status' },
  duration_ms: { invocations: 'execution_time_ms', api: 'response.origin_time' },
  error_code: { invocations: 'response.headers.sb_error_code' },
  message: { auth: 'msg', authAudit: 'msg' },
};

/** The first of several attributes that a row has; a map answers the empty text for a key it lacks. */
function firstOf(expressions: readonly string[]): string {
  const [first = "''", ...rest] = expressions;
  return rest.length === 0 ? first : `multiIf(${first} != '', ${first}, ${firstOf(rest)})`;
}

const levelWord = `lower(${firstOf([attribute('level'), attribute('parsed.error_severity'), 'severity_text'])})`;
const statusCode = `toInt32OrZero(${firstOf([attribute('response.status_code'), attribute('status')])})`;

/** Consoles, Auth and Postgres name a level; where there is an HTTP status it decides as well. The same rules as `levelOf`. */
const level = [
  `multiIf(${levelWord} in ('error', 'fatal', 'panic', 'critical', 'alert', 'emergency') or ${statusCode} >= 500, 'error'`,
  `${levelWord} in ('warn', 'warning') or ${statusCode} >= 400, 'warn'`,
  `startsWith(${levelWord}, 'debug') or ${levelWord} = 'trace', 'debug', 'info')`,
].join(', ');

/** What lines have to be like, and the window. */
function conditionsOf(filter: LogFilter, window: LogWindow): string[] {
  return [
    oneOf(filter.services.map((service) => sourceCondition(service, filter))),
    `${time} >= ${Math.floor(window.from)} and ${time} < ${Math.ceil(window.to)}`,
    ...lineConditions(filter),
  ];
}

/** One page of lines. A full page may have more behind it: ask again after its last line. */
export function buildLogQuery(filter: LogFilter, window: LogWindow, page: LogPage): string {
  const conditions = [...conditionsOf(filter, window), ...(page.after ? [afterCursor(page.after)] : [])];
  const direction = page.order === 'newest' ? 'desc' : 'asc';
  return [
    selectionOf(filter.services),
    `from logs where ${conditions.join(' and ')}`,
    `order by ts_ms ${direction}, id ${direction} limit ${Math.min(largestPage, Math.max(1, Math.floor(page.limit)))}`,
  ].join(' ');
}

function selectionOf(services: readonly LogService[]): string {
  const selected = Object.entries(columns).flatMap(([name, keys]) => {
    const own = [...new Set(services.map((service) => keys[service]).filter((key) => key !== undefined))];
    return own.length === 0 ? [] : [`${firstOf(own.map(attribute))} as ${name}`];
  });
  return `select id, ${time} as ts_ms, source, ${level} as level, event_message${selected.map((column) => `, ${column}`).join('')}`;
}

/** Which lines somebody wants. */
export interface LogQuestion {
  readonly filter: LogFilter;
  readonly window: LogWindow;
}

/**
 * Lines for several questions at once, oldest first, a whole page: one scan in the place of many. Each row tells in a column for whom it is,
 * see {@link isFor}, so that what a filter means stays the service's business. ClickHouse takes the names of columns in conditions too,
 * which keeps the query short enough for an address.
 */
export function buildSharedQuery(questions: readonly LogQuestion[]): string {
  const services = [...new Set(questions.flatMap(({ filter }) => filter.services))];
  const marks = questions.map(({ filter, window }, index) => `(${conditionsOf(filter, window).join(' and ').replaceAll(level, 'level')}) as ${markOf(index)}`);
  return `${selectionOf(services)}, ${marks.join(', ')} from logs where ${oneOf(questions.map((_, index) => markOf(index)))} order by ts_ms asc, id asc limit ${largestPage}`;
}

/** Whether a row of {@link buildSharedQuery} answers the question with this index. */
export function isFor(row: Readonly<Record<string, unknown>>, index: number): boolean {
  return ['1', 'true'].includes(String(row[markOf(index)]));
}

const markOf = (index: number) => `for_${index}`;

function lineConditions({ levels, text, pattern, statuses, path, executionId, version }: LogFilter): string[] {
  const paths = firstOf([...new Set(Object.values(columns['path'] ?? {}))].map(attribute));
  return [
    ...(levels ? [levelCondition(levels)] : []),
    ...(text ? [contains('event_message', text)] : []),
    ...(pattern ? [`match(event_message, ${literal(toRe2(pattern))})`] : []),
    ...(statuses ? [oneOf(statuses.map(({ from, to }) => `(${statusCode} >= ${from} and ${statusCode} <= ${to})`))] : []),
    ...(path ? [contains(paths, path)] : []),
    ...(executionId === undefined ? [] : [`${attribute('execution_id')} = ${literal(executionId)}`]),
    ...(version === undefined ? [] : [`${attribute('version')} = ${literal(version)}`]),
  ];
}

function contains(expression: string, text: string): string {
  return `positionCaseInsensitiveUTF8(${expression}, ${literal(text)}) > 0`;
}

function oneOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? 'false' : `(${conditions.join(' or ')})`;
}

/** Only functions have function ids: the filter must not hide the lines of other services that are shown with them. */
function sourceCondition(service: LogService, { functionIds }: LogFilter): string {
  const source = `source = ${literal(logSources[service])}`;
  if (functionIds === undefined || !('functions' === service || 'invocations' === service)) {
    return source;
  }
  const ids = oneOf(functionIds.map((id) => `${attribute('function_id')} = ${literal(id)}`));
  return `(${source} and ${ids})`;
}

function afterCursor({ time: at, id }: LogCursor): string {
  return `(${time} > ${at} or (${time} = ${at} and id > ${literal(id)}))`;
}

function levelCondition(levels: readonly LogLevel[]): string {
  return levels.length === 0 ? 'false' : `${level} in (${levels.map(literal).join(', ')})`;
}

const serviceOf = new Map(Object.entries(logSources).map(([service, source]) => [source as string, service as LogService]));

/** `undefined` for a row that is no line: without an id or a time, or of a source that nobody asked for. */
export function readLogRow(row: Readonly<Record<string, unknown>>): LogLine | undefined {
  const service = serviceOf.get(String(row['source']));
  const at = Number(row['ts_ms']);
  if (service === undefined || typeof row['id'] !== 'string' || row['ts_ms'] === null || !Number.isFinite(at)) {
    return undefined;
  }
  const raw: RawLogRow = { ...row, id: row['id'], time: at };
  return toLogLine(service, raw);
}

/** All functions in one query, each version by itself; `after` continues where a full page ended. Numbers as the dashboard's last-hour statistics. */
export function buildStatisticsQuery(window: LogWindow, after?: { readonly functionId: string; readonly version: string }): string {
  const id = attribute('function_id');
  const version = attribute('version');
  const isNext = after === undefined ? `${id} != ''` : `(${id} > ${literal(after.functionId)} or ${id} = ${literal(after.functionId)} and ${version} > ${literal(after.version)})`;
  const duration = `toFloat64OrZero(${attribute('execution_time_ms')})`;
  return [
    `select ${id} as function_id, ${version} as version, count(distinct id) as requests,`,
    `count(distinct case when toInt32OrZero(${attribute('response.status_code')}) >= 500 then id end) as errors,`,
    `quantileIf(0.95)(${duration}, ${attribute('execution_time_ms')} != '') as p95_ms`,
    `from logs where source = 'function_edge_logs' and ${isNext}`,
    `and ${time} >= ${Math.floor(window.from)} and ${time} < ${Math.ceil(window.to)}`,
    `group by function_id, version order by function_id, version limit ${largestPage}`,
  ].join(' ');
}

/** A stack says little after its first lines, and a thousand whole ones would be ten megabytes. */
const countedCharacters = 2000;

/** How often each message occurred, by function and version; the most frequent ones. One scan counts what pages of lines could not hold. */
export function buildMessageCountQuery(filter: LogFilter, window: LogWindow): string {
  return [
    `select source, ${attribute('function_id')} as function_id, ${attribute('version')} as version, substringUTF8(event_message, 1, ${countedCharacters}) as message,`,
    `${statusCode} as status, ${attribute('response.headers.sb_error_code')} as error_code,`,
    `count(distinct id) as occurrences, min(${time}) as first_ms, max(${time}) as last_ms`,
    `from logs where ${conditionsOf(filter, window).join(' and ')}`,
    `group by source, function_id, version, message, status, error_code order by occurrences desc, last_ms desc limit ${largestPage}`,
  ].join(' ');
}

/** `undefined` for a row that counts nothing. */
export function readMessageCount(row: Readonly<Record<string, unknown>>): MessageCount | undefined {
  const service = serviceOf.get(String(row['source']));
  const status = Number(row['status']) || undefined;
  const [count, first, last] = [row['occurrences'], row['first_ms'], row['last_ms']].map(Number);
  if (service === undefined || !isNumber(count) || !isNumber(first) || !isNumber(last)) {
    return undefined;
  }
  return { service, ...defined({ functionId: filled(row['function_id']), version: filled(row['version']), status, errorCode: filled(row['error_code']) }), message: String(row['message'] ?? ''), count, first, last };
}

/** Which versions of functions ran: those that were called, and those that printed something. */
export function buildVersionsQuery(filter: Pick<LogFilter, 'functionIds'>, window: LogWindow): string {
  return [
    `select ${attribute('function_id')} as function_id, ${attribute('version')} as version, min(${time}) as first_ms, max(${time}) as last_ms`,
    `from logs where ${conditionsOf({ services: ['functions', 'invocations'], ...filter }, window).join(' and ')} and ${attribute('version')} != ''`,
    `group by function_id, version order by function_id, version limit ${largestPage}`,
  ].join(' ');
}

export function readVersionSeen(row: Readonly<Record<string, unknown>>): VersionSeen | undefined {
  const [functionId, version, first, last] = [filled(row['function_id']), filled(row['version']), Number(row['first_ms']), Number(row['last_ms'])];
  return functionId === undefined || version === undefined || !isNumber(first) || !isNumber(last) ? undefined : { functionId, version, first, last };
}

function filled(value: unknown): string | undefined {
  return value === null || value === undefined || value === '' ? undefined : String(value);
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}
