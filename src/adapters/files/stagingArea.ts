import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import type { StagingArea } from '../../core/ports.ts';
import { isSafeRelativePath } from '../../util/relativePath.ts';
import { mayBeAlive, parseOwner, thisProcess } from './owner.ts';
import { inStorage, systemCode } from './storageError.ts';

const ownerFile = 'owner.json';
const treeFolder = 'tree';

/** A folder between `mkdtemp` and its owner file belongs to somebody who is about to say so. */
const graceMilliseconds = 60_000;

/**
 * Trees for deploys below `folder` (in the extension's storage): each `<random>/tree`, 0700, beside an owner file. Besides
 * `storageFailed`, `withTree` throws `badPath` before anything is written, and whatever `use` throws.
 */
export function createStagingArea(folder: string): StagingArea {
  return {
    withTree: (files, use) => withTree(folder, files, use),
    sweep: () => sweep(folder),
  };
}

async function withTree<T>(folder: string, files: ReadonlyMap<string, Uint8Array>, use: (directory: string) => Promise<T>): Promise<T> {
  checkNames([...files.keys()]);
  const own = await inStorage(folder, async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return mkdtemp(path.join(folder, 'stage-'));
  });
  try {
    const tree = path.join(own, treeFolder);
    await inStorage(own, () => lay(own, tree, files));
    return await use(tree);
  } finally {
    await rm(own, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Two names that differ in case alone would be one file on many machines. */
function checkNames(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    const folded = name.normalize('NFC').toLowerCase();
    if (!isSafeRelativePath(name) || seen.has(folded)) {
      throw new OpsError('badPath', { path: name });
    }
    seen.add(folded);
  }
}

async function lay(own: string, tree: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await writeFile(path.join(own, ownerFile), JSON.stringify(thisProcess()), { mode: 0o600, flag: 'wx' });
  await mkdir(tree, { mode: 0o700 });
  for (const [name, content] of files) {
    const target = path.join(tree, ...name.split('/'));
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content, { mode: 0o600, flag: 'wx' });
  }
}

async function sweep(folder: string): Promise<void> {
  await inStorage(folder, async () => {
    for (const name of await namesIn(folder)) {
      const own = path.join(folder, name);
      if (name.startsWith('stage-') && (await isAbandoned(own))) {
        await rm(own, { recursive: true, force: true, maxRetries: 3 });
      }
    }
  });
}

async function isAbandoned(own: string): Promise<boolean> {
  const owner = parseOwner(await readFile(path.join(own, ownerFile), 'utf8').catch(() => ''));
  if (owner) {
    return !mayBeAlive(owner);
  }
  const made = await stat(own).then(
    (info) => info.mtimeMs,
    () => Date.now(),
  );
  return Date.now() - made > graceMilliseconds;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}
