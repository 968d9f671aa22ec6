import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { deployWanted } from '../../../src/features/deploy/deploy.ts';
import { settleOpenDeploys } from '../../../src/features/deploy/settle.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const mint = 'supabase/functions/mint-token/index.ts';

describe('deploying', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'health', [mint]: 'Deno.env.get("RPC_URL")' });
  });
  afterEach(() => world.ui.done());

  it('asks which when nothing says so, from what is in the folder', async () => {
    world.ui.willPick('mint-token').willConsent();
    await deployWanted(world.needs(), undefined, false);
    assert.deepEqual(world.plan(), {
      question: 'Deploy mint-token to acme?',
      lines: ['acme counts as production.', '', 'From the working tree at 0000000. Creates a new function.', 'Read by the code and not set: RPC_URL', 'It answers from then on; taking it away again is a deletion.'],
    });
    assert.equal(world.ui.told.at(-1)?.message, 'mint-token is deployed: version 1 is live and verified.');
    assert.deepEqual(world.log.lines, ['info mint-token: Uploading asset (mint-token)'], 'what the CLI says is in the log');
  });

  it('takes several in one plan; one that fails keeps no other from going through', async () => {
    world.cli.intercept = async (upload) => {
      if (world.cli.requests.at(-1)?.slug === 'mint-token') {
        throw new OpsError('cliFailed', { command: 'supabase functions deploy mint-token', exitCode: 1, message: 'failed to bundle' });
      }
      upload();
    };
    world.ui.willPickMany('health', 'mint-token').willConsent();
    await deployWanted(world.needs(), undefined, true);
    assert.deepEqual([await world.version('health'), await world.version('mint-token')], [1, undefined]);
    const reports = world.ui.progressed.at(-1)?.reports ?? [];
    assert.deepEqual([reports[0], reports.at(-1)], ['0 of 2 · health: waiting for its turn', '2 of 2']);
    assert.ok(reports.some((report) => /^0 of 2 · health: .* · mint-token: /.test(report)), reports.join('\n'));
    assert.deepEqual(world.ui.told.map(({ level, message }) => [level, message]), [
      ['info', 'health is deployed: version 1 is live and verified.'],
      ['error', 'mint-token: supabase functions deploy mint-token failed (exit code 1): failed to bundle. Nothing was changed.'],
    ]);
  });

  it('asks for lists once however many there are, and many wait for room in the rate limit; one alone never does', async () => {
    world.ui.willConsent();
    await deployWanted(world.needs(), { slugs: '*', noVerifyJwt: false, intent: 'deploy' }, true);
    const calls = () => world.management.calls.map(({ method, priority }) => `${method} ${priority}`);
    assert.deepEqual(calls().slice(0, calls().indexOf('makeRoom check')).toSorted(), ['functions user', 'secrets user']);
    assert.equal(calls().filter((call) => call === 'makeRoom check').length, 2);
    world.management.calls.length = 0;
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.ok(!calls().includes('makeRoom check'));
  });

  it('says what was not sent when there is no room in the rate limit', async () => {
    world.management.fail('makeRoom', new OpsError('rateLimited', { operation: 'make room for another program', retryAfterSeconds: 90 }));
    world.ui.willConsent();
    await deployWanted(world.needs(), { slugs: '*', noVerifyJwt: false, intent: 'deploy' }, true);
    assert.deepEqual(world.ui.told.map(({ level }) => level), ['error', 'error']);
    assert.match(world.ui.told.at(-1)?.message ?? '', /Nothing was changed\.$/);
    assert.equal(world.cli.requests.length, 0);
  });

  it('takes all for a manual that says so, and nothing without consent', async () => {
    world.ui.willDismiss();
    await assert.rejects(deployWanted(world.needs(), { slugs: '*', noVerifyJwt: false, intent: 'deploy' }, true), (error) => isOpsError(error, 'cancelled'));
    assert.equal(world.plan().question, 'Deploy health, mint-token to acme?');
    assert.equal(world.cli.requests.length, 0);
  });

  it('names what was live when it was cancelled', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'before' });
    world.cli.intercept = async () => world.ui.cancelProgress();
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.equal(world.ui.told.at(-1)?.message, 'Cancelled. health: Version 1 is still live, nothing was changed.');
    assert.deepEqual(await world.deeds(), ['deploy health 1 → 1 unchanged']);
    world.cli.intercept = async (upload) => (upload(), world.ui.cancelProgress());
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.equal(world.ui.told.at(-1)?.message, 'Cancelled. health: It had gone through all the same: version 2 is live.');
  });

  it('of several that are cancelled says of each what is live', async () => {
    world.commit('third', { 'supabase/functions/auth/index.ts': 'auth' });
    let uploads = 0;
    world.cli.intercept = async (upload) => {
      if (uploads++ === 0) {
        upload();
      }
      world.ui.cancelProgress();
    };
    world.ui.willConsent();
    await deployWanted(world.needs(), { slugs: '*', noVerifyJwt: false, intent: 'deploy' }, true);
    const told = world.ui.told.map(({ message }) => message);
    assert.equal(told.filter((message) => / It had gone through all the same: version 1 is live\.$/.test(message)).length, 1, told.join('\n'));
    assert.equal(told.filter((message) => / Nothing was changed\.$/.test(message)).length, 2, told.join('\n'));
    const versions = await Promise.all(['health', 'mint-token', 'auth'].map(async (slug) => world.version(slug)));
    assert.equal(versions.filter((version) => version === 1).length, 1);
  });

  it('honours --no-verify-jwt of a manual only as a named change, asked for each function that turns public', async () => {
    world.management.deploy(acme.ref, 'health', new Map([[healthIndex, new TextEncoder().encode('x')]]), { verifyJwt: false });
    world.deployElsewhere('mint-token', { [mint]: 'x' });
    world.ui.willPick('Keep asking for a token').willConsent();
    await deployWanted(world.needs(), { slugs: ['health', 'mint-token'], noVerifyJwt: true, intent: 'deploy' }, true);
    assert.deepEqual(world.cli.requests.map(({ slug, verifyJwt }) => [slug, verifyJwt]).sort(), [['health', false], ['mint-token', true]]);
    world.ui.willPick('Answer without a token').willConsent();
    await deployWanted(world.needs(), { slugs: ['mint-token'], noVerifyJwt: true, intent: 'deploy' }, true);
    assert.ok(world.plan().lines.includes('mint-token will answer WITHOUT a token: anybody can call it.'));
    assert.equal(world.cli.requests.at(-1)?.verifyJwt, false);
  });

  it('takes a manual’s restart for what it means', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'live' });
    world.ui.willConsent();
    await deployWanted(world.needs(), { slugs: ['health'], noVerifyJwt: false, intent: 'restart' }, false);
    assert.deepEqual([world.plan().question, await world.live('health')], ['Restart health on acme?', 'live']);
  });

  it('is looked after at the next start when the window died', async () => {
    const intent = { ref: acme.ref, slug: 'health', action: 'deploy', origin: { kind: 'none' }, who: 'ada', files: [] } as const;
    await world.ledger.intend(intent);
    await settleOpenDeploys(world.needs(), world.connection);
    assert.deepEqual(world.ui.told.map(({ message }) => message), ['The interrupted change of health (deploy) had changed nothing.']);
    await settleOpenDeploys(world.needs(), world.connection);
    assert.equal(world.ui.told.length, 1);
    world.trusted = false;
    await world.ledger.intend(intent);
    await settleOpenDeploys(world.needs(), world.connection);
    assert.equal((await world.ledger.open()).length, 1);
  });
});
