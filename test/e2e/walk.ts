import type { SandboxOptions } from '../sandbox/sandbox.ts';
import type { World } from '../world/window.ts';
import { look } from './steps/look.ts';
import { manual } from './steps/manual.ts';
import { mend } from './steps/mend.ts';
import { newcomer } from './steps/newcomer.ts';
import { statements } from './steps/statements.ts';
import type { Workbench } from './workbench.ts';

/** One thing that a person does and sees; `run` throws when what is displayed is not what it should be. */
export interface WalkStep {
  name: string;
  run(workbench: Workbench, world: World): Promise<void>;
  /** After the picture: takes out of the way what the next step would meet. */
  leave?(workbench: Workbench, world: World): Promise<void>;
  /** The mouse stays where it is for the picture, because of what shows under it. */
  hovers?: true;
}

/** The walk asks in a minute what a person asks in ten. */
export const walkSandbox: SandboxOptions = { budgets: { standard: 1200, logs: 300 } };

/** The main job of a bad morning, in the order in which a person does it; at last, somebody who comes new. */
export const walk: readonly WalkStep[] = [...look, ...manual, ...statements, ...mend, ...newcomer];
