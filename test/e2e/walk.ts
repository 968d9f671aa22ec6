import type { World } from '../world/window.ts';
import type { Workbench } from './workbench.ts';

/** One thing that a person does and sees; `run` throws when what is displayed is not what it should be. */
export interface WalkStep {
  name: string;
  run(workbench: Workbench, world: World): Promise<void>;
}

/** The main job of a bad morning, in the order in which a person does it. */
export const walk: readonly WalkStep[] = [
  {
    name: 'The side bar of Opsbook',
    run: (workbench) => workbench.openContainer('Opsbook'),
  },
];
