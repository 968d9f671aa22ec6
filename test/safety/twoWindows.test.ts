/** DESIGN 5.7: of several windows on one machine, one deploys a function at a time, and a plan that was overtaken is not applied. */
import assert from 'node:assert/strict';
import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeRepository, temporaryFolder } from '../fixtures/repository.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';
import { openDeploy, targetOf } from './deployWorld.ts';
import type { Order } from './secondWindow.ts';
import { snapshot } from './snapshot.ts';

const slug = 'health';
const index = `supabase/functions/${slug}/index.ts`;

/** Another window; what it says comes in order. */
class OtherWindow implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly said: string[] = [];
  private heard = () => {};

  constructor(order: Order) {
    this.child = fork(path.join(import.meta.dirname, 'secondWindow.ts'), [JSON.stringify(order)]);
    this.child.on('message', (word) => {
      this.said.push(String(word));
      this.heard();
    });
    this.child.once('exit', (code, signal) => {
      this.said.push(`ended: ${code ?? signal}`);
      this.heard();
    });
  }

  async says(): Promise<string> {
    if (this.said.length === 0) {
      await new Promise<void>((resolve) => (this.heard = resolve));
    }
    return this.said.shift() ?? '';
  }

  goesOn(): void {
    this.child.send('go on');
  }

  async die(): Promise<void> {
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await this.die();
    }
  }
}

describe('two windows', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(() => provision('cli3'));
  beforeEach(async () => {
    sandbox = await startControlPlane({ scenario: createSmallScenario() });
  });
  afterEach(() => sandbox.stop());

  const live = () => {
    const fn = sandbox.state.projects.get(sandbox.ref)?.functions.get(slug);
    return [fn?.version, Buffer.from(fn?.files.get(index) ?? '').toString()];
  };

  it('deploy a function one at a time; the plan that was overtaken is not applied', async () => {
    await using repository = await makeRepository('windows');
    const [first, second] = [await repository.commit('First', { [index]: 'first' }), await repository.commit('Second', { [index]: 'second' })];
    const before = await snapshot(repository.folder);
    const target = targetOf(sandbox, 'cli3', repository.folder);
    await using one = new OtherWindow({ kind: 'rollBack', target, slug, commit: first, waitAt: 'sending' });
    await using two = new OtherWindow({ kind: 'rollBack', target, slug, commit: second, waitAt: 'planned' });
    await using three = new OtherWindow({ kind: 'rollBack', target, slug, commit: second, waitAt: 'planned' });
    assert.deepEqual(await Promise.all([one.says(), two.says(), three.says()]), ['sending', 'planned', 'planned']);
    two.goesOn();
    assert.equal(await two.says(), 'deployRunning');
    assert.deepEqual(live(), [undefined, '']);
    one.goesOn();
    assert.equal(await one.says(), 'deployed');
    three.goesOn();
    assert.equal(await three.says(), 'stale');
    assert.deepEqual(live(), [1, 'first']);
    const tools = await openDeploy(target);
    assert.deepEqual((await tools.ledger.deployments()).map(({ intent, conclusion }) => [intent.origin, conclusion?.result]), [[{ kind: 'commit', commit: first }, 'deployed']]);
    assert.deepEqual(await readdir(path.join(target.storage, 'locks')), []);
    assert.deepEqual(await snapshot(repository.folder), before);
  });

  it('take over from one that dies: nobody waits for the dead', async () => {
    await using repository = await makeRepository('windows');
    const [first, second] = [await repository.commit('First', { [index]: 'first' }), await repository.commit('Second', { [index]: 'second' })];
    const target = targetOf(sandbox, 'cli3', repository.folder);
    await using one = new OtherWindow({ kind: 'rollBack', target, slug, commit: first, waitAt: 'sending' });
    await using two = new OtherWindow({ kind: 'rollBack', target, slug, commit: second, waitAt: 'planned' });
    assert.deepEqual(await Promise.all([one.says(), two.says()]), ['sending', 'planned']);
    await one.die();
    two.goesOn();
    assert.equal(await two.says(), 'deployed');
    assert.deepEqual(live(), [1, 'second']);
    assert.deepEqual(await readdir(path.join(target.storage, 'staging')), []);
  });

  it('are never both the one that takes a dead window’s lock, whoever comes when', async () => {
    const folder = path.join(await temporaryFolder('locks'), 'locks');
    await mkdir(folder);
    const names = Array.from({ length: 200 }, (_, number) => `deploy-${number}`);
    const module = pathToFileURL(path.resolve('src/adapters/files/locks.ts')).href;
    const script = `const { createLocks } = await import(${JSON.stringify(module)});
      const locks = createLocks(${JSON.stringify(folder)});
      for (const name of ${JSON.stringify(names)}) await locks.tryAcquire(name);
      process.kill(process.pid, 'SIGKILL');`;
    assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal, 'SIGKILL');
    assert.equal((await readdir(folder)).length, names.length);
    const at = Date.now() + 1500;
    const windows = Array.from({ length: 4 }, () => new OtherWindow({ kind: 'locks', folder, names, at }));
    try {
      const taken = (await Promise.all(windows.map(async (window) => window.says()))).flatMap((text) => JSON.parse(text) as string[]);
      assert.deepEqual(taken.toSorted(), names.toSorted(), 'each by exactly one');
      assert.deepEqual((await readdir(folder)).toSorted(), names.map((name) => `${name}.lock`).toSorted());
    } finally {
      await Promise.all(windows.map(async (window) => window[Symbol.asyncDispose]()));
      await rm(path.dirname(folder), { recursive: true });
    }
  });
});
