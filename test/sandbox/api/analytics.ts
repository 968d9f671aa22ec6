import type { LogEngine } from '../types.ts';
import { json, Refusal, text, type Answer } from './answer.ts';
import { databaseOf } from './database.ts';
import type { Route, Visit } from './route.ts';

const path = '/v1/projects/{ref}/analytics/endpoints';
const minute = 60_000;
const day = 24 * 60 * minute;

/** Logs and what is counted from them: SUPABASE.md §2 and §3. */
export const analyticsRoutes: Route[] = [
  { method: 'GET', path: `${path}/logs`, permissions: [['analytics_logs_read']], budget: 'logs', handle: logs },
  {
    method: 'GET',
    path: `${path}/logs.all`,
    permissions: [['analytics_logs_read']],
    budget: 'logs',
    handle: () => {
      throw new Refusal(410, 'This endpoint has been removed. Use GET /v1/projects/{ref}/analytics/endpoints/logs instead.');
    },
  },
  {
    method: 'GET',
    path: `${path}/usage.api-counts`,
    permissions: [['analytics_usage_read']],
    budget: 'usage.api-counts',
    handle: apiCounts,
  },
  {
    method: 'GET',
    path: `${path}/usage.api-requests-count`,
    permissions: [['analytics_usage_read']],
    budget: 'usage.api-requests-count',
    handle: apiRequestsCount,
  },
  {
    method: 'GET',
    path: `${path}/functions.combined-stats`,
    permissions: [['analytics_usage_read']],
    handle: functionStats,
  },
  { method: 'GET', path: `${path}/metrics`, permissions: [['analytics_logs_read']], handle: metrics },
];

/** Without `sql` the endpoint shows the edge log. */
const defaultSql =
  "select id, timestamp, event_message from logs where source = 'edge_logs' order by timestamp desc limit 100";

async function logs(visit: Visit): Promise<Answer> {
  if (visit.project().logAllowanceUsedUp) {
    throw new Refusal(402, 'Logs query allowance exceeded for this billing period');
  }
  const { query } = visit.call;
  const window = logWindow(visit);
  const answer = await logEngine(visit).query(query.get('sql') ?? defaultSql, heldWindow(visit, window));
  return json(200, answer);
}

function logEngine(visit: Visit): LogEngine {
  const { logs: engine } = visit.world.engines;
  if (engine === undefined) {
    throw new Refusal(500, 'Failed to query logs: backend unavailable');
  }
  return engine;
}

/** Of any project but the scenario's own there are no logs: nothing was logged at the epoch. */
function heldWindow(visit: Visit, window: { from: number; to: number }): { from: number; to: number } {
  return visit.project().ref === visit.world.ref ? window : { from: 0, to: 0 };
}

/** The last minute unless both ends are given; at most 24 hours, rounded to the nearest minute. */
function logWindow(visit: Visit): { from: number; to: number } {
  const start = isoDate(visit, 'iso_timestamp_start');
  const end = isoDate(visit, 'iso_timestamp_end');
  if ((start === undefined) !== (end === undefined)) {
    throw new Refusal(400, 'iso_timestamp_start and iso_timestamp_end must be provided together');
  }
  const now = visit.world.now();
  const from = start ?? now - minute;
  const to = end ?? now;
  if (to < from) {
    throw new Refusal(400, 'iso_timestamp_end must be after iso_timestamp_start');
  }
  if (to - from > day) {
    throw new Refusal(400, 'The timestamp range must be no more than 24 hours');
  }
  return { from: Math.round(from / minute) * minute, to: Math.round(to / minute) * minute };
}

function isoDate(visit: Visit, name: string): number | undefined {
  const value = visit.call.query.get(name);
  if (value === null) {
    return undefined;
  }
  const time = Date.parse(value);
  if (Number.isNaN(time) || !/^\d{4}-\d{2}-\d{2}T/.test(value)) {
    throw new Refusal(400, `${name}: Invalid ISO datetime`);
  }
  return time;
}

/** Length of the window and of a bucket in it, in milliseconds. */
const intervals: Record<string, { window: number; bucket: number }> = {
  '15min': { window: 15 * minute, bucket: minute },
  '30min': { window: 30 * minute, bucket: minute },
  '1hr': { window: 60 * minute, bucket: minute },
  '3hr': { window: 180 * minute, bucket: 15 * minute },
  '1day': { window: day, bucket: 60 * minute },
  '3day': { window: 3 * day, bucket: 60 * minute },
  '7day': { window: 7 * day, bucket: day },
};

function interval(visit: Visit, allowed: readonly string[], fallback?: string): { window: number; bucket: number } {
  const name = visit.call.query.get('interval') ?? fallback ?? '';
  const found = intervals[name];
  if (found === undefined || !allowed.includes(name)) {
    throw new Refusal(400, `interval: must be one of ${allowed.join(', ')}`);
  }
  return found;
}

async function apiCounts(visit: Visit): Promise<Answer> {
  const { window, bucket } = interval(visit, Object.keys(intervals), '1day');
  const count = (service: string): string =>
    `countIf(startsWith(log_attributes['request.path'], '/${service}/')) as total_${service}_requests`;
  const columns = ['auth', 'realtime', 'rest', 'storage'].map(count).join(', ');
  const rows = await counted(visit, 'edge_logs', window, `${bucketColumn(bucket)}, ${columns}`, 'group by bucket order by bucket limit 1000');
  return json(200, { result: rows.map(withTimestamp) });
}

async function apiRequestsCount(visit: Visit): Promise<Answer> {
  const rows = await counted(visit, 'edge_logs', day, 'count() as count', 'limit 1');
  return json(200, { result: [{ count: Number(rows[0]?.['count'] ?? 0) }] });
}

/** Columns are not in the contract; these names are what the dashboard's charts read (SUPABASE.md §2, unverified). */
async function functionStats(visit: Visit): Promise<Answer> {
  const { window, bucket } = interval(visit, ['15min', '1hr', '3hr', '1day']);
  const id = visit.call.query.get('function_id') ?? '';
  if (![...visit.project().functions.values()].some((fn) => fn.id === id)) {
    throw new Refusal(400, 'function_id: no function of this project has this id');
  }
  const status = "toInt32OrZero(log_attributes['response.status_code'])";
  const duration = "toFloat64OrZero(log_attributes['execution_time_ms'])";
  const columns = [
    bucketColumn(bucket),
    'count() as requests_count',
    `countIf(${status} between 200 and 299) as success_count`,
    `countIf(${status} between 300 and 399) as redirect_count`,
    `countIf(${status} between 400 and 499) as client_err_count`,
    `countIf(${status} >= 500) as server_err_count`,
    `avg(${duration}) as avg_execution_time`,
    `max(${duration}) as max_execution_time`,
  ];
  const rest = `and log_attributes['function_id'] = '${id}' group by bucket order by bucket limit 1000`;
  return json(200, { result: (await counted(visit, 'function_edge_logs', window, columns.join(', '), rest)).map(withTimestamp) });
}

function bucketColumn(bucket: number): string {
  return `intDiv(toUnixTimestamp64Milli(timestamp), ${bucket}) * ${bucket} as bucket`;
}

type Counts = Record<string, number>;

/** Day by day, since the log endpoint's own engine refuses more at once. */
async function counted(visit: Visit, source: string, window: number, columns: string, rest: string): Promise<Counts[]> {
  const end = Math.ceil(visit.world.now() / minute) * minute;
  const found: Counts[] = [];
  for (let from = end - window; from < end; from += day) {
    const to = Math.min(from + day, end);
    const answer = await logEngine(visit).query(`select ${columns} from logs where source = '${source}' ${rest}`, heldWindow(visit, { from, to }));
    if ('error' in answer) {
      throw new Refusal(500, `Failed to get usage: ${answer.error}`);
    }
    // ClickHouse may write 64-bit numbers as text.
    found.push(...answer.result.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]))));
  }
  return merged(found);
}

/** A bucket that two days share is one. */
function merged(rows: readonly Counts[]): Counts[] {
  const buckets = new Map<number | undefined, Counts>();
  for (const row of rows) {
    const same = buckets.get(row['bucket']);
    buckets.set(row['bucket'], same === undefined ? row : sum(same, row));
  }
  return [...buckets.values()];
}

function sum(a: Counts, b: Counts): Counts {
  return Object.fromEntries(Object.entries(a).map(([name, value]) => [name, name === 'bucket' ? value : value + (b[name] ?? 0)]));
}

function withTimestamp({ bucket, ...counts }: Counts): Record<string, unknown> {
  return { timestamp: new Date(bucket ?? 0).toISOString(), ...counts };
}

const metricsSql = `
  select (select count(*) from pg_stat_activity where backend_type = 'client backend') as backends,
    current_setting('max_connections')::int as most, pg_database_size('postgres') as size,
    (select sum(blks_hit) from pg_stat_database) as hit, (select sum(blks_read) from pg_stat_database) as read`;

/** Prometheus text, every number asked of the database at this moment. */
async function metrics(visit: Visit): Promise<Answer> {
  const database = await databaseOf(visit);
  const answer = await database.query(metricsSql, { readOnly: false });
  const row = 'rows' in answer ? answer.rows[0] : undefined;
  if (row === undefined) {
    throw new Refusal(500, 'Failed to scrape metrics');
  }
  const label = `{supabase_project_ref="${visit.project().ref}"}`;
  const lines = [
    ['pg_up', 'gauge', 1],
    ['pg_stat_database_num_backends', 'gauge', row['backends']],
    ['pg_settings_max_connections', 'gauge', row['most']],
    ['pg_database_size_bytes', 'gauge', row['size']],
    ['pg_stat_database_blks_hit_total', 'counter', row['hit']],
    ['pg_stat_database_blks_read_total', 'counter', row['read']],
  ].flatMap(([name, type, value]) => [`# TYPE ${String(name)} ${String(type)}`, `${String(name)}${label} ${String(value)}`]);
  return text(200, 'text/plain; version=0.0.4', `${lines.join('\n')}\n`);
}
