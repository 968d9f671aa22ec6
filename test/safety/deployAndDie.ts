/** Rolls a function back in a process of its own, which kills itself without a word at the stage it is told. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import type { Target } from './deployWorld.ts';

export interface Order {
  readonly target: Target;
  readonly slug: string;
  readonly commit: string;
  /**
   * A step; `laying`: one of the files is laid out; `output`: the first line the CLI says; `cleaning`: a part of the staged tree is gone;
   * `concluded`: the end is in the ledger, and the lock is still held.
   */
  readonly dieAt: string;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const dieIf = (stage: string): void => {
  if (stage === order.dieAt) {
    process.kill(process.pid, 'SIGKILL');
  }
};

const { rm } = fs.promises;
fs.promises.rm = async (target, options) => {
  const config = path.join(String(target), 'supabase', 'config.toml');
  if (order.dieAt === 'cleaning' && fs.existsSync(config)) {
    await rm(config);
    dieIf('cleaning');
  }
  await rm(target, options);
};
syncBuiltinESMExports();

const { applyDeploy } = await import('../../src/core/functions/deploy.ts');
const { prepareDeploy } = await import('../../src/core/functions/prepare.ts');
const { openDeploy, signal } = await import('./deployWorld.ts');

const tools = await openDeploy(order.target);
const plan = await prepareDeploy(order.slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(order.commit, signal) }, tools, signal);

class DeadlyFiles extends Map<string, Uint8Array> {
  override *[Symbol.iterator](): MapIterator<[string, Uint8Array]> {
    for (const [index, entry] of [...this.entries()].entries()) {
      if (index === 1) {
        dieIf('laying');
      }
      yield entry;
    }
  }
}

const { conclude } = tools.ledger;
tools.ledger.conclude = async (...conclusion) => {
  await conclude.apply(tools.ledger, conclusion);
  dieIf('concluded');
};
const staging: typeof tools.staging = { ...tools.staging, withTree: async (files, use) => tools.staging.withTree(new DeadlyFiles(files), use) };
await applyDeploy(plan, { ...tools, staging }, (event) => dieIf(event.kind === 'step' ? event.step : event.kind), signal);
