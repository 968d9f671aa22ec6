/** What a trial says, held against what the real CLI then does with the same files. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { planTrial } from '../../src/core/sql/trial/plan.ts';
import { tryMigrations, type Outcome } from '../../src/core/sql/trial/run.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { byUser, grammar, silent } from '../sql/server.ts';
import { Suite } from './suite.ts';

const schema = `
  create type public.mood as enum ('fine');
  create table public.people (id int primary key, mood public.mood);
  create table public.kept (id int references public.people deferrable initially deferred);`;

/**
 * `tried` and `applied`: what a trial and the CLI make of each file; `applied` alone where the trial says that it cannot be known.
 * The CLI stops at what fails.
 */
const cases: readonly { readonly title: string; readonly files: readonly string[]; readonly tried: readonly string[]; readonly applied: readonly string[] }[] = [
  same('a file is one transaction', ['create table a (id int); select 1/0;', 'select 1;'], ['22012']),
  same('settings of a session end with the file', ["set search_path = ''; select set_config('search_path', '', false);", 'select * from people;'], ['ran', 'ran']),
  same('settings of a transaction end with it', ["set local search_path = '';", 'select * from people;'], ['ran', 'ran']),
  same('settings of a transaction of the file’s own end with it', ["begin; set local search_path = ''; commit; select * from people;"], ['ran']),
  same('temporary tables stay with the session', ['create temp table t (id int);', 'create temp table t (id int);'], ['ran', '42P07']),
  same('temporary tables may end with the transaction', ['create temp table "T 1" on commit drop as select 1 as id;', 'create temp table "T 1" (id int) on commit drop;', 'create table pg_temp."T 1" (id int) on commit drop;', 'begin; create temp table "T 1" (id int) on commit drop; commit; create temp table "T 1" (id int);'], ['ran', 'ran', 'ran', 'ran']),
  same('rows of temporary tables may end with the transaction', ['create temp table "T 1" (id int unique) on commit delete rows; insert into "T 1" values (1);', 'insert into "T 1" values (1);', 'drop table "T 1";', 'select 1;'], ['ran', 'ran', 'ran', 'ran']),
  same('a new value of an enumeration is used in its own transaction', ["alter type mood add value 'new'; insert into people values (1, 'new');"], ['55P04']),
  same('a constraint is checked at the end', ['insert into kept values (7); insert into people (id) values (7);'], ['ran']),
  same('a constraint is checked at COMMIT', ['begin; insert into kept values (7); commit; insert into people (id) values (7);'], ['23503']),
  same('a constraint is checked with each statement', ['-- pg-delta: transaction=false\ninsert into kept values (7); insert into people (id) values (7);'], ['23503']),
  same('a file without a transaction goes on', ['-- pg-delta: transaction=false\ninsert into people (id) values (7); insert into kept values (7);', 'select 1/0;'], ['ran', '22012']),
  unknown('a new value is used in a later file', ["alter type mood add value 'new';", "insert into people values (1, 'new');"], ['ran', 'enumValue'], ['ran', 'ran']),
  unknown('a new value is used after a COMMIT', ["begin; alter type mood add value 'new'; commit; begin; insert into people values (1, 'new'); commit;"], ['enumValue'], ['ran']),
  unknown('a new value is used after a statement that stood alone', ["alter type mood add value 'new'; begin; insert into people values (1, 'new'); commit;"], ['enumValue'], ['ran']),
  unknown('a new value is used without a transaction', ["-- pg-delta: transaction=false\nalter type mood add value 'new'; insert into people values (1, 'new');"], ['enumValue'], ['ran']),
  unknown('what refuses a transaction stands in the middle', ['create table a (id int); create index concurrently on a (id); create table b (id int);'], ['outsideTransaction'], ['ran']),
  unknown('what refuses a transaction is none that the CLI knows', ['create table a (id int) partition by range (id); create table b partition of a for values from (1) to (2); alter table a detach partition b concurrently;'], ['outsideTransaction'], ['25001']),
  unknown('a file rolls back', ['begin; create table a (id int); rollback; create table a (id int);'], ['control'], ['ran']),
  unknown('a file has a savepoint and no transaction of its own', ['savepoint s; create table a (id int); rollback to s;'], ['control'], ['25P01']),
  unknown('code commits', ['do $$ begin create table a (id int); commit; end $$;'], ['control'], ['ran']),
  // The role writes the history: with a database password, as here, it may not. The report of a trial says so.
  unknown('a role ends with the transaction', ['create role helper; grant helper to postgres; set local role helper; select 1;', 'create table a (id int);'], ['ran', 'ran'], ['42501']),
];

function same(title: string, files: readonly string[], applied: readonly string[]): (typeof cases)[number] {
  return { title, files, tried: applied, applied };
}

function unknown(title: string, files: readonly string[], tried: readonly string[], applied: readonly string[]): (typeof cases)[number] {
  return { title, files, tried, applied };
}

for (const major of ['cli3', 'cli2'] as const) {
  describe(`migrations as the real CLI applies them, ${major}:`, function () {
    this.timeout(60_000);
    const suite = new Suite(major);
    let postgres: PostgresEngine;
    let ca: string;
    before(async () => {
      postgres = await startPostgres();
      ca = await readFile(postgres.caPath, 'utf8');
      await suite.start();
    });
    after(async () => {
      await suite.stop();
      await postgres.stop();
    });

    for (const [index, { title, files, tried, applied }] of cases.entries()) {
      it(title, async () => {
        const name = `case_${index}`;
        await run(postgres.adminUrl, `create database ${name} owner postgres`);
        const url = new URL(postgres.url);
        url.pathname = `/${name}`;
        await run(url.href, schema);
        assert.deepEqual(await trial(url), tried);
        assert.deepEqual(await push(url), applied);
      });

      async function trial(url: URL): Promise<string[]> {
        const database = createPostgresDatabase({ connection: url.href, ssl: { ca }, log: silent, clock: systemClock });
        try {
          const plan = await planTrial(files.map((text, at) => ({ path: `supabase/migrations/${at + 1}_m.sql`, text })), grammar, byUser().signal);
          return (await tryMigrations(plan, { database, clock: systemClock }, byUser().signal)).map(({ outcome }) => wordsOf(outcome)).filter((words) => words !== 'notTried');
        } finally {
          await database.close();
        }
      }

      /** What the history holds afterwards, and the state of the error that ended it. */
      async function push(url: URL): Promise<string[]> {
        const workdir = await suite.tree({ 'supabase/config.toml': 'project_id = "acme"\n', ...Object.fromEntries(files.map((text, at) => [`supabase/migrations/${at + 1}_m.sql`, text])) });
        const target = new URL(url);
        target.password = '';
        target.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: postgres.caPath }).toString();
        const { code, stdout, stderr } = await suite.run(['db', 'push', '--yes'], { workdir, environment: { PGPASSWORD: decodeURIComponent(url.password) } }, ['--db-url', target.toString()]);
        const [, state = ''] = /SQLSTATE (\w{5})/.exec(stderr + stdout) ?? [];
        assert.equal(code === 0, state === '', stderr);
        const history = await run(url.href, 'select version from supabase_migrations.schema_migrations');
        return [...history.map(() => 'ran'), ...(state === '' ? [] : [state])];
      }
    }

    async function run(connectionString: string, sql: string): Promise<unknown[]> {
      const client = new pg.Client({ connectionString, ssl: { ca } });
      await client.connect();
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } finally {
        await client.end();
      }
    }
  });
}

function wordsOf(outcome: Outcome): string {
  return outcome.kind === 'failed' ? outcome.facts.sqlState : outcome.kind === 'unknown' ? outcome.because : outcome.kind;
}
