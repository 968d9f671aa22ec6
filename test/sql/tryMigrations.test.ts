import assert from 'node:assert/strict';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { isOpsError } from '../../src/core/errors.ts';
import type { Clock } from '../../src/core/ports.ts';
import { readAppliedMigrations } from '../../src/core/sql/catalog.ts';
import { planTrial } from '../../src/core/sql/trial/plan.ts';
import { totalMs, tryMigrations, type Outcome, type TriedMigration } from '../../src/core/sql/trial/run.ts';
import { byUser, grammar, startServer, type Server } from './server.ts';

describe('migrations that are tried', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create type public.mood as enum ('fine', 'bad');
         create table public.people (id bigint primary key, born date, mood public.mood);
         insert into public.people values (1, null, 'fine');
         create sequence public.counted;
         alter table public.people owner to postgres; alter sequence public.counted owner to postgres; alter type public.mood owner to postgres;`,
      ],
    });
  });
  after(() => server.stop());

  async function tried(files: readonly string[], { clock = systemClock, signal = byUser().signal }: { clock?: Clock; signal?: AbortSignal } = {}): Promise<readonly TriedMigration[]> {
    const plan = await planTrial(files.map((text, index) => ({ path: `supabase/migrations/${index + 1}_m.sql`, text })), grammar, byUser().signal);
    return tryMigrations(plan, { database: server.direct, clock }, signal);
  }

  /** Each file's outcome, with what is marked in it. */
  async function outcomes(...files: readonly string[]): Promise<string[]> {
    return (await tried(files)).map(({ outcome, migration: { text } }) => wordsOf(outcome, text));
  }

  function wordsOf(outcome: Outcome, text: string): string {
    const marked = 'at' in outcome ? ` «${text.slice(outcome.at.start, outcome.at.end)}»` : '';
    return `${outcome.kind}${marked}${outcome.kind === 'failed' ? ` ${outcome.facts.sqlState}` : outcome.kind === 'unknown' ? ` ${outcome.because}` : ''}`;
  }

  async function leavesNothing(): Promise<void> {
    assert.deepEqual(await server.look("select (select count(*)::int from people) as people, (select count(*)::int from pg_class where relname in ('a', 'b', 'kept')) as made"), [{ people: 1, made: 0 }]);
    assert.deepEqual(await server.look("select l.mode from pg_locks l join pg_stat_activity a using (pid) where a.application_name = 'opsbook' and l.relation is not null"), []);
  }

  it('run in order in one transaction, of which nothing is left: no row, no table, no lock', async () => {
    const files = ['create table a (id int primary key, x text); insert into a values (1);', "alter table a add column y int not null default 2; insert into people (id) select id + 1 from a;", 'drop table people; create view b as select y from a;'];
    const all = await tried(files);
    assert.deepEqual(all.map(({ outcome, ran }) => [outcome.kind, ran]), [['ran', 2], ['ran', 2], ['ran', 2]]);
    await leavesNothing();
  });

  const cases: [title: string, files: readonly string[], expected: readonly string[]][] = [
    ['fail where the server says, whatever stands before it, and end there', ["-- '😀é';\nselect '😀é';\nselect 1;\ncreate table a (id int);\nalter table a add column größe int, alter column nothing type text;", 'select 1'], ['failed «alter» 42703', 'notTried']],
    ['fail at a position', ['create table a (id int);', "select '😀';\nselect id = now() from a;", 'select 1;'], ['ran', 'failed «=» 42883', 'notTried']],
    ['fail by the rows that are there', ['alter table people alter column born set not null'], ['failed «alter» 23502']],
    ['fail where a deferred constraint would fail at the end', ['create table a (id int references people deferrable initially deferred); insert into a values (7); select 1;', ''], ['failed «select» 23503', 'notTried']],
    ['pass where a deferred constraint holds at the end of its file', ['create table a (id int references people deferrable initially deferred); insert into a values (7); insert into people (id) values (7);', 'insert into a values (8); insert into people (id) values (8);'], ['ran', 'ran']],
    ['fail by the syntax of a body', ['create function f() returns int language plpgsql as $$ begin retrun 1; end $$;'], ['failed «retrun» 42601']],
    ['fail by their own syntax', ['select 1; selct 2;'], ['failed «selct» 42601']],
    ['leave out BEGIN, COMMIT and limits of their own', ['begin; create table kept (id int); insert into people (id) values (9); commit; set lock_timeout = 0; set statement_timeout = 0; begin transaction; select 1; end;'], ['ran']],
    ['begin each file as the CLI does', ['set search_path = pg_temp; create table pg_temp.a (id int);', 'create table kept (id int); select * from people;', "select set_config('search_path', '', false);", 'select * from people'], ['ran', 'ran', 'ran', 'ran']],
    ['are not known from what runs alone on', ['create table a (id int); create index concurrently on people (born); select 1', 'select 1'], ['unknown «create» outsideTransaction', 'notTried']],
    ['are not known from VACUUM on', ['vacuum people;'], ['unknown «vacuum» outsideTransaction']],
    ['are not known from ROLLBACK on', ['create table kept (id int); rollback; select 1'], ['unknown «rollback» control']],
    ['are not known from a COMMIT within code on', ['create table kept (id int); do $$ begin commit; end $$;'], ['unknown «do» control']],
    ['are not known from a statement for psql on', ['\\set a 1\nselect 1;'], ['unknown «\\» psql']],
    ['are not known from the data of COPY on', ['copy people (id) from stdin;\n7\n\\.\nselect 1;'], ['unknown «copy» psql']],
    ['are not known from what reaches elsewhere on', ["select 1; select dblink_exec('x', 'y');"], ['unknown «select» acts']],
    ['are not known from what stays with the connection on', ['prepare p as select 1;'], ['unknown «prepare» session']],
    ['are not known where a later file uses a new value of an enumeration', ["alter type mood add value 'new';", "insert into people (id, mood) values (5, 'new');"], ['ran', 'unknown «insert» enumValue']],
    ['are not known where the same file commits before it uses it', ["begin; alter type mood add value 'new'; commit; insert into people (id, mood) values (5, 'new');"], ['unknown «insert» enumValue']],
    ['fail at the COMMIT of the file itself', ['begin; create table a (id int references people deferrable initially deferred); insert into a values (7); commit; insert into people (id) values (7);'], ['failed «commit» 23503']],
    ['leave no role behind', ['create role helper; grant helper to postgres; set local role helper; select 1;', 'create table kept (id int);'], ['ran', 'ran']],
    ['end settings of a transaction with it', ["set search_path = public, pg_temp; begin; set local search_path = ''; commit; select * from people; select 1 / (current_setting('search_path') = 'public, pg_temp')::int;"], ['ran']],
    ['fail where the same file uses it', ["alter type mood add value 'new'; insert into people (id, mood) values (5, 'new');"], ["failed «'new'» 55P04"]],
    ['are not known where a statement takes too long', ['select pg_sleep(3);', 'select 1'], ['unknown «select» time', 'notTried']],
    ['are nothing', [''], ['ran']],
  ];
  for (const [title, files, expected] of cases) {
    it(title, async () => {
      assert.deepEqual(await outcomes(...files), expected);
      await leavesNothing();
    }).timeout(10_000);
  }

  it('all run where they are right: those of the scenario, one after the other', async () => {
    const scenario = path.resolve(import.meta.dirname, '../sandbox/scenario/workspace');
    const files: string[] = [];
    for await (const file of glob(`${scenario}/**/supabase/migrations/*.sql`)) {
      files.push(file);
    }
    files.sort((one, other) => (path.basename(one) < path.basename(other) ? -1 : 1));
    assert.ok(files.length >= 8);
    const texts = await Promise.all(files.map(async (file) => readFile(file, 'utf8')));
    assert.deepEqual(await outcomes(...texts), texts.map(() => 'ran'));
    await leavesNothing();
  }).timeout(30_000);

  it('do not wait for a lock that somebody has', async () => {
    const holder = await server.direct.begin(60_000, byUser());
    for await (const event of holder.run({ text: 'select * from people for update', values: [], mode: 'write', rowLimit: 1, timeoutMs: 5000, background: false }, byUser())) {
      assert.notEqual(event.kind, 'notice');
    }
    const began = performance.now();
    assert.deepEqual(await outcomes('alter table people add column x int;'), ['unknown «alter» lock']);
    assert.ok(performance.now() - began < 2000);
    await holder.rollBack();
  });

  it('end when the time of all together is up, and hold no lock any more', async () => {
    const clock: Clock = { now: () => systemClock.now(), sleep: async (milliseconds, signal) => systemClock.sleep(milliseconds === totalMs ? 300 : milliseconds, signal) };
    const all = await tried(['alter table people add column x int; select pg_sleep(1.5); select 1;'], { clock });
    assert.deepEqual(all.map(({ outcome, ran, migration: { text } }) => [wordsOf(outcome, text), ran]), [['unknown «select» time', 1]]);
    await leavesNothing();
  });

  it('end when somebody cancels, and are rolled back', async () => {
    const controller = new AbortController();
    const trial = tried(['alter table people add column x int; select pg_sleep(1.5);'], { signal: controller.signal });
    setTimeout(() => controller.abort(), 300);
    await assert.rejects(trial, (error) => isOpsError(error, 'cancelled'));
    await leavesNothing();
  });

  it('leave sequences where they were moved to, as it is said beforehand', async () => {
    assert.deepEqual(await outcomes("select nextval('counted');"), ['ran']);
    assert.deepEqual(await server.look('select is_called from counted'), [{ is_called: true }]);
  });

  it('tell the warnings of the server', async () => {
    const [first] = await tried(["do $$ begin raise warning 'mind'; raise notice 'never'; end $$;"]);
    assert.deepEqual(first?.warnings, ['mind']);
  });

  it('are pending by what the database says was applied', async () => {
    assert.deepEqual(await readAppliedMigrations(server.direct, byUser()), []);
    await server.look("create schema if not exists supabase_migrations; create table if not exists supabase_migrations.schema_migrations (version text); insert into supabase_migrations.schema_migrations (version) values ('1'), ('3')");
    assert.deepEqual(await readAppliedMigrations(server.direct, byUser()), ['1', '3']);
  });
});
