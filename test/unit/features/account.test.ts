import assert from 'node:assert/strict';
import { OpsError, isCancelled, isOpsError } from '../../../src/core/errors.ts';
import { Accounts } from '../../../src/core/project/accounts.ts';
import { signInFromEnvironment, type EnvironmentNeeds } from '../../../src/features/account/environment.ts';
import { registerAccount, signIn, signOut, type AccountNeeds } from '../../../src/features/account/index.ts';
import { apiOrigin } from '../../../src/features/account/takeToken.ts';
import { FakeCommands } from '../../fakes/commands.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeSettings } from '../../fakes/settings.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const hosted = 'https://api.supabase.com';
const token = `sbp_${'0123456789'.repeat(4)}`;
const rejected = new OpsError('tokenRejected', { account: 'this token', origin: hosted });
const denied = new OpsError('permissionMissing', { operation: 'read your profile', account: 'this token' });

describe('signing in', () => {
  let ui: FakeUi;
  let secrets: FakeSecretStore;
  let accounts: Accounts;
  let management: FakeManagementApi;
  let settings: FakeSettings;
  let sent: { token: string; origin: string }[];
  let signedIn: number;
  let needs: AccountNeeds;
  beforeEach(() => {
    ui = new FakeUi();
    secrets = new FakeSecretStore();
    accounts = new Accounts({ secrets, storage: new FakeStorage() });
    management = new FakeManagementApi();
    settings = new FakeSettings();
    sent = [];
    signedIn = 0;
    needs = {
      accounts,
      settings,
      ui,
      commands: new FakeCommands(ui),
      findTokens: async () => [],
      managementFor: async (given, origin) => {
        sent.push({ token: given, origin });
        return management;
      },
      whenSignedIn: async () => {
        signedIn++;
      },
    };
  });
  afterEach(() => ui.done());

  it('asks the service whose token it is, keeps it for that service, and goes on to the project', async () => {
    ui.willPick('Paste an access token').willType(` ${token}\n`);
    await signIn(needs)();
    assert.match(ui.lists[0]?.placeholder ?? '', /keyring is not read/);
    assert.deepEqual(accounts.list(), [{ id: `owner@example.test ${hosted}`, name: 'owner@example.test', origin: hosted }]);
    assert.deepEqual(sent, [{ token, origin: hosted }]);
    assert.equal(signedIn, 1);
    assert.equal(ui.told[0]?.message, 'Signed in to Supabase as owner@example.test.');
  });

  it('takes the token in a password box, and shows it nowhere', async () => {
    ui.willPick('Paste an access token').willType(token);
    await signIn(needs)();
    assert.equal(ui.questions[0]?.secret, true);
    assert.ok(!JSON.stringify([ui.told, ui.lists, ui.plans, ui.questions, ui.progressed]).includes(token));
  });

  it('refuses in the box what is no token: nothing is sent', async () => {
    ui.willPick('Paste an access token').willDismiss();
    await assert.rejects(signIn(needs)(), isCancelled);
    const [question] = ui.questions;
    assert.match(question?.check?.('sbp_short') ?? '', /40 hexadecimal digits/);
    assert.equal(question?.check?.(token), undefined);
    assert.deepEqual(sent, []);
  });

  it('binds a token to the address of its time: a new address is another account', async () => {
    ui.willPick('Paste an access token').willType(token).willPick('Paste an access token').willType(token);
    await signIn(needs)();
    settings.set({ 'opsbook.apiUrl': 'https://api.staging.test/v1/' });
    await signIn(needs)();
    assert.deepEqual(accounts.list().map(({ origin }) => origin), [hosted, 'https://api.staging.test']);
    assert.deepEqual(sent.map(({ origin }) => origin), [hosted, 'https://api.staging.test']);
  });

  it('keeps nothing of a token that the service refuses', async () => {
    management.fail('profile', rejected);
    ui.willPick('Paste an access token').willType(token);
    await assert.rejects(signIn(needs)(), (error) => error === rejected);
    assert.deepEqual([accounts.list(), [...secrets.values], signedIn], [[], [], 0]);
  });

  it('takes a token that may not read the profile, by its last digits', async () => {
    management.fail('profile', denied);
    ui.willPick('Paste an access token').willType(token);
    await signIn(needs)();
    assert.deepEqual(accounts.list().map(({ name }) => name), ['token …6789']);
  });

  it('names one without an email address by the user name', async () => {
    management.account = { email: '', username: 'owner' };
    ui.willPick('Paste an access token').willType(token);
    await signIn(needs)();
    assert.deepEqual(accounts.list().map(({ name }) => name), ['owner']);
  });

  it('offers a token that lies on this machine, and reads it only when it is chosen', async () => {
    let reads = 0;
    const found = { from: 'SUPABASE_ACCESS_TOKEN', read: async () => (reads++, token) };
    ui.willDismiss().willPick('Use the token of SUPABASE_ACCESS_TOKEN');
    const offering = signIn({ ...needs, findTokens: async () => [found] });
    await assert.rejects(offering(), isCancelled);
    assert.equal(reads, 0);
    await offering();
    assert.equal(reads, 1);
    assert.equal(accounts.list().length, 1);
  });

  it('checks also what it found before anything is sent', async () => {
    ui.willPick('Use the token of /home/me/.supabase/access-token');
    const found = { from: '/home/me/.supabase/access-token', read: async () => 'garbage' };
    await assert.rejects(signIn({ ...needs, findTokens: async () => [found] })(), (error) => isOpsError(error, 'tokenMalformed'));
    assert.deepEqual(sent, []);
  });

  it('opens the page for a new token, of the dashboard that is set', async () => {
    settings.set({ 'opsbook.dashboardUrl': 'https://dashboard.example.test' });
    ui.willPick('Create an access token in the dashboard').willType(token);
    await signIn(needs)();
    assert.deepEqual(ui.opened, ['https://dashboard.example.test/account/tokens']);
  });

  it('ends when a prompt is dismissed', async () => {
    ui.willPick('Paste an access token').willDismiss();
    await assert.rejects(signIn(needs)(), isCancelled);
    assert.deepEqual([accounts.list(), signedIn], [[], 0]);
  });

  it('says which setting is wrong when the address is none', async () => {
    settings.set({ 'opsbook.apiUrl': 'api.supabase.com' });
    ui.willPick('Paste an access token').willType(token);
    await assert.rejects(signIn(needs)(), (error) => isOpsError(error, 'badConfig') && error.facts.file.includes('opsbook.apiUrl'));
    assert.equal(apiOrigin('https://api.supabase.com/v1'), hosted);
  });

  it('is a command, as signing out is', async () => {
    const commands = new FakeCommands(ui);
    const registered = registerAccount({ ...needs, commands });
    ui.willPick('Paste an access token').willType(token).willConsent();
    await commands.run('account.signIn');
    await commands.run('account.signOut');
    assert.deepEqual(accounts.list(), []);
    registered.dispose();
  });
});

describe('signing out', () => {
  let ui: FakeUi;
  let secrets: FakeSecretStore;
  let accounts: Accounts;
  beforeEach(() => {
    ui = new FakeUi();
    secrets = new FakeSecretStore();
    accounts = new Accounts({ secrets, storage: new FakeStorage() });
  });
  afterEach(() => ui.done());

  it('removes the token, and says that it stays valid', async () => {
    await accounts.add('me@example.test', hosted, token);
    ui.willConsent();
    await signOut({ accounts, ui })();
    assert.deepEqual([accounts.list(), [...secrets.values]], [[], []]);
    assert.match(ui.plans[0]?.detail.join() ?? '', /stays valid until it is revoked/);
  });

  it('asks which of several, and leaves the others signed in', async () => {
    await accounts.add('me@example.test', hosted, token);
    const ours = await accounts.add('ops@example.test', hosted, token);
    ui.willPick('me@example.test').willConsent();
    await signOut({ accounts, ui })();
    assert.deepEqual(accounts.list(), [ours]);
  });

  it('removes nothing when it is dismissed', async () => {
    await accounts.add('me@example.test', hosted, token);
    ui.willDismiss();
    await assert.rejects(signOut({ accounts, ui })(), isCancelled);
    assert.equal(accounts.list().length, 1);
  });

  it('needs somebody who is signed in', async () => {
    await assert.rejects(signOut({ accounts, ui })(), (error) => isOpsError(error, 'notSignedIn'));
  });
});

describe('signing in from the environment', () => {
  let world: TestSession;
  let management: FakeManagementApi;
  let selected: string[];
  let declined: number;
  let needs: EnvironmentNeeds;
  const environment = { OPSBOOK_ACCESS_TOKEN: token, OPSBOOK_PROJECT_REF: acme.ref };
  beforeEach(async () => {
    world = new TestSession();
    management = new FakeManagementApi();
    selected = [];
    declined = 0;
    needs = {
      environment,
      accounts: world.accounts,
      session: await world.start(),
      origin: hosted,
      isTrusted: true,
      managementFor: async () => management,
      selectByRef: async (ref) => void selected.push(ref),
      declineOffer: async () => void declined++,
      log: world.log,
    };
  });

  it('signs in and selects the project it names, which is then not offered', async () => {
    await signInFromEnvironment(needs);
    assert.deepEqual(world.accounts.list().map(({ name, origin }) => [name, origin]), [['owner@example.test', hosted]]);
    assert.deepEqual([selected, declined], [[acme.ref], 1]);
    assert.ok(!world.log.lines.join().includes(token));
  });

  it('takes a token that may not read the profile', async () => {
    management.fail('profile', denied);
    await signInFromEnvironment(needs);
    assert.deepEqual(world.accounts.list().map(({ name }) => name), ['token …6789']);
  });

  it('takes nothing in a folder that is not trusted', async () => {
    await signInFromEnvironment({ ...needs, isTrusted: false });
    assert.deepEqual([world.accounts.list(), selected, declined], [[], [], 0]);
  });

  it('never takes the variable of the CLI', async () => {
    await signInFromEnvironment({ ...needs, environment: { SUPABASE_ACCESS_TOKEN: token, OPSBOOK_PROJECT_REF: acme.ref } });
    assert.deepEqual([world.accounts.list(), selected], [[], []]);
  });

  it('leaves an account of that service as it is', async () => {
    const known = await world.accounts.add('me@example.test', hosted, token);
    await signInFromEnvironment(needs);
    assert.deepEqual(world.accounts.list(), [known]);
    assert.deepEqual(management.calls, []);
    assert.deepEqual(selected, [acme.ref]);
  });

  it('gives an account its token back when the editor has lost it', async () => {
    const known = await world.accounts.add('owner@example.test', hosted, token);
    await world.secrets.delete(`token ${known.id}`);
    assert.equal(await signInFromEnvironment(needs), true);
    assert.deepEqual([world.accounts.list(), await world.accounts.token(known)], [[known], token]);
    assert.equal(await signInFromEnvironment(needs), false);
  });

  it('leaves a project that was chosen as it is', async () => {
    await world.show(fakeConnection());
    await signInFromEnvironment(needs);
    assert.deepEqual(selected, []);
  });

  it('selects nothing that is no project ref', async () => {
    await signInFromEnvironment({ ...needs, environment: { ...environment, OPSBOOK_PROJECT_REF: '../evil' } });
    assert.deepEqual(selected, []);
  });

  it('says that it is no token, and does not repeat it', async () => {
    await assert.rejects(signInFromEnvironment({ ...needs, environment: { OPSBOOK_ACCESS_TOKEN: 'hunter2' } }), (error) => isOpsError(error, 'tokenMalformed') && !error.message.includes('hunter2'));
  });
});
