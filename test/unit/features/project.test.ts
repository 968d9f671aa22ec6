import assert from 'node:assert/strict';
import { OpsError, isCancelled, isOpsError } from '../../../src/core/errors.ts';
import type { Account } from '../../../src/core/project/accounts.ts';
import type { Place, Project } from '../../../src/core/project/project.ts';
import { tellNoAccess } from '../../../src/features/project/noAccess.ts';
import { createOffer, declineOffer } from '../../../src/features/project/offer.ts';
import { chooseProject, connectLocal, connectSelfHosted, removeConnectionString, selectByRef, selectProject, setConnectionString, setEnvironment, type ProjectNeeds } from '../../../src/features/project/select.ts';
import { describeGrant, describeState, environmentName } from '../../../src/features/project/words.ts';
import { FakeCommands } from '../../fakes/commands.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeUi } from '../../fakes/ui.ts';

const origin = 'https://api.supabase.com';
const token = `sbp_${'0123456789'.repeat(4)}`;
const betaRef = 'bcdefghijklmnopqrstu';
const shop: Place = { id: 'file:///work/shop', name: 'shop', folder: '/work/shop', linked: { ref: acme.ref, from: 'supabase/.temp/project-ref' } };
const site: Place = { id: 'file:///work/site', name: 'site', folder: '/work/site' };
const stack: Project = { kind: 'local', ref: 'local-shop', name: 'shop', environment: 'local' };
const offline = new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' });

/** A session that connects to whatever is selected, with a management API for each account. */
class World extends TestSession {
  readonly ui = new FakeUi();
  readonly commands = new FakeCommands(this.ui);
  readonly apis = new Map<string, FakeManagementApi>();
  readonly needs: ProjectNeeds = {
    session: this.session,
    accounts: this.accounts,
    commands: this.commands,
    ui: this.ui,
    secrets: this.secrets,
    storage: this.storage,
    managementOf: async ({ id }) => this.apis.get(id) ?? assert.fail(`no API for ${id}`),
    localProject: async () => stack,
  };

  async signIn(name: string): Promise<{ account: Account; api: FakeManagementApi }> {
    const account = await this.accounts.add(name, origin, token);
    const api = new FakeManagementApi();
    this.apis.set(account.id, api);
    return { account, api };
  }

  /** `connected acme`, or the state's name. */
  get shown(): string {
    const { state } = this.session;
    return 'connection' in state ? `${state.kind} ${state.connection.project.name}` : state.kind;
  }
}

describe('choosing a project', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.connectAnything();
    await world.start(site);
  });
  afterEach(() => world.ui.done());
  const choices = (title = 'Select Project') => world.ui.lists.find((list) => list.title === title)?.choices ?? [];

  it('lists the projects of every account by organisation, then the ways without one', async () => {
    const mine = await world.signIn('me@example.test');
    mine.api.addProject(acme.ref, 'acme').project = { ...acme, organization: 'acme', region: 'eu-central-1', status: 'ACTIVE_HEALTHY' };
    const ours = await world.signIn('ops@example.test');
    ours.api.organizationList = [{ slug: 'zoo', name: 'Zoo' }];
    ours.api.addProject(betaRef, 'beta').project = { ...acme, ref: betaRef, name: 'beta', organization: 'zoo' };
    world.ui.willPick('beta');
    await selectProject(world.needs)();
    assert.deepEqual(
      choices().map(({ label, group, description }) => [group, label, description]),
      [
        ['Acme', 'acme', acme.ref],
        ['Zoo', 'beta', betaRef],
        ['This machine', 'Local stack of site', undefined],
        ['Elsewhere', 'Self-hosted installation…', undefined],
        ['Elsewhere', 'Sign in with another account…', undefined],
      ],
    );
    assert.equal(choices()[0]?.detail, 'eu-central-1 · me@example.test');
    assert.equal(world.shown, 'connected beta');
    assert.equal(world.selected?.kind === 'hosted' && world.selected.accountId, ours.account.id);
  });

  it('says of an account why its projects could not be listed, and hides no other way', async () => {
    const mine = await world.signIn('me@example.test');
    mine.api.fail('projects', new OpsError('tokenRejected', { account: 'me@example.test', origin }));
    const ours = await world.signIn('ops@example.test');
    ours.api.addProject(betaRef, 'beta');
    world.ui.willPick('The projects of me@example.test could not be listed');
    await world.commands.guard('project.select', selectProject(world.needs));
    assert.match(choices()[0]?.detail ?? '', /does not accept the access token of me@example\.test/);
    assert.equal(choices().length, 5);
    assert.deepEqual(world.ui.told[0]?.actions.map(({ label }) => label), ['Sign In', 'Retry']);
    assert.equal(world.shown, 'noProject');
  });

  it('lists projects for a token that may not list organisations', async () => {
    const mine = await world.signIn('me@example.test');
    mine.api.addProject(acme.ref, 'acme');
    mine.api.fail('organizations', new OpsError('permissionMissing', { operation: 'list organizations', account: 'me' }));
    world.ui.willPick('acme');
    await selectProject(world.needs)();
    assert.equal(choices()[0]?.group, 'me@example.test');
    assert.equal(world.shown, 'connected acme');
  });

  it('shows control characters of a name', async () => {
    const mine = await world.signIn('me@example.test');
    mine.api.addProject(acme.ref, 'acme\u202e\n');
    world.ui.willPick('acme\\u{202e}␊');
    await selectProject(world.needs)();
  });

  it('changes nothing when it is dismissed', async () => {
    (await world.signIn('me@example.test')).api.addProject(acme.ref, 'acme');
    world.ui.willDismiss();
    await assert.rejects(selectProject(world.needs)(), isCancelled);
    assert.deepEqual([world.shown, world.selected], ['noProject', undefined]);
  });

  it('asks for the folder where there are several, and selects for that one', async () => {
    await world.start(shop, site);
    (await world.signIn('me@example.test')).api.addProject(acme.ref, 'acme');
    world.ui.willPick('site').willPick('acme');
    await selectProject(world.needs)();
    assert.equal(world.session.place, site);
    await world.session.activate(shop);
    assert.equal(world.shown, 'noProject');
  });

  it('needs an account, or a folder that may have a local stack', async () => {
    const empty = new World();
    await empty.start();
    await assert.rejects(selectProject(empty.needs)(), (error) => isOpsError(error, 'notSignedIn'));
    world.ui.willPick('Local stack of site');
    await selectProject(world.needs)();
    assert.deepEqual(world.commands.ran, [['project.connectLocal', undefined]]);
  });

  describe('with preview branches', () => {
    const branch: Project = { ...acme, ref: betaRef, name: 'feature/fees', environment: 'preview', parentRef: acme.ref };
    let api: FakeManagementApi;
    beforeEach(async () => {
      ({ api } = await world.signIn('me@example.test'));
      api.addProject(acme.ref, 'acme').branches = [branch];
    });

    it('asks which', async () => {
      world.ui.willPick('acme').willPick('feature/fees');
      await selectProject(world.needs)();
      assert.equal(world.session.connection().project.environment, 'preview');
    });

    it('selects nothing when that is dismissed', async () => {
      world.ui.willPick('acme').willDismiss();
      await assert.rejects(selectProject(world.needs)(), isCancelled);
      assert.equal(world.shown, 'noProject');
    });

    it('selects the project for a token that may not list them', async () => {
      api.fail('branches', new OpsError('permissionMissing', { operation: 'list preview branches', account: 'me' }));
      world.ui.willPick('acme');
      await selectProject(world.needs)();
      assert.equal(world.shown, 'connected acme');
      assert.deepEqual(world.ui.told, []);
    });

    it('says so when the service could not list them: somebody may have wanted one', async () => {
      api.fail('branches', new OpsError('serviceFailed', { operation: 'list preview branches', status: 500, message: 'down' }));
      world.ui.willPick('acme');
      await selectProject(world.needs)();
      assert.equal(world.shown, 'connected acme');
      assert.match(world.ui.told[0]?.message ?? '', /preview branches of acme could not be listed, so the project itself was selected.*status 500/);
    });

    it('selects nothing when there is no network', async () => {
      api.fail('branches', offline);
      world.ui.willPick('acme');
      await assert.rejects(selectProject(world.needs)(), (error) => error === offline);
      assert.equal(world.shown, 'noProject');
    });
  });

  describe('by its ref', () => {
    const { signal } = new AbortController();

    it('takes the first account that can see it', async () => {
      await world.signIn('me@example.test');
      const ours = await world.signIn('ops@example.test');
      ours.api.addProject(acme.ref, 'acme');
      await selectByRef(world.needs, acme.ref, signal);
      assert.equal(world.selected?.kind === 'hosted' && world.selected.accountId, ours.account.id);
    });

    it('says that there is none only when every account says so', async () => {
      await world.signIn('me@example.test');
      await world.signIn('ops@example.test');
      await assert.rejects(selectByRef(world.needs, acme.ref, signal), (error) => isOpsError(error, 'projectNotFound'));
      world.apis.get(`me@example.test ${origin}`)?.fail('project', offline);
      await assert.rejects(selectByRef(world.needs, acme.ref, signal), (error) => error === offline);
    });

    it('needs somebody who is signed in', async () => {
      await assert.rejects(selectByRef(world.needs, acme.ref, signal), (error) => isOpsError(error, 'notSignedIn'));
    });

    it('asks no other account once it is cancelled', async () => {
      await world.signIn('me@example.test');
      const ours = await world.signIn('ops@example.test');
      await assert.rejects(selectByRef(world.needs, acme.ref, AbortSignal.abort()), isCancelled);
      assert.deepEqual(ours.api.calls, []);
    });
  });

  it('connects the local stack of the folder without an account', async () => {
    await connectLocal(world.needs)();
    assert.equal(world.shown, 'connected shop');
    const empty = new World();
    await empty.start();
    await assert.rejects(connectLocal(empty.needs)(), (error) => isOpsError(error, 'notFound'));
  });

  it('goes on to the project after a sign-in, unless one is there or the folder’s own is offered', async () => {
    await world.signIn('me@example.test');
    await chooseProject(world.needs);
    assert.deepEqual(world.commands.ran, [['project.select', undefined]]);
    await world.start(shop);
    await chooseProject(world.needs);
    await world.show(fakeConnection());
    await chooseProject(world.needs);
    assert.equal(world.commands.ran.length, 1);
  });
});

describe('an installation of one’s own', () => {
  let world: World;
  beforeEach(async () => {
    world = new World();
    world.connectAnything();
    await world.start(site);
  });
  afterEach(() => world.ui.done());

  it('is known by its host, its key and connection string lie in the secret store alone', async () => {
    world.ui.willType('https://supabase.example.test/path ').willType(' anon-key ').willType(' postgresql://postgres:pw@db.example.test:5432/postgres ');
    await connectSelfHosted(world.needs)();
    assert.deepEqual(Object.fromEntries(world.secrets.values), {
      'gatewayKey self-supabase.example.test': 'anon-key',
      'database self-supabase.example.test': 'postgresql://postgres:pw@db.example.test:5432/postgres',
    });
    assert.deepEqual(world.selected, {
      kind: 'selfHosted',
      gatewayUrl: 'https://supabase.example.test',
      project: { kind: 'selfHosted', ref: 'self-supabase.example.test', name: 'supabase.example.test', environment: 'production' },
    });
    assert.deepEqual(world.ui.questions.map(({ secret }) => secret ?? false), [false, true, true]);
    assert.ok(!JSON.stringify([...world.storage.values, ...world.userStorage.values]).includes('pw'));
  });

  it('goes without key and database, and forgets those of before', async () => {
    await world.secrets.set('database self-supabase.example.test', 'old');
    world.ui.willType('https://supabase.example.test').willType('').willType(' ');
    await connectSelfHosted(world.needs)();
    assert.deepEqual([...world.secrets.values], []);
  });

  it('keeps nothing when a prompt is dismissed', async () => {
    world.ui.willType('https://supabase.example.test').willType('key').willDismiss();
    await assert.rejects(connectSelfHosted(world.needs)(), isCancelled);
    assert.deepEqual([[...world.secrets.values], world.selected], [[], undefined]);
  });

  for (const [text, answer] of [
    ['https://supabase.example.test', undefined],
    ['http://localhost:54321', undefined],
    ['http://127.0.0.1:54321', undefined],
    ['http://[::1]:54321', undefined],
    ['http://supabase.example.test', /only; use https:\/\/supabase\.example\.test/],
    ['http://localhost.evil.test', /Plain HTTP/],
    ['ftp://supabase.example.test', /An address such as/],
    ['supabase.example.test', /An address such as/],
    ['', /An address such as/],
  ] as const) {
    it(`${answer ? 'refuses' : 'takes'} the address “${text}”`, async () => {
      world.ui.willDismiss();
      await assert.rejects(connectSelfHosted(world.needs)(), isCancelled);
      const problem = world.ui.questions[0]?.check?.(text);
      if (answer) {
        assert.match(problem ?? '', answer);
      } else {
        assert.equal(problem, undefined);
      }
    });
  }
});

describe('the connection string of a project', () => {
  let world: World;
  const text = 'postgresql://postgres:hunter2@db.example.test:5432/postgres';
  beforeEach(async () => {
    world = new World();
    await world.show(fakeConnection());
  });
  afterEach(() => world.ui.done());

  it('is kept in the secret store, and the project is opened with it', async () => {
    world.ui.willType(` ${text} `);
    const opened = world.opened;
    await setConnectionString(world.needs)();
    assert.equal(world.secrets.values.get(`database ${acme.ref}`), text);
    assert.equal(world.opened, opened + 1);
    assert.equal(world.ui.questions[0]?.secret, true);
  });

  it('of a preview branch is asked of Supabase, when told to', async () => {
    const api = new FakeManagementApi();
    api.addProject(betaRef).branchDatabase = { host: 'db.example.test', port: 5432, user: 'postgres', password: 'hunter2', database: 'postgres' };
    await world.show(fakeConnection({ project: { ...acme, ref: betaRef, parentRef: acme.ref }, management: api }));
    world.ui.willPick('Ask Supabase for It');
    await setConnectionString(world.needs)();
    assert.equal(world.secrets.values.get(`database ${betaRef}`), text);
    world.ui.willPick('Type It…').willType(`${text}2`);
    await setConnectionString(world.needs)();
    assert.equal(world.secrets.values.get(`database ${betaRef}`), `${text}2`);
  });

  it('is refused without its words when it is none', async () => {
    world.ui.willDismiss();
    await assert.rejects(setConnectionString(world.needs)(), isCancelled);
    const problem = world.ui.questions[0]?.check?.('mysql://root:hunter2@db') ?? '';
    assert.match(problem, /A connection string such as/);
    assert.doesNotMatch(problem, /hunter2/);
    assert.deepEqual([...world.secrets.values], []);
  });

  it('is forgotten', async () => {
    await world.secrets.set(`database ${acme.ref}`, text);
    await removeConnectionString(world.needs)();
    assert.deepEqual([...world.secrets.values], []);
  });

  it('needs a project', async () => {
    const empty = new World();
    await empty.start();
    await assert.rejects(setConnectionString(empty.needs)(), (error) => isOpsError(error, 'notSignedIn'));
  });
});

describe('the environment of a project', () => {
  it('is what the person says of the project that was asked about', async () => {
    const world = new World();
    world.connectAnything();
    await world.start(site);
    await world.session.select({ kind: 'local', project: acme });
    world.ui.willPick('Development');
    await setEnvironment(world.needs)();
    assert.equal(world.session.connection().project.environment, 'development');
    world.ui.willDismiss();
    await assert.rejects(setEnvironment(world.needs)(), isCancelled);
    assert.equal(world.session.connection().project.environment, 'development');
    world.ui.done();
  });
});

describe('the project that a folder’s files name', () => {
  let world: World;
  let api: FakeManagementApi;
  beforeEach(async () => {
    world = new World();
    world.connectAnything();
    await world.start(shop);
    ({ api } = await world.signIn('me@example.test'));
    api.addProject(acme.ref, 'acme');
  });
  afterEach(() => world.ui.done());

  it('is offered once in a window, whatever changes, and nothing is asked of the network', () => {
    const offer = createOffer(world.needs);
    offer();
    offer();
    assert.deepEqual(world.ui.told.map(({ message, actions }) => [message, actions.map(({ label }) => label)]), [[`supabase/.temp/project-ref names the project ${acme.ref}. Use it for shop?`, [`Use ${acme.ref}`, 'Select Another', 'Not Now']]]);
    assert.deepEqual(api.calls, []);
  });

  it('is taken with one press, and never offered again', async () => {
    createOffer(world.needs)();
    await world.ui.press(`Use ${acme.ref}`);
    assert.equal(world.shown, 'connected acme');
    await world.session.activate(shop);
    world.ui.told.length = 0;
    createOffer(world.needs)();
    assert.deepEqual(world.ui.told, []);
  });

  it('is taken for the folder that was asked about, although another is active by then', async () => {
    createOffer(world.needs)();
    await world.start(shop, site);
    await world.session.activate(site);
    await world.ui.press(`Use ${acme.ref}`);
    assert.equal(world.session.place, shop);
    assert.equal(world.shown, 'connected acme');
  });

  for (const error of [offline, new OpsError('projectNotFound', { ref: acme.ref })]) {
    it(`is offered again in the next window after ${error.code}, which is told with another try`, async () => {
      api.fail('project', error);
      createOffer(world.needs)();
      await world.ui.press(`Use ${acme.ref}`);
      assert.equal(world.shown, 'noProject');
      assert.equal(world.ui.told.at(-1)?.level, 'error');
      api.mend();
      await world.ui.press('Retry');
      assert.equal(world.shown, 'connected acme');
    });

    it(`is offered in the next window when nobody tried again after ${error.code}`, async () => {
      api.fail('project', error);
      createOffer(world.needs)();
      await world.ui.press(`Use ${acme.ref}`);
      world.ui.told.length = 0;
      createOffer(world.needs)();
      assert.equal(world.ui.told.length, 1);
    });
  }

  it('is not offered again after Not Now, nor after another was chosen', async () => {
    createOffer(world.needs)();
    await world.ui.press('Not Now');
    createOffer(world.needs)();
    assert.equal(world.ui.told.length, 1);
    assert.equal(world.shown, 'noProject');
  });

  it('leads to the list of all', async () => {
    createOffer(world.needs)();
    await world.ui.press('Select Another');
    assert.deepEqual(world.commands.ran, [['project.select', undefined]]);
  });

  it('keeps the answer in the workspace’s storage, for that folder alone', async () => {
    const before = [...world.userStorage.values.keys()];
    createOffer(world.needs)();
    await world.ui.press('Not Now');
    assert.deepEqual([...world.userStorage.values.keys()], before);
    await world.start({ ...site, linked: { ref: betaRef, from: 'config.toml' } });
    createOffer(world.needs)();
    assert.equal(world.ui.told.length, 2);
  });

  it('is not offered where something else said which project it is', async () => {
    await declineOffer(world.needs);
    createOffer(world.needs)();
    assert.deepEqual(world.ui.told, []);
  });

  it('is not offered to somebody who is not signed in, to whom a project is shown, or without a link', async () => {
    const nobody = new World();
    await nobody.start(shop);
    createOffer(nobody.needs)();
    await world.show(fakeConnection());
    createOffer(world.needs)();
    const unlinked = new World();
    await unlinked.start(site);
    await unlinked.signIn('me@example.test');
    createOffer(unlinked.needs)();
    assert.deepEqual([nobody, world, unlinked].map(({ ui }) => ui.told), [[], [], []]);
  });
});

describe('what keeps an account from a project', () => {
  const rejected = new OpsError('tokenRejected', { account: 'me@example.test', origin });

  it('is told in one sentence with its next steps', async () => {
    const world = new World();
    world.problem = rejected;
    await world.show(fakeConnection());
    await tellNoAccess({ session: world.session, guard: world.commands.guard }, rejected);
    assert.match(world.ui.told[0]?.message ?? '', /does not accept the access token of me@example\.test/);
    assert.deepEqual(world.ui.told[0]?.actions.map(({ label }) => label), ['Sign In', 'Retry']);
  });

  it('is told again when another try finds it again, and not when it is gone', async () => {
    const world = new World();
    world.problem = rejected;
    await world.show(fakeConnection());
    await tellNoAccess({ session: world.session, guard: world.commands.guard }, rejected);
    await world.ui.press('Retry');
    assert.equal(world.ui.told.length, 2);
    world.problem = undefined;
    await world.ui.press('Retry');
    assert.equal(world.shown, 'connected acme');
    assert.equal(world.ui.told.length, 2);
  });

  it('is not told twice when it has become another obstacle, which has its own sentence', async () => {
    const world = new World();
    world.problem = rejected;
    await world.show(fakeConnection());
    await tellNoAccess({ session: world.session, guard: world.commands.guard }, rejected);
    world.problem = new OpsError('projectNotFound', { ref: acme.ref });
    await world.ui.press('Retry');
    assert.equal(world.ui.told.length, 1);
  });
});

describe('the session in the status bar', () => {
  const account: Account = { id: 'x', name: 'me@example.test', origin };
  const connection = fakeConnection({ account, database: new FakeDatabase() });
  const rejected = new OpsError('tokenRejected', { account: 'me@example.test', origin });

  it('says what is missing, and a click gets it', () => {
    assert.deepEqual(
      (['starting', 'signedOut', 'noProject'] as const).map((kind) => {
        const { icon, text, click } = describeState({ kind });
        return [icon, text, click];
      }),
      [
        ['loading~spin', 'Opsbook', 'project.select'],
        ['plug', 'Supabase: sign in', 'account.signIn'],
        ['plug', 'Supabase: no project', 'project.select'],
      ],
    );
  });

  it('names the project, its environment, its account and the way to its database', () => {
    assert.deepEqual(describeState({ kind: 'connected', connection }), {
      icon: 'database',
      text: 'acme · production',
      tooltip: [`acme (${acme.ref})`, 'Account: me@example.test', 'Database: postgres@fake:5432'],
      click: 'project.select',
    });
  });

  it('says why the project cannot be shown, and a click tries again when it was out of reach', () => {
    const away = describeState({ kind: 'offline', connection, error: offline });
    assert.deepEqual([away.icon, away.text, away.click], ['debug-disconnect', 'acme · production · offline', 'refresh']);
    assert.match(away.tooltip[1] ?? '', /api\.supabase\.com cannot be reached/);
    const locked = describeState({ kind: 'noPermission', connection, error: rejected });
    assert.deepEqual([locked.icon, locked.text], ['lock', 'acme · production · no access']);
    assert.match(locked.tooltip[1] ?? '', /does not accept the access token/);
  });

  it('shows control characters of a name, in one line', () => {
    const { text, tooltip } = describeState({ kind: 'connected', connection: fakeConnection({ project: { ...acme, name: 'a\u202e\nb' } }) });
    assert.equal(text, 'a\\u{202e}␊b · production');
    assert.ok(tooltip.every((line) => !/[\n\u202e]/.test(line)));
  });

  it('has a word for every environment', () => {
    const environments = ['production', 'staging', 'development', 'preview', 'local'] as const;
    assert.deepEqual(environments.map(environmentName), [...environments]);
  });

  it('says whose name was typed, until when it counts, and how to end that', () => {
    assert.match(describeGrant({ project: acme, until: Date.UTC(2026, 10, 20, 9) }), /^The name of acme was typed: .+ until .+\. Click to end that\.$/);
  });
});
