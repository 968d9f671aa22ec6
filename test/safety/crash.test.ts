/** SAFETY 21: a window that dies in the middle of a rollback leaves no wrong state behind, and the next start cleans up and knows the truth. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy } from '../../src/core/functions/prepare.ts';
import { reconcile } from '../../src/core/functions/reconcile.ts';
import { makeRepository } from '../fixtures/repository.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';
import type { Order } from './deployAndDie.ts';
import { nativeCli, openDeploy, signal, type Target } from './deployWorld.ts';
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

  for (const dieAt of ['checking', 'staging', 'sending', 'output', 'verifying']) {
    it(`at “${dieAt}” is cleaned up after, and what it did is told truly`, async () => {
      await using repository = await makeRepository('crash');
      const commit = await repository.commit('Good', { [index]: 'good' });
      await repository.commit('Broken', { [index]: 'broken' });
      const storage = path.join(path.dirname(repository.folder), 'storage');
      const target: Target = { apiUrl: sandbox.apiUrl, ref: sandbox.ref, token: sandbox.token, program: nativeCli('cli3'), folder: repository.folder, storage };
      const before = await snapshot(repository.folder);

      assert.equal(await died({ target, slug, commit, dieAt }), 'SIGKILL');
      await quiet();

      const tools = await openDeploy(target);
      await tools.staging.sweep();
      assert.deepEqual(await readdir(path.join(storage, 'staging')).catch(() => []), []);
      assert.deepEqual(await snapshot(repository.folder), before);
      const open = await tools.ledger.open();
      assert.equal(open.length, dieAt === 'checking' ? 0 : 1);
      const settled = await reconcile(sandbox.ref, tools, { signal, priority: 'check' });
      assert.deepEqual(settled.map(({ found }) => found.result), dieAt === 'checking' ? [] : [version() > 0 ? 'deployed' : 'unchanged']);
      if (dieAt === 'verifying') {
        assert.equal(version(), 1);
      }

      // The lock of the dead is nobody's.
      const again = await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(commit, signal) }, tools, signal);
      assert.equal((await applyDeploy(again, tools, () => {}, signal)).kind, 'deployed');
      assert.deepEqual(await tools.ledger.open(), []);
    });
  }
});

function died(order: Order): Promise<string | null> {
  const script = path.join(import.meta.dirname, 'deployAndDie.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, JSON.stringify(order)], (error) => resolve(error?.signal ?? error?.message ?? null));
  });
}
