import assert from 'node:assert/strict';
import type { Database } from '../../src/core/ports.ts';
import { SqlHistory } from '../../src/core/sql/history.ts';
import { splitStatements } from '../../src/core/sql/split.ts';
import { compareRoles } from '../../src/features/sql/compareRoles.ts';
import type { SqlNeeds } from '../../src/features/sql/needs.ts';
import { Transactions } from '../../src/features/sql/transactions.ts';
import { createConsent } from '../../src/host/consent.ts';
import { isOpsError } from '../../src/core/errors.ts';
import { FakeClock } from '../fakes/clock.ts';
import { fakeConnection } from '../fakes/connection.ts';
import { FakeJournal } from '../fakes/journal.ts';
import { sessionOf } from '../fakes/session.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { FakeUi } from '../fakes/ui.ts';
import { grammar, startServer, type Server } from './server.ts';

const anaId = '00000000-0000-0000-0000-00000000000a';

describe('comparing roles', () => {
  let server: Server;
  let ui: FakeUi;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `insert into auth.users (id, email, raw_app_meta_data, last_sign_in_at) values ('${anaId}', 'ana@example.test', '{"plan": "pro"}', now());
         set role postgres;
         create table public.orders (id int primary key, owner uuid, note text);
         insert into public.orders select n, case when n <= 3 then '${anaId}'::uuid end, 'n' from generate_series(1, 12) n;
         alter table public.orders enable row level security;
         create policy own on public.orders to authenticated using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
         create policy "not | locked" on public.orders as restrictive for select to public using (note <> 'locked');
         create view public.all_orders as select * from public.orders;
         create view public.my_orders with (security_invoker = on) as select * from public.orders;
         create table public.closed (id int); revoke all on public.closed from anon;
         create table public.open (id int); create policy idle on public.open for select using (false); insert into public.open values (1);
         create table public.circle (id int); alter table public.circle enable row level security;
         create policy circle on public.circle for select to authenticated using (exists (select from public.circle));`,
      ],
    });
  });
  after(() => server.stop());
  beforeEach(() => {
    ui = new FakeUi();
  });
  afterEach(() => ui.done());

  /** The report: its answer, the rows of its first table, and the whole text. */
  async function compare(database: Database, text: string): Promise<{ answer: string; rows: string[]; report: string }> {
    let report = '';
    const needs: SqlNeeds = {
      session: await sessionOf(fakeConnection({ database })),
      commands: undefined as unknown as SqlNeeds['commands'],
      consent: createConsent({ ui, clock: new FakeClock() }),
      results: { show: () => assert.fail('no tab is opened') },
      documents: { showReport: async (_name, shown) => void (report = shown), openSql: () => assert.fail('nothing is opened') },
      settings: { current: { 'opsbook.sql.timeoutSeconds': 10 } } as unknown as SqlNeeds['settings'],
      grammar,
      library: undefined as unknown as SqlNeeds['library'],
      storage: new FakeStorage(),
      ui,
      clock: new FakeClock(),
      history: new SqlHistory({ journal: async () => new FakeJournal(), clock: new FakeClock(), failed: (error) => assert.fail(String(error)) }),
      transactions: new Transactions(),
    };
    await compareRoles(needs, { clear: () => {}, show: () => {}, dispose: () => {} }, { statements: splitStatements(text), title: 'a.sql' });
    const lines = report.split('\n');
    const first = lines.findIndex((line) => /^(?:\| -+ ){3}\|$/.test(line)) + 1;
    return { answer: /^\*\*(.*)\*\*$/m.exec(report)?.[1] ?? '', rows: lines.slice(first, lines.indexOf('', first)), report };
  }

  const ways: Record<string, () => Database> = { pg: () => server.direct, 'the API': () => server.api };
  for (const [name, database] of Object.entries(ways)) {
    const ask = async (text: string) => {
      ui.willPick('ana@example.test');
      return compare(database(), text);
    };

    it(`over ${name} names the policies that make the rows fewer`, async () => {
      const { answer, rows, report } = await ask('select * from orders -- all of them');
      assert.equal(answer, 'It is the policy: see which in the last column.');
      assert.deepEqual(rows, [
        '| anon | 0 | **the policy**: select on public.orders: no policy lets anon do it, so no row passes |',
        '| authenticated, no user in particular | 0 | **the policy**: select on public.orders: what passes is decided by not \\| locked, own |',
        '| authenticated, ana@example.test | 3 | **the policy**: select on public.orders: what passes is decided by not \\| locked, own |',
        '| service_role | 12 | no policy holds it: what the others are held against |',
      ]);
      assert.deepEqual([...report.matchAll(/^- (\w+): /gm)].map(([, role]) => role), ['anon', 'authenticated', 'service_role']);
      assert.match(report, /^- authenticated: select: passes by own, and must pass not \\\| locked$/m);
      assert.match(report, /^- anon: select: no policy lets it, so no row passes$/m);
      assert.match(report, /^- service_role: no policy holds it$/m);
      assert.match(report, /^\| own \| permissive \| all \| authenticated \| \(owner = \( SELECT auth\.uid\(\) AS uid\)\) \|/m);
      assert.match(report, /"plan": "pro"/);
    });

    it(`over ${name} gives the same user to a statement that asks for one`, async () => {
      const { answer, rows, report } = await ask('select * from orders where owner = auth.uid()');
      assert.equal(answer, 'It is the policy: see which in the last column.');
      assert.deepEqual(rows.map((line) => line.split(' | ').slice(0, 2).join(' ')), ['| anon 0', '| authenticated, no user in particular 0', '| authenticated, ana@example.test 3', '| service_role, ana@example.test 3']);
      const ofNobody = 'the statement itself asks who is signed in, and that is not the same user here |';
      assert.ok(rows[1]?.endsWith(ofNobody), rows[1]);
      assert.match((await ask("select * from open where 'a' <> coalesce(auth.email(), 'a')")).answer, /^It is not the policy: for the same user service\\_role, whom no policy holds, has the same number of rows\./);
      assert.match(report, /The statement itself asks who is signed in/);
    });

    it(`over ${name} tells a missing grant, an empty table and a fault of the statement from a policy`, async () => {
      const grant = await ask('select * from closed');
      assert.deepEqual([grant.answer, grant.rows[0]], ['It is not a policy but a missing grant: see which in the last column.', '| anon | 42501: permission denied for table closed | **a grant is missing**: grant select on public.closed to anon |']);
      assert.match((await ask('select * from orders where id > 100')).answer, /^It is not the policy: service\\_role, whom no policy holds, has no rows either/);
      assert.equal((await ask('select nothing from orders')).answer, 'It is not the policy: the statement fails for everybody.');
    });

    it(`over ${name} says when policies do nothing: security off, and views of their owner`, async () => {
      const open = await ask('select * from open');
      assert.equal(open.answer, 'All have the same number of rows: no policy leaves any of them out. Their values are not compared: where the statement counts or sums, compare the rows that it counts.');
      assert.match(open.report, /Row-level security is \*\*off\*\*: the policies that are there do nothing/);
      const view = await ask('select * from all_orders');
      assert.deepEqual(view.rows.map((line) => line.split(' | ')[1]), ['12', '12', '12', '12']);
      assert.match(view.report, /^### public\.orders \(read by the view public\.all_orders\)\n\nRead with the rights of postgres/m);
      const invoker = await ask('select * from my_orders');
      assert.equal(invoker.answer, 'It is the policy: see which in the last column.');
    });

    it(`over ${name} knows a policy that asks itself`, async () => {
      const { answer, rows } = await ask('select * from circle');
      assert.equal(answer, 'It is the policy: see which in the last column.');
      assert.match(rows[1] ?? '', /42P17: infinite recursion detected in policy/);
    });

    it(`over ${name} goes without a user`, async () => {
      ui.willPick('No user');
      assert.deepEqual((await compare(database(), 'select 1')).rows.length, 3);
    });
  }

  it('counts what would be written, and takes it back', async () => {
    ui.willPick('ana@example.test').willConsent();
    const { answer, rows, report } = await compare(server.direct, "update orders set note = 'x'");
    assert.equal(answer, 'It is the policy: see which in the last column.');
    assert.deepEqual(rows.map((line) => line.split(' | ')[1]), ['0', '0', '3', '12']);
    assert.match(report, /rows written, rolled back/);
    ui.willPick('ana@example.test').willConsent();
    const insert = await compare(server.direct, "insert into orders values (99, null, 'x')");
    assert.deepEqual(insert.rows.map((line) => line.split(' | ')[1]), [...Array<string>(3).fill('42501: new row violates row-level security policy for table "orders"'), '1']);
    assert.deepEqual(await server.look("select count(*)::int as n from public.orders where note = 'n'"), [{ n: 12 }]);
  });

  it('does not compare what cannot be counted or taken back', async () => {
    await assert.rejects(compare(server.api, 'delete from orders'), (error) => isOpsError(error, 'absent'));
    for (const text of ['vacuum', 'reset role', 'show timezone', "select pg_notify('a', 'b')"]) {
      await assert.rejects(compare(server.direct, text), (error) => isOpsError(error, 'notReadOnly'), text);
    }
  });
});
