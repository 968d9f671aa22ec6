/** A window in a process of its own: it deploys or takes locks as its parent tells it, and says what came of it. */
import { createLocks } from '../../src/adapters/files/locks.ts';
import { isOpsError } from '../../src/core/errors.ts';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy } from '../../src/core/functions/prepare.ts';
import { openDeploy, signal, type Target } from './deployWorld.ts';

export type Order =
  /** Rolls back, and waits at this step until it is told to go on. */
  | { readonly kind: 'rollBack'; readonly target: Target; readonly slug: string; readonly commit: string; readonly waitAt: 'planned' | 'sending' }
  /** Takes each of these locks at the same moment as everybody else (epoch milliseconds), and keeps what it gets. */
  | { readonly kind: 'locks'; readonly folder: string; readonly names: readonly string[]; readonly at: number };

const say = (word: string): void => void process.send?.(word);
const goOn = async (): Promise<void> => new Promise((resolve) => process.once('message', () => resolve()));

async function rollBack({ target, slug, commit, waitAt }: Extract<Order, { kind: 'rollBack' }>): Promise<string> {
  const tools = await openDeploy(target);
  const wait = async (step: string): Promise<void> => {
    if (step === waitAt) {
      say(step);
      await goOn();
    }
  };
  const plan = await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(commit, signal) }, tools, signal);
  await wait('planned');
  const cli: typeof tools.cli = {
    ...tools.cli,
    deployFunction: async (...request) => {
      await wait('sending');
      await tools.cli.deployFunction(...request);
    },
  };
  try {
    return (await applyDeploy(plan, { ...tools, cli }, () => {}, signal)).kind;
  } catch (error) {
    return isOpsError(error) ? error.code : String(error);
  }
}

async function takeLocks({ folder, names, at }: Extract<Order, { kind: 'locks' }>): Promise<string> {
  const locks = createLocks(folder);
  await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
  const taken = await Promise.all(names.map(async (name) => ((await locks.tryAcquire(name)) ? [name] : [])));
  return JSON.stringify(taken.flat());
}

const order = JSON.parse(process.argv[2] ?? '') as Order;
say(order.kind === 'locks' ? await takeLocks(order) : await rollBack(order));
// Whoever holds a lock keeps it until the parent has heard everybody.
await goOn();
process.exit(0);
