import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import { findExecutable, isExecutable, liesInside } from '../process/executable.ts';

export interface CliSearch {
  /** The machine-scoped setting; empty when it is not set. */
  readonly setting?: string;
  /** `PATH` as the editor got it. */
  readonly searchPath: string;
  /** The workspace's folders. */
  readonly forbiddenFolders: readonly string[];
  /** Programs inside the workspace that the person has agreed to, each named in full in a modal. */
  readonly consented?: readonly string[];
}

/** npm puts a `.cmd` beside every program it installs on Windows. */
const windowsExtensions = ['.exe', '.cmd'];

/** The Supabase CLI's absolute path, outside the workspace unless the person agreed to the very file; throws `cliMissing`. */
export async function findCli(search: CliSearch): Promise<string> {
  const { setting = '', searchPath, forbiddenFolders, consented = [] } = search;
  const chosen = setting === '' ? consented : [setting];
  for (const file of chosen) {
    if (await mayRun(file, search)) {
      return file;
    }
  }
  const found = setting === '' ? await findExecutable('supabase', { searchPath, forbiddenFolders, windowsExtensions }) : undefined;
  if (found === undefined) {
    throw new OpsError('cliMissing', {});
  }
  return found;
}

/** A CLI that comes with the workspace: to be named and asked about, never run unasked (SAFETY 3). */
export async function workspaceCli(folders: readonly string[], platform: NodeJS.Platform = process.platform): Promise<string | undefined> {
  const name = platform === 'win32' ? 'supabase.cmd' : 'supabase';
  for (const folder of folders) {
    const candidate = path.join(folder, 'node_modules', '.bin', name);
    if (await isExecutable(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function mayRun(file: string, { forbiddenFolders, consented = [] }: CliSearch): Promise<boolean> {
  const allowed = consented.includes(file) || !(await liesInside(file, forbiddenFolders));
  return allowed && path.isAbsolute(file) && (await isExecutable(file));
}
