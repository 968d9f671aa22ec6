import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../../src/adapters/sql/grammar.ts';
import { compareOutcomes, type RoleOutcome, type TouchedFacts } from '../../../../src/core/sql/roles/comparison.ts';
import { asUser, describeIdentity, settingsOf, withoutUser } from '../../../../src/core/sql/roles/identity.ts';
import type { Policy, RoleRights, TableFacts } from '../../../../src/core/sql/roles/tableFacts.ts';
import { asksWho, touchedTables } from '../../../../src/core/sql/roles/touched.ts';

const grammar = createSqlGrammar({ workerPath: '' });
async function treeOf(text: string) {
  const parsed = await grammar.parse(text, new AbortController().signal);
  assert.ok(parsed.kind === 'parsed', text);
  return parsed.tree;
}

const ana = asUser({ id: 'a', email: 'ana@example.test', appMetadata: { plan: 'pro' }, userMetadata: {}, isAnonymous: false });

describe('who a statement is run as', () => {
  it('has a token’s claims in the settings of old and new, and the role last', () => {
    const settings = settingsOf(ana);
    assert.deepEqual(settings.map(([name]) => name), ['request.jwt.claims', 'request.jwt.claim.sub', 'request.jwt.claim.role', 'request.jwt.claim.email', 'role']);
    assert.deepEqual(JSON.parse(settings[0]?.[1] ?? ''), ana.claims);
    assert.deepEqual(settingsOf(withoutUser('anon')), [['request.jwt.claims', '{"role":"anon"}'], ['request.jwt.claim.role', 'anon'], ['role', 'anon']]);
  });

  it('is called by the address, or else the id', () => {
    assert.deepEqual([ana, withoutUser('anon'), asUser({ id: 'b', appMetadata: {}, userMetadata: {}, isAnonymous: true })].map(describeIdentity), ['authenticated, ana@example.test', 'anon', 'authenticated, b']);
  });
});

describe('the tables that a statement touches', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'select * from orders o join shop.items i on true where exists (select 1 from "Bills")': ['orders select', 'shop.items select', 'Bills select'],
    'with x as (select * from orders) select * from x, public.x': ['orders select', 'public.x select'],
    "insert into orders values (1)": ['orders insert'],
    'insert into orders select * from drafts returning id': ['orders insert,select', 'drafts select'],
    'insert into orders values (1) on conflict (id) do update set a = 1': ['orders insert,update,select'],
    'update orders set a = 1': ['orders update'],
    'update orders set a = 1 where b = 2': ['orders update,select'],
    'delete from orders using old where old.id = orders.id': ['orders delete,select', 'old select'],
    'with gone as (delete from orders returning *) select * from gone': ['orders delete,select'],
    'merge into orders using news on true when matched then delete when not matched then insert values (1)': ['orders select,delete,insert', 'news select'],
    'select 1': [],
  };
  for (const [text, expected] of Object.entries(cases)) {
    it(`in ${text}`, async () => {
      const found = touchedTables(await treeOf(text)).map(({ name: { schema, name }, commands }) => `${schema === undefined ? '' : `${schema}.`}${name} ${commands.join(',')}`);
      assert.deepEqual(found.sort(), [...expected].sort());
    });
  }

  it('may be asked for by who is signed in', async () => {
    const asks = await Promise.all(['select auth.uid()', "select current_setting('request.jwt.claims')", 'select current_user', 'select now(), count(*) from orders'].map(async (text) => asksWho(await treeOf(text))));
    assert.deepEqual(asks, [true, true, true, false]);
  });
});

describe('whether it is the policy', () => {
  const all: RoleRights = { bypasses: false, schema: true, commands: ['select', 'insert', 'update', 'delete'] };
  const own: Policy = { name: 'own', permissive: true, command: 'all', roles: ['authenticated'], appliesTo: ['authenticated'], using: '(owner = auth.uid())' };
  const table = (more: Partial<TableFacts> = {}): TableFacts => ({
    written: 'orders', schema: 'public', name: 'orders', kind: 'table', owner: 'postgres', secured: true, invoker: false, policies: [own],
    rights: { anon: all, authenticated: all, service_role: { ...all, bypasses: true } },
    ...more,
  });
  const rows = (identity: RoleOutcome['identity'], count: number): RoleOutcome => ({ identity, outcome: { kind: 'rows', count } });
  const failed = (identity: RoleOutcome['identity'], sqlState: string, message = ''): RoleOutcome => ({ identity, outcome: { kind: 'failed', facts: { sqlState, message } } });
  const [service, anon] = [withoutUser('service_role'), withoutUser('anon')];
  const compare = (outcomes: readonly RoleOutcome[], facts: Partial<TableFacts> = {}, commands: TouchedFacts['commands'] = ['select'], asks = false) => compareOutcomes(outcomes, [{ table: table(facts), commands }], { asks });

  it('is where a role has fewer rows than whoever no policy holds', () => {
    const { answer, causes } = compare([rows(anon, 0), rows(ana, 3), rows(service, 12)]);
    assert.equal(answer, 'policy');
    assert.deepEqual(causes, [
      { kind: 'policy', reasons: ['select on public.orders: no policy lets anon do it, so no row passes'] },
      { kind: 'policy', reasons: ['select on public.orders: what passes is decided by own'] },
      { kind: 'same' },
    ]);
  });

  it('is not where all have the same, be it nothing', () => {
    for (const count of [0, 5]) {
      assert.equal(compare([rows(anon, count), rows(ana, count), rows(service, count)]).answer, 'notPolicy');
    }
  });

  it('is not a policy but a grant where one is missing, though the server calls both 42501', () => {
    const { answer, causes } = compare([failed(anon, '42501', 'permission denied for table orders'), rows(service, 1)], { rights: { anon: { bypasses: false, schema: false, commands: [] }, authenticated: all, service_role: all } });
    assert.equal(answer, 'grant');
    assert.deepEqual(causes[0], { kind: 'grant', missing: ['grant usage on schema public to anon', 'grant select on public.orders to anon'] });
  });

  it('is the policy where its check refuses a row, or it asks itself without end', () => {
    const insert = compare([failed(anon, '42501', 'new row violates row-level security policy for table "orders"'), rows(service, 1)], {}, ['insert']);
    assert.deepEqual(insert.causes[0], { kind: 'policy', reasons: ['insert on public.orders: no policy lets anon do it, so no row passes'] });
    assert.equal(compare([failed(ana, '42P17', 'infinite recursion detected in policy'), rows(service, 1)]).answer, 'policy');
  });

  it('is not the policy where the statement fails for everybody', () => {
    const { answer, causes } = compare([failed(ana, '42703', 'no x'), failed(service, '42703', 'no x')]);
    assert.deepEqual([answer, causes.map(({ kind }) => kind)], ['notPolicy', ['statement', 'statement']]);
  });

  it('is not what a statement itself leaves out for whoever is not the user it asks for', () => {
    const service = { role: 'service_role', claims: ana.claims } as const;
    const isOpen = { policies: [{ ...own, name: 'all', appliesTo: ['anon', 'authenticated'] as const, using: 'true' }] };
    const open = compare([rows(anon, 0), rows(ana, 3), rows(service, 3)], isOpen, ['select'], true);
    assert.deepEqual([open.answer, open.causes.map(({ kind }) => kind)], ['notPolicy', ['who', 'same', 'same']]);
    // Here no row would pass for anon whatever the statement asks.
    assert.deepEqual(compare([rows(anon, 0), rows(ana, 3), rows(service, 3)], {}, ['select'], true).causes.map(({ kind }) => kind), ['policy', 'same', 'same']);
    assert.deepEqual(compare([rows(anon, 0), rows(ana, 1), rows(service, 3)], isOpen, ['select'], true).causes.map(({ kind }) => kind), ['who', 'policy', 'same']);
  });

  it('is not clear where rows differ and no policy holds the role: security off, a view of its owner, more rows than anybody', () => {
    assert.equal(compare([rows(anon, 1), rows(service, 2)], { secured: false }).answer, 'unclear');
    assert.equal(compare([rows(anon, 1), rows(service, 2)], { through: 'public.v', asOwner: 'postgres' }).answer, 'unclear');
    assert.equal(compare([rows(anon, 3), rows(service, 2)]).answer, 'unclear');
    assert.equal(compare([failed(anon, '57014', 'no answer'), rows(service, 2)]).answer, 'unclear');
  });
});
