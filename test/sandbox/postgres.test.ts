import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startPostgres } from './postgres.ts';
import type { PostgresEngine, SqlFailure } from './types.ts';

describe('sandbox Postgres', () => {
  let engine: PostgresEngine;

  before(async () => {
    engine = await startPostgres({
      sql: [
        'create table public.tokens (id bigint primary key, name text); alter table public.tokens enable row level security;',
        `insert into public.tokens values (1, 'first'), (9007199254740993, 'beyond double precision')`,
        `insert into auth.users (id, email) values ('00000000-0000-0000-0000-000000000001', 'ada@example.com')`,
      ],
    });
  });

  after(() => engine.stop());

  async function rows(sql: string, readOnly = false, parameters?: unknown[]): Promise<Record<string, unknown>[]> {
    const answer = await engine.query(sql, parameters === undefined ? { readOnly } : { readOnly, parameters });
    assert.ok('rows' in answer, JSON.stringify(answer));
    return answer.rows;
  }

  async function failure(sql: string, readOnly = false): Promise<SqlFailure> {
    const answer = await engine.query(sql, { readOnly });
    assert.ok('failure' in answer, JSON.stringify(answer));
    return answer.failure;
  }

  it('makes `postgres` what it is on a hosted project: powerful, but no superuser', async () => {
    const [role] = await rows(`
      select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls,
        pg_has_role('postgres', 'pg_monitor', 'member') as monitor,
        pg_has_role('postgres', 'pg_read_all_data', 'member') as reads,
        pg_has_role('postgres', 'pg_signal_backend', 'member') as signals
      from pg_roles where rolname = current_user`);
    assert.deepEqual(role, {
      rolsuper: false,
      rolcreaterole: true,
      rolcreatedb: true,
      rolbypassrls: true,
      monitor: true,
      reads: true,
      signals: true,
    });
    assert.equal((await failure('create role mallory superuser')).sqlState, '42501');
  });

  it('has every table and view that diagnostics look at, readable over both ways', async () => {
    const relations = [
      'auth.users', 'auth.sessions', 'auth.identities', 'storage.buckets', 'storage.objects', 'cron.job',
      'cron.job_run_details', 'net.http_request_queue', 'net._http_response', 'realtime.subscription', 'realtime.messages',
      'vault.secrets', 'supabase_migrations.schema_migrations', 'extensions.pg_stat_statements',
      'extensions.pg_stat_statements_info', 'pg_catalog.pg_stat_activity',
    ];
    for (const relation of relations) {
      for (const readOnly of [false, true]) {
        assert.equal((await rows(`select count(*) as n from ${relation}`, readOnly)).length, 1, relation);
      }
    }
  });

  it('decrypts vault secrets for `postgres` and refuses the read-only role', async () => {
    await rows(`select vault.create_secret('hush', 'api-key')`);
    const query = `select decrypted_secret from vault.decrypted_secrets where name = 'api-key'`;
    assert.deepEqual(await rows(query), [{ decrypted_secret: 'hush' }]);
    assert.equal((await failure(query, true)).sqlState, '42501');
    assert.notEqual((await rows(`select secret from vault.secrets where name = 'api-key'`))[0]?.['secret'], 'hush');
  });

  it('runs a read-only call as supabase_read_only_user with an empty search path', async () => {
    assert.deepEqual(await rows(`select current_user as role, current_setting('search_path') as path`, true), [
      { role: 'supabase_read_only_user', path: '' },
    ]);
    assert.equal((await failure('select * from tokens', true)).sqlState, '42P01');
    assert.equal((await rows('select id from public.tokens', true)).length, 2);
  });

  it('lets no way around read-only write', async () => {
    const attempts = [
      `insert into public.tokens values (3, 'x')`,
      `begin read write; insert into public.tokens values (3, 'x'); commit`,
      `set default_transaction_read_only = off; commit; begin read write; delete from public.tokens; commit`,
      'set role postgres; delete from public.tokens',
      'create table public.mine (a int)',
    ];
    for (const attempt of attempts) {
      assert.match((await failure(attempt, true)).sqlState, /^(25006|42501)$/, attempt);
    }
    assert.equal((await rows('select id from public.tokens')).length, 2);
  });

  it('applies row-level security and claims to the API roles', async () => {
    const claims = `set local role authenticated; select set_config('request.jwt.claims', '{"sub":"00000000-0000-0000-0000-000000000001","role":"authenticated"}', true);`;
    assert.deepEqual(await rows(`begin; ${claims} select auth.uid() as uid, auth.role() as role; rollback`), [
      { uid: '00000000-0000-0000-0000-000000000001', role: 'authenticated' },
    ]);
    assert.deepEqual(await rows(`begin; ${claims} select count(*) as n from public.tokens; rollback`), [{ n: 0 }]);
  });

  it('gives int8 beyond double precision, dates and times as text, and the last rows of several statements', async () => {
    assert.deepEqual(await rows('select id from tokens order by id; select 1 where false'), [
      { id: 1 },
      { id: '9007199254740993' },
    ]);
    assert.deepEqual(await rows(`select '2026-11-20 10:00:00.000001+00'::timestamptz as at, $1::text as given`, true, ['x']), [
      { at: '2026-11-20 10:00:00.000001+00', given: 'x' },
    ]);
  });

  it("reports Postgres' own fields of an error", async () => {
    const { position, ...facts } = await failure('select nme from tokens');
    assert.equal(position, 8);
    assert.equal(facts.sqlState, '42703');
    assert.equal(facts.message, 'column "nme" does not exist');
    assert.match(facts.hint ?? '', /tokens\.name/);
    assert.match((await failure(`insert into tokens values (1, 'again')`)).detail ?? '', /already exists/);
  });

  it('keeps no session state from one call to the next', async () => {
    await rows(`set search_path = ''; set statement_timeout = 1`);
    assert.deepEqual(await rows(`select current_setting('search_path') as path`), [{ path: '"$user", public, extensions' }]);
  });

  it('speaks TLS only, with a certificate that its own CA vouches for', async () => {
    const ca = await readFile(engine.caPath, 'utf8');
    const verified = new pg.Client({ connectionString: engine.url, ssl: { ca } });
    await verified.connect();
    assert.deepEqual((await verified.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows, [{ ssl: true }]);
    await verified.end();
    await assert.rejects(new pg.Client({ connectionString: engine.url, ssl: true }).connect(), /unable to verify/);
    await assert.rejects(new pg.Client({ connectionString: engine.url, ssl: false }).connect(), /no encryption/);
  });

  it('is away while paused, and back with its data', async () => {
    await engine.pause();
    await assert.rejects(engine.query('select 1', { readOnly: true }), /ECONNREFUSED/);
    await engine.resume();
    assert.equal((await rows('select id from public.tokens')).length, 2);
  });

  it('names the script and the line of scenario SQL that fails', async () => {
    await assert.rejects(startPostgres({ sql: ['select 1;\nselect nowhere;'] }), /scenario SQL 1, line 2: 42703/);
  });

  it('starts as major 15, and with an open port as a local stack has it', async () => {
    const local = await startPostgres({ major: 15, password: 'postgres', tls: 'accepted' });
    try {
      const client = new pg.Client({ connectionString: `postgresql://postgres:postgres@127.0.0.1:${local.port}/postgres` });
      await client.connect();
      assert.match((await client.query<{ version: string }>('select version()')).rows[0]?.version ?? '', /^PostgreSQL 15\./);
      await client.end();
    } finally {
      await local.stop();
    }
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-killed-'));
    const code = `import { startPostgres } from './postgres.ts';
      console.log((await startPostgres({ folder: process.argv[1] })).port); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const port = Number(line.toString());
    assert.equal(await isOpen(port), true);
    parent.kill('SIGKILL');
    for (let attempt = 0; attempt < 50 && (await isOpen(port)); attempt += 1) {
      await delay(100);
    }
    assert.equal(await isOpen(port), false);
    await rm(folder, { recursive: true });
  });
});

async function isOpen(port: number): Promise<boolean> {
  const socket = connectSocket(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
