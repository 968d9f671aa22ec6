import type { Dirent } from 'node:fs';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import type { PlaceFiles } from '../../core/ports.ts';
import { systemCode } from './storageError.ts';

const passedOver = new Set(['node_modules', '.git']);
const absentCodes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP']);

/**
 * The files of the place in `folder`. Links are followed inside it; one that leads out throws `badPath` when it is read and is left
 * out of lists. A folder is no file.
 */
export function createPlaceFiles(folder: string): PlaceFiles {
  let root: string | undefined;
  const rootOf = async () => (root ??= await realpath(folder));
  return {
    async read(file, signal) {
      throwIfCancelled(signal);
      const target = await inside(await rootOf(), file);
      return target === undefined ? undefined : ifPresent(() => readFile(target, { signal }));
    },
    async list(below, signal) {
      const start = below === '' || below === '.' ? await rootOf() : await inside(await rootOf(), below);
      const found: string[] = [];
      if (start !== undefined) {
        await walk({ root: await rootOf(), signal, found, visited: new Set() }, start, below === '.' ? '' : below);
      }
      return found.sort();
    },
  };
}

interface Walk {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly found: string[];
  /** Real paths on the way down: a link to a folder above would never end. */
  readonly visited: ReadonlySet<string>;
}

async function walk(state: Walk, folder: string, name: string): Promise<void> {
  throwIfCancelled(state.signal);
  if (state.visited.has(folder)) {
    return;
  }
  const deeper = { ...state, visited: new Set([...state.visited, folder]) };
  for (const entry of (await ifPresent(() => readdir(folder, { withFileTypes: true }))) ?? []) {
    if (!passedOver.has(entry.name)) {
      await visit(deeper, entry, path.join(folder, entry.name), name === '' ? entry.name : `${name}/${entry.name}`);
    }
  }
}

async function visit(state: Walk, entry: Dirent, file: string, name: string): Promise<void> {
  if (entry.isFile()) {
    state.found.push(name);
  } else if (entry.isDirectory()) {
    await walk(state, file, name);
  } else if (entry.isSymbolicLink()) {
    const target = await ifPresent(() => realpath(file));
    if (target === undefined || !contains(state.root, target)) {
      return;
    }
    const info = await ifPresent(() => stat(target));
    if (info?.isDirectory()) {
      await walk(state, target, name);
    } else if (info?.isFile()) {
      state.found.push(name);
    }
  }
}

/** The real path, or `undefined` when there is nothing. */
async function inside(root: string, file: string): Promise<string | undefined> {
  const written = path.resolve(root, file);
  if (file === '' || file.includes('\0') || path.isAbsolute(file) || !contains(root, written)) {
    throw new OpsError('badPath', { path: file });
  }
  const target = await ifPresent(() => realpath(written));
  if (target !== undefined && !contains(root, target)) {
    throw new OpsError('badPath', { path: file });
  }
  return target;
}

function contains(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return !path.isAbsolute(relative) && relative !== '..' && !relative.startsWith(`..${path.sep}`);
}

async function ifPresent<T>(operation: () => Promise<T>): Promise<T | undefined> {
  try {
    return await operation();
  } catch (error) {
    const code = systemCode(error);
    if (code !== undefined && absentCodes.has(code)) {
      return undefined;
    }
    if (error instanceof Error && error.name === 'AbortError') {
      throw new OpsError('cancelled', {}, error);
    }
    throw error;
  }
}
