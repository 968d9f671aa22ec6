import path from 'node:path';
import { root } from '../build.ts';
import { packageExtension } from '../package.ts';
import { openWindow, startWorld, type Window, type World } from '../world/window.ts';
import { walk, walkSandbox } from './walk.ts';

describe('the main job, in a browser', function () {
  this.timeout(60_000);
  this.bail(true);
  let world: World;
  let window: Window;

  before(async () => {
    world = await startWorld({ extension: await packageExtension(), sandbox: walkSandbox });
    window = await openWindow(world, path.join(root, '.vscode-test', 'walk'));
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      console.error(await window.workbench.screenshot('failed'));
    }
  });

  after(async () => {
    await window?.close();
    await world?.stop();
  });

  for (const step of walk) {
    it(step.name, async () => {
      await step.run(window.workbench, world);
      await step.leave?.(window.workbench, world);
    });
  }
});
