import assert from 'node:assert/strict';
import { isOpsError, OpsError } from '../../../src/core/errors.ts';
import { deployWanted } from '../../../src/features/deploy/deploy.ts';
import { rollBack, rollBackToBefore } from '../../../src/features/deploy/rollback.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

describe('rolling back', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
  });
  afterEach(() => world.ui.done());

  const deploy = async (content: string) => {
    world.commit(content, { [healthIndex]: content });
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    world.clock.time += 60_000;
  };
  const toBefore = async () => {
    world.ui.willConsent();
    await rollBackToBefore(world.needs(), 'health');
    world.clock.time += 60_000;
  };

  it('to the version before is one modal, by the body that was recorded', async () => {
    await deploy('good');
    await deploy('bad');
    await toBefore();
    assert.equal(await world.live('health'), 'good');
    assert.equal(world.plan().question, 'Roll health back on acme?');
    assert.ok(world.plan().lines.some((line) => line.includes('The body that was live as version 1.')), world.plan().lines.join('\n'));
    assert.equal(world.ui.told.at(-1)?.message, 'health is rolled back: version 3 is live and verified.');
    assert.deepEqual((await world.deeds()).at(-1), 'rollback health 2 → 3 deployed');
  });

  it('twice goes on to what was before that, and never back to what was undone', async () => {
    await deploy('first');
    await deploy('second');
    await deploy('bad');
    await toBefore();
    assert.equal(await world.live('health'), 'second');
    await toBefore();
    assert.equal(await world.live('health'), 'first');
    await deploy('fixed');
    await toBefore();
    assert.equal(await world.live('health'), 'first');
  });

  it('is offered by the notification of a deploy', async () => {
    await deploy('good');
    assert.deepEqual(world.ui.told.at(-1)?.actions.map(({ label }) => label), ['Tail Logs', 'Tag…', 'Why…']);
    await deploy('bad');
    await world.ui.press('Roll Back');
    assert.deepEqual(world.ran.at(-1), ['functions.rollbackToBefore', 'health']);
  });

  it('takes the commit before the live one where nothing was recorded', async () => {
    for (const content of ['first', 'second', 'third']) {
      world.commit(content, { [healthIndex]: content });
    }
    world.deployElsewhere('health', { [healthIndex]: 'first' });
    world.deployElsewhere('health', { [healthIndex]: 'second' });
    await toBefore();
    assert.equal(await world.live('health'), 'first');
    assert.ok(world.plan().lines.some((line) => line.includes('“first”')));
  });

  it('trusts a recorded body only up to a version that nobody here saw', async () => {
    await deploy('first');
    await deploy('second');
    world.commit('third', { [healthIndex]: 'third' });
    world.commit('fourth', { [healthIndex]: 'fourth' });
    world.deployElsewhere('health', { [healthIndex]: 'third' });
    world.deployElsewhere('health', { [healthIndex]: 'fourth' });
    await toBefore();
    assert.equal(await world.live('health'), 'third');
  });

  it('lets choose when nobody can tell what was before', async () => {
    world.commit('only', { [healthIndex]: 'only' });
    world.deployElsewhere('health', { [healthIndex]: 'somebody’s own' });
    world.ui.willPick('only').willConsent();
    await rollBackToBefore(world.needs(), 'health');
    assert.equal(await world.live('health'), 'only');
  });

  it('offers what was live first, then the commits, each with its mark', async () => {
    await deploy('first');
    await deploy('second');
    world.git.add('docs', { 'README.md': 'x' });
    world.ui.willPick('first').willConsent();
    await rollBack(world.needs(), 'health');
    const offered = world.ui.lists.at(-1)?.choices.map(({ label, description, group, detail }) => [group, label, description, detail]);
    assert.deepEqual(offered, [
      ['Bodies that were live', 'Version 1', 'was live until 1 min ago, kept on this machine', undefined],
      ['Commits that changed health', 'second', 'live · 0000000', 'Ada · 20777 d ago · 1970-01-01 02:00 UTC'],
      ['Commits that changed health', 'first', 'was live until 1 min ago · 0000000', 'Ada · 20777 d ago · 1970-01-01 01:00 UTC'],
    ]);
    assert.equal(await world.live('health'), 'first');
    assert.equal(world.git.calls.at(-1), 'changesUpTo', 'what was read for the list is not read again');
  });

  it('shows the differences to what is live before anybody agrees, and asks again', async () => {
    const hash = world.commit('first', { [healthIndex]: 'first' });
    await deploy('second');
    world.ui.willLook().willDismiss();
    await assert.rejects(rollBack(world.needs(), { slug: 'health', commit: hash }), (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual(world.compared, [['health: live v1 ⇄ what is planned. From commit 0000000 “first”.', [{ path: healthIndex, left: 'second', right: 'first', isLocal: false }]]]);
    assert.equal(await world.live('health'), 'second');
    assert.equal(world.ui.plans.filter(({ question }) => question === 'Roll health back on acme?').length, 2);
    world.ui.willLook().willConsent();
    await rollBack(world.needs(), { slug: 'health', commit: hash });
    assert.equal(await world.live('health'), 'first');
    world.ui.willConsent();
    await rollBack(world.needs(), { slug: 'health', commit: hash });
    assert.equal(world.ui.plans.at(-1)?.look, undefined, 'nothing differs');
  });

  it('names the secrets that the old code reads and that are not set now', async () => {
    const hash = world.commit('old', { [healthIndex]: 'Deno.env.get("OLD_KEY"); Deno.env.get("SUPABASE_URL")' });
    await deploy('new');
    world.ui.willDismiss();
    await assert.rejects(rollBack(world.needs(), { slug: 'health', commit: hash }));
    assert.ok(world.plan().lines.includes('Read by the code and not set: OLD_KEY'), world.plan().lines.join('\n'));
    world.management.fail('secrets', new OpsError('permissionMissing', { operation: 'list secrets', account: 'ada' }));
    world.ui.willDismiss();
    await assert.rejects(rollBack(world.needs(), { slug: 'health', commit: hash }));
    assert.ok(world.plan().lines.includes('Read by the code; whether they are set could not be read: OLD_KEY'), world.plan().lines.join('\n'));
  });

  it('goes to what a row of the ledger made live: its commit, else the body that was kept', async () => {
    const row = async (index: number) => ({ node: { kind: 'deployment', slug: 'health', ref: acme.ref, deployment: (await world.ledger.deployments())[index] } });
    const back = async (index: number) => {
      world.ui.willConsent();
      await rollBack(world.needs(), await row(index));
    };
    await deploy('first');
    world.files.files.set(healthIndex, 'in no commit');
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    await deploy('third');
    await back(1);
    assert.equal(await world.live('health'), 'in no commit');
    assert.ok(world.plan().lines.some((line) => line.includes('The body that was live as version 2.')));
    await back(0);
    assert.equal(await world.live('health'), 'first');
    assert.ok(world.plan().lines.some((line) => line.includes('From commit')));
    world.bodies.bodies.delete(`${acme.ref}/health/2`);
    await assert.rejects(rollBack(world.needs(), await row(1)), (error) => isOpsError(error, 'bodyNotKept'));
  });

  it('goes to what a row of the ledger made live under a former name of its folder', async () => {
    const old = 'supabase/functions/old-health/index.ts';
    world.commit('first', { [old]: 'first' });
    const commit = (await world.git.head()) ?? assert.fail();
    world.ui.willConsent();
    await rollBack(world.needs(), { slug: 'health', commit: commit.hash, formerSlug: 'old-health' });
    world.files.files.delete(old);
    world.git.add('renamed', { [old]: null });
    await deploy('second');
    world.ui.willConsent();
    await rollBack(world.needs(), { node: { kind: 'deployment', slug: 'health', ref: acme.ref, deployment: (await world.ledger.deployments())[0] } });
    assert.equal(await world.live('health', old), 'first');
  });

  it('goes to the commit that a colleague’s note tells', async () => {
    const hash = world.commit('first', { [healthIndex]: 'first' });
    await deploy('second');
    world.ui.willConsent();
    await rollBack(world.needs(), { node: { kind: 'teamDeploy', slug: 'health', ref: acme.ref, deploy: { commit: hash, exact: true } } });
    assert.equal(await world.live('health'), 'first');
  });

  it('goes to the commit of a row, and to a name of a manual', async () => {
    const hash = world.commit('first', { [healthIndex]: 'first' });
    await deploy('second');
    const commit = await world.git.commit(hash);
    world.ui.willConsent();
    await rollBack(world.needs(), { node: { kind: 'commit', slug: 'health', ref: acme.ref, commit, isLive: false } });
    assert.equal(await world.live('health'), 'first');
    await deploy('third');
    world.ui.willConsent();
    await rollBack(world.needs(), { slug: 'health', commit: hash });
    assert.equal(await world.live('health'), 'first');
  });

  it('shows the plan again when somebody deployed meanwhile, and applies nothing', async () => {
    await deploy('good');
    await deploy('bad');
    const consent = world.ui.consent.bind(world.ui);
    let first = true;
    world.ui.consent = async (plan) => {
      await consent(plan);
      if (first) {
        first = false;
        world.deployElsewhere('health', { [healthIndex]: 'theirs' });
      }
    };
    world.ui.willConsent().willDismiss();
    await assert.rejects(rollBackToBefore(world.needs(), 'health'), (error) => isOpsError(error, 'cancelled'));
    assert.equal(await world.live('health'), 'theirs');
    assert.ok(world.plan().lines.some((line) => line.includes('Replaces version 3.')));
  });

  it('says where the history is missing when there is nothing to go back to', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'x' });
    const needs = world.needs();
    const withoutGit = { ...needs, tools: async (...asked: Parameters<typeof needs.tools>) => ({ ...(await needs.tools(...asked)), git: undefined }) };
    await assert.rejects(rollBack(withoutGit as unknown as typeof needs, 'health'), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noGitHistory');
  });

  it('does nothing in a folder that is not trusted', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'x' });
    world.trusted = false;
    await assert.rejects(rollBackToBefore(world.needs(), 'health'), (error) => isOpsError(error, 'untrusted'));
    assert.equal(await world.version('health'), 1);
  });
});
