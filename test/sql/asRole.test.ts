import assert from 'node:assert/strict';
import { isOpsError } from '../../src/core/errors.ts';
import type { Database } from '../../src/core/ports.ts';
import { parsePlan } from '../../src/core/results/plan/plan.ts';
import { explain } from '../../src/core/sql/explain.ts';
import { gather } from '../../src/core/sql/result.ts';
import { asUser, withoutUser } from '../../src/core/sql/roles/identity.ts';
import { inspectStatement, runStatement } from '../../src/core/sql/run.ts';
import { ask, byUser, grammar, request, startServer, type Server } from './server.ts';

const anaId = '00000000-0000-0000-0000-00000000000a';
const ana = asUser({ id: anaId, email: 'ana@example.test', appMetadata: { plan: "pro'; reset role; --" }, userMetadata: {}, isAnonymous: false });
const anon = withoutUser('anon');
const service = withoutUser('service_role');

describe('statements as somebody', () => {
  let server: Server;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `create table public.orders (id bigint primary key, owner uuid, note text, price numeric);
         insert into public.orders values (9007199254740993, '${anaId}', E'<a> & "b"\\x01', 1.10), (2, '00000000-0000-0000-0000-00000000000b', null, 2);
         alter table public.orders enable row level security;
         create policy own on public.orders to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
         create policy by_old_claim on public.orders for select to authenticated using (owner::text = current_setting('request.jwt.claim.sub', true));
         create function public.leave_role() returns text language plpgsql as $$ begin execute 'reset role'; return current_user; end $$;
         create function public.put_order() returns int language plpgsql as $$ begin insert into public.orders values (5); return 1; end $$;
         create table public.closed (id int); revoke all on public.closed from anon;`,
      ],
    });
  });
  after(() => server.stop());

  const ways: Record<string, () => Database> = { pg: () => server.direct, 'the API': () => server.api };
  for (const [name, database] of Object.entries(ways)) {
    describe(`over ${name}`, () => {
      it('see what the policies let them see', async () => {
        const rows = async (as: typeof ana) => (await ask(database(), 'select id, note, price from orders order by id -- all', { as })).rows;
        assert.deepEqual(await rows(anon), []);
        assert.deepEqual(await rows(ana), [['9007199254740993', '<a> & "b"\x01', '1.10']]);
        assert.deepEqual(await rows(service), [['2', null, '2'], ['9007199254740993', '<a> & "b"\x01', '1.10']]);
      });

      it('have the role and the claims for that statement alone', async () => {
        const who = "select current_user::text as role, auth.uid()::text as id, auth.jwt() -> 'app_metadata' ->> 'plan' as plan, current_setting('transaction_read_only') as held";
        assert.deepEqual((await ask(database(), who, { as: ana })).rows, [['authenticated', anaId, "pro'; reset role; --", 'on']]);
        assert.deepEqual((await ask(database(), who, { as: anon })).rows, [['anon', null, null, 'on']]);
        const [after] = (await ask(database(), 'select current_user::text, auth.uid()::text as id')).rows;
        assert.ok(['postgres', 'supabase_read_only_user'].includes(String(after?.[0])));
        assert.equal(after?.[1], null);
      });

      it('fail as the role would', async () => {
        await assert.rejects(ask(database(), 'select * from public.closed', { as: anon }), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42501' && error.facts.message === 'permission denied for table closed');
        await assert.rejects(ask(database(), 'select no_column from orders', { as: anon }), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42703');
      });

      it('are cut at the limit of rows', async () => {
        const result = await ask(database(), 'select generate_series(1, 10) as n', { as: anon, rowLimit: 3 });
        assert.deepEqual([result.rows.length, result.truncated], [3, true]);
      });

      for (const sql of ['reset role', 'set role postgres', 'set local role postgres', "select set_config('role', 'postgres', true)", 'set session authorization postgres', 'select 1; reset role', 'select 1) as a; reset role; select (1', "select query_to_xml('reset role', true, true, '')"]) {
        it(`do not leave the role by ${sql}`, async () => {
          const guarded = gather(runStatement({ grammar, database: database() }, { statement: sql, rowLimit: 10, timeoutMs: 5000, background: false }, byUser()));
          await assert.rejects(guarded, (error) => isOpsError(error, 'notReadOnly', 'sqlSyntax'));
        });
      }

      it('do not write by a function, whatever role it takes', async () => {
        for (const sql of ['select put_order()', 'select leave_role(), put_order()']) {
          await assert.rejects(ask(database(), sql, { as: service }), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '25006', sql);
        }
        assert.deepEqual(await server.look('select count(*)::int as n from public.orders'), [{ n: 2 }]);
      });
    });
  }

  it('write over pg as the role, when that was agreed to, or are rolled back', async () => {
    const write = { mode: 'write', as: ana } as const;
    const insert = (owner: string) => `insert into orders values (7, '${owner}', 'new') returning id`;
    await assert.rejects(ask(server.direct, insert('00000000-0000-0000-0000-00000000000b'), write), (error) => isOpsError(error, 'queryFailed') && error.facts.message.startsWith('new row violates row-level security policy'));
    assert.deepEqual((await ask(server.direct, insert(anaId), { ...write, rolledBack: true })).rows, [['7']]);
    assert.deepEqual(await server.look('select count(*)::int as n from public.orders'), [{ n: 2 }]);
    assert.deepEqual((await ask(server.direct, insert(anaId), write)).rows, [['7']]);
    assert.deepEqual(await server.look('select count(*)::int as n from public.orders'), [{ n: 3 }]);
    assert.deepEqual((await ask(server.direct, 'delete from orders where id in (2, 7) returning id', write)).rows, [['7']]);
    const sessions = await server.look("select state, xact_start from pg_stat_activity where application_name = 'opsbook'");
    assert.ok(sessions.every(({ state, xact_start }) => state === 'idle' && xact_start === null));
  });

  it('are explained over pg with the policies of the role, and a plan that writes is rolled back', async () => {
    const planOf = async (text: string, more: Parameters<typeof ask>[2]): Promise<string> => {
      const [row] = (await ask(server.direct, explain(text, { analyze: true }).text, more)).rows;
      assert.ok(parsePlan(row?.[0] ?? ''), 'a plan');
      return row?.[0] ?? '';
    };
    const plans = await Promise.all([ana, service].map(async (as) => planOf('select * from orders', { as })));
    assert.deepEqual(plans.map((plan) => plan.includes('request.jwt.claim.sub')), [true, false]);
    const written = await inspectStatement({ grammar, database: server.direct }, 'explain analyze verbose select * from orders', byUser());
    const [row] = (await ask(server.direct, written.explain?.text ?? '', { as: ana })).rows;
    assert.equal(parsePlan(row?.[0] ?? '')?.isAnalyzed, true, 'an EXPLAIN that was written gives a plan to be drawn');
    const before = await server.look('select count(*)::int as n from public.orders');
    const tried = await planOf('delete from orders', { as: service, mode: 'write', rolledBack: true });
    assert.match(tried, /"Node Type": "ModifyTable"/);
    assert.deepEqual(await server.look('select count(*)::int as n from public.orders'), before);
  });

  it('leave nothing of the role behind in a transaction that is held open', async () => {
    const held = await server.direct.begin(10_000, byUser());
    try {
      const run = async (text: string, more: Parameters<typeof request>[1] = {}) => (await gather(held.run(request(text, more), byUser()))).rows;
      assert.deepEqual(await run(`insert into orders values (8, '${anaId}', 'held') returning id`, { mode: 'write', as: ana }), [['8']]);
      const who = 'select current_user::text, auth.uid()::text';
      assert.deepEqual([await run(who), await run(who, { mode: 'write' })], [[['postgres', null]], [['postgres', null]]]);
      assert.deepEqual([await run('select count(*) from orders', { as: ana }), await run('select count(*) from orders', { as: anon }), await run('select count(*) from orders')], [[['2']], [['0']], [['3']]]);
    } finally {
      await held.rollBack();
    }
    assert.deepEqual(await server.look('select count(*)::int as n from public.orders'), [{ n: 2 }]);
  });

  it('say over the API what takes a connection', async () => {
    for (const more of [{ mode: 'write' }, { values: ['1'] }] as const) {
      await assert.rejects(ask(server.api, 'select $1::text', { as: ana, ...more }), (error) => isOpsError(error, 'absent'));
    }
    await assert.rejects(ask(server.api, 'explain select 1', { as: ana }), (error) => isOpsError(error, 'absent'));
    assert.deepEqual([server.direct.capabilities.asRoles, server.api.capabilities.asRoles], ['everything', 'queries']);
  });
});
