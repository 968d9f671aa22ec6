/** Programs that outlive a window that was killed: known by a file in the folder that was laid out for them (SAFETY 21). */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive, parseOwner, processWith } from '../files/owner.ts';
import { endGroup } from './endGroup.ts';

const programFile = 'program.json';

/** Notes which process works in a folder. At once, so that nobody dies in between; without the note it is only left running. */
export function noteProgram(folder: string, pid: number | undefined): void {
  if (pid !== undefined) {
    try {
      writeFileSync(path.join(folder, programFile), JSON.stringify(processWith(pid)), { mode: 0o600 });
    } catch {
      // The folder may be gone: then nothing is left behind in it.
    }
  }
}

/** Ends the process that was noted, with all it started, if it still runs: what it was told to do is nobody's wish any more. */
export async function endProgramOf(folder: string): Promise<void> {
  const program = parseOwner(await readFile(path.join(folder, programFile), 'utf8').catch(() => ''));
  if (program && isAlive(program)) {
    endGroup(program.pid);
  }
}
