import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

export interface ExecutableSearch {
  /** `PATH` as the editor got it. */
  readonly searchPath: string;
  /** The workspace's folders: a program that comes with a repository is never run (SAFETY 3). */
  readonly forbiddenFolders: readonly string[];
  readonly platform?: NodeJS.Platform;
  /** Tried in order on Windows; elsewhere the name is taken as it is. */
  readonly windowsExtensions?: readonly string[];
}

/**
 * The absolute path of a program in `PATH`, found once so that no later change of the current directory can answer in its place.
 * Relative and empty entries of `PATH` mean the current directory and are passed over. `undefined` when there is none.
 */
export async function findExecutable(name: string, search: ExecutableSearch): Promise<string | undefined> {
  const forbidden = await realFolders(search.forbiddenFolders);
  const windows = (search.platform ?? process.platform) === 'win32';
  const names = windows ? (search.windowsExtensions ?? ['.exe']).map((extension) => name + extension) : [name];
  for (const folder of trustedEntries(search.searchPath)) {
    for (const candidate of names.map((file) => path.join(folder, file))) {
      if ((await isExecutable(candidate)) && !(await liesIn(candidate, forbidden))) {
        return candidate;
      }
    }
  }
  return undefined;
}

/** `PATH` for a child: only absolute folders outside the forbidden ones. */
export async function trustedSearchPath(searchPath: string, forbiddenFolders: readonly string[]): Promise<string> {
  const forbidden = await realFolders(forbiddenFolders);
  const kept: string[] = [];
  for (const folder of trustedEntries(searchPath)) {
    if (!(await liesIn(folder, forbidden))) {
      kept.push(folder);
    }
  }
  return kept.join(path.delimiter);
}

/** A regular file that may be run. */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/** Whether a program lies in one of the folders, as it is written or once its links are followed. */
export async function liesInside(file: string, folders: readonly string[]): Promise<boolean> {
  return liesIn(file, await realFolders(folders));
}

function trustedEntries(searchPath: string): string[] {
  return searchPath.split(path.delimiter).filter((entry) => path.isAbsolute(entry));
}

async function realFolders(folders: readonly string[]): Promise<string[]> {
  const both = await Promise.all(folders.map(async (folder) => [path.resolve(folder), await real(folder)]));
  return both.flat();
}

async function liesIn(file: string, folders: readonly string[]): Promise<boolean> {
  const places = [path.resolve(file), await real(file)];
  return folders.some((folder) => places.some((place) => contains(folder, place)));
}

function contains(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!path.isAbsolute(relative) && relative !== '..' && !relative.startsWith(`..${path.sep}`));
}

async function real(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}
