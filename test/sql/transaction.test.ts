import assert from 'node:assert/strict';
import { isOpsError } from '../../src/core/errors.ts';
import type { HeldTransaction, StatementRequest } from '../../src/core/ports.ts';
import { outcomeQuery } from '../../src/core/sql/openTransaction.ts';
import { gather, type ResultSet } from '../../src/core/sql/result.ts';
import { ask, byUser, eventually, request, startServer, type Server } from './server.ts';

describe('a transaction that stays open', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create table public.orders (id int primary key, state text);
         insert into public.orders select i, 'new' from generate_series(1, 10) i;
         create table public.lines (id int, "order" int references public.orders deferrable initially deferred);
         create sequence public.numbers;
         create function public.put_order() returns int language sql volatile as 'insert into public.orders values (999) returning id';
         alter table public.orders owner to postgres; alter table public.lines owner to postgres; alter sequence public.numbers owner to postgres;`,
      ],
    });
  });
  after(() => server.stop());

  const open: HeldTransaction[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transaction) => transaction.rollBack()));
    await server.look("delete from public.lines; delete from public.orders where id > 10; update public.orders set state = 'new'");
  });

  const begin = async (idleMs = 60_000): Promise<HeldTransaction> => {
    const transaction = await server.direct.begin(idleMs, byUser());
    open.push(transaction);
    return transaction;
  };
  const within = (transaction: HeldTransaction, text: string, more: Partial<StatementRequest> = {}): Promise<ResultSet> => gather(transaction.run(request(text, { mode: 'write', ...more }), byUser()));
  const read = (transaction: HeldTransaction, text: string): Promise<ResultSet> => within(transaction, text, { mode: 'read' });
  const count = async (): Promise<unknown> => (await server.look('select count(*)::int as n from public.orders'))[0]?.['n'];
  const sessions = async (): Promise<number> => (await server.look("select 1 from pg_stat_activity where application_name = 'opsbook' and xact_start is not null")).length;

  it('is seen by itself alone until it is committed', async () => {
    const transaction = await begin();
    await within(transaction, "insert into public.orders values (11, 'mine')");
    await within(transaction, 'delete from public.orders where id <= 3');
    assert.deepEqual((await read(transaction, 'select count(*) from public.orders')).rows, [['8']]);
    // Neither another client nor another statement of ours sees any of it.
    assert.equal(await count(), 10);
    assert.deepEqual((await ask(server.direct, 'select count(*) from public.orders')).rows, [['10']]);
    await transaction.commit();
    assert.equal(await count(), 8);
    await server.look("insert into public.orders select i, 'new' from generate_series(1, 3) i");
  });

  it('leaves nothing when it is rolled back, and the connection as it was', async () => {
    const transaction = await begin();
    await within(transaction, 'delete from public.orders');
    await within(transaction, 'create table public.made (a int)');
    await transaction.rollBack();
    assert.equal(await count(), 10);
    assert.deepEqual(await server.look("select to_regclass('public.made') as made"), [{ made: null }]);
    assert.equal(await sessions(), 0);
    const rows = (await ask(server.direct, "select current_setting('idle_in_transaction_session_timeout'), current_setting('statement_timeout'), current_setting('transaction_read_only')", { mode: 'write' })).rows;
    assert.deepEqual(rows, [['0', '2min', 'off']]);
  });

  it('keeps what was done when a statement fails, whatever it failed by', async () => {
    const transaction = await begin();
    await within(transaction, "update public.orders set state = 'kept' where id = 1");
    await assert.rejects(within(transaction, 'updat public.orders set a = 1'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42601');
    await assert.rejects(within(transaction, 'insert into public.orders values (1)'), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '23505');
    await assert.rejects(within(transaction, 'select 1 / 0'), (error) => isOpsError(error, 'queryFailed'));
    await assert.rejects(within(transaction, "update public.orders set state = 'slow' from pg_sleep(30)", { timeoutMs: 200 }), (error) => isOpsError(error, 'timedOut'));
    assert.deepEqual((await read(transaction, "select id from public.orders where state <> 'new'")).rows, [['1']]);
    await transaction.commit();
    assert.deepEqual(await server.look("select state from public.orders where id = 1"), [{ state: 'kept' }]);
  });

  it('keeps what was done when a statement is cancelled, also while rows are coming, or left', async () => {
    const transaction = await begin();
    await within(transaction, "update public.orders set state = 'kept' where id = 1");
    for (const text of ["update public.orders set state = 'no' from pg_sleep(60)", 'insert into public.orders select i, pg_sleep(0.001)::text from generate_series(100, 1000000) i returning id']) {
      const controller = new AbortController();
      const running = gather(transaction.run(request(text, { mode: 'write', timeoutMs: 60_000, rowLimit: 1e9 }), byUser(controller.signal)));
      running.catch(() => {});
      await eventually('it runs', 5000, async () => (await server.look(`select 1 from pg_stat_activity where state = 'active' and query like '%${text.slice(0, 30).replaceAll("'", "''")}%' and pid <> pg_backend_pid()`)).length > 0);
      const aborted = performance.now();
      controller.abort();
      await assert.rejects(running, (error) => isOpsError(error, 'cancelled'));
      assert.ok(performance.now() - aborted < 2000);
    }
    for await (const event of transaction.run(request('insert into public.orders select i from generate_series(100, 100000) i returning id, repeat($$x$$, 200)', { mode: 'write', rowLimit: 1e9 }), byUser())) {
      if (event.kind === 'packed') {
        break;
      }
    }
    assert.deepEqual((await read(transaction, "select count(*), count(*) filter (where state = 'kept') from public.orders")).rows, [['10', '1']]);
    await transaction.commit();
    assert.deepEqual(await server.look("select state from public.orders where id = 1"), [{ state: 'kept' }]);
  }).timeout(30_000);

  it('holds reads to reading by the server, and can still write afterwards', async () => {
    const transaction = await begin();
    for (const text of ['insert into public.orders values (50)', 'select public.put_order()', 'set transaction read write', 'set transaction_read_only = off', "select set_config('transaction_read_only', 'off', false)", 'create table public.more (a int)', "with off as (select set_config('transaction_read_only', 'off', true)), put as (insert into public.orders values (50) returning *) select * from off, put"]) {
      await assert.rejects(read(transaction, text), (error) => isOpsError(error, 'queryFailed'), text);
    }
    assert.deepEqual((await read(transaction, 'select count(*) from public.orders')).rows, [['10']]);
    await within(transaction, "insert into public.orders values (11, 'mine')");
    assert.deepEqual((await read(transaction, 'select count(*) from public.orders')).rows, [['11']]);
    // Statements about the transaction are refused by grammar before they come here; the server would not let them write either.
    for (const text of ['rollback to savepoint opsbook', 'release savepoint opsbook', 'commit', 'rollback']) {
      const other = await begin();
      await read(other, text).catch(() => {});
      await assert.rejects(read(other, 'insert into public.orders values (50)'), text);
      await other.rollBack();
    }
    assert.equal(await count(), 10);
  });

  it('takes back at once what is only tried in it', async () => {
    const transaction = await begin();
    await within(transaction, "insert into public.orders values (11, 'mine')");
    assert.equal((await within(transaction, 'delete from public.orders returning id', { rolledBack: true })).rows.length, 11);
    assert.deepEqual((await read(transaction, 'select count(*) from public.orders')).rows, [['11']]);
  });

  it('runs one statement at a time', async () => {
    const transaction = await begin();
    const answers = await Promise.all([1, 2, 3, 4].map((id) => within(transaction, `insert into public.orders values (${100 + id}) returning id`)));
    assert.deepEqual(answers.map(({ rows }) => rows[0]?.[0]), ['101', '102', '103', '104']);
  });

  it('says when the commit was refused: nothing is left then', async () => {
    const transaction = await begin();
    await within(transaction, 'insert into public.lines values (1, 4711)');
    await assert.rejects(transaction.commit(), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '23503');
    assert.deepEqual(await server.look('select count(*)::int as n from public.lines'), [{ n: 0 }]);
    await assert.rejects(read(transaction, 'select 1'), (error) => isOpsError(error, 'transactionLost'));
    assert.equal(await sessions(), 0);
  });

  it('says that it is not known when the connection breaks during the commit, and the server knows by the id', async () => {
    await server.look(
      `create table public.slow_commits (id int);
       create function public.wait_at_commit() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return null; end $$;
       create constraint trigger waits after insert on public.slow_commits deferrable initially deferred for each row execute function public.wait_at_commit();
       alter table public.slow_commits owner to postgres`,
    );
    const transaction = await begin();
    await within(transaction, 'insert into public.slow_commits values (1)');
    const committing = transaction.commit();
    committing.catch(() => {});
    const active = "application_name = 'opsbook' and state = 'active' and query = 'COMMIT'";
    await eventually('it commits', 5000, async () => (await server.look(`select 1 from pg_stat_activity where ${active}`)).length > 0);
    await server.look(`select pg_terminate_backend(pid) from pg_stat_activity where ${active}`);
    const error = await committing.catch((reason: unknown) => reason);
    assert.ok(isOpsError(error, 'commitUnknown'), String(error));
    assert.deepEqual((await ask(server.direct, outcomeQuery, { values: [error.facts.transactionId] })).rows, [['aborted']]);
    const done = await begin();
    await within(done, 'update public.orders set id = id');
    const [id] = (await read(done, 'select pg_current_xact_id_if_assigned()::text')).rows;
    assert.deepEqual((await ask(server.direct, outcomeQuery, { values: id ?? [] })).rows, [['in progress']]);
    await done.commit();
    assert.deepEqual((await ask(server.direct, outcomeQuery, { values: id ?? [] })).rows, [['committed']]);
  });

  it('is ended by the server when it lies idle for too long, and says so', async () => {
    const transaction = await begin(300);
    await within(transaction, 'delete from public.orders');
    const lost = await transaction.lost;
    assert.match(lost.facts.reason, /idle-in-transaction timeout/);
    assert.equal(await count(), 10);
    await assert.rejects(within(transaction, 'select 1'), (error) => isOpsError(error, 'transactionLost'));
    await assert.rejects(transaction.commit(), (error) => isOpsError(error, 'transactionLost'));
    await transaction.rollBack();
    // Its place among the connections is free again.
    assert.equal((await Promise.all(Array.from({ length: 6 }, () => ask(server.direct, 'select 1')))).length, 6);
  });

  it('may be kept open for longer', async () => {
    const transaction = await begin(400);
    await transaction.keepOpen(60_000);
    await read(transaction, 'select 1');
    await assert.rejects(within(transaction, 'nonsense'));
    assert.deepEqual((await read(transaction, "select current_setting('idle_in_transaction_session_timeout')")).rows, [['1min']]);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual((await read(transaction, 'select 1')).rows, [['1']]);
  });

  it('is rolled back when the connection breaks, and what ran in it says that nothing took effect', async () => {
    const transaction = await begin();
    await within(transaction, 'delete from public.orders');
    const running = within(transaction, "select pg_sleep(60), 'to be ended'");
    running.catch(() => {});
    await eventually('it runs', 5000, async () => (await server.look("select 1 from pg_stat_activity where state = 'active' and query like '%to be ended%' and pid <> pg_backend_pid()")).length > 0);
    await server.look("select pg_terminate_backend(pid) from pg_stat_activity where query like '%to be ended%' and pid <> pg_backend_pid()");
    await assert.rejects(running, (error) => isOpsError(error, 'transactionLost'));
    assert.equal((await transaction.lost).code, 'transactionLost');
    assert.equal(await count(), 10);
  });

  it('is rolled back while a statement runs in it, and when the way to the database is closed', async () => {
    const transaction = await begin();
    await within(transaction, 'delete from public.orders');
    const running = within(transaction, 'select pg_sleep(60)', { timeoutMs: 60_000 });
    running.catch(() => {});
    await eventually('it runs', 5000, async () => (await server.look("select 1 from pg_stat_activity where state = 'active' and query like '%pg_sleep(60)%' and pid <> pg_backend_pid()")).length > 0);
    await transaction.rollBack();
    await assert.rejects(running, (error) => isOpsError(error, 'cancelled'));
    const other = await begin();
    await within(other, 'delete from public.orders');
    await server.direct.close();
    assert.equal(await sessions(), 0);
    assert.equal(await count(), 10);
  });

  it('sends statements that cannot run in a transaction back as the server does, and keeps the rest', async () => {
    const transaction = await begin();
    await within(transaction, "insert into public.orders values (11, 'mine')");
    for (const text of ['vacuum public.orders', 'create index concurrently on public.orders (state)']) {
      await assert.rejects(within(transaction, text), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '25001', text);
    }
    assert.deepEqual((await read(transaction, 'select count(*) from public.orders')).rows, [['11']]);
  });

  it('is absent over the Management API, which says why', async () => {
    assert.equal(server.api.capabilities.transactions, false);
    await assert.rejects(server.api.begin(1000, byUser()), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noDatabaseConnection');
  });
});
