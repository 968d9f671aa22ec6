/** Rows of the platform's own services: gateway, Auth, Postgres, Storage, Realtime, PostgREST. */
import type { LogRow } from '../../types.ts';
import { address, guesser, moment, row, severityOfStatus } from './story.ts';
import type { Minute, RowMaker } from './story.ts';

/** Makes rows of one kind, `rate` a minute at full load. */
function every(rate: number, make: (minute: Minute, ref: string) => LogRow[]): RowMaker {
  return (minute, story) => Array.from({ length: minute.random.count(rate * minute.load) }, () => make(minute, story.ref)).flat();
}

interface GatewayRequest {
  weight: number;
  method: string;
  path: string;
  search?: string;
  status: number;
  /** Median time in ms. */
  takes: number;
}

const gatewayRequests: readonly GatewayRequest[] = [
  { weight: 40, method: 'GET', path: '/rest/v1/tokens', search: '?select=*&order=created_at.desc&limit=20', status: 200, takes: 28 },
  { weight: 18, method: 'GET', path: '/rest/v1/conversation_messages', search: '?session_id=eq.7f1d', status: 200, takes: 64 },
  { weight: 8, method: 'POST', path: '/rest/v1/conversation_messages', status: 201, takes: 35 },
  { weight: 9, method: 'POST', path: '/auth/v1/token', search: '?grant_type=refresh_token', status: 200, takes: 90 },
  { weight: 7, method: 'GET', path: '/storage/v1/object/public/token-images/tokens/0af3.png', status: 200, takes: 45 },
  { weight: 5, method: 'GET', path: '/auth/v1/user', status: 200, takes: 22 },
  { weight: 3, method: 'GET', path: '/realtime/v1/websocket', status: 101, takes: 12 },
  { weight: 2.6, method: 'GET', path: '/rest/v1/profiles', search: '?select=*', status: 401, takes: 6 },
  { weight: 1.6, method: 'POST', path: '/auth/v1/token', search: '?grant_type=password', status: 400, takes: 120 },
  { weight: 1.4, method: 'POST', path: '/auth/v1/otp', status: 429, takes: 5 },
  { weight: 1, method: 'GET', path: '/rest/v1/health', status: 404, takes: 8 },
  { weight: 0.5, method: 'GET', path: '/rest/v1/conversation_messages', search: '?select=*', status: 500, takes: 8000 },
  { weight: 0.3, method: 'GET', path: '/rest/v1/tokens', search: '?select=*', status: 504, takes: 15_000 },
];

const outage: GatewayRequest = { weight: 1, method: 'GET', path: '/rest/v1/tokens', status: 503, takes: 30 };

const gateway = every(20, (minute, ref) => {
  const { random } = minute;
  const asked = inOutage(minute) && random.chance(0.7) ? outage : random.weighted(gatewayRequests);
  const took = random.duration(asked.takes);
  const ip = address(random);
  const host = `${ref}.supabase.co`;
  const agent = random.pick(['Mozilla/5.0 (X11; Linux x86_64)', 'supabase-js/2.119.0', 'okhttp/5.1']);
  const message = `${asked.method} | ${asked.status} | ${ip} | https://${host}${asked.path}${asked.search ?? ''} | ${agent}`;
  return [
    row(minute, 'edge_logs', moment(minute) + took, severityOfStatus(asked.status), message, {
      identifier: ref,
      'request.method': asked.method,
      'request.path': asked.path,
      'request.search': asked.search ?? '',
      'request.host': host,
      'request.cf.country': random.pick(['DE', 'DE', 'US', 'NG', 'SE']),
      'request.headers.user_agent': agent,
      'request.headers.x_real_ip': ip,
      'response.status_code': String(asked.status),
      'response.origin_time': String(took),
    }),
  ];
});

/** Eight minutes, a day and two hours ago, in which the gateway had no database behind it. */
function inOutage(minute: Minute): boolean {
  return minute.hoursAgo > 26 && minute.hoursAgo <= 26 + 8 / 60;
}

interface AuthEvent {
  weight: number;
  status: number;
  path: string;
  msg: string;
  error?: string;
  level: 'info' | 'warning' | 'error';
}

const authEvents: readonly AuthEvent[] = [
  { weight: 70, status: 200, path: '/token', msg: 'request completed', level: 'info' },
  { weight: 18, status: 200, path: '/user', msg: 'request completed', level: 'info' },
  { weight: 6, status: 400, path: '/token', msg: '400: Invalid login credentials', error: 'Invalid login credentials (sign-in failed)', level: 'warning' },
  { weight: 2, status: 401, path: '/user', msg: '401: invalid JWT: token is expired', error: 'token has invalid claims: token is expired', level: 'warning' },
  { weight: 2, status: 429, path: '/otp', msg: '429: email rate limit exceeded', error: 'email rate limit exceeded', level: 'warning' },
  { weight: 0.7, status: 500, path: '/recover', msg: '500: Error sending recovery email', error: 'gomail: could not send email 1: timed out', level: 'error' },
];
const badPassword = authEvents[2] as AuthEvent;

const auth = every(4, (minute, ref) => [authRow(minute, ref, minute.random.weighted(authEvents), address(minute.random))]);

/** Ten minutes of guessed passwords from one address, two hours before the end. */
const guessing: RowMaker = (minute, story) =>
  minute.hoursAgo <= 2 && minute.hoursAgo > 2 - 10 / 60
    ? Array.from({ length: 6 }, () => authRow(minute, story.ref, badPassword, guesser))
    : [];

function authRow(minute: Minute, ref: string, event: AuthEvent, ip: string): LogRow {
  const time = moment(minute);
  const facts = {
    component: 'api',
    level: event.level,
    method: event.path === '/user' ? 'GET' : 'POST',
    path: event.path,
    status: String(event.status),
    msg: event.msg,
    ...(event.error === undefined ? {} : { error: event.error }),
    remote_addr: ip,
    request_id: minute.random.uuid(),
  };
  const message = JSON.stringify({ ...facts, status: event.status, time: new Date(time).toISOString() });
  const severity = event.level === 'error' ? 'ERROR' : event.level === 'warning' ? 'WARN' : 'INFO';
  return row(minute, 'auth_logs', time, severity, message, { ...facts, project: ref });
}

interface PostgresEvent {
  weight: number;
  severity: 'LOG' | 'ERROR' | 'FATAL' | 'WARNING';
  state: string;
  user: string;
  message: string;
  query?: string;
  detail?: string;
  hint?: string;
}

const postgresEvents: readonly PostgresEvent[] = [
  { weight: 30, severity: 'LOG', state: '00000', user: 'authenticator', message: 'connection authorized: user=authenticator database=postgres application_name=postgrest SSL enabled' },
  { weight: 14, severity: 'LOG', state: '00000', user: '', message: 'checkpoint complete: wrote 214 buffers (1.3%); 0 WAL file(s) added, 0 removed, 1 recycled' },
  { weight: 12, severity: 'LOG', state: '00000', user: 'supabase_admin', message: 'cron job 2 starting: select public.refresh_creator_rankings()' },
  { weight: 4, severity: 'ERROR', state: '42501', user: 'authenticator', message: 'new row violates row-level security policy for table "memory_contexts"', query: 'insert into "public"."memory_contexts" ("user_id", "context_type", "content") select * from json_to_recordset($1)' },
  { weight: 3, severity: 'ERROR', state: '23505', user: 'authenticator', message: 'duplicate key value violates unique constraint "idempotency_keys_pkey"', detail: 'Key (key)=(evt_5fa1) already exists.', query: 'insert into "public"."idempotency_keys" ("key", "function_name") values ($1, $2)' },
  { weight: 2, severity: 'ERROR', state: '57014', user: 'authenticator', message: 'canceling statement due to statement timeout', query: 'select * from "public"."conversation_messages" order by "content"' },
  { weight: 2, severity: 'ERROR', state: '42703', user: 'postgres', message: 'column "mean_time" does not exist', query: 'select query, mean_time from pg_stat_statements', hint: 'Perhaps you meant to reference the column "pg_stat_statements.mean_exec_time".' },
  { weight: 1.5, severity: 'ERROR', state: '42501', user: 'authenticator', message: 'permission denied for table security_events', query: 'select * from "public"."security_events"' },
  { weight: 1, severity: 'FATAL', state: '28P01', user: 'postgres', message: 'password authentication failed for user "postgres"', detail: 'Connection matched file "/etc/postgresql/pg_hba.conf" line 92' },
  { weight: 0.4, severity: 'FATAL', state: '53300', user: 'authenticator', message: 'remaining connection slots are reserved for roles with the SUPERUSER attribute' },
];

const slowStatements = [
  { statement: 'select public.refresh_creator_rankings()', median: 640 },
  { statement: 'select count(*) from public.search_tokens($1)', median: 520 },
  { statement: 'select role, content from public.conversation_messages where session_id = $1 order by "timestamp"', median: 1900 },
];

const postgres = every(3, (minute, ref) => [postgresRow(minute, ref, minute.random.weighted(postgresEvents))]);

const slowQueries = every(0.6, (minute, ref) => {
  const { statement, median } = minute.random.pick(slowStatements);
  const took = `${minute.random.duration(median)}.${minute.random.whole(100, 1000)}`;
  const message = `duration: ${took} ms  statement: ${statement}`;
  return [postgresRow(minute, ref, { weight: 1, severity: 'LOG', state: '00000', user: 'authenticator', message, query: statement })];
});

/** While the gateway had no database: the server's own account of it. */
const restart: RowMaker = (minute, story) =>
  inOutage(minute)
    ? [postgresRow(minute, story.ref, { weight: 1, severity: 'FATAL', state: '57P03', user: 'authenticator', message: 'the database system is starting up' })]
    : [];

function postgresRow(minute: Minute, ref: string, event: PostgresEvent): LogRow {
  const bad = event.severity === 'ERROR' || event.severity === 'FATAL';
  return row(minute, 'postgres_logs', moment(minute), bad ? 'ERROR' : 'INFO', event.message, {
    identifier: ref,
    'parsed.error_severity': event.severity,
    'parsed.sql_state_code': event.state,
    'parsed.user_name': event.user,
    'parsed.database_name': 'postgres',
    'parsed.application_name': event.user === 'authenticator' ? 'postgrest' : '',
    'parsed.process_id': String(minute.random.whole(900, 90_000)),
    ...(event.query === undefined ? {} : { 'parsed.query': event.query }),
    ...(event.detail === undefined ? {} : { 'parsed.detail': event.detail }),
    ...(event.hint === undefined ? {} : { 'parsed.hint': event.hint }),
  });
}

const storageRequests = [
  { weight: 60, method: 'GET', url: '/object/public/token-images/tokens/0af3.png', status: 200, takes: 30 },
  { weight: 25, method: 'POST', url: '/object/PDF%20Valuation%20Reports/reports/77ab.pdf', status: 200, takes: 210 },
  { weight: 6, method: 'POST', url: '/object/chat-attachments/uploads/9c1e.jpg', status: 403, takes: 14 },
  { weight: 2, method: 'POST', url: '/object/PDF%20Valuation%20Reports/reports/901d.pdf', status: 413, takes: 60 },
] as const;

const storage = every(2.5, (minute, ref) => {
  const asked = minute.random.weighted(storageRequests);
  const took = minute.random.duration(asked.takes);
  const message = `${asked.method} | ${asked.status} | ${address(minute.random)} | ${asked.url}`;
  return [
    row(minute, 'storage_logs', moment(minute) + took, severityOfStatus(asked.status), message, {
      project: ref,
      level: asked.status >= 400 ? 'warn' : 'info',
      'req.method': asked.method,
      'req.url': asked.url,
      'res.statusCode': String(asked.status),
      responseTime: String(took),
    }),
  ];
});

const realtime = every(1, (minute, ref) => {
  const slow = minute.random.chance(0.04);
  const message = slow ? 'ChannelRateLimitReached: Too many channels' : 'Subscribed to realtime:public:conversation_messages';
  return [
    row(minute, 'realtime_logs', moment(minute), slow ? 'ERROR' : 'INFO', message, {
      level: slow ? 'error' : 'info',
      external_id: ref,
      project: ref,
    }),
  ];
});

const postgrest = every(0.4, (minute, ref) => {
  const lost = inOutage(minute) || minute.random.chance(0.03);
  const message = lost
    ? '{"code":"PGRST001","details":"connection to server failed","message":"Database client error. Retrying the connection."}'
    : 'Schema cache loaded 19 Relations, 14 Relationships, 3 Functions, 0 Domain Representations, 4 Media Type Handlers';
  return [row(minute, 'postgrest_logs', moment(minute), lost ? 'ERROR' : 'INFO', message, { identifier: ref, host: `db-${ref}` })];
});

export const services: readonly RowMaker[] = [
  gateway, auth, guessing, postgres, slowQueries, restart, storage, realtime, postgrest,
];
