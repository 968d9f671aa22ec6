import type { Window, World } from '../world/window.ts';
import { inWindow } from './inWindow.ts';
import { walk } from './walk.ts';

describe('the main job, in a browser', function () {
  this.timeout(60_000);
  this.bail(true);
  let world: World;
  let window: Window;
  inWindow('walk', (opened, its) => {
    window = opened;
    world = its;
  });

  for (const step of walk) {
    it(step.name, async () => {
      await step.run(window.workbench, world);
      await step.leave?.(window.workbench, world);
    });
  }
});
