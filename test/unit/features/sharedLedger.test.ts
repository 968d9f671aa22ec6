import assert from 'node:assert/strict';
import { isOpsError } from '../../../src/core/errors.ts';
import { blobId } from '../../../src/core/functions/blobId.ts';
import { reasonOf } from '../../../src/core/functions/ledger.ts';
import { teamDeploys } from '../../../src/core/functions/sharedLedger.ts';
import { deployWanted } from '../../../src/features/deploy/deploy.ts';
import { exchangeLedger } from '../../../src/features/deploy/exchange.ts';
import { addReason } from '../../../src/features/deploy/reason.ts';
import { rollBackToBefore } from '../../../src/features/deploy/rollback.ts';
import { settleOpenDeploys } from '../../../src/features/deploy/settle.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex, place } from '../../fakes/deployWorld.ts';
import type { FakeNotes } from '../../fakes/notes.ts';

describe('why something is deployed', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'one' });
  });
  afterEach(() => world.ui.done());
  const reasons = async () => (await world.ledger.deployments()).map((deployment) => reasonOf(deployment));
  const labels = () => world.ui.told.at(-1)?.actions.map(({ label }) => label);

  it('is not asked unless the setting says so; it can be said afterwards, from the notification', async () => {
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.deepEqual([await reasons(), labels()?.includes('Why…')], [[undefined], true]);
    await world.ui.told.at(-1)?.actions.find(({ label }) => label === 'Why…')?.run();
    assert.deepEqual(world.ran.at(-1), ['functions.addReason', 'health']);
    world.ui.willType(' the fee was wrong ').willType('the fee and the tier');
    await addReason(world.needs(), 'health');
    assert.deepEqual(await reasons(), ['the fee was wrong']);
    const [deployment] = await world.ledger.deployments();
    await addReason(world.needs(), { node: { kind: 'deployment', slug: 'health', ref: acme.ref, deployment } });
    assert.equal(world.ui.questions.at(-1)?.value, 'the fee was wrong');
    assert.deepEqual(await reasons(), ['the fee and the tier']);
    assert.equal(world.journal.lines.length, 4);
  });

  it('is asked before the plan where the setting says so, may be left empty, and dismissed it ends the deploy', async () => {
    world.askReason = true;
    world.ui.willType('fees').willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.deepEqual([await reasons(), labels()?.includes('Why…')], [['fees'], false]);
    world.ui.willType('').willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.deepEqual(await reasons(), ['fees', undefined]);
    world.ui.willDismiss();
    await assert.rejects(deployWanted(world.needs(), 'health', false), (error) => isOpsError(error, 'cancelled'));
    assert.equal((await reasons()).length, 2);
  });

  it('never keeps undoing waiting', async () => {
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    world.commit('second', { [healthIndex]: 'two' });
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    world.askReason = true;
    world.ui.willConsent();
    await rollBackToBefore(world.needs(), 'health');
    assert.equal(await world.live('health'), 'one');
  });

  it('is asked once, also when the plan has to be shown again', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'zero' });
    world.askReason = true;
    world.ui.willType('').willConsent().willConsent();
    const needs = world.needs();
    const { ask } = needs.consent;
    let overtaken = false;
    await deployWanted({ ...needs, consent: { ask: async (...plan) => {
      await ask(...plan);
      if (!overtaken) {
        overtaken = true;
        world.deployElsewhere('health', { [healthIndex]: 'elsewhere' });
      }
    } } }, 'health', false);
    assert.equal(await world.version('health'), 3);
  });

  it('is asked of one that is picked, and there must be one', async () => {
    await assert.rejects(addReason(world.needs(), undefined), (error) => isOpsError(error, 'notFound'));
    world.ui.willConsent().willPick('health v1').willType('later');
    await deployWanted(world.needs(), 'health', false);
    await addReason(world.needs(), undefined);
    assert.deepEqual(await reasons(), ['later']);
  });
});

describe('the ledger shared with the team', () => {
  let world: DeployWorld;
  let hash: string;
  let notes: FakeNotes;
  beforeEach(() => {
    world = new DeployWorld();
    hash = world.commit('first', { [healthIndex]: 'one' });
    notes = world.notes ?? assert.fail();
    world.shareLedger = true;
    world.terminal = (_title, call) => notes.run(call);
  });
  afterEach(() => world.ui.done());
  const told = (lines = notes.own) => teamDeploys(lines, acme.ref, []).map(({ commit, slug, versionAfter, who, reason }) => [commit, slug, versionAfter, who, reason]);

  async function deploy(): Promise<void> {
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
  }

  it('is off unless the setting says so', async () => {
    world.shareLedger = false;
    await deploy();
    world.shareLedger = true;
    // What was deployed before it was on stays here.
    await deploy();
    assert.deepEqual(told(), [[hash, 'health', 2, 'ada@example.test', undefined]]);
  });

  it('gets a deploy as a note on its commit, and what is said of it later', async () => {
    await deploy();
    world.ui.willType('fees');
    await addReason(world.needs(), 'health');
    assert.deepEqual(told(), [[hash, 'health', 1, 'ada@example.test', 'fees']]);
  });

  it('never fails a deploy, and is told of it with the next one', async () => {
    notes.refuses = 'unable to write';
    await deploy();
    assert.deepEqual(world.ui.told.map(({ level, message }) => [level, message.slice(0, 37)]), [['info', 'health is deployed: version 1 is live'], ['warning', 'The team is not told of this deploy y']]);
    notes.refuses = undefined;
    await deploy();
    assert.deepEqual(told().map(([, , version]) => version), [1, 2]);
  });

  it('gets what a dying window left open once it is known', async () => {
    const live = world.management.deploy(acme.ref, 'health', new Map([[healthIndex, new TextEncoder().encode('one')]]));
    const { digest } = world.tools();
    await world.ledger.intend({ ref: acme.ref, slug: 'health', action: 'deploy', origin: { kind: 'commit', commit: hash }, who: 'ada@example.test', place: place.id, shared: true, files: [[healthIndex, blobId(new TextEncoder().encode('one'), digest), true]] });
    await settleOpenDeploys(world.needs(), world.connection);
    assert.deepEqual(told(), [[hash, 'health', live.version, 'ada@example.test', undefined]]);
  });

  it('is exchanged by one command that shows what is sent and run, with merging between fetch and push', async () => {
    await deploy();
    const line = JSON.stringify({ opsbook: 1, id: 'bob-1', at: 5, ref: acme.ref, slug: 'auth', action: 'deploy', exact: true, who: 'bob', versionAfter: 9 });
    notes.remote = new Map([[hash, [line]]]);
    world.ui.willConsent();
    await exchangeLedger(world.needs());
    const plan = world.plan();
    assert.equal(plan.question, 'Exchange deploys with origin?');
    assert.ok(plan.lines.includes('origin: https://…@git.example.test/shop.git'));
    assert.ok(plan.lines.some((text) => text.startsWith('Sent (1): ')));
    assert.ok(plan.lines.includes('git fetch origin') && plan.lines.includes('git push origin'));
    assert.deepEqual(told(notes.remote).map(([, slug]) => slug), ['auth', 'health']);
    assert.equal(world.ui.told.at(-1)?.message, 'Deploys are exchanged with origin: 1 came.');
    world.ui.willConsent();
    await exchangeLedger(world.needs());
    assert.ok(world.plan().lines.includes('Nothing of this project is to be sent.'));
  });

  it('fetches again when a colleague was faster, and gives up when it is refused for another reason', async () => {
    await deploy();
    const ran: string[] = [];
    const theirs = (id: string) => JSON.stringify({ opsbook: 1, id, at: 5, ref: acme.ref, slug: 'auth', action: 'deploy', exact: true, who: 'bob' });
    world.terminal = (_title, call) => {
      ran.push(call.args.join(' '));
      const code = notes.run(call);
      if (ran.length === 1) {
        notes.remote = new Map([[hash, [theirs('bob-1')]]]);
      }
      return code;
    };
    world.ui.willConsent();
    await exchangeLedger(world.needs());
    assert.deepEqual(ran, ['fetch origin', 'push origin', 'fetch origin', 'push origin']);
    await deploy();
    ran.length = 0;
    world.terminal = (_title, call) => (ran.push(call.args.join(' ')), call.args[0] === 'push' ? 128 : notes.run(call));
    world.ui.willConsent();
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'gitFailed'));
    assert.deepEqual(ran, ['fetch origin', 'push origin', 'fetch origin']);
    world.terminal = () => undefined;
    world.ui.willConsent();
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'gitFailed'));
  });

  it('runs nothing without consent, trust, or a remote', async () => {
    world.terminal = () => assert.fail('nothing runs');
    world.ui.willDismiss();
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'cancelled'));
    notes.hasRemote = false;
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'notFound'));
    world.trusted = false;
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'untrusted'));
    world.trusted = true;
    world.notes = undefined;
    await assert.rejects(exchangeLedger(world.needs()), (error) => isOpsError(error, 'notFound'));
  });
});
