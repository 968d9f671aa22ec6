/**
 * `npm start`: the sandbox and VS Code with the packaged extension, open on the scenario; Ctrl-C ends both.
 * `npm start -- --check` walks the main job in a browser instead and ends with 0 or 1.
 */
import { once } from 'node:events';
import path from 'node:path';
import { check } from '../e2e/check.ts';
import { walkSandbox } from '../e2e/walk.ts';
import { packageExtension } from '../package.ts';
import { root } from '../build.ts';
import { provisionBrowser } from './browser.ts';
import { stopChildren } from './children.ts';
import { provisionAll } from './provision.ts';
import { startWorld } from './window.ts';

async function main(checking: boolean): Promise<number> {
  // Heard from the first moment on: what is being started is finished and then stopped.
  const interrupted = whenInterrupted();
  await provisionAll(console.log);
  if (checking) {
    await provisionBrowser(console.log);
  }
  console.log('packaging …');
  const extension = await packageExtension();
  console.log('starting the sandbox and VS Code …');
  const world = await startWorld({ extension, ...(checking ? { sandbox: walkSandbox } : {}) });
  try {
    if (checking) {
      return await Promise.race([check(world, path.join(root, '.vscode-test', 'check')), interrupted.then(() => 130)]);
    }
    console.log(`\nOpsbook on a project of its own: ${world.url}\n\nCtrl-C ends everything.`);
    await interrupted;
    return 0;
  } finally {
    console.log('stopping …');
    await world.stop();
  }
}

async function whenInterrupted(): Promise<void> {
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name)));
}

process.exit(await main(process.argv.includes('--check')).finally(stopChildren));
