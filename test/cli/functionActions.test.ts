/** What is done to functions, with nothing faked but the hosted service: git, the CLI's binaries, Opsbook's own adapters. */
import assert from 'node:assert/strict';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createAccountTransport, createManagementApi } from '../../src/adapters/supabase/managementApi.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { applyChange } from '../../src/core/functions/change.ts';
import { sinceLive } from '../../src/core/functions/changed.ts';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import type { DeployAction } from '../../src/core/functions/ledger.ts';
import { markedCommits } from '../../src/core/functions/past.ts';
import { readPause } from '../../src/core/functions/pause.ts';
import { prepareDeploy, type DeployFrom } from '../../src/core/functions/prepare.ts';
import { workingTree } from '../../src/core/functions/sourceTree.ts';
import { versionBefore } from '../../src/core/functions/versionBefore.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { makeRepository } from '../fixtures/repository.ts';
import { openDeploy, signal, targetOf, type CliMajor } from '../safety/deployWorld.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';

const slug = 'health';
const index = `supabase/functions/${slug}/index.ts`;
const shared = 'supabase/functions/_shared/log.ts';
const code = 'import { log } from "../_shared/log.ts";\nDeno.serve(() => new Response(log("x")));\n';
const call = { signal, priority: 'user' } as const;

for (const major of ['cli2', 'cli3'] satisfies CliMajor[]) {
  describe(`functions by ${major}`, function () {
    this.timeout(60_000);
    let sandbox: Sandbox;
    before(() => provision(major));
    beforeEach(async () => {
      sandbox = await startControlPlane({ scenario: createSmallScenario() });
    });
    afterEach(() => sandbox.stop());

    it('are deployed, paused, resumed, restarted, rolled back, changed and deleted', async () => {
      await using repository = await makeRepository('actions');
      await repository.commit('Good', { [index]: code, [shared]: 'export const log = (x: string) => x;\n' });
      await repository.commit('Bad', { [shared]: 'export const log = () => "bad";\n' });
      const target = targetOf(sandbox, major, repository.folder);
      const tools = await openDeploy(target);
      const { ref } = sandbox;
      const account = { id: 'ada', name: 'ada', origin: sandbox.apiUrl };
      const management = createManagementApi(createAccountTransport({ account, token: sandbox.token, version: '0.0.0', clock: systemClock, governor: new Governor(systemClock), log: new FakeLogger() }), account);
      const live = async () => (await tools.management.functions(ref, call)).find((fn) => fn.slug === slug) ?? assert.fail('it is not deployed');
      const send = async (action: DeployAction, from: DeployFrom) => {
        const plan = await prepareDeploy(slug, action, from, tools, signal);
        let asked = 0;
        const deployFunction: typeof tools.cli.deployFunction = async (...request) => {
          const before = sandbox.exchanges.length;
          await tools.cli.deployFunction(...request);
          asked = sandbox.exchanges.length - before;
        };
        const outcome = await applyDeploy(plan, { ...tools, cli: { ...tools.cli, deployFunction } }, () => {}, signal);
        assert.equal(outcome.kind, 'deployed', JSON.stringify(outcome));
        // What `features/deploy/apply.ts` counts for it.
        assert.ok(asked > 0 && asked <= 3, `the CLI sent ${asked} requests`);
      };
      const changed = async () => (await sinceLive(ref, [slug], workingTree(tools.files), tools, signal))[0]?.kind;
      const text = async () => new TextDecoder().decode((await tools.management.functionBody(ref, slug, call)).files.get(shared));

      const [bad, good] = await tools.git.commitsTouching(['supabase'], 10, signal);
      assert.ok(good && bad);
      assert.equal(await changed(), 'new');
      await send('deploy', { kind: 'commit', commit: good });
      assert.equal(await changed(), 'changed');
      await send('deploy', { kind: 'workingTree' });
      assert.equal(await changed(), 'same');

      const deployments = await tools.ledger.deployments();
      const commits = await markedCommits(ref, slug, await live(), { ...tools, deployments }, signal);
      assert.deepEqual(commits.map(({ commit, isLive, liveUntil }) => [commit.subject, isLive, liveUntil !== undefined]), [['Bad', true, false], ['Good', false, true]]);
      const before = await versionBefore(ref, await live(), { ...tools, deployments, body: await tools.management.functionBody(ref, slug, call), commits: async () => commits });
      assert.deepEqual(before, { kind: 'recorded', version: 1 });
      await send('rollback', before);
      assert.match(await text(), /\(x: string\) => x/);

      const { version, verifyJwt } = await live();
      await tools.bodies.put(ref, slug, version, await tools.management.functionBody(ref, slug, call), await live());
      await send('pause', { kind: 'pause', note: { since: 1, by: 'ada', version } });
      assert.equal((await live()).verifyJwt, verifyJwt);
      assert.equal(readPause(await tools.management.functionBody(ref, slug, call))?.version, version);
      await send('resume', { kind: 'recorded', version });
      assert.match(await text(), /\(x: string\) => x/);

      const settings = await applyChange({ project: { ref, name: 'acme' }, live: await live(), change: { kind: 'settings', verifyJwt: false } }, { ...tools, management }, signal);
      assert.ok(settings.kind === 'done' && settings.live?.verifyJwt === false, JSON.stringify(settings));
      const outcome = await applyChange({ project: { ref, name: 'acme' }, live: await live(), change: { kind: 'delete' } }, { ...tools, management }, signal);
      assert.deepEqual(outcome, { kind: 'done' });
      await send('rollback', { kind: 'recorded', version, verifyJwt: false });
      assert.equal((await live()).verifyJwt, false);
      assert.deepEqual((await tools.ledger.deployments()).map(({ intent, conclusion }) => `${intent.action} ${conclusion?.result ?? 'open'}`), [
        'deploy deployed',
        'deploy deployed',
        'rollback deployed',
        'pause deployed',
        'resume deployed',
        'settings deployed',
        'delete deployed',
        'rollback deployed',
      ]);
    });
  });
}
