/** Rolls a function back in a process of its own, which kills itself without a word at the stage it is told. */
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy } from '../../src/core/functions/prepare.ts';
import { openDeploy, signal, type Target } from './deployWorld.ts';

export interface Order {
  readonly target: Target;
  readonly slug: string;
  readonly commit: string;
  /** A step, or `output`: the first line the CLI says. */
  readonly dieAt: string;
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
const tools = await openDeploy(order.target);
const plan = await prepareDeploy(order.slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(order.commit, signal) }, tools, signal);
await applyDeploy(
  plan,
  tools,
  (event) => {
    if ((event.kind === 'step' ? event.step : event.kind) === order.dieAt) {
      process.kill(process.pid, 'SIGKILL');
    }
  },
  signal,
);
