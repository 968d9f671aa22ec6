import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../../src/core/errors.ts';
import { Accounts } from '../../../../src/core/project/accounts.ts';
import type { Connection } from '../../../../src/core/project/connection.ts';
import type { Place, Project } from '../../../../src/core/project/project.ts';
import { Session, type Selection, type SessionState } from '../../../../src/core/project/session.ts';
import { settle } from '../../../fakes/clock.ts';
import { acme, fakeConnection, type FakeConnection } from '../../../fakes/connection.ts';
import { FakeLogger } from '../../../fakes/logger.ts';
import { FakeSecretStore } from '../../../fakes/secretStore.ts';
import { FakeStorage } from '../../../fakes/storage.ts';

const origin = 'https://api.supabase.com';
const token = `sbp_${'0123456789'.repeat(4)}`;
const shop: Place = { id: 'file:///work/shop', name: 'shop', folder: '/work/shop' };
const site: Place = { id: 'file:///work/site', name: 'site', folder: '/work/site' };
const beta: Project = { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'beta' };
const stack: Selection = { kind: 'local', project: { kind: 'local', ref: 'local-shop', name: 'shop', environment: 'local' } };

const errors = {
  unreachable: new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' }),
  timedOut: new OpsError('timedOut', { operation: 'read the project', seconds: 30 }),
  tlsRefused: new OpsError('tlsRefused', { host: 'api.supabase.com', reason: 'CERT_HAS_EXPIRED' }),
  tokenRejected: new OpsError('tokenRejected', { account: 'me', origin }),
  permissionMissing: new OpsError('permissionMissing', { operation: 'read the project', account: 'me' }),
  projectNotFound: new OpsError('projectNotFound', { ref: acme.ref }),
  notSignedIn: new OpsError('notSignedIn', {}),
} as const;

/** What a test can hold back and let go. */
class Gate {
  private opened: (() => void)[] = [];
  closed = false;

  async pass(): Promise<void> {
    if (this.closed) {
      await new Promise<void>((resolve) => this.opened.push(resolve));
    }
  }

  /** Lets the one go that has waited for the `index`th longest. */
  async open(index = 0): Promise<void> {
    this.opened.splice(index, 1)[0]?.();
    await settle();
  }
}

class World {
  readonly secrets = new FakeSecretStore();
  readonly storage = new FakeStorage();
  readonly userStorage = new FakeStorage();
  readonly log = new FakeLogger();
  readonly accounts = new Accounts({ secrets: this.secrets, storage: this.userStorage });
  readonly connecting = new Gate();
  readonly probing = new Gate();
  readonly connections: FakeConnection[] = [];
  readonly seen: string[] = [];
  refreshed = 0;
  /** What the next first questions come to; the last one stays. */
  problems: (Error | undefined)[] = [undefined];
  refusal: Error | undefined;
  probes = 0;
  session = this.window();

  /** Another start of the same window. */
  window(): Session {
    const session = new Session({
      accounts: this.accounts,
      storage: this.storage,
      userStorage: this.userStorage,
      log: this.log,
      connect: async (selection, place) => this.connect(selection, place),
      probe: async () => this.probe(),
    });
    session.onDidChange((state) => this.seen.push(describeState(state)));
    session.onDidRefresh(() => this.refreshed++);
    return session;
  }

  async select(project: Project): Promise<void> {
    await this.session.select({ kind: 'hosted', accountId: project.accountId ?? '', project });
  }

  private async connect({ project, ...selection }: Selection, place: Place | undefined): Promise<Connection> {
    await this.connecting.pass();
    if (this.refusal) {
      throw this.refusal;
    }
    const account = selection.kind === 'hosted' ? this.accounts.find(selection.accountId) : undefined;
    const connection = fakeConnection({ project, place, ...(account ? { account } : {}) });
    this.connections.push(connection);
    return connection;
  }

  private async probe(): Promise<void> {
    this.probes++;
    const [problem, ...rest] = this.problems;
    this.problems = rest.length === 0 ? this.problems : rest;
    await this.probing.pass();
    if (problem) {
      throw problem;
    }
  }
}

function describeState(state: SessionState): string {
  return 'connection' in state ? `${state.kind} ${state.connection.project.name}` : state.kind;
}

describe('a session', () => {
  let world: World;
  let account: { id: string };
  beforeEach(async () => {
    world = new World();
    account = await world.accounts.add('me@example.test', origin, token);
    world.seen.length = 0;
  });
  const hosted = (project: Project = acme): Project => ({ ...project, accountId: account.id });

  describe('at its start', () => {
    it('is signed out where nobody is signed in', async () => {
      const empty = new World();
      await empty.session.start([shop]);
      assert.equal(empty.session.state.kind, 'signedOut');
      assert.throws(() => empty.session.connection(), (error) => isOpsError(error, 'notSignedIn'));
    });

    it('has no project before one is chosen', async () => {
      await world.session.start([shop]);
      assert.equal(world.session.state.kind, 'noProject');
      assert.throws(() => world.session.connection(), (error) => isOpsError(error, 'noProject'));
    });

    it('takes up what was chosen before', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      world.session = world.window();
      await world.session.start([shop]);
      assert.equal(describeState(world.session.state), 'connected acme');
    });

    it('takes up a local stack although nobody is signed in', async () => {
      const empty = new World();
      await empty.session.start([shop]);
      await empty.session.select(stack);
      assert.equal(describeState(empty.session.state), 'connected shop');
    });

    it('has no project when the account of the one that was chosen is gone', async () => {
      await world.session.start([shop]);
      await world.select({ ...acme, accountId: 'somebody else' });
      world.connections.length = 0;
      await world.session.start([shop]);
      assert.equal(world.session.state.kind, 'noProject');
      assert.deepEqual(world.connections, []);
    });
  });

  describe('that is asked for what is shown', () => {
    const refusals: [keyof typeof errors, SessionState['kind']][] = [
      ['unreachable', 'offline'],
      ['timedOut', 'offline'],
      ['tlsRefused', 'offline'],
      ['tokenRejected', 'noPermission'],
      ['permissionMissing', 'noPermission'],
      ['projectNotFound', 'noPermission'],
      ['notSignedIn', 'noPermission'],
    ];
    for (const [code, kind] of refusals) {
      it(`is ${kind} after ${code}, keeps the error, and is connected again after a refresh`, async () => {
        world.problems = [errors[code], undefined];
        await world.session.start([shop]);
        await world.select(hosted());
        const { state } = world.session;
        assert.ok(state.kind === 'offline' || state.kind === 'noPermission');
        assert.deepEqual([state.kind, state.error], [kind, errors[code]]);
        assert.equal(world.session.connection(), state.connection);
        await world.session.refresh();
        assert.equal(describeState(world.session.state), 'connected acme');
        assert.equal(world.session.connection(), state.connection);
      });
    }

    it('stays connected when the service is in trouble: the views show what fails', async () => {
      world.problems = [new OpsError('serviceFailed', { operation: 'read the project', status: 500, message: 'down' })];
      await world.session.start([shop]);
      await world.select(hosted());
      assert.equal(world.session.state.kind, 'connected');
      assert.match(world.log.lines.join('\n'), /did not answer its first question/);
    });

    it('is offline when the first question takes too long', async () => {
      world.problems = [new OpsError('cancelled', {})];
      await world.session.start([shop]);
      await world.select(hosted());
      const { state } = world.session;
      assert.ok(state.kind === 'offline' && isOpsError(state.error, 'timedOut'));
      assert.match(state.error.facts.operation, /acme/);
    });

    it('tells it when another thing stands in the way than before', async () => {
      world.problems = [errors.tokenRejected, errors.projectNotFound];
      await world.session.start([shop]);
      await world.select(hosted());
      await world.session.refresh();
      const { state } = world.session;
      assert.ok(state.kind === 'noPermission' && state.error === errors.projectNotFound);
      assert.equal(world.seen.filter((kind) => kind.startsWith('noPermission')).length, 2);
    });

    it('shows the project before the first question is answered', async () => {
      await world.session.start([shop]);
      world.probing.closed = true;
      const selecting = world.select(hosted());
      await settle();
      assert.equal(describeState(world.session.state), 'connected acme');
      await world.probing.open();
      await selecting;
    });

    it('does not let a late answer overrule a newer one', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      world.probing.closed = true;
      world.problems = [errors.unreachable, undefined];
      const slow = world.session.refresh();
      const quick = world.session.refresh();
      await world.probing.open(1);
      await quick;
      await world.probing.open();
      await slow;
      assert.equal(world.session.state.kind, 'connected');
    });

    it('drops the late answer of a project that is no longer selected', async () => {
      await world.session.start([shop]);
      world.probing.closed = true;
      world.problems = [errors.projectNotFound, undefined];
      const first = world.select(hosted());
      await settle();
      world.probing.closed = false;
      await world.select(hosted(beta));
      await world.probing.open();
      await first;
      assert.equal(describeState(world.session.state), 'connected beta');
    });
  });

  describe('in which selections overtake each other', () => {
    it('shows the one that was made last, and closes the connection that came too late', async () => {
      await world.session.start([shop]);
      world.connecting.closed = true;
      const first = world.select(hosted());
      const second = world.select(hosted(beta));
      await world.connecting.open(1);
      await second;
      await world.connecting.open();
      await first;
      assert.equal(describeState(world.session.state), 'connected beta');
      const late = world.connections.find(({ project }) => project.name === 'acme');
      assert.equal(late?.closed, 1);
      world.connecting.closed = false;
      await world.session.start([shop]);
      assert.equal(describeState(world.session.state), 'connected beta');
    });

    it('does not show a project whose account was signed out while it was being opened', async () => {
      await world.session.start([shop]);
      world.connecting.closed = true;
      const selecting = world.select(hosted());
      const [known] = world.accounts.list();
      assert.ok(known);
      await world.accounts.remove(known);
      await settle();
      await world.connecting.open();
      await selecting;
      assert.equal(world.session.state.kind, 'signedOut');
      assert.equal(world.connections[0]?.closed, 1);
    });

    it('keeps a selection for the place it was made for, whichever is active when it is open', async () => {
      await world.session.start([shop, site]);
      world.connecting.closed = true;
      const selecting = world.select(hosted());
      await world.session.activate(site);
      await world.connecting.open();
      await selecting;
      assert.equal(world.session.state.kind, 'noProject');
      world.connecting.closed = false;
      await world.session.activate(shop);
      assert.equal(describeState(world.session.state), 'connected acme');
      assert.equal(world.session.connection().place, shop);
    });

    it('closes what it replaces, once', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      await world.select(hosted(beta));
      await settle();
      assert.deepEqual(world.connections.map(({ closed }) => closed), [1, 0]);
      assert.equal(world.session.isCurrent(world.connections[0] as Connection), false);
    });

    it('goes on although the connection before could not be closed', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      const [first] = world.connections;
      assert.ok(first);
      first.close = () => Promise.reject(new Error('the socket is stuck'));
      await world.select(hosted(beta));
      await settle();
      assert.equal(describeState(world.session.state), 'connected beta');
      assert.equal(world.probes, 2);
      assert.match(world.log.lines.join('\n'), /could not be closed/);
    });
  });

  describe('that cannot connect', () => {
    it('does not stay at its start: it says so, has no project, and a refresh tries again', async () => {
      await world.session.start([shop]);
      world.refusal = new OpsError('badConfig', { file: 'supabase/config.toml', problem: 'api.port must be a port' });
      await assert.rejects(world.select(hosted()), (error) => isOpsError(error, 'badConfig'));
      assert.equal(world.session.state.kind, 'noProject');
      world.refusal = undefined;
      await world.session.refresh();
      assert.equal(describeState(world.session.state), 'connected acme');
    });

    it('does not show the project before as if it were the one that was chosen', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      world.refusal = new Error('no');
      await assert.rejects(world.select(hosted(beta)));
      assert.equal(world.session.state.kind, 'noProject');
      assert.equal(world.connections[0]?.closed, 1);
    });

    it('is signed out when another window took the token away', async () => {
      world.refusal = errors.notSignedIn;
      await world.session.start([shop]);
      await assert.rejects(world.select(hosted()));
      assert.equal(world.session.state.kind, 'signedOut');
    });

    it('says nothing of a failure that a newer selection has overtaken', async () => {
      await world.session.start([shop]);
      world.connecting.closed = true;
      const first = world.select(hosted());
      const second = world.select(hosted(beta));
      await world.connecting.open(1);
      await second;
      world.refusal = new Error('late');
      await world.connecting.open();
      await first;
      assert.equal(describeState(world.session.state), 'connected beta');
    });

    it('leaves no rejection unheard when an account changes', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      world.refusal = new Error('no');
      await world.accounts.add('me@example.test', origin, token);
      await settle();
      assert.equal(world.session.state.kind, 'noProject');
      assert.match(world.log.lines.join('\n'), /could not be opened/);
    });
  });

  describe('with several accounts', () => {
    it('opens the project anew with the account’s new token', async () => {
      world.problems = [errors.tokenRejected, undefined];
      await world.session.start([shop]);
      await world.select(hosted());
      assert.equal(world.session.state.kind, 'noPermission');
      await world.accounts.add('me@example.test', origin, token);
      await settle();
      assert.equal(describeState(world.session.state), 'connected acme');
      assert.equal(world.connections.length, 2);
    });

    it('leaves the open project alone when another account comes or goes', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      const second = await world.accounts.add('ops@example.test', origin, token);
      await world.accounts.remove(second);
      await settle();
      assert.deepEqual(world.connections.map(({ closed }) => closed), [0]);
      assert.equal(world.session.connection(), world.connections[0]);
    });

    it('has no project after the account of the open one was signed out, and is signed out after the last', async () => {
      const second = await world.accounts.add('ops@example.test', origin, token);
      await world.session.start([shop]);
      await world.select(hosted());
      const mine = world.accounts.find(account.id);
      assert.ok(mine);
      await world.accounts.remove(mine);
      await settle();
      assert.equal(world.session.state.kind, 'noProject');
      assert.equal(world.connections[0]?.closed, 1);
      await world.accounts.remove(second);
      await settle();
      assert.equal(world.session.state.kind, 'signedOut');
    });

    it('leaves a local stack alone', async () => {
      await world.session.start([shop]);
      await world.session.select(stack);
      const mine = world.accounts.find(account.id);
      assert.ok(mine);
      await world.accounts.remove(mine);
      await settle();
      assert.equal(describeState(world.session.state), 'connected shop');
    });
  });

  describe('whose folders change', () => {
    it('keeps the open project open, and knows the folders', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      const seen = world.seen.length;
      const linked: Place = { ...shop, linked: { ref: acme.ref, from: 'config.toml' } };
      await world.session.followPlaces([linked, site]);
      assert.deepEqual(world.connections.map(({ closed }) => closed), [0]);
      assert.deepEqual(world.session.allPlaces, [linked, site]);
      assert.ok(world.seen.length > seen);
    });

    it('takes up the selection of the folder that is active now', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      await world.session.followPlaces([site]);
      assert.equal(world.session.state.kind, 'noProject');
    });

    it('connects a local stack anew: its files say where it is', async () => {
      await world.session.start([shop]);
      await world.session.select(stack);
      await world.session.followPlaces([shop]);
      assert.equal(world.connections.length, 2);
    });

    it('looks again where there was no project', async () => {
      await world.session.start([]);
      await world.session.followPlaces([shop]);
      assert.equal(world.session.place, shop);
      assert.equal(world.session.state.kind, 'noProject');
    });
  });

  describe('with several places', () => {
    it('keeps one selection for each', async () => {
      await world.session.start([shop, site]);
      await world.select(hosted());
      await world.session.activate(site);
      assert.equal(world.session.state.kind, 'noProject');
      await world.select(hosted(beta));
      await world.session.activate(shop);
      assert.equal(describeState(world.session.state), 'connected acme');
      await world.session.activate(site);
      assert.equal(describeState(world.session.state), 'connected beta');
    });

    it('has the same place active after the window was started again', async () => {
      await world.session.start([shop, site]);
      await world.session.activate(site);
      world.session = world.window();
      await world.session.start([shop, site]);
      assert.equal(world.session.place, site);
    });

    it('falls back to the first when the active one is gone', async () => {
      await world.session.start([shop, site]);
      await world.session.activate(site);
      await world.session.start([shop]);
      assert.equal(world.session.place, shop);
      assert.deepEqual(world.session.allPlaces, [shop]);
    });

    it('keeps a selection also for a window without any', async () => {
      await world.session.start([]);
      assert.equal(world.session.place, undefined);
      await world.select(hosted());
      assert.equal(describeState(world.session.state), 'connected acme');
      await world.session.start([shop]);
      assert.equal(world.session.state.kind, 'noProject');
    });
  });

  describe('and its lists', () => {
    it('are asked for again at a refresh, before the first question is answered', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      world.probing.closed = true;
      const refreshing = world.session.refresh();
      await settle();
      assert.equal(world.refreshed, 1);
      await world.probing.open();
      await refreshing;
    });

    it('are asked for again after a command changed them, unless another project is shown by then', async () => {
      await world.session.start([shop]);
      await world.select(hosted());
      const before = world.session.connection();
      world.session.forget(before, 'secrets');
      assert.equal(world.refreshed, 1);
      await world.select(hosted(beta));
      world.session.forget(before, 'secrets');
      assert.equal(world.refreshed, 1);
    });
  });

  it('counts every hosted project as production until somebody says otherwise, and remembers what was said in every workspace', async () => {
    await world.session.start([shop]);
    await world.select(hosted());
    assert.equal(world.session.connection().project.environment, 'production');
    await world.session.setEnvironment(world.session.connection().project, 'staging');
    assert.equal(world.session.connection().project.environment, 'staging');
    world.storage.values.clear();
    world.session = world.window();
    await world.session.start([shop]);
    await world.select(hosted());
    assert.equal(world.session.connection().project.environment, 'staging');
  });

  it('marks the project that was meant, although another is shown by then', async () => {
    await world.session.start([shop]);
    await world.select(hosted());
    const { project } = world.session.connection();
    await world.select(hosted(beta));
    await world.session.setEnvironment(project, 'development');
    assert.equal(world.session.connection().project.environment, 'production');
    assert.equal(world.connections.length, 2);
    await world.select(hosted());
    assert.equal(world.session.connection().project.environment, 'development');
  });

  it('never writes what was chosen anywhere but into the workspace’s storage', async () => {
    await world.session.start([shop]);
    const before = [...world.userStorage.values.keys()];
    await world.select(hosted());
    assert.deepEqual([...world.userStorage.values.keys()], before);
    assert.ok(![...world.storage.values.values()].some((value) => value.includes(token)));
  });

  it('closes what is open when it ends, also what is only then opened', async () => {
    await world.session.start([shop]);
    await world.select(hosted());
    world.connecting.closed = true;
    const late = world.select(hosted(beta));
    world.session.dispose();
    await world.connecting.open();
    await late;
    assert.deepEqual(world.connections.map(({ closed }) => closed), [1, 1]);
    const before = world.seen.length;
    await world.accounts.add('new@example.test', origin, token);
    assert.equal(world.seen.length, before);
  });
});
