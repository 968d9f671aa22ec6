import assert from 'node:assert/strict';
import { isCancelled } from '../../../src/core/errors.ts';
import type { Project } from '../../../src/core/project/project.ts';
import { createConsent, type Consent } from '../../../src/host/consent.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme } from '../../fakes/connection.ts';
import { FakeUi } from '../../fakes/ui.ts';

const minute = 60_000;
const beta: Project = { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'beta' };
const plan = { question: 'Unset JWT_SECRET on acme?', detail: ['Its value cannot be read back.'], action: 'Unset' };

describe('consent', () => {
  let ui: FakeUi;
  let clock: FakeClock;
  let consent: Consent;
  let changes: number;
  beforeEach(() => {
    ui = new FakeUi();
    clock = new FakeClock();
    consent = createConsent({ ui, clock });
    changes = 0;
    consent.onDidChange(() => changes++);
  });
  afterEach(() => ui.done());

  it('to what destroys in production takes the project’s typed name, with the plan as it is', async () => {
    ui.willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    assert.deepEqual(ui.plans, [{ ...plan, typed: 'acme' }]);
  });

  for (const risk of ['reads', 'writes', 'deploys', 'secret'] as const) {
    it(`to what ${risk} in production takes one press on the plan`, async () => {
      ui.willConsent();
      await consent.ask(acme, plan, risk);
      assert.deepEqual(ui.plans, [plan]);
      assert.equal(consent.granted, undefined);
    });
  }

  for (const environment of ['staging', 'development', 'preview', 'local'] as const) {
    it(`to what destroys in ${environment} takes one press on the plan`, async () => {
      ui.willConsent();
      await consent.ask({ ...acme, environment }, plan, 'destroys');
      assert.equal(consent.granted, undefined);
    });
  }

  it('asks for the name once in 15 minutes, and shows the plan each time', async () => {
    ui.willConsent('acme').willConsent().willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(15 * minute - 1);
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(1);
    await consent.ask(acme, plan, 'destroys');
    assert.equal(ui.plans.length, 3);
  });

  it('asks once for each project', async () => {
    ui.willConsent('acme').willConsent('beta').willConsent().willConsent();
    await consent.ask(acme, plan, 'destroys');
    await consent.ask(beta, plan, 'destroys');
    await consent.ask(acme, plan, 'destroys');
    await consent.ask(beta, plan, 'destroys');
  });

  it('of one project counts for no other of the same name', async () => {
    ui.willConsent('acme').willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    await consent.ask({ ...beta, name: 'acme' }, plan, 'destroys');
  });

  it('is not prolonged by being used', async () => {
    ui.willConsent('acme').willConsent().willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(14 * minute);
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(2 * minute);
    await consent.ask(acme, plan, 'destroys');
  });

  it('tells until when a name counts, and tells when that is over', async () => {
    ui.willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    assert.deepEqual(consent.granted, { project: acme, until: clock.now() + 15 * minute });
    assert.equal(changes, 1);
    await clock.advance(15 * minute);
    assert.equal(consent.granted, undefined);
    assert.equal(changes, 2);
  });

  it('is over at its time also when the machine slept meanwhile', async () => {
    ui.willConsent('acme').willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    clock.set(60 * minute);
    assert.equal(consent.granted, undefined);
    await consent.ask(acme, plan, 'destroys');
  });

  it('that was given anew is not ended by the time of the one before', async () => {
    ui.willConsent('acme').willConsent('acme');
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(minute);
    consent.end();
    await consent.ask(acme, plan, 'destroys');
    await clock.advance(14 * minute);
    assert.equal(consent.granted?.project.name, 'acme');
    assert.equal(clock.sleeping, 1);
  });

  it('is ended for every project by one click', async () => {
    ui.willConsent('acme').willConsent('beta').willConsent('acme').willConsent('beta');
    await consent.ask(acme, plan, 'destroys');
    await consent.ask(beta, plan, 'destroys');
    assert.equal(consent.granted?.project.name, 'beta');
    consent.end();
    assert.equal(consent.granted, undefined);
    assert.equal(changes, 3);
    assert.equal(clock.sleeping, 0);
    await consent.ask(acme, plan, 'destroys');
    await consent.ask(beta, plan, 'destroys');
  });

  for (const risk of ['writes', 'destroys'] as const) {
    it(`that is dismissed ends a command that ${risk}, and grants nothing`, async () => {
      ui.willDismiss();
      await assert.rejects(consent.ask(acme, plan, risk), isCancelled);
      assert.equal(consent.granted, undefined);
      assert.equal(changes, 0);
    });
  }

  it('asks for something that can be typed, whatever the name is', async () => {
    ui.willConsent('x\\u{202e}y').willConsent(beta.ref);
    await consent.ask({ ...acme, name: ' x\u202ey ' }, plan, 'destroys');
    await consent.ask({ ...beta, name: '  ' }, plan, 'destroys');
  });
});
