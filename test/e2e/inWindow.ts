import path from 'node:path';
import { root } from '../build.ts';
import { packageExtension } from '../package.ts';
import { openWindow, startWorld, type Window, type World } from '../world/window.ts';
import { walkSandbox } from './walk.ts';

/** The tests of a suite happen in one window, in the order in which they stand; of one that fails a picture is kept in a folder of that name. */
export function inWindow(name: string, opened: (window: Window, world: World) => void): void {
  let world: World | undefined;
  let window: Window | undefined;
  before(async () => {
    world = await startWorld({ extension: await packageExtension(), sandbox: walkSandbox });
    window = await openWindow(world, path.join(root, '.vscode-test', name));
    opened(window, world);
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      console.error(await window?.workbench.screenshot('failed'));
    }
  });
  after(async () => {
    await window?.close();
    await world?.stop();
  });
}
