import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { HealthRow } from '../../../src/core/health/report.ts';
import { ActiveTails } from '../../../src/core/logs/activeTails.ts';
import { describeHealth, healthRow, healthTree, isHealthNode, type HealthNode } from '../../../src/features/health/tree.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeLogStore } from '../../fakes/logStore.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';

const denied = new OpsError('permissionMissing', { operation: 'run SQL', account: 'me' });
const connections: HealthRow = { kind: 'measure', id: 'connections', label: 'Connections', state: 'warn', description: '49 of 60 connections, 82 % (warn at 80 %)' };

describe('the row of a health measure', () => {
  it('tells the number with its limit, and shows details at a click', () => {
    const { states, ...row } = healthRow({ kind: 'measure', ref: acme.ref, row: connections });
    assert.deepEqual(row, {
      id: 'measure/connections',
      kind: 'measure',
      label: 'Connections',
      description: '49 of 60 connections, 82 % (warn at 80 %)',
      tooltip: ['Connections', '49 of 60 connections, 82 % (warn at 80 %)'],
      icon: { name: 'warning', state: 'warn' },
      click: 'health.showDetails',
    });
    assert.deepEqual(states ?? [], []);
  });

  for (const [state, name] of [
    ['ok', 'pass'],
    ['warn', 'warning'],
    ['critical', 'error'],
    ['unknown', 'question'],
  ] as const) {
    it(`has the sign ${name} when it is ${state}`, () => {
      assert.deepEqual(healthRow({ kind: 'service', ref: acme.ref, row: { ...connections, kind: 'service', state } }).icon, { name, state });
    });
  }

  it('says in a sentence why nothing is known', () => {
    const row: HealthRow = { kind: 'service', id: 'database', label: 'Database', state: 'unknown', description: 'not known', error: denied };
    assert.match(describeHealth(row), /The token of me may not run SQL/);
    assert.equal(healthRow({ kind: 'service', ref: acme.ref, row }).description, describeHealth(row));
  });

  it('shows control characters of a service’s own words, each in one line', () => {
    const row: HealthRow = { kind: 'service', id: 'auth', label: 'auth\u202e', state: 'critical', description: 'down\n\u001b[2J', detail: ['a\rb'] };
    const { label, description, tooltip } = healthRow({ kind: 'service', ref: acme.ref, row });
    assert.deepEqual([label, description, tooltip?.at(-1)], ['auth\\u{202e}', 'down␊␛[2J', 'a␍b']);
  });
});

describe('the view of health', () => {
  let world: TestSession;
  let management: FakeManagementApi;
  beforeEach(() => {
    world = new TestSession();
    management = new FakeManagementApi();
    management.addProject(acme.ref);
  });

  it('has a row for each service and each number, all with ids of their own', async () => {
    const database = new FakeDatabase().answer('pg_stat_database', { columns: ['connections', 'max_connections'], rows: [['3', '60']] });
    const view = healthTree({ session: await world.show(fakeConnection({ management, database })), tails: new ActiveTails() });
    const rows = (await view.children(undefined)).map((node) => view.row(node));
    const ids = rows.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(['service/database', 'service/auth', 'measure/connections'].every((id) => ids.includes(id)));
  });

  it('has no children below a row', async () => {
    const view = healthTree({ session: await world.show(fakeConnection({ management })), tails: new ActiveTails() });
    const [first] = await view.children(undefined);
    assert.deepEqual(await view.children(first), []);
  });

  it('is empty where the welcome text tells what to do', async () => {
    assert.deepEqual(await healthTree({ session: world.session, tails: new ActiveTails() }).children(undefined), []);
  });

  it('shows what fails in the row that it concerns', async () => {
    management.fail('health', denied);
    const view = healthTree({ session: await world.show(fakeConnection({ management })), tails: new ActiveTails() });
    const rows = (await view.children(undefined)).map((node) => view.row(node));
    assert.match(rows.find(({ id }) => id === 'service/services')?.description ?? '', /may not run SQL/);
  });

  it('shows the tail of a service’s logs in its row, with what can be done to it, and measures nothing again for that', async () => {
    const tails = new ActiveTails();
    const view = healthTree({ session: await world.show(fakeConnection({ management })), tails });
    const row = async () => (await view.children(undefined)).map((node) => view.row(node)).find(({ id }) => id === 'service/auth') ?? assert.fail();
    const { description: before } = await row();
    const asked = management.calls.length;
    let changes = 0;
    view.onDidChange(() => changes++);
    const reins = { stop: () => undefined, pause: () => undefined, resume: () => undefined, show: () => undefined, budget: () => [], filter: async () => undefined };
    tails.start({ ref: acme.ref, key: 'service auth', name: 'Auth', state: { kind: 'following' }, filter: {}, query: { services: ['auth'] }, store: new FakeLogStore(), since: 0, reins });
    const { description, states } = await row();
    assert.deepEqual([description, states, changes], [`tailing · ${before}`, ['logs', 'tailing', 'tailActive'], 1]);
    tails.report(acme.ref, 'service auth', { state: { kind: 'waiting', because: 'no network' } });
    assert.equal((await row()).description, `tail waits: no network · ${before}`);
    assert.equal(management.calls.length, asked);
  });

  it('asks again when another project is shown and at a refresh', async () => {
    const session = await world.show(fakeConnection({ management }));
    const view = healthTree({ session, tails: new ActiveTails() });
    let changes = 0;
    view.onDidChange(() => changes++);
    await session.refresh();
    assert.equal(changes, 1);
    await view.children(undefined);
    const asked = management.calls.length;
    await session.refresh();
    await view.children(undefined);
    assert.ok(management.calls.length > asked);
    await world.show(fakeConnection({ management }));
    assert.ok(changes > 2);
  });

  it('knows its nodes from those of other views', () => {
    const node: HealthNode = { kind: 'measure', ref: acme.ref, row: connections };
    assert.deepEqual([node, { kind: 'function', slug: 'x' }, 'x', null, undefined].map(isHealthNode), [true, false, false, false, false]);
  });
});
