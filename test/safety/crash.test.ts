/** SAFETY 21: a window that dies in the middle of a rollback leaves no wrong state behind, and the next start cleans up and knows the truth. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy } from '../../src/core/functions/prepare.ts';
import { reconcile } from '../../src/core/functions/reconcile.ts';
import { makeRepository } from '../fixtures/repository.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';
import type { Order } from './deployAndDie.ts';
import { openDeploy, signal, targetOf } from './deployWorld.ts';
import { snapshot } from './snapshot.ts';

const slug = 'health';
const index = `supabase/functions/${slug}/index.ts`;

describe('a window that dies', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(() => provision('cli3'));
  beforeEach(async () => {
    sandbox = await startControlPlane({ scenario: createSmallScenario() });
  });
  afterEach(() => sandbox.stop());

  const version = () => sandbox.state.projects.get(sandbox.ref)?.functions.get(slug)?.version ?? 0;

  /** Until the CLI that was left behind has ended too: two looks, a second apart, that see the same. */
  async function quiet(): Promise<void> {
    for (let seen = -1; seen !== sandbox.exchanges.length; ) {
      seen = sandbox.exchanges.length;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Stages at which nothing is open at the next start: nothing was intended yet, or the end is written down. */
  const settledBy: Readonly<Record<string, boolean>> = { checking: true, concluded: true };

  for (const dieAt of ['checking', 'staging', 'laying', 'sending', 'output', 'cleaning', 'verifying', 'concluded']) {
    it(`at “${dieAt}” is cleaned up after, and what it did is told truly`, async () => {
      await using repository = await makeRepository('crash');
      const commit = await repository.commit('Good', { [index]: 'good' });
      await repository.commit('Broken', { [index]: 'broken' });
      const target = targetOf(sandbox, 'cli3', repository.folder);
      const { storage } = target;
      const before = await snapshot(repository.folder);

      assert.equal(await died({ target, slug, commit, dieAt }), 'SIGKILL');
      await quiet();
      const left = await readdir(path.join(storage, 'locks'));
      assert.equal(left.length, 1, 'the lock of the dead');

      const tools = await openDeploy(target);
      await tools.staging.sweep();
      assert.deepEqual(await readdir(path.join(storage, 'staging')).catch(() => []), []);
      assert.deepEqual(await snapshot(repository.folder), before);
      const open = await tools.ledger.open();
      assert.equal(open.length, settledBy[dieAt] ? 0 : 1);
      const settled = await reconcile(sandbox.ref, tools, { signal, priority: 'check' });
      assert.deepEqual(settled.map(({ found }) => found.result), settledBy[dieAt] ? [] : [version() > 0 ? 'deployed' : 'unchanged']);
      if (['cleaning', 'verifying', 'concluded'].includes(dieAt)) {
        assert.equal(version(), 1);
        assert.deepEqual((await tools.ledger.deployments()).map(({ conclusion }) => [conclusion?.result, conclusion?.versionAfter]), [['deployed', 1]]);
      }

      // The lock of the dead is nobody's.
      const again = await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(commit, signal) }, tools, signal);
      assert.equal((await applyDeploy(again, tools, () => {}, signal)).kind, 'deployed');
      assert.deepEqual(await tools.ledger.open(), []);
      assert.deepEqual(await readdir(path.join(storage, 'locks')), []);
      assert.deepEqual(await snapshot(repository.folder), before);
    });
  }

  it('leaves a CLI that goes on: the next start ends it, and what it says then stays true', async () => {
    await using repository = await makeRepository('crash');
    const commit = await repository.commit('Good', { [index]: 'good' });
    const target = targetOf(sandbox, 'cli3', repository.folder);
    const { storage } = target;
    sandbox.setLatency(2500);
    assert.equal(await died({ target, slug, commit, dieAt: 'output' }), 'SIGKILL');
    assert.equal((await programsIn(storage)).length, 1, 'the CLI outlives the window');
    sandbox.setLatency(0);

    const tools = await openDeploy(target);
    await tools.staging.sweep();
    const [settled] = await reconcile(sandbox.ref, tools, { signal, priority: 'check' });
    assert.deepEqual(await programsIn(storage), []);
    await quiet();
    assert.equal(settled?.found.result, version() > 0 ? 'deployed' : 'unchanged');
    assert.deepEqual(await readdir(path.join(storage, 'staging')), []);
  });
});

/** Processes whose arguments name a folder; only Linux tells. */
async function programsIn(folder: string): Promise<readonly string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const commands = await Promise.all(processes.map(async (id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return commands.filter((command) => command.includes(folder));
}

function died(order: Order): Promise<string | null> {
  const script = path.join(import.meta.dirname, 'deployAndDie.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, JSON.stringify(order)], (error) => resolve(error?.signal ?? error?.message ?? null));
  });
}
