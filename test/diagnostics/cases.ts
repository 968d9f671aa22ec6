/** For each bundled diagnostic, by its title: what makes it grave, what heals it, and what makes its number unknowable. */

import type { StepOptions } from '../../src/core/runbook/document.ts';

/** SQL, run as the superuser: texts one after another, each as one message to the server. */
export type Script = string | readonly string[];

/** A connection that stays open until the healing; where it `waits`, its answer is not waited for. */
export interface Session {
  readonly name: string;
  /** It reads the write-ahead log, as a replica does, and says of the beginning alone that it has come so far. */
  readonly replicates?: true;
  readonly sql?: string;
  readonly waits?: true;
}

export interface Case {
  readonly state: 'warn' | 'critical';
  /** In place of the fence's own, which take minutes or gigabytes to break: the query and the healing are tried all the same. */
  readonly limits?: Pick<StepOptions, 'warn' | 'critical'>;
  readonly make?: Script;
  /** Opened after `make`, closed before `heal`. */
  readonly sessions?: readonly Session[];
  readonly heal?: Script;
  readonly unknown?: Unknown;
  /** Why the SQL that it offers cannot heal the case on a test server. */
  readonly unrepaired?: string;
}

/** Takes away a right or an extension, and gives it back. */
export interface Unknown {
  readonly take: Script;
  /** Opened after `take`, closed before `back`. */
  readonly sessions?: readonly Session[];
  readonly back: Script;
}

/** The schema as a new project has it. */
export const emptyPublic = `drop schema public cascade; create schema public; grant all on schema public to postgres;
  grant usage on schema public to anon, authenticated, service_role`;

/** What a server must be started with for all cases. */
export const settings = { max_prepared_transactions: '2', archive_mode: 'on', archive_command: 'true' };

/** `relation` is gone under its name, as where its extension was never made. */
function without(relation: string, kind: 'table' | 'view' = 'table'): Unknown {
  const [schema = '', name = ''] = relation.split('.');
  return { take: `alter ${kind} ${relation} rename to away`, back: `alter ${kind} ${schema}.away rename to ${name}` };
}

const withoutStatements = without('extensions.pg_stat_statements', 'view');
const resetStatements = 'select extensions.pg_stat_statements_reset()';

function many(count: number, sql?: string): Session[] {
  return Array.from({ length: count }, (_, index) => ({ name: `one of many ${index}`, ...(sql === undefined ? {} : { sql, waits: true as const }) }));
}

function repeated(count: number, sql: string): string {
  return Array.from({ length: count }, () => sql).join(';');
}

const withoutMonitor: Unknown = {
  take: 'revoke pg_monitor from postgres, supabase_read_only_user',
  back: 'grant pg_monitor to postgres, supabase_read_only_user',
};

/** Something that neither way may read. Where Postgres has `pg_read_all_data` that right is taken for the while, before 14 those on the thing itself. */
function withoutReading(name: string, make: string, remove: string): Unknown {
  const readers = 'postgres, supabase_read_only_user';
  const both = (word: 'grant' | 'revoke', direction: 'to' | 'from') =>
    `do $$ begin if exists (select from pg_roles where rolname = 'pg_read_all_data') then execute '${word} pg_read_all_data ${direction} ${readers}'; end if; end $$`;
  return { take: [make, `revoke all on ${name} from ${readers}, anon, authenticated, service_role`, both('revoke', 'from')], back: [both('grant', 'to'), remove] };
}

const connections: Readonly<Record<string, Case>> = {
  'Connections in use': { state: 'warn', sessions: many(50), unknown: withoutMonitor },
  'Connections of one client': { state: 'critical', sessions: many(48), unknown: withoutMonitor },
  'Long-running queries': { state: 'critical', limits: { critical: 'running_seconds > 200ms' }, sessions: [{ name: 'slow', sql: 'select pg_sleep(60)', waits: true }], unknown: withoutMonitor },
  'Idle in transaction': { state: 'critical', limits: { critical: 'open_seconds > 200ms' }, sessions: [{ name: 'forgetful', sql: 'begin; select 1' }], unknown: withoutMonitor },
  'Blocking locks': {
    state: 'critical',
    limits: { critical: 'waiting_seconds > 200ms' },
    make: 'create table public.locked ()',
    sessions: [
      { name: 'holder', sql: 'begin; lock table public.locked' },
      { name: 'waiter', sql: 'begin; lock table public.locked', waits: true },
    ],
    heal: 'drop table public.locked',
    // That nobody waits is known without the role.
    unknown: {
      take: ['create table public.locked ()', withoutMonitor.take].flat(),
      sessions: [
        { name: 'holder', sql: 'begin; lock table public.locked' },
        { name: 'waiter', sql: 'begin; lock table public.locked', waits: true },
      ],
      back: [withoutMonitor.back, 'drop table public.locked'].flat(),
    },
  },
  'Sessions that hold up others': {
    state: 'critical',
    make: 'create table public.held ()',
    sessions: [{ name: 'holder', sql: 'begin; lock table public.held' }, ...many(11, 'begin; lock table public.held')],
    heal: 'drop table public.held',
  },
  'Prepared transactions': { state: 'critical', limits: { critical: 'age_seconds > 200ms' }, make: ["begin; create table public.left_behind (); prepare transaction 'left behind'"], heal: "rollback prepared 'left behind'" },
};

const queries: Readonly<Record<string, Case>> = {
  'Slow queries': { state: 'warn', make: [resetStatements, 'select pg_sleep(0.6)'], heal: resetStatements, unknown: withoutStatements },
  'Queries that take the most time': {
    state: 'warn',
    make: [resetStatements, 'select pg_sleep(0.3)'],
    heal: [resetStatements, 'select pg_sleep(0.2)', 'select pg_sleep(0.2), 1', 'select pg_sleep(0.2), 1, 1'],
    unknown: withoutStatements,
  },
  'Queries that are called most': { state: 'warn', make: [resetStatements, repeated(1200, 'select 1 as polled')], heal: resetStatements, unknown: withoutStatements },
  'Queries that sort on disk': {
    state: 'warn',
    make: [resetStatements, "set work_mem = '64kB'; select n from generate_series(1, 900000) as n order by -n offset 899999"],
    heal: resetStatements,
    unknown: withoutStatements,
  },
  'Queries that read from disk': {
    state: 'warn',
    make: [
      // What is made in bulk goes past the memory that is shared.
      "create table public.long as select n, repeat('x', 200) as filler from generate_series(1, 350000) as n",
      resetStatements,
      'select count(*) from public.long',
    ],
    heal: ['drop table public.long', resetStatements],
    unknown: withoutStatements,
  },
  'Cache hit ratio': {
    state: 'critical',
    make: [
      'create table public.wide (filler text); alter table public.wide alter filler set storage plain',
      "insert into public.wide select repeat('x', 7900) from generate_series(1, 9000)",
      'select pg_stat_reset()',
      repeated(3, 'select count(*) from public.wide'),
    ],
    heal: [
      'drop table public.wide; create table public.small (id int); insert into public.small values (1)',
      'select pg_stat_reset()',
      'do $$ begin for n in 1..1000 loop perform * from public.small; end loop; end $$',
      'drop table public.small',
      'create table public.read_often (id int); insert into public.read_often values (1); do $$ begin for n in 1..5000 loop perform * from public.read_often; end loop; end $$',
    ],
    unknown: { take: ['drop table if exists public.read_often', 'select pg_stat_reset()'], back: 'select 1' },
  },
  'Transactions rolled back': { state: 'critical', make: ['select pg_stat_reset()', repeated(1500, 'begin; rollback')], heal: 'select pg_stat_reset()' },
  Deadlocks: {
    state: 'warn',
    make: ["select pg_stat_reset(); create table public.left_one (); create table public.right_one ()"],
    sessions: [
      { name: 'left', sql: "begin; set local deadlock_timeout = '1h'; lock table public.left_one" },
      { name: 'right', sql: "begin; set local deadlock_timeout = '10ms'; lock table public.right_one" },
      { name: 'left', sql: 'lock table public.right_one', waits: true },
      { name: 'right', sql: 'lock table public.left_one', waits: true },
      // Its end hands the count over.
      { name: 'right', sql: 'rollback; select pg_terminate_backend(pg_backend_pid())', waits: true },
    ],
    heal: 'drop table public.left_one, public.right_one; select pg_stat_reset()',
  },
};

const maintenance: Readonly<Record<string, Case>> = {
  'Age of transaction ids': {
    state: 'critical',
    make: [
      'create database aged',
      "update pg_database set datfrozenxid = ((4294967296 + txid_current() - 1300000000) % 4294967296)::text::xid where datname = 'aged'",
    ],
    heal: 'drop database aged',
  },
  'Replication slots': {
    state: 'critical',
    limits: { critical: 'kept_bytes > 1MB' },
    make: ["select pg_create_physical_replication_slot('abandoned', true)", "select pg_logical_emit_message(false, 'fill', repeat('x', 3000000))"],
    heal: "select pg_drop_replication_slot('abandoned')",
  },
  'Slots without a reader': {
    state: 'warn',
    make: "select pg_create_logical_replication_slot('forgotten', 'pgoutput')",
    heal: "select pg_drop_replication_slot('forgotten')",
  },
  'Replication lag': {
    state: 'critical',
    limits: { critical: 'lag_bytes > 1MB' },
    sessions: [{ name: 'replica', replicates: true }],
    heal: "select pg_drop_replication_slot('reader')",
  },
  'Write-ahead log on disk': {
    state: 'warn',
    make: [
      "select pg_create_physical_replication_slot('keeper', true)",
      "alter system set max_wal_size = '32MB'",
      "alter system set min_wal_size = '32MB'",
      'select pg_reload_conf()',
      ...[1, 2, 3, 4].map((n) => `select pg_logical_emit_message(true, 'fill', '${n}'); select pg_switch_wal()`),
    ],
    heal: ["select pg_drop_replication_slot('keeper')", 'alter system reset max_wal_size', 'alter system reset min_wal_size', 'select pg_reload_conf()', 'checkpoint'],
    unknown: withoutMonitor,
  },
  'Failed archiving': {
    state: 'warn',
    make: ["alter system set archive_command = 'false'", 'select pg_reload_conf()', "select pg_logical_emit_message(false, 'fill', 'x'); select pg_switch_wal()"],
    heal: ["alter system set archive_command = 'true'", 'select pg_reload_conf()', "select pg_logical_emit_message(false, 'fill', 'y'); select pg_switch_wal()"],
  },
  'Sequences near their end': {
    state: 'critical',
    make: "create sequence public.tickets maxvalue 100; select setval('public.tickets', 95)",
    heal: 'alter sequence public.tickets maxvalue 100000; drop sequence public.tickets',
    unknown: withoutReading('public.unreadable', 'create sequence public.unreadable', 'drop sequence public.unreadable'),
  },
  'Extensions out of date': {
    state: 'warn',
    make: "update pg_extension set extversion = '1.0' where extname = 'pgcrypto'",
    heal: "update pg_extension set extversion = (select default_version from pg_available_extensions where name = 'pgcrypto') where extname = 'pgcrypto'",
    unrepaired: 'its objects are of the new version already',
  },
  'Migrations applied': {
    state: 'critical',
    make: 'delete from supabase_migrations.schema_migrations',
    heal: "insert into supabase_migrations.schema_migrations (version, name, statements) values ('20260101000000', 'first', array['select 1'])",
    unknown: without('supabase_migrations.schema_migrations'),
  },
  'Triggers switched off': {
    state: 'warn',
    make: `create table public.watched (); create function public.watch() returns trigger language plpgsql as 'begin return new; end';
      create trigger watching before insert on public.watched execute function public.watch(); alter table public.watched disable trigger watching`,
    heal: 'alter table public.watched enable trigger watching; drop table public.watched; drop function public.watch()',
  },
  'Constraints not validated': {
    state: 'warn',
    make: 'create table public.measured (n int); alter table public.measured add check (n > 0) not valid',
    heal: 'alter table public.measured validate constraint measured_n_check; drop table public.measured',
  },
};

const tables: Readonly<Record<string, Case>> = {
  'Sequential scans': {
    state: 'warn',
    make: 'create table public.scanned as select n from generate_series(1, 2000) as n; do $$ begin for n in 1..30 loop perform count(*) from public.scanned; end loop; end $$',
    heal: 'drop table public.scanned',
  },
  'Foreign keys without an index': {
    state: 'warn',
    make: 'create table public.parents (id int primary key); create table public.children (parent int references public.parents)',
    heal: 'create index on public.children (parent)',
  },
  'Unused indexes': {
    state: 'warn',
    make: 'create table public.numbers as select n from generate_series(1, 600000) as n; create index numbers_n on public.numbers (n)',
    heal: 'drop index public.numbers_n; drop table public.numbers',
  },
  'Duplicate indexes': {
    state: 'warn',
    make: 'create table public.twice (n int); create index twice_one on public.twice (n); create index twice_two on public.twice (n)',
    heal: 'drop index public.twice_two',
  },
  'Dead rows': {
    state: 'critical',
    make: [
      'create table public.dying with (autovacuum_enabled = false) as select n from generate_series(1, 4000) as n',
      'delete from public.dying where n > 1000',
    ],
    heal: 'vacuum public.dying',
  },
  'Invalid indexes': {
    state: 'critical',
    make: "create table public.doubtful (n int); create index doubtful_n on public.doubtful (n); update pg_index set indisvalid = false where indexrelid = 'public.doubtful_n'::regclass",
    heal: 'reindex index public.doubtful_n',
  },
  'Tables without a primary key': {
    state: 'warn',
    make: 'create table public.nameless (n int)',
    // Other tests of this file leave some behind.
    heal: emptyPublic,
  },
  'Largest tables': {
    state: 'critical',
    limits: { critical: 'total_bytes > 20MB' },
    make: "create table public.large as select n, repeat('x', 200) as filler from generate_series(1, 100000) as n",
    heal: 'drop table public.large',
  },
  'Size of the database': {
    state: 'critical',
    limits: { critical: 'database_bytes > 120MB' },
    make: "create table public.large as select n, repeat('x', 200) as filler from generate_series(1, 500000) as n",
    heal: 'drop table public.large',
  },
  'Table bloat': {
    state: 'critical',
    make: [
      "create table public.hollow with (autovacuum_enabled = false) as select n, repeat('x', 200) as filler from generate_series(1, 60000) as n",
      'delete from public.hollow where n < 57000',
      'vacuum (analyze) public.hollow',
    ],
    heal: 'vacuum (full, analyze) public.hollow',
    unknown: withoutReading(
      'public.hidden',
      "create table public.hidden as select n, repeat('x', 200) as filler from generate_series(1, 60000) as n; analyze public.hidden",
      'drop table public.hidden',
    ),
  },
  'Index bloat': {
    state: 'critical',
    make: [
      'create table public.thinned with (autovacuum_enabled = false) as select n from generate_series(1, 600000) as n',
      'create index thinned_n on public.thinned (n)',
      'delete from public.thinned where n < 570000',
      'vacuum (analyze) public.thinned',
    ],
    heal: ['reindex index public.thinned_n', 'drop table public.thinned'],
    unknown: withoutReading(
      'public.covert',
      'create table public.covert as select n from generate_series(1, 600000) as n; create index covert_n on public.covert (n); analyze public.covert',
      'drop table public.covert',
    ),
  },
  'Statistics of the planner out of date': {
    state: 'critical',
    make: 'create table public.loaded with (autovacuum_enabled = false) as select n from generate_series(1, 20000) as n',
    heal: 'analyze public.loaded',
  },
  'Tables without autovacuum': {
    state: 'warn',
    make: 'create table public.untended (n int) with (autovacuum_enabled = false)',
    heal: 'drop table if exists public.untended, public.dying, public.hollow, public.loaded',
  },
};

const security: Readonly<Record<string, Case>> = {
  'Tables without row-level security': {
    state: 'critical',
    make: 'create table public.open (id int primary key); grant select on public.open to anon',
    heal: 'alter table public.open enable row level security; drop table public.open',
  },
  'Policies that let everybody write': {
    state: 'warn',
    make: 'create table public.guests (id int primary key); create policy anybody on public.guests for insert with check (true)',
    heal: 'alter policy anybody on public.guests with check (id > 0); drop table public.guests',
  },
  'Security definer functions without search_path': {
    state: 'warn',
    make: "create function public.careless() returns int language sql security definer as 'select 1'",
    heal: "alter function public.careless() set search_path = ''; drop function public.careless()",
  },
  'Views that pass by row-level security': {
    state: 'warn',
    make: 'create view public.through as select 1 as n; grant select on public.through to anon',
    // What heals it from Postgres 15 on; before, nothing but taking it out of reach.
    heal: [
      `do $$ begin if current_setting('server_version_num')::int >= 150000 then alter view public.through set (security_invoker = true);
       else revoke select on public.through from anon, authenticated; end if; end $$`,
    ],
  },
  'Policies on tables that ignore them': {
    state: 'critical',
    make: 'create table public.ignoring (id int primary key); create policy own on public.ignoring using (id = 1)',
    heal: 'alter table public.ignoring enable row level security; drop table public.ignoring',
  },
  'Row-level security without a policy': {
    state: 'warn',
    make: 'create table public.closed (id int primary key); alter table public.closed enable row level security',
    heal: 'create policy own on public.closed using (id = 1); drop table public.closed',
  },
  'Policies without an index': {
    state: 'warn',
    make: [
      `create table public.owned as select n as id, gen_random_uuid() as owner from generate_series(1, 2000) as n;
       alter table public.owned enable row level security; create policy own on public.owned using (owner = (select auth.uid()))`,
      'analyze public.owned',
    ],
    heal: 'create index owned_owner on public.owned (owner)',
  },
  'Policies that ask who it is for every row': {
    state: 'warn',
    make: 'create table public.asking (owner uuid primary key); create policy own on public.asking using (owner = auth.uid())',
    heal: 'alter policy own on public.asking using (owner = (select auth.uid()))',
  },
  'Definer functions that anybody may call': {
    state: 'warn',
    make: "create function public.powerful() returns int language sql security definer set search_path = '' as 'select 1'; grant execute on function public.powerful() to anon",
    heal: 'revoke execute on function public.powerful() from public, anon',
  },
  'Users within reach of the API': {
    state: 'critical',
    make: 'create view public.people as select id, email from auth.users; grant select on public.people to anon',
    heal: 'revoke select on public.people from anon, authenticated',
  },
  'Materialized views and foreign tables within reach': {
    state: 'warn',
    make: 'create materialized view public.totals as select 1 as n; grant select on public.totals to anon',
    heal: 'revoke select on public.totals from anon, authenticated',
  },
  'Published tables without row-level security': {
    state: 'critical',
    make: 'create table public.broadcast (id int primary key); alter publication supabase_realtime add table public.broadcast',
    heal: 'alter table public.broadcast enable row level security; drop table public.broadcast',
  },
  'Schemas in which anybody may create': { state: 'critical', make: 'grant create on schema public to anon', heal: 'revoke create on schema public from public, anon' },
  'Roles above all policies': { state: 'warn', make: 'create role reporter login bypassrls', heal: 'alter role reporter nobypassrls; drop role reporter' },
  'Extensions in public': { state: 'warn', make: 'create extension citext schema public', heal: 'alter extension citext set schema extensions; drop extension citext' },
};

const run = (status: string, times: string): string => `insert into cron.job_run_details (jobid, status, start_time, end_time) ${times.replace('?', `'${status}'`)}`;
const noJobs = 'delete from cron.job_run_details; delete from cron.job';
const job = "insert into cron.job (jobid, schedule, command, jobname) values (77, '* * * * *', 'select 1', 'nightly')";

const jobs: Readonly<Record<string, Case>> = {
  'Failed cron jobs': {
    state: 'critical',
    make: `${job}; ${run('failed', 'select 77, ?, now(), now() from generate_series(1, 6)')}`,
    heal: noJobs,
    unknown: without('cron.job'),
  },
  'Cron jobs that run too long': {
    state: 'critical',
    make: `${job}; ${run('running', "select 77, ?, now() - interval '2 hours', null")}`,
    heal: noJobs,
    unknown: without('cron.job_run_details'),
    unrepaired: 'no session runs the job',
  },
  'Cron jobs switched off': { state: 'warn', unrepaired: 'the server has no pg_cron', make: `${job}; update cron.job set active = false`, heal: `update cron.job set active = true; ${noJobs}`, unknown: without('cron.job') },
  'Old history of cron jobs': {
    state: 'critical',
    make: run('succeeded', "select 77, ?, now() - interval '200 days', now() - interval '200 days'"),
    heal: noJobs,
    unknown: without('cron.job_run_details'),
  },
  'Failed requests of pg_net': {
    state: 'critical',
    make: 'insert into net._http_response (id, status_code) values (1, 500), (2, 500), (3, 200)',
    heal: 'delete from net._http_response',
    unknown: without('net._http_response'),
  },
  'Waiting requests of pg_net': {
    state: 'critical',
    make: "insert into net.http_request_queue (method, url, timeout_milliseconds) select 'GET', 'http://127.0.0.1', 1 from generate_series(1, 1001)",
    heal: 'delete from net.http_request_queue',
    unknown: without('net.http_request_queue'),
    unrepaired: 'the server has no pg_net',
  },
};

/** A bucket that no other diagnostic objects to. */
export const bucket = "insert into storage.buckets (id, name, file_size_limit, allowed_mime_types) values ('papers', 'papers', 1000, array['text/plain'])";
export const noBuckets = 'delete from storage.objects; delete from storage.buckets';
const object = (size: string, more = ''): string =>
  `${bucket}; insert into storage.objects (bucket_id, name, metadata) values ('papers', 'a', '{"size": ${size}}')${more}`;

const storage: Readonly<Record<string, Case>> = {
  'Buckets by size': { state: 'critical', make: object('100000000000'), heal: noBuckets, unknown: without('storage.objects') },
  'Public buckets': { state: 'warn', make: `${bucket}; update storage.buckets set public = true`, heal: `update storage.buckets set public = false`, unknown: without('storage.buckets') },
  'Buckets without a policy': {
    state: 'warn',
    make: `${noBuckets}; ${bucket}`,
    heal: "create policy reading on storage.objects for select using (bucket_id = 'papers')",
    unknown: without('storage.buckets'),
  },
  'Policies by bucket and command': {
    state: 'warn',
    make: `${noBuckets}; drop policy if exists reading on storage.objects; ${bucket}; create policy listing on storage.objects for select to anon using (bucket_id = 'papers')`,
    heal: 'drop policy listing on storage.objects',
    unknown: without('storage.buckets'),
  },
  'Buckets that anybody may change': {
    state: 'critical',
    make: "create policy writing on storage.objects for insert to anon with check (bucket_id = 'papers')",
    heal: "alter policy writing on storage.objects to authenticated; drop policy writing on storage.objects",
  },
  'Buckets that are named and not there': {
    state: 'critical',
    make: `${noBuckets}; ${bucket}; create policy filing on storage.objects for insert to authenticated with check (bucket_id in ('papers', 'PDF Valuation Reports', 'it''s here'))`,
    heal: "insert into storage.buckets (id, name) values ('PDF Valuation Reports', 'PDF Valuation Reports'), ('it''s here', 'it''s here'); drop policy filing on storage.objects; delete from storage.buckets",
    unknown: without('storage.buckets'),
  },
  'Buckets without limits': {
    state: 'warn',
    make: `${noBuckets}; ${bucket}; update storage.buckets set file_size_limit = null`,
    heal: 'update storage.buckets set file_size_limit = 5242880',
    unknown: without('storage.buckets'),
  },
  'Large files': { state: 'critical', make: `${noBuckets}; ${object('6000000000')}`, heal: noBuckets, unknown: without('storage.objects') },
  'Old files': {
    state: 'critical',
    make: object('60000000000', "; update storage.objects set created_at = now() - interval '2 years', updated_at = null, last_accessed_at = null"),
    heal: noBuckets,
    unknown: without('storage.objects'),
  },
  'Growth of buckets': { state: 'critical', make: `${noBuckets}; ${object('30000000000')}`, heal: "update storage.objects set created_at = now() - interval '8 days'", unknown: without('storage.objects') },
};

const users = (columns: string, values: string, count: number): string =>
  `insert into auth.users (id, ${columns}) select gen_random_uuid(), ${values} from generate_series(1, ${count})`;
const aSession = (count: number, age: string): string =>
  `insert into auth.sessions (id, user_id, created_at, updated_at) select gen_random_uuid(), users.id, now() - interval '${age}', now() - interval '${age}'
   from auth.users cross join generate_series(1, ${count})`;
const noUsers = 'delete from auth.sessions; delete from auth.users';

const auth: Readonly<Record<string, Case>> = {
  'New users': { state: 'critical', make: users('created_at', 'now()', 1001), heal: noUsers, unknown: without('auth.users') },
  'Users who never confirmed': {
    state: 'critical',
    make: users('created_at', "now() - interval '2 days'", 30),
    heal: 'update auth.users set email_confirmed_at = now()',
    unknown: without('auth.users'),
  },
  'Sessions nobody uses': {
    state: 'warn',
    make: `${noUsers}; ${users('created_at', 'now()', 1)}; ${aSession(10_001, '100 days')}`,
    heal: noUsers,
    unknown: without('auth.sessions'),
  },
  'Users with many sessions': {
    state: 'critical',
    make: `${users('created_at', 'now()', 1)}; ${aSession(1001, '1 hour')}`,
    heal: noUsers,
    unknown: without('auth.sessions'),
  },
};

export const cases: Readonly<Record<string, Case>> = { ...connections, ...queries, ...maintenance, ...tables, ...security, ...jobs, ...storage, ...auth };
