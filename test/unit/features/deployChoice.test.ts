import assert from 'node:assert/strict';
import { isOpsError } from '../../../src/core/errors.ts';
import { deployWanted } from '../../../src/features/deploy/deploy.ts';
import { deployChanged } from '../../../src/features/deploy/deployChanged.ts';
import { deployFrom } from '../../../src/features/deploy/deployFrom.ts';
import { tagDeploy } from '../../../src/features/deploy/tag.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const mint = 'supabase/functions/mint-token/index.ts';
const email = 'supabase/functions/test-email/index.ts';
const shared = 'supabase/functions/_shared/log.ts';

describe('deploying what changed', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'import "../_shared/log.ts"', [shared]: 'one', [mint]: 'mint' });
    world.deployElsewhere('health', { [healthIndex]: 'import "../_shared/log.ts"', [shared]: 'one' });
    world.deployElsewhere('mint-token', { [mint]: 'mint' });
  });
  afterEach(() => world.ui.done());

  it('says so when nothing did', async () => {
    await deployChanged(world.needs());
    assert.deepEqual(world.ui.told.map(({ message }) => message), ['All 2 functions of this folder are live as they are here.']);
  });

  it('picks those whose files, shared ones among them, or settings differ; new ones are offered', async () => {
    world.commit('second', { [shared]: 'two', [email]: 'new', 'supabase/config.toml': '[functions.mint-token]\nverify_jwt = false\n' });
    world.ui.willPickMany('health').willConsent();
    await deployChanged(world.needs());
    const offered = world.ui.lists[0]?.choices as readonly { label: string; description?: string; picked?: boolean }[];
    assert.deepEqual(offered.map(({ label, description, picked }) => [label, description, picked]), [
      ['health', '_shared/log.ts', true],
      ['mint-token', 'verify_jwt', true],
      ['test-email', 'not deployed yet', false],
    ]);
    assert.deepEqual([await world.live('health', shared), await world.version('mint-token'), await world.version('test-email')], ['two', 1, undefined]);
  });

  it('asks for HEAD or the working tree when something is not committed', async () => {
    world.commit('second', { [shared]: 'two' });
    world.files.files.set(shared, 'unfinished');
    world.ui.willPickMany('health').willPick('HEAD').willConsent();
    await deployChanged(world.needs());
    assert.equal(await world.live('health', shared), 'two');
    assert.deepEqual((await world.ledger.deployments()).map(({ intent }) => intent.origin.kind), ['commit']);
    world.ui.willPickMany('health').willPick('Working tree').willConsent();
    await deployChanged(world.needs());
    assert.equal(await world.live('health', shared), 'unfinished');
    assert.ok(world.plan().lines.includes(`Not committed: ${shared}`));
  });

  it('names what cannot be compared, and deploys nothing unasked', async () => {
    world.files.files.set('supabase/functions/mint-token/deno.json', '{ broken');
    world.ui.willDismiss();
    await assert.rejects(deployChanged(world.needs()), (error) => isOpsError(error, 'cancelled'));
    const [offered] = world.ui.lists[0]?.choices ?? [];
    assert.equal(offered?.label, 'mint-token');
    assert.match(offered?.description ?? '', /deno\.json is not valid/);
    assert.equal(world.cli.requests.length, 0);
  });

  it('fails as a whole when the service cannot be reached', async () => {
    const { management } = world;
    const { OpsError } = await import('../../../src/core/errors.ts');
    management.fail('functionBody', new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' }));
    await assert.rejects(deployChanged(world.needs()), (error) => isOpsError(error, 'unreachable'));
  });
});

describe('deploying from a commit, branch or tag', () => {
  let world: DeployWorld;
  let first: string;
  beforeEach(() => {
    world = new DeployWorld();
    first = world.commit('first', { [healthIndex]: 'one' });
    world.commit('second', { [healthIndex]: 'two' });
    world.files.files.set(healthIndex, 'unfinished');
  });
  afterEach(() => world.ui.done());

  it('takes HEAD instead of the dirty tree', async () => {
    world.ui.willPick('HEAD').willConsent();
    await deployFrom(world.needs(), { node: { kind: 'function', slug: 'health' } });
    assert.equal(await world.live('health'), 'two');
    assert.ok(world.plan().lines.some((line) => line.startsWith('From commit 0000000 “second”.')));
  });

  it('offers tags and branches, and takes any name that is typed', async () => {
    await world.git.tag('v1', first);
    world.ui.willPick('health').willPick('v1').willConsent();
    await deployFrom(world.needs(), undefined);
    assert.equal(await world.live('health'), 'one');
    world.ui.willPick('Another Commit…').willType(` ${first} `).willConsent();
    await deployFrom(world.needs(), 'health');
    assert.equal(await world.version('health'), 2);
    world.ui.willPick('Another Commit…').willType('nothing');
    await assert.rejects(deployFrom(world.needs(), 'health'), (error) => isOpsError(error, 'commitNotFound'));
  });

  it('deploys a function that only the commit has', async () => {
    const elsewhere = world.git.add('only here', { [mint]: 'mint' }, { on: 'elsewhere' });
    world.ui.willPick('Another Name…').willType('mint-token').willPick('Another Commit…').willType(elsewhere).willConsent();
    await deployFrom(world.needs(), undefined);
    assert.equal(await world.live('mint-token'), 'mint');
  });
});

describe('tagging a deploy', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'one' });
  });
  afterEach(() => world.ui.done());

  it('names the commit that is live, from the notification', async () => {
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    await world.ui.press('Tag…');
    assert.deepEqual(world.ran.at(-1), ['functions.tagDeploy', 'health']);
    world.ui.willType('deploy/health/v1');
    await tagDeploy(world.needs(), 'health');
    assert.equal(world.ui.questions.at(-1)?.value, 'deploy/health/v1');
    assert.deepEqual((await world.git.commit('deploy/health/v1')).subject, 'first');
  });

  it('is not offered for work that is in no commit, and refused for a deploy of others', async () => {
    world.files.files.set(healthIndex, 'unfinished');
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.ok(!world.ui.told.at(-1)?.actions.some(({ label }) => label === 'Tag…'));
    await assert.rejects(tagDeploy(world.needs(), 'health'), (error) => isOpsError(error, 'notFound'));
    world.deployElsewhere('health', { [healthIndex]: 'one' });
    await assert.rejects(tagDeploy(world.needs(), 'health'), (error) => isOpsError(error, 'notFound'));
  });
});
