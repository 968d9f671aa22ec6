/** The library on databases that are not as one thinks of them: odd names, partitions, nothing at all, a replica, missing extensions. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { repairSql } from '../../src/core/diagnostics/repair.ts';
import { diagnose, type Judged } from '../../src/core/diagnostics/run.ts';
import type { Database } from '../../src/core/ports.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { fakeConnection } from '../fakes/connection.ts';
import type { PostgresMajor } from '../sandbox/engines/postgresServer.ts';
import { byUser, eventually, silent, startServer, type Server } from '../sql/server.ts';
import { settings } from './cases.ts';
import { readDiagnostics, type Bundled } from './library.ts';

const diagnostics = await readDiagnostics();
const major = Number(process.env['OPSBOOK_TEST_POSTGRES'] ?? 17) as PostgresMajor;

/** A name that ends quotes of both kinds, and a comment. */
const odd = `o"d'd; --`;
const quoted = `"o""d'd; --"`;

describe(`the library on an odd database, Postgres ${major}`, () => {
  let server: Server;
  let admin: pg.Client;

  before(async function () {
    this.timeout(300_000);
    server = await startServer({ major, settings: { ...settings, autovacuum: 'off' } });
    admin = await open(server.engine.adminUrl);
    // As hosted ones are: what somebody makes as `postgres` is that role's.
    await admin.query(`create schema ${quoted}; grant usage on schema ${quoted} to anon; grant all on schema ${quoted} to postgres; grant usage on schema public to anon; create schema closed`);
  });
  after(async () => {
    await admin.end();
    await server.stop();
  });

  async function open(connectionString: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString, ssl: { ca: server.ca } });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  function named(title: string): Bundled {
    const found = diagnostics.find((diagnostic) => diagnostic.title === title);
    assert.ok(found, title);
    return found;
  }

  async function judged(title: string, database: Database = server.direct): Promise<Judged & { readonly rows: readonly Readonly<Record<string, string | null>>[] }> {
    const one = await diagnose(named(title).step, fakeConnection({ database }), byUser());
    const names = one.result?.columns.map(({ name }) => name) ?? [];
    return { ...one, rows: (one.result?.rows ?? []).map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]))) };
  }

  /** The statements that are offered for what it finds. */
  async function offered(title: string): Promise<string[]> {
    const { result, verdict } = await judged(title);
    const sql = result && repairSql({ repairs: named(title).repairs, result, broken: verdict.rows, head: [] });
    return splitStatements(sql ?? '').map(({ text }) => text);
  }

  async function repairAll(title: string): Promise<void> {
    for (const statement of await offered(title)) {
      await admin.query(statement);
    }
  }

  it('indexes keys of tables with any name, and of partitioned ones', async () => {
    await admin.query(`create table ${quoted}.${quoted} (${quoted} int primary key);
      create table ${quoted}.child (${quoted} int references ${quoted}.${quoted});
      create table ${quoted}.parts (n int, k int references ${quoted}.${quoted}) partition by range (n);
      create table ${quoted}.part_1 partition of ${quoted}.parts for values from (1) to (10)`);
    assert.deepEqual((await judged('Foreign keys without an index')).rows.map(({ table_name: table, way }) => [table, way]), [['child', 'concurrently'], ['parts', '']]);
    await repairAll('Foreign keys without an index');
    assert.equal((await judged('Foreign keys without an index')).verdict.state, 'ok');
  });

  it('offers to drop no index that Postgres would not let go alone', async () => {
    await admin.query(`create table ${quoted}.wide (n int, filler text) partition by range (n); create table ${quoted}.wide_1 partition of ${quoted}.wide for values from (0) to (1000000);
      insert into ${quoted}.wide select n, repeat('x', 10) from generate_series(1, 500000) as n;
      create index wide_n on ${quoted}.wide (n); create index wide_again on ${quoted}.wide (n); create index "odd ""'" on ${quoted}.child (${quoted})`);
    const unused = await judged('Unused indexes');
    assert.ok(unused.rows.some(({ index_name: index, droppable_index: droppable }) => index === 'wide_1_n_idx' && droppable === null));
    assert.deepEqual((await offered('Unused indexes')).filter((sql) => sql.includes('wide')), []);
    const statements = await offered('Duplicate indexes');
    assert.equal(statements.length, 1, statements.join('\n'));
    await repairAll('Duplicate indexes');
    assert.deepEqual((await judged('Duplicate indexes')).rows.map(({ table_name: table }) => table).sort(), ['wide', 'wide_1']);
  });

  it('drops what a rebuild left behind, and builds again what is half built', async () => {
    await admin.query(`create table ${quoted}.doubtful (n int); create index half on ${quoted}.doubtful (n); create index half_ccnew1 on ${quoted}.doubtful (n);
      update pg_index set indisvalid = false where indexrelid in ('${quoted.replaceAll("'", "''")}.half'::regclass, '${quoted.replaceAll("'", "''")}.half_ccnew1'::regclass)`);
    assert.deepEqual((await offered('Invalid indexes')).map((sql) => sql.split(' ')[0]), ['reindex', 'drop']);
    await repairAll('Invalid indexes');
    assert.equal((await judged('Invalid indexes')).verdict.state, 'ok');
  });

  it('tells since when a session waits, not how long its statement runs', async function () {
    this.timeout(20_000);
    const [holder, waiter] = [await open(server.engine.adminUrl), await open(server.engine.adminUrl)];
    try {
      await admin.query('create table closed.locked ()');
      await holder.query('begin; lock table closed.locked');
      const waits = waiter.query("do $$ begin perform pg_sleep(3); lock table closed.locked; end $$").catch(() => undefined);
      await eventually('it waits', 10_000, async () => (await judged('Blocking locks')).rows.length === 1);
      const [row] = (await judged('Blocking locks')).rows;
      const seconds = Number(row?.['waiting_seconds']);
      assert.ok(major < 14 ? seconds >= 3 : seconds < 2, String(seconds));
      await holder.query('rollback');
      await waits;
    } finally {
      await Promise.all([holder.end(), waiter.end()]);
    }
  });

  it('finds who is held up by a prepared transaction, and offers to end no session for it', async function () {
    this.timeout(20_000);
    const waiter = await open(server.engine.adminUrl);
    try {
      await admin.query("begin; lock table closed.locked; prepare transaction 'left'");
      const waits = waiter.query('begin; lock table closed.locked; commit').catch(() => undefined);
      await eventually('it waits', 10_000, async () => (await judged('Blocking locks')).rows.length === 1);
      const [row] = (await judged('Blocking locks')).rows;
      assert.deepEqual([row?.['blocking_pid'], row?.['blocking_state']], [null, 'prepared transaction']);
      assert.deepEqual((await judged('Sessions that hold up others')).rows.map(({ pid, held_up: many, state }) => [pid, many, state]), [[null, '1', 'prepared transaction']]);
      assert.deepEqual([await offered('Blocking locks'), await offered('Sessions that hold up others')], [[], []]);
      await admin.query("rollback prepared 'left'");
      await waits;
    } finally {
      await waiter.end();
    }
  });

  it('ends no session that has the process id of another', async () => {
    const forgetful = await open(server.engine.adminUrl);
    try {
      await forgetful.query('begin; select 1');
      const { result } = await judged('Idle in transaction');
      assert.ok(result);
      const [first] = named('Idle in transaction').repairs;
      const sql = repairSql({ repairs: first ? [first] : [], result, broken: [0], head: [] }) ?? '';
      const [ending] = splitStatements(sql).map(({ text }) => text);
      await forgetful.query('commit; begin; select 2');
      assert.deepEqual((await admin.query(ending ?? '')).rows, [], 'another transaction by now');
      await forgetful.query('commit');
      // What a job ran as before the server was started anew.
      const { rows } = await forgetful.query<{ pid: number }>('select pg_backend_pid() as pid');
      await admin.query(`insert into cron.job_run_details (runid, jobid, job_pid, status, start_time) values (1, 7, ${rows[0]?.pid}, 'running', now() - interval '3 hours')`);
      assert.deepEqual((await judged('Cron jobs that run too long')).rows.map(({ is_connected: connected }) => connected), ['false']);
      const statements = await offered('Cron jobs that run too long');
      assert.equal(statements.length, 2);
      for (const statement of statements) {
        assert.deepEqual((await admin.query(statement)).rows, []);
      }
      await forgetful.query('select 3');
    } finally {
      await admin.query('delete from cron.job_run_details');
      await forgetful.end();
    }
  });

  it('counts a sequence against the column that takes its numbers', async () => {
    await admin.query(`create sequence ${quoted}.numbers; create table ${quoted}.numbered (id int default nextval('${quoted.replaceAll("'", "''")}.numbers'));
      alter sequence ${quoted}.numbers owned by ${quoted}.numbered.id; select setval('${quoted.replaceAll("'", "''")}.numbers', 2000000000);
      create sequence ${quoted}.again maxvalue 10 cycle; select setval('${quoted.replaceAll("'", "''")}.again', 10)`);
    const { verdict, rows } = await judged('Sequences near their end');
    assert.equal(verdict.state, 'critical');
    assert.deepEqual(rows.map(({ sequence_name: name, data_type: type, used_percent: used }) => [name, type, used]), [['numbers', 'integer', '93.13']]);
  });

  it('finds the worst table behind fifty that have more of it', async function () {
    this.timeout(60_000);
    await admin.query(`do $$ begin for i in 1..52 loop
      execute format('create table ${quoted.replaceAll("'", "''")}.%I as select n from generate_series(1, 11500) as n', 'many ' || i);
      execute format('delete from ${quoted.replaceAll("'", "''")}.%I where n <= 1100', 'many ' || i); end loop; end $$;
      create table closed.worst as select n from generate_series(1, 1300) as n; delete from closed.worst where n > 260`);
    await eventually('the server has counted', 10_000, async () => (await judged('Dead rows')).verdict.state === 'critical');
    const { rows } = await judged('Dead rows');
    assert.deepEqual([rows.length, rows[0]?.['table_name']], [50, 'worst']);
  });

  it('finds what is open in other schemas than public, by columns, and by way of other views', async () => {
    await admin.query(`create table ${quoted}.part_open (a int, b int); grant select (a) on ${quoted}.part_open to anon;
      create table closed.open (a int); grant select on closed.open to anon;
      create view closed.emails as select email from auth.users; create view ${quoted}.through as select * from closed.emails; grant select on ${quoted}.through to anon;
      create function ${quoted}.entrance() returns int language sql security definer set search_path = '' as 'select 1'`);
    const found = async (title: string, column: string) => (await judged(title)).rows.map((row) => [row['schema_name'], row[column]]);
    assert.deepEqual(await found('Tables without row-level security', 'table_name'), [[odd, 'part_open']]);
    assert.deepEqual(await found('Users within reach of the API', 'view_name'), [[odd, 'through']]);
    assert.deepEqual(await found('Views that pass by row-level security', 'view_name'), [[odd, 'through']]);
    assert.ok((await found('Definer functions that anybody may call', 'function_name')).some(([schema, name]) => schema === odd && name === 'entrance'));
    for (const title of ['Tables without row-level security', 'Users within reach of the API', 'Definer functions that anybody may call']) {
      await repairAll(title);
      assert.equal((await judged(title)).verdict.state, 'ok', title);
    }
  });

  it('reads options however they were spelt, and leaves out what nothing enforces', async () => {
    await admin.query(`create table public.untended (n int) with (autovacuum_enabled = 'OF'); create table public.tended (n int) with (autovacuum_enabled = 'y')`);
    assert.deepEqual((await judged('Tables without autovacuum')).rows.map(({ table_name: table }) => table), ['untended']);
    if (major >= 15) {
      await admin.query("create view public.asks with (security_invoker = 'Yes') as select 1; grant select on public.asks to anon");
      assert.deepEqual((await judged('Views that pass by row-level security')).rows.map(({ view_name: view }) => view).filter((view) => view === 'asks'), []);
    }
    if (major >= 18) {
      await admin.query('alter table public.tended add constraint wish check (n > 0) not enforced');
      assert.equal((await judged('Constraints not validated')).verdict.state, 'ok');
    }
  });

  it('offers to move only an extension that can be moved', async () => {
    await admin.query('create extension citext schema public; update pg_extension set extrelocatable = false where extname = $$citext$$');
    assert.deepEqual([(await judged('Extensions in public')).verdict.state, await offered('Extensions in public')], ['warn', []]);
    await admin.query('update pg_extension set extrelocatable = true where extname = $$citext$$');
    await repairAll('Extensions in public');
    assert.equal((await judged('Extensions in public')).verdict.state, 'ok');
  });

  it('is unknown, and says of what, where pg_stat_statements stands in another schema', async () => {
    await admin.query('alter extension pg_stat_statements set schema public');
    try {
      const { verdict } = await judged('Slow queries');
      assert.equal(verdict.state, 'unknown');
      assert.match(verdict.summary, /^needs the extension pg_stat_statements .* in the schema extensions/);
    } finally {
      await admin.query('alter extension pg_stat_statements set schema extensions');
    }
  });

  /** Every diagnostic answers; what cannot be known is unknown for a reason that is told. */
  async function allAnswer(database: Database): Promise<Map<string, string>> {
    const states = new Map<string, string>();
    for (const { step, title } of diagnostics) {
      const { verdict } = await diagnose(step, fakeConnection({ database }), byUser());
      states.set(title, verdict.state);
      assert.ok(verdict.state !== 'unknown' || /^needs /.test(verdict.summary), `${title}: ${verdict.summary}`);
    }
    return states;
  }

  it('answers on a database that holds nothing', async () => {
    await admin.query('create database nothing');
    const url = new URL(server.engine.adminUrl);
    url.pathname = '/nothing';
    const database = createPostgresDatabase({ connection: url.href, ssl: { ca: server.ca }, log: silent, clock: systemClock });
    try {
      const states = await allAnswer(database);
      const others = (state: string, pattern: RegExp) => [...states].filter(([title, each]) => pattern.test(title) && each !== state).map(([title]) => title);
      // What reads tables of Supabase's services, and of extensions.
      assert.deepEqual(others('unknown', /^(?:Buckets (?:by|without)|Public buckets|Large files|Old files|Growth|New users|Users who|Users with many|Sessions nobody|Failed (?:cron|requests)|Cron|Old history|Waiting requests|Slow queries|Queries that|Migrations applied)/), []);
      assert.deepEqual(others('ok', /index|row-level|^Policies (?:that|on|without)|^Tables/i), []);
    } finally {
      await database.close();
    }
  });

  // The last: the server is a replica from here on.
  it('answers on a replica', async function () {
    this.timeout(60_000);
    await server.engine.pause();
    await writeFile(path.join(path.dirname(server.engine.caPath), 'data', 'standby.signal'), '');
    await server.engine.resume();
    admin = await open(server.engine.adminUrl);
    assert.deepEqual((await admin.query('select pg_is_in_recovery() as is')).rows, [{ is: true }]);
    const states = await allAnswer(server.direct);
    assert.deepEqual(['Connections in use', 'Replication slots', 'Write-ahead log on disk', 'Size of the database', 'Age of transaction ids'].map((title) => states.get(title)).filter((state) => state === 'unknown'), []);
  });
});
