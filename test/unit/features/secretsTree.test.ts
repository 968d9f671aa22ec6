import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { SecretRead } from '../../../src/core/secrets/secretMap.ts';
import { isSecretNode, secretRow, secretsTree, type SecretNode } from '../../../src/features/secrets/tree.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';

const now = Date.UTC(2026, 10, 20, 9);
const day = 86_400_000;
const read = (path: string): SecretRead => ({ name: 'OPENAI_API_KEY', path: `supabase/functions/${path}`, offset: 20 });
const missing: SecretNode = { kind: 'secret', name: 'OPENAI_API_KEY', ref: acme.ref, state: 'missing', readers: [read('generate-image/index.ts'), read('generate-image/style.ts'), read('chat/index.ts')] };
const set: SecretNode = { kind: 'secret', name: 'JWT_SECRET', ref: acme.ref, state: 'set', updatedAt: now - 97 * day, readers: [] };

describe('the row of a secret', () => {
  it('that is missing names the functions that read it, each once, and is grave', () => {
    assert.deepEqual(secretRow(missing, now), {
      id: 'secret/OPENAI_API_KEY',
      kind: 'secret',
      label: 'OPENAI_API_KEY',
      description: 'missing · read by generate-image, chat',
      tooltip: ['OPENAI_API_KEY', 'read by supabase/functions/generate-image/index.ts', 'read by supabase/functions/generate-image/style.ts', 'read by supabase/functions/chat/index.ts'],
      icon: { name: 'error', state: 'critical' },
      states: ['missing'],
      click: 'secrets.showReaders',
    });
  });

  it('that is set tells its age', () => {
    const { description, icon, states, tooltip } = secretRow(set, now);
    assert.deepEqual({ description, icon, states }, { description: 'set · 97 d old', icon: { name: 'key' }, states: ['set'] });
    assert.ok(tooltip?.includes('set 2026-08-15T09:00:00.000Z'));
  });

  it('whose age the platform does not tell says nothing of it', () => {
    const { updatedAt, ...ageless } = set;
    assert.ok(updatedAt);
    assert.equal(secretRow(ageless, now).description, 'set');
  });

  it('that nothing reads says so, and can be unset', () => {
    const { description, icon, states } = secretRow({ ...set, state: 'unused' }, now);
    assert.deepEqual({ description, icon, states }, { description: 'set · 97 d old · read by no function here', icon: { name: 'circle-slash' }, states: ['set'] });
  });

  it('that the platform sets offers no unsetting', () => {
    const { description, states } = secretRow({ ...set, name: 'SUPABASE_URL', state: 'reserved' }, now);
    assert.deepEqual({ description, states }, { description: 'set by the platform · 97 d old', states: ['reserved'] });
  });

  it('shows control characters of outside text, each in one line', () => {
    const { label, description, tooltip } = secretRow({ ...missing, name: 'X\u202e', readers: [read('a\nb/index.ts')] }, now);
    assert.deepEqual([label, description, tooltip?.[1]], ['X\\u{202e}', 'missing · read by a␊b', 'read by supabase/functions/a␊b/index.ts']);
  });
});

describe('the view of secrets', () => {
  let world: TestSession;
  let management: FakeManagementApi;
  let reads: SecretRead[];
  const value = 'the value itself';
  beforeEach(async () => {
    world = new TestSession();
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    await management.setSecrets(acme.ref, [{ name: 'SMTP', value }], { signal: new AbortController().signal, priority: 'user' });
    reads = [read('chat/index.ts')];
  });
  const tree = () => secretsTree({ session: world.session, clock: new FakeClock(now), places: { secretReads: async () => ({ reads, complete: true }) } });

  it('has what is missing first, and holds no value', async () => {
    await world.show(fakeConnection({ management }));
    const view = tree();
    const nodes = await view.children(undefined);
    assert.deepEqual(nodes.map((node) => [node.name, node.state, node.ref]), [['OPENAI_API_KEY', 'missing', acme.ref], ['SMTP', 'unused', acme.ref]]);
    assert.ok(!JSON.stringify([nodes, nodes.map((node) => view.row(node))]).includes(value));
    assert.deepEqual(await view.children(nodes[0]), []);
  });

  it('fails with the reason when the secrets cannot be listed', async () => {
    const denied = new OpsError('permissionMissing', { operation: 'list secrets', account: 'me' });
    management.fail('secrets', denied);
    await world.show(fakeConnection({ management }));
    await assert.rejects(tree().children(undefined), (error) => error === denied);
  });

  it('is empty without a project', async () => {
    assert.deepEqual(await tree().children(undefined), []);
  });

  it('shows what was set meanwhile once a command forgot the list', async () => {
    const connection = fakeConnection({ management });
    const session = await world.show(connection);
    const view = tree();
    let changes = 0;
    view.onDidChange(() => changes++);
    await view.children(undefined);
    await management.setSecrets(acme.ref, [{ name: 'OPENAI_API_KEY', value }], { signal: new AbortController().signal, priority: 'user' });
    session.forget(connection, 'secrets');
    assert.equal(changes, 1);
    assert.deepEqual((await view.children(undefined)).map(({ name, state }) => [name, state]), [['OPENAI_API_KEY', 'set'], ['SMTP', 'unused']]);
  });

  it('knows its nodes from those of other views', () => {
    assert.deepEqual([missing, { kind: 'function', name: 'x' }, { kind: 'secret' }, null].map(isSecretNode), [true, false, false, false]);
  });
});
