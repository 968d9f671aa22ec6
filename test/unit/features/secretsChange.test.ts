import assert from 'node:assert/strict';
import { OpsError, isCancelled, isOpsError } from '../../../src/core/errors.ts';
import type { CallOptions } from '../../../src/core/ports.ts';
import type { SecretRead } from '../../../src/core/secrets/secretMap.ts';
import { setSecret, unsetSecret, type ChangeNeeds } from '../../../src/features/secrets/change.ts';
import type { SecretNode } from '../../../src/features/secrets/tree.ts';
import { createConsent } from '../../../src/host/consent.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme, fakeConnection, type FakeConnection } from '../../fakes/connection.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeUi } from '../../fakes/ui.ts';

const value = 'hunter2-and-more';
const user: CallOptions = { signal: new AbortController().signal, priority: 'user' };
const denied = new OpsError('permissionMissing', { operation: 'list secrets', account: 'me' });

describe('changing secrets', () => {
  let world: TestSession;
  let ui: FakeUi;
  let clock: FakeClock;
  let management: FakeManagementApi;
  let connection: FakeConnection;
  let needs: ChangeNeeds;
  let reads: SecretRead[];
  beforeEach(async () => {
    world = new TestSession();
    ui = new FakeUi();
    clock = new FakeClock();
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    connection = fakeConnection({ management });
    reads = [];
    needs = { session: await world.show(connection), ui, clock, consent: createConsent({ ui, clock }), places: { secretReads: async () => ({ reads, complete: true }) } };
  });
  afterEach(() => ui.done());
  const kept = async () => (await management.secrets(acme.ref, user)).map(({ name }) => name);
  const node = (name: string, more: Partial<SecretNode> = {}): SecretNode => ({ kind: 'secret', name, ref: acme.ref, state: 'set', readers: [], ...more });

  describe('by setting one', () => {
    it('asks for name and value, shows the plan, sends it, and says so', async () => {
      ui.willType('OPENAI_API_KEY').willType(value).willConsent();
      await setSecret(needs)();
      assert.deepEqual(await kept(), ['OPENAI_API_KEY']);
      assert.deepEqual(ui.plans, [{ question: 'Set OPENAI_API_KEY on acme?', detail: ['Functions read the new value at their next start, without a deploy.'], action: 'Set' }]);
      assert.deepEqual(ui.told.map(({ message }) => message), ['OPENAI_API_KEY is set on acme.']);
    });

    it('takes the value in a password box and shows it nowhere', async () => {
      ui.willType(value).willConsent();
      await setSecret(needs)(node('JWT_SECRET'));
      assert.equal(ui.questions[0]?.secret, true);
      assert.ok(!JSON.stringify([ui.plans, ui.told, ui.lists, ui.questions, ui.progressed, world.log.lines, [...world.storage.values]]).includes(value));
    });

    it('says what is replaced, and that it cannot be undone', async () => {
      await management.setSecrets(acme.ref, [{ name: 'JWT_SECRET', value: 'old' }], user);
      clock.set(97 * 86_400_000);
      ui.willType(value).willConsent();
      await setSecret(needs)({ node: node('JWT_SECRET') });
      assert.deepEqual(ui.plans[0]?.detail, [
        'JWT_SECRET was set 97 days ago and will be replaced.',
        'Functions read the new value at their next start, without a deploy.',
        'The value before cannot be read back: setting it again is the only way to undo this.',
      ]);
    });

    it('sends several of a manual in one request, with the values it offers and the text around them', async () => {
      ui.willType('ops@example.test').willType('KEY').willType('https://api.example.test?key=WHOLE').willConsent();
      const template = { before: 'https://api.example.test?key=', after: '&v=1' };
      await setSecret(needs)({ secrets: [{ name: 'ALERT_EMAIL', value: 'ops@example.test' }, { name: 'RPC_URL', template }, { name: 'OTHER_URL', template }] });
      assert.equal(ui.questions[0]?.value, 'ops@example.test');
      assert.equal(management.calls.filter(({ method }) => method === 'setSecrets').length, 1);
      assert.deepEqual(await kept(), ['ALERT_EMAIL', 'RPC_URL', 'OTHER_URL']);
    });

    for (const prompt of ['name', 'value', 'plan'] as const) {
      it(`sends nothing when the ${prompt} is dismissed`, async () => {
        if (prompt !== 'name') {
          ui.willType('JWT_SECRET');
        }
        if (prompt === 'plan') {
          ui.willType(value);
        }
        ui.willDismiss();
        await assert.rejects(setSecret(needs)(), isCancelled);
        assert.deepEqual(await kept(), []);
        assert.deepEqual(ui.told, []);
      });
    }

    for (const [name, problem] of [
      ['SUPABASE_URL', /platform sets this name itself/],
      ['1ST', /Letters, digits/],
      ['A-B', /Letters, digits/],
      ['', /Letters, digits/],
      ['A'.repeat(257), /At most 256/],
    ] as const) {
      it(`refuses the name ${name.slice(0, 20) || '(empty)'} in the box, from a row and from a manual, before a value is typed`, async () => {
        ui.willDismiss();
        await assert.rejects(setSecret(needs)(), isCancelled);
        assert.match(ui.questions[0]?.check?.(name) ?? '', problem);
        for (const argument of [node(name), { secrets: [{ name }] }]) {
          await assert.rejects(setSecret(needs)(argument), (error) => isOpsError(error, 'badConfig') && problem.test(error.facts.problem));
        }
        assert.equal(ui.questions.length, 1);
      });
    }

    it('refuses an empty value and one that the service does not take', async () => {
      ui.willDismiss();
      await assert.rejects(setSecret(needs)(node('JWT_SECRET')), isCancelled);
      const check = ui.questions[0]?.check;
      assert.deepEqual([check?.(''), check?.('x'.repeat(24_577)), check?.('x'.repeat(24_576))], ['A value is needed.', 'At most 24576 characters.', undefined]);
    });

    it('works for a token that may set secrets and not list them, and says what it does not know', async () => {
      management.fail('secrets', denied);
      ui.willType(value).willConsent();
      await setSecret(needs)(node('JWT_SECRET'));
      assert.match(ui.plans[0]?.detail[0] ?? '', /Whether a value is replaced is not known: The token of me may not list secrets/);
      management.mend();
      assert.deepEqual(await kept(), ['JWT_SECRET']);
    });

    it('says nothing of success when it failed', async () => {
      const down = new OpsError('serviceFailed', { operation: 'set secrets', status: 500, message: 'down' });
      management.fail('setSecrets', down);
      ui.willType(value).willConsent();
      await assert.rejects(setSecret(needs)(node('JWT_SECRET')), (error) => error === down);
      assert.deepEqual(ui.told, []);
    });

    it('has the view ask again', async () => {
      await connection.data.secrets(user);
      ui.willType(value).willConsent();
      await setSecret(needs)(node('JWT_SECRET'));
      assert.deepEqual((await connection.data.secrets(user)).map(({ name }) => name), ['JWT_SECRET']);
    });

    it('needs a Management API, and a project', async () => {
      await world.show(fakeConnection());
      await assert.rejects(setSecret(needs)(), (error) => isOpsError(error, 'absent') && error.facts.what === 'Setting secrets');
      await assert.rejects(setSecret({ ...needs, session: new TestSession().session })(), (error) => isOpsError(error, 'noProject'));
    });

    it('goes to the project whose plan was shown, although another is selected by then', async () => {
      ui.willType(value).willConsent();
      const beta = fakeConnection({ project: { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'beta' }, management });
      const consent = { ...needs.consent, ask: async (...asked: Parameters<typeof needs.consent.ask>) => {
        await needs.consent.ask(...asked);
        await world.show(beta);
      } };
      await setSecret({ ...needs, consent })(node('JWT_SECRET'));
      assert.deepEqual(await kept(), ['JWT_SECRET']);
      assert.match(ui.told[0]?.message ?? '', /is set on acme/);
    });
  });

  describe('by unsetting one', () => {
    beforeEach(async () => {
      await management.setSecrets(acme.ref, ['JWT_SECRET', 'OLD', 'SUPABASE_URL'].map((name) => ({ name, value: 'x' })), user);
    });

    it('in production takes the project’s typed name, once in a while', async () => {
      ui.willConsent('acme').willConsent();
      await unsetSecret(needs)(node('JWT_SECRET', { readers: [{ name: 'JWT_SECRET', path: 'supabase/functions/auth/index.ts', offset: 0 }] }));
      await unsetSecret(needs)(node('OLD'));
      assert.deepEqual(await kept(), ['SUPABASE_URL']);
      assert.deepEqual(ui.plans.map(({ question, detail }) => [question, ...detail]), [
        ['Unset JWT_SECRET on acme?', 'It is read by supabase/functions/auth/index.ts.', 'Its value cannot be read back.'],
        ['Unset OLD on acme?', 'No function of this folder reads it.', 'Its value cannot be read back.'],
      ]);
    });

    it('elsewhere takes one press', async () => {
      await world.show(fakeConnection({ management, project: { ...acme, environment: 'staging' } }));
      ui.willConsent();
      await unsetSecret(needs)(node('OLD'));
      assert.deepEqual(await kept(), ['JWT_SECRET', 'SUPABASE_URL']);
    });

    it('without a row asks which, of those that can be unset', async () => {
      reads = [{ name: 'MISSING', path: 'supabase/functions/auth/index.ts', offset: 0 }];
      ui.willPick('OLD').willConsent('acme');
      await unsetSecret(needs)();
      assert.deepEqual(ui.lists[0]?.choices.map(({ label }) => label), ['JWT_SECRET', 'OLD']);
      assert.deepEqual(await kept(), ['JWT_SECRET', 'SUPABASE_URL']);
    });

    it('asks which when the row is one of another project', async () => {
      ui.willDismiss();
      await assert.rejects(unsetSecret(needs)(node('JWT_SECRET', { ref: 'bcdefghijklmnopqrstu' })), isCancelled);
      assert.equal(ui.lists.length, 1);
    });

    it('unsets nothing when it is dismissed', async () => {
      ui.willDismiss();
      await assert.rejects(unsetSecret(needs)(node('OLD')), isCancelled);
      assert.equal((await kept()).length, 3);
    });
  });
});
