import assert from 'node:assert/strict';
import { isOpsError } from '../../src/core/errors.ts';
import type { Database } from '../../src/core/ports.ts';
import { gather } from '../../src/core/sql/result.ts';
import { runStatement } from '../../src/core/sql/run.ts';
import { ask, byUser, grammar, request, startServer, type Server } from './server.ts';

/** SAFETY 11: each of these got a row into the table, or acted, when reading was only a setting. */
const bypasses = [
  'begin read write; insert into public.notes values (1); commit',
  'commit; insert into public.notes values (1)',
  'rollback; begin read write; insert into public.notes values (1); commit',
  'set transaction read write; insert into public.notes values (1)',
  'set session characteristics as transaction read write; insert into public.notes values (1)',
  'set default_transaction_read_only = off; insert into public.notes values (1)',
  'select 1; insert into public.notes values (1)',
  "select set_config('transaction_read_only', 'off', false); insert into public.notes values (1)",
  "with off as (select set_config('transaction_read_only', 'off', true)), put as (insert into public.notes values (1) returning *) select * from off, put",
  'insert into public.notes values (1)',
  'with put as (insert into public.notes values (1) returning *) select * from put',
  'explain analyze insert into public.notes values (1)',
  'select public.put_note()',
  'do $$ begin insert into public.notes values (1); end $$',
  'do $$ begin set transaction read write; insert into public.notes values (1); end $$',
  'do $$ begin commit; insert into public.notes values (1); end $$',
  'call public.put_note_and_commit()',
  'create table public.more as select 1 as id',
  'select 1 as id into public.more',
  'truncate public.notes',
  'copy public.notes from program \'echo 1\'',
  'select * from public.notes for update',
  "select nextval('public.numbers')",
  'begin read write',
  'set transaction read write',
  "set transaction_read_only = off",
  "select set_config('transaction_read_only', 'off', false)",
];

/** The read-only transaction lets these through: only the grammar stops them. */
const acting = [
  "select pg_notify('channel', 'payload')",
  'select pg_advisory_lock(4711)',
  'select pg_terminate_backend(pid) from pg_stat_activity where false',
  'select pg_stat_reset()',
  "select set_config('search_path', 'evil', false)",
  "select query_to_xml('select pg_advisory_lock(4711)', true, true, '')",
  'listen channel',
];

describe('reading only', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create table public.notes (id int); create sequence public.numbers;
         create function public.put_note() returns int language sql as 'insert into public.notes values (1) returning id';
         create procedure public.put_note_and_commit() language plpgsql as 'begin commit; insert into public.notes values (1); end';
         create function public.count_notes() returns bigint language sql stable as 'select count(*) from public.notes';
         grant all on public.notes, public.numbers to postgres;`,
      ],
    });
  });
  after(() => server.stop());

  /** How the world would look different if a bypass worked. */
  async function assertNothingHappened(sql: string): Promise<void> {
    const [found] = await server.look(
      `select (select count(*)::int from public.notes) as notes, to_regclass('public.more') as more, (select is_called from public.numbers) as moved,
       (select count(*)::int from pg_locks where locktype = 'advisory') as locks`,
    );
    assert.deepEqual(found, { notes: 0, more: null, moved: false, locks: 0 }, sql);
  }

  const ways: Record<string, () => Database> = { pg: () => server.direct, 'the API': () => server.api };
  for (const [name, database] of Object.entries(ways)) {
    describe(`over ${name}`, () => {
      for (const sql of bypasses) {
        it(`is not got round by ${sql}`, async () => {
          const running = gather(runStatement({ grammar, database: database() }, { statement: sql, rowLimit: 10, timeoutMs: 5000, background: false }, byUser()));
          await assert.rejects(running, (error) => isOpsError(error, 'notReadOnly', 'sqlSyntax'));
          await assertNothingHappened(sql);
        });
      }

      for (const sql of acting) {
        it(`refuses ${sql}`, async () => {
          const running = gather(runStatement({ grammar, database: database() }, { statement: sql, rowLimit: 10, timeoutMs: 5000, background: false }, byUser()));
          await assert.rejects(running, (error) => isOpsError(error, 'notReadOnly'));
          await assertNothingHappened(sql);
        });
      }

      it('reads, and knows from the catalog which functions only read', async () => {
        const run = (statement: string) =>
          gather(runStatement({ grammar, database: database() }, { statement, rowLimit: 10, timeoutMs: 5000, background: false }, byUser()));
        assert.deepEqual((await run('select public.count_notes() as n, count(*) as m from public.notes')).rows, [['0', '0']]);
        await assert.rejects(run('select public.no_such_function()'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42883');
      });

      it('finds public tables without their schema', async () => {
        assert.deepEqual((await ask(database(), 'select count(*) as n from notes')).rows, [['0']]);
      });
    });
  }

  it('gives the same rows over both ways for names without their schema', async () => {
    for (const text of ['select count(*)::text as n from notes', 'select current_schemas(false)::text as found', "select to_regclass('notes')::oid::text as found", "select to_regclass('pg_stat_statements')::oid::text as found", 'select count_notes()::text as n']) {
      const [direct, api] = [await ask(server.direct, text), await ask(server.api, text)];
      assert.deepEqual(api.rows, direct.rows, text);
      assert.equal(direct.rows.length, 1);
    }
  });

  describe('by the server alone, whatever the grammar would say', () => {
    for (const sql of bypasses) {
      it(`holds against ${sql}`, async () => {
        // Single statements about the transaction succeed and change nothing; the others fail.
        await ask(server.direct, sql).catch((error: unknown) => assert.ok(isOpsError(error, 'queryFailed'), String(error)));
        await assertNothingHappened(sql);
        const [after] = (await ask(server.direct, "select current_setting('transaction_read_only'), current_setting('search_path')")).rows;
        assert.deepEqual(after, ['on', '"$user", public, extensions']);
      });
    }
  });

  it('leaves no transaction and no setting behind on the connection', async () => {
    for (const sql of ['select 1', 'commit', 'set statement_timeout = 1', 'select 1 / 0', 'begin']) {
      await ask(server.direct, sql).catch(() => {});
    }
    await ask(server.direct, 'insert into public.notes values (2)', { mode: 'write' });
    const sessions = await server.look(`select state, xact_start from pg_stat_activity where application_name = 'opsbook'`);
    assert.ok(sessions.length > 0);
    for (const session of sessions) {
      assert.deepEqual(session, { state: 'idle', xact_start: null });
    }
    assert.deepEqual((await ask(server.direct, 'show statement_timeout', { timeoutMs: 1234 })).rows, [['1234ms']]);
    assert.deepEqual((await ask(server.direct, "select current_setting('statement_timeout')", { mode: 'write' })).rows, [['2min']]);
    await ask(server.direct, 'delete from public.notes', { mode: 'write' });
  });

  it('sends over the API nothing but one statement, in either mode', async () => {
    for (const mode of ['read', 'write'] as const) {
      for (const sql of ['select 1; select 2', 'begin', 'set role anon']) {
        const running = gather(server.api.run(request(sql, { mode }), byUser()));
        await assert.rejects(running, (error) => isOpsError(error, 'notReadOnly', 'sqlSyntax'), sql);
      }
    }
  });
});
