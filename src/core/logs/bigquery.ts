/**
 * Log queries in the old dialect, which the Logflare of local and self-hosted stacks speaks: a table per source whose `metadata` is a
 * list to be unnested, timestamps in microseconds. The hosted service gave it up on 2026-09-23.
 *
 * The window travels in the endpoint's parameters. Whatever this SQL does not say, {@link matchesFilter} decides afterwards, so it
 * holds only what BigQuery and the translation to Postgres understand alike.
 */
import { compareLines, logSources, type LogCursor, type LogFilter, type LogLine, type LogService, type LogWindow } from './log.ts';
import { largestPage, type LogPage } from './clickhouse.ts';
import { toRegExp } from './pattern.ts';
import { toLogLine } from './rawLogRow.ts';

interface Source {
  /** Expression by column. */
  readonly columns: Readonly<Record<string, string>>;
  /** What follows the table. */
  readonly joins: string;
}

const metadata = 'cross join unnest(metadata) as m';
const plain: Source = { columns: {}, joins: '' };
const perFunction = { function_id: 'm.function_id', execution_id: 'm.execution_id', version: 'm.version' };
const perRequest = { method: 'request.method', status: 'response.status_code' };
const request = 'cross join unnest(m.request) as request cross join unnest(m.response) as response';

/** After the queries of Supabase's MCP server for this dialect. */
const sources: Readonly<Record<LogService, Source>> = {
  functions: { columns: { level: 'm.level', region: 'm.region', ...perFunction }, joins: metadata },
  invocations: {
    columns: { ...perFunction, ...perRequest, path: 'request.pathname', duration_ms: 'm.execution_time_ms' },
    joins: `${metadata} ${request}`,
  },
  postgres: { columns: { level: 'parsed.error_severity' }, joins: `${metadata} cross join unnest(m.parsed) as parsed` },
  api: { columns: { ...perRequest, path: 'request.path' }, joins: `${metadata} ${request}` },
  auth: { columns: { level: 'm.level', status: 'm.status', path: 'm.path', message: 'm.msg' }, joins: metadata },
  authAudit: plain,
  rest: plain,
  storage: plain,
  realtime: plain,
  pooler: plain,
};

/** One page of one service, as large as can be when lines are told apart afterwards. */
export function buildLegacyQuery(service: LogService, filter: LogFilter, page: Pick<LogPage, 'limit' | 'order'>): string {
  const table = logSources[service];
  const limit = legacyPageSize(filter, page);
  const { columns, joins } = sources[service];
  const conditions = [...functionCondition(service, filter), ...textCondition(filter.text)];
  const selected = Object.entries(columns).map(([name, expression]) => `, ${expression} as ${name}`);
  return [
    `select ${table}.id, ${table}.timestamp, event_message${selected.join('')} from ${table}`,
    joins,
    conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`,
    `order by timestamp ${page.order === 'newest' ? 'desc' : 'asc'} limit ${limit}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** How many rows a query asks for; fewer that come are all there are. */
export function legacyPageSize(filter: LogFilter, page: Pick<LogPage, 'limit'>): number {
  return decidedAfterwards(filter) ? largestPage : page.limit;
}

function decidedAfterwards({ levels, pattern, statuses, path, executionId, version }: LogFilter): boolean {
  return [levels, pattern, statuses, path, executionId, version].some((condition) => condition !== undefined);
}

function functionCondition(service: LogService, { functionIds }: LogFilter): string[] {
  const ids = functionIds?.filter((id) => /^[\w-]+$/.test(id));
  const own = 'function_id' in sources[service].columns;
  return own && ids !== undefined && ids.length > 0 ? [`m.function_id in (${ids.map((id) => `'${id}'`).join(', ')})`] : [];
}

/** How quotes are escaped is not the same on both sides, so the longest part without any is looked for. */
function textCondition(text: string | undefined): string[] {
  const parts = (text ?? '').toLowerCase().split(/['\\?%:@]/);
  const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), '');
  return longest === '' ? [] : [`strpos(lower(event_message), '${longest}') > 0`];
}

/** `undefined` for a row without an id or a time. */
export function readLegacyRow(service: LogService, row: Readonly<Record<string, unknown>>): LogLine | undefined {
  const micros = Number(row['timestamp']);
  if (typeof row['id'] !== 'string' || row['timestamp'] === null || !Number.isFinite(micros)) {
    return undefined;
  }
  return toLogLine(service, { ...row, id: row['id'], time: Math.floor(micros / 1000) });
}

/** Whether a line is one that is asked for: what a dialect's SQL does not say is decided here. */
export function matchesFilter(line: LogLine, filter: LogFilter, window: LogWindow, after?: LogCursor): boolean {
  const within = line.time >= window.from && line.time < window.to && (after === undefined || compareLines(line, after) > 0);
  return within && matchesOrigin(line, filter) && matchesContent(line, filter);
}

function matchesOrigin(line: LogLine, { functionIds, executionId, version }: LogFilter): boolean {
  const ofFunctions = line.service === 'functions' || line.service === 'invocations';
  return (
    (functionIds === undefined || !ofFunctions || functionIds.includes(line.functionId ?? '')) &&
    (executionId === undefined || line.executionId === executionId) &&
    (version === undefined || line.version === version)
  );
}

function matchesContent({ level, message, path, status }: LogLine, filter: LogFilter): boolean {
  const contains = (whole: string, part: string | undefined) => part === undefined || whole.toLowerCase().includes(part.toLowerCase());
  return (
    (filter.levels === undefined || filter.levels.includes(level)) &&
    contains(message, filter.text) &&
    contains(path ?? '', filter.path) &&
    (filter.pattern === undefined || toRegExp(filter.pattern).test(message)) &&
    (filter.statuses === undefined || filter.statuses.some(({ from, to }) => status !== undefined && status >= from && status <= to))
  );
}
