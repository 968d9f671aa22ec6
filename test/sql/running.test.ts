import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { isOpsError } from '../../src/core/errors.ts';
import { unpackColumn } from '../../src/core/sql/packedRows.ts';
import { gather, type ResultEvent } from '../../src/core/sql/result.ts';
import { ask, byUser, eventually, request, silent, startServer, type Server } from './server.ts';

describe('running over pg', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create table public.parents (id int primary key);
         create table public.children (id int, parent int references public.parents deferrable initially deferred);
         alter table public.parents owner to postgres; alter table public.children owner to postgres;`,
      ],
    });
  });
  after(() => server.stop());

  const running = async (part: string): Promise<boolean> =>
    (await server.look(`select 1 from pg_stat_activity where state = 'active' and pid <> pg_backend_pid() and query like '%${part}%'`)).length > 0;
  const count = async (table: string): Promise<unknown> => (await server.look(`select count(*)::int as n from ${table}`))[0]?.['n'];

  it('streams a hundred thousand rows without holding them', async () => {
    let [rows, sum, batches, first] = [0, 0, 0, 0];
    const before = heapInUse();
    const held: number[] = [];
    const began = performance.now();
    const text = "select i, repeat('x', 200) from generate_series(1, 100000) i";
    for await (const event of server.direct.run(request(text, { rowLimit: 1_000_000 }), byUser())) {
      if (event.kind === 'packed') {
        first ||= performance.now() - began;
        batches++;
        rows += event.packed.starts.length;
        sum += unpackColumn(event.packed, 0).reduce((total, cell) => total + Number(cell), 0);
        if (rows >= (held.length + 1) * 20_000) {
          held.push(heapInUse() - before);
        }
      }
    }
    assert.deepEqual([rows, sum], [100_000, 5_000_050_000]);
    assert.ok(batches > 40, `${batches} batches`);
    assert.ok(first < performance.now() - began, 'the first rows came with the last');
    // All of them are some 40 MB as JavaScript's strings and arrays.
    assert.equal(held.length, 5);
    assert.ok(Math.max(...held) < 15_000_000, `${held.join(', ')} bytes held`);
  });

  it('stops at the row limit and says that there was more, or that there was not', async () => {
    const limited = await ask(server.direct, 'select * from generate_series(1, 100000)', { rowLimit: 3 });
    assert.deepEqual([limited.rows, limited.truncated], [[['1'], ['2'], ['3']], true]);
    const exact = await ask(server.direct, 'select * from generate_series(1, 3)', { rowLimit: 3 });
    assert.deepEqual([exact.rows.length, exact.truncated], [3, false]);
    const none = await ask(server.direct, 'select * from generate_series(1, 3)', { rowLimit: 0 });
    assert.deepEqual([none.rows, none.columns.length, none.truncated], [[], 1, true]);
  });

  it('lets the server count with several processes, and stops it where there are more groups than the limit', async () => {
    const admin = new pg.Client({ connectionString: server.engine.adminUrl, ssl: { ca: server.ca } });
    await admin.connect();
    const database = createPostgresDatabase({ connection: server.engine.url, ssl: { ca: server.ca }, log: silent, clock: systemClock });
    const first = async (sql: string, more = {}): Promise<unknown> => (await gather(database.run(request(sql, more), byUser()))).rows[0]?.[0];
    try {
      // The server's own process leaves the reading to others, where it may.
      await admin.query(`create table public.many as select n from generate_series(1, 300000) as n; analyze public.many; grant select on public.many to postgres;
        create function public.reader() returns int language plpgsql parallel safe as 'begin return pg_backend_pid(); end';
        ${['min_parallel_table_scan_size = 0', 'parallel_setup_cost = 0', 'parallel_tuple_cost = 0', 'parallel_leader_participation = off'].map((setting) => `alter role postgres set ${setting}`).join('; ')}`);
      const own = await first('select pg_backend_pid()');
      assert.equal(await first('select max(public.reader()) from public.many'), own);
      assert.notEqual(await first('select max(public.reader()) from public.many', { gathers: true }), own);
      const groups = await gather(database.run(request('select n, count(*) from public.many group by n', { gathers: true, rowLimit: 100 }), byUser()));
      assert.deepEqual([groups.rows.length, groups.truncated], [100, true]);
      assert.equal(await first('select 1'), '1');
      await eventually('the server stops', 2000, async () => !(await running('group by n')));
    } finally {
      await database.close();
      await admin.query('drop table public.many; drop function public.reader(); alter role postgres reset all');
      await admin.end();
    }
  });

  it('sends columns first and done last, with command and count', async () => {
    const events = async (text: string): Promise<ResultEvent[]> => {
      const all: ResultEvent[] = [];
      for await (const event of server.direct.run(request(text, { mode: 'write' }), byUser())) {
        all.push(event);
      }
      return all;
    };
    const inserted = await events('insert into public.parents select generate_series(1, 5) returning id');
    assert.deepEqual(inserted.map(({ kind }) => kind), ['columns', 'packed', 'done']);
    const done = async (text: string): Promise<unknown> => {
      const last = (await events(text)).at(-1);
      assert.ok(last?.kind === 'done');
      return [last.command, last.rowCount];
    };
    assert.deepEqual(await done('update public.parents set id = id + 10'), ['UPDATE', 5]);
    assert.deepEqual(await done('delete from public.parents returning *'), ['DELETE', 5]);
    assert.deepEqual(await done('create table public.made (a int)'), ['CREATE TABLE', undefined]);
    assert.deepEqual(await done('select 1'), ['SELECT', 1]);
    assert.deepEqual(await done('vacuum public.made'), ['VACUUM', undefined]);
    assert.deepEqual(await done('create index concurrently on public.made (a)'), ['CREATE INDEX', undefined]);
  });

  it('hands notices on while the statement runs', async () => {
    const text = `do $$ begin raise notice 'begun'; perform pg_sleep(1); raise warning 'ending' using detail = 'd', hint = 'h'; end $$`;
    const seen: [string, number][] = [];
    const began = performance.now();
    for await (const event of server.direct.run(request(text, { mode: 'write' }), byUser())) {
      if (event.kind === 'notice') {
        seen.push([JSON.stringify(event.notice), performance.now() - began]);
      }
    }
    assert.deepEqual(
      seen.map(([notice]) => notice),
      ['{"severity":"NOTICE","message":"begun"}', '{"severity":"WARNING","message":"ending","detail":"d","hint":"h"}'],
    );
    assert.ok((seen[0]?.[1] ?? Infinity) < 900, 'the first notice came late');
  });

  it('tells what the server says of an error, and goes on on the same connection', async () => {
    const failing = ask(server.direct, "select '🙂', colum from (select 1 as column_) t");
    await assert.rejects(failing, (error) => {
      assert.ok(isOpsError(error, 'queryFailed'));
      const { sqlState, position, message } = error.facts;
      assert.deepEqual([sqlState, position, message], ['42703', 13, 'column "colum" does not exist']);
      return true;
    });
    const pid = async (): Promise<unknown> => (await ask(server.direct, 'select pg_backend_pid()')).rows;
    const before = await pid();
    await ask(server.direct, 'select 1 / 0').catch(() => {});
    await ask(server.direct, 'insert into public.children values (1, 2)', { mode: 'write' }).catch(() => {});
    assert.deepEqual(await pid(), before);
  });

  it('does not say that a write was cancelled when the server did not answer', async function () {
    this.timeout(20_000);
    const controller = new AbortController();
    const writing = gather(server.direct.run(request("create table public.stuck as select 'stuck here' as a from pg_sleep(30)", { mode: 'write', timeoutMs: 60_000 }), byUser(controller.signal)));
    writing.catch(() => {});
    let pid = 0;
    await eventually('it runs', 5000, async () => {
      const [row] = await server.look("select pid from pg_stat_activity where query like '%stuck here%' and pid <> pg_backend_pid()");
      pid = Number(row?.['pid'] ?? 0);
      return pid > 0;
    });
    process.kill(pid, 'SIGSTOP');
    try {
      controller.abort();
      await assert.rejects(writing, (error) => isOpsError(error, 'connectionLost'));
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('says over the API that it is not known what became of a write that was not answered, and sends none twice', async () => {
    await ask(server.direct, 'create table public.sent (a int)', { mode: 'write' });
    const insert = { mode: 'write', timeoutMs: 500 } as const;
    for (const fault of [{ kind: 'delay', ms: 1500 }, { kind: 'status', status: 502 }, { kind: 'torn' }, { kind: 'half' }, { kind: 'notJson' }] as const) {
      const heal = server.faults.add('POST /v1/projects/{ref}/database/query', fault);
      await assert.rejects(ask(server.api, 'insert into public.sent values (1)', insert), (error) => isOpsError(error, 'connectionLost') && error.facts.host === 'Management API', fault.kind);
      heal();
    }
    await assert.rejects(ask(server.api, 'insert into nowhere values (1)', insert), (error) => isOpsError(error, 'queryFailed'));
    assert.ok(Number((await ask(server.direct, 'select count(*) from public.sent')).rows[0]?.[0]) <= 5);
  });

  it('does not take a connection that the server could not make for its own', async () => {
    const text = `do $$ begin raise exception 'could not connect to server "other"' using errcode = '08001'; end $$`;
    await assert.rejects(ask(server.direct, text, { mode: 'write' }), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '08001');
    await assert.rejects(ask(server.direct, 'select $1::int'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '08P01');
    assert.deepEqual((await ask(server.direct, 'select 1')).rows, [['1']]);
  });

  it('reports a commit that fails', async () => {
    await assert.rejects(
      ask(server.direct, 'insert into public.children values (1, 99)', { mode: 'write' }),
      (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '23503',
    );
    await assert.rejects(
      ask(server.direct, 'insert into public.children values (1, 99)', { mode: 'write', background: true }),
      (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '23503',
    );
    assert.equal(await count('public.children'), 0);
  });

  it('does not wait for data that only psql could send', async () => {
    await assert.rejects(ask(server.direct, 'copy public.parents from stdin', { mode: 'write' }), (error) => isOpsError(error, 'queryFailed'));
    assert.deepEqual((await ask(server.direct, 'select 1')).rows, [['1']]);
  });

  it('cancels on the server within two seconds, also while rows are coming', async () => {
    for (const text of ['select pg_sleep(60)', 'select count(*) from generate_series(1, 1e12) canceled_count', 'select i, pg_sleep(0.001) from generate_series(1, 1e9) i']) {
      for (const mode of ['read', 'write'] as const) {
        const controller = new AbortController();
        const part = text.slice(0, 25);
        const gathering = gather(server.direct.run(request(text, { mode, timeoutMs: 60_000, rowLimit: 1e9 }), byUser(controller.signal)));
        gathering.catch(() => {});
        await eventually(`${text} runs`, 5000, () => running(part));
        const aborted = performance.now();
        controller.abort();
        await assert.rejects(gathering, (error) => isOpsError(error, 'cancelled'));
        await eventually(`${text} is gone`, 2000 - (performance.now() - aborted), async () => !(await running(part)));
      }
    }
  }).timeout(30_000);

  it('ends the statement when the rows are left', async () => {
    for await (const event of server.direct.run(request("select i, pg_sleep(0.01), 'left early' from generate_series(1, 100000) i"), byUser())) {
      if (event.kind === 'packed') {
        break;
      }
    }
    await eventually('the statement is gone', 2000, async () => !(await running('left early')));
    const open = async (): Promise<boolean> => (await server.look(`select 1 from pg_stat_activity where application_name = 'opsbook' and xact_start is not null`)).length > 0;
    await eventually('the transaction is gone', 2000, async () => !(await open()));
  });

  it('does not commit half of a write that is left or cancelled, and finishes one whose rows are too many', async () => {
    await ask(server.direct, 'create table public.filled (i int)', { mode: 'write' });
    const fill = 'insert into public.filled select i from generate_series(1, 5000) i returning i';
    for await (const event of server.direct.run(request(fill, { mode: 'write' }), byUser())) {
      if (event.kind === 'packed') {
        break;
      }
    }
    await eventually('the session is gone', 2000, async () => (await server.look("select 1 from pg_locks where relation = 'public.filled'::regclass")).length === 0);
    assert.equal(await count('public.filled'), 0);
    const { rows, truncated } = await ask(server.direct, fill, { mode: 'write', rowLimit: 10 });
    assert.deepEqual([rows.length, truncated], [10, true]);
    assert.equal(await count('public.filled'), 5000);
    await ask(server.direct, "create sequence public.steps", { mode: 'write' });
    await ask(server.direct, "select nextval('public.steps') from generate_series(1, 3000)", { mode: 'write', rowLimit: 1 });
    assert.deepEqual(await server.look('select last_value::int as n from public.steps'), [{ n: 3000 }]);
  });

  it('ends a statement whose time is up', async () => {
    for (const mode of ['read', 'write'] as const) {
      const began = performance.now();
      await assert.rejects(
        ask(server.direct, "select pg_sleep(30), 'too slow'", { mode, timeoutMs: 300 }),
        (error) => isOpsError(error, 'timedOut') && error.facts.seconds === 0.3 && error.facts.statement === 'run',
      );
      assert.ok(performance.now() - began < 10_000);
      await eventually('it is gone', 2000, async () => !(await running('too slow')));
    }
  });

  it('gives up a lock after a tenth of a second when nobody pressed for the statement', async () => {
    await ask(server.direct, 'create table public.busy (a int)', { mode: 'write' });
    const controller = new AbortController();
    const holding = gather(server.direct.run(request('do $$ begin lock table public.busy; perform pg_sleep(30); end $$', { mode: 'write' }), byUser(controller.signal)));
    holding.catch(() => {});
    await eventually('the table is locked', 2000, async () => (await server.look("select 1 from pg_locks where relation = 'public.busy'::regclass")).length > 0);
    const began = performance.now();
    for (const [mode, text] of [['read', 'select * from public.busy'], ['write', 'insert into public.busy values (1)']] as const) {
      await assert.rejects(ask(server.direct, text, { mode, background: true }), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '55P03');
    }
    assert.ok(performance.now() - began < 10_000);
    await assert.rejects(ask(server.direct, 'select pg_sleep(30)', { background: true }), (error) => isOpsError(error, 'timedOut') && error.facts.seconds === 2);
    controller.abort();
    await assert.rejects(holding, (error) => isOpsError(error, 'cancelled'));
  });

  it('uses at most three connections, named opsbook, and closes them', async () => {
    const many = Array.from({ length: 10 }, () => ask(server.direct, 'select pg_sleep(0.2)'));
    const sessions = async (): Promise<number> => (await server.look(`select 1 from pg_stat_activity where application_name = 'opsbook'`)).length;
    let most = 0;
    const watching = setInterval(() => void sessions().then((now) => (most = Math.max(most, now))), 30);
    await Promise.all(many);
    clearInterval(watching);
    assert.equal(most, 3);
    await server.direct.close();
    await eventually('all are closed', 2000, async () => (await sessions()) === 0);
    assert.deepEqual((await ask(server.direct, 'select 1')).rows, [['1']]);
  });
});

/** Bytes that are still needed: what the collector can take away is nobody's. */
function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}
