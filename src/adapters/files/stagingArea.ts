import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import type { StagingArea } from '../../core/ports.ts';
import { isSafeRelativePath } from '../../util/relativePath.ts';
import { endProgramOf } from '../process/leftBehind.ts';
import { makeOwnedFolder, removeOwnedFolder, sweepOwnedFolders } from './ownedFolder.ts';
import { inStorage } from './storageError.ts';

const prefix = 'stage-';
const treeFolder = 'tree';

/**
 * Trees for deploys below `folder` (in the extension's storage): each `<random>/tree`, 0700, beside an owner file. Besides
 * `storageFailed`, `withTree` throws `badPath` before anything is written, and whatever `use` throws.
 */
export function createStagingArea(folder: string): StagingArea {
  return {
    withTree: (files, use) => withTree(folder, files, use),
    sweep: () => inStorage(folder, () => sweepOwnedFolders(folder, prefix, async (own) => endProgramOf(path.join(own, treeFolder)))),
  };
}

async function withTree<T>(folder: string, files: ReadonlyMap<string, Uint8Array>, use: (directory: string) => Promise<T>): Promise<T> {
  checkNames([...files.keys()]);
  const own = await inStorage(folder, () => makeOwnedFolder(folder, prefix));
  try {
    const tree = path.join(own, treeFolder);
    await inStorage(own, () => lay(tree, files));
    return await use(tree);
  } finally {
    await removeOwnedFolder(own);
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

async function lay(tree: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(tree, { mode: 0o700 });
  for (const [name, content] of files) {
    const target = path.join(tree, ...name.split('/'));
    await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(target, content, { mode: 0o600, flag: 'wx' });
  }
}
