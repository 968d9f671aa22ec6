/** Folders of this process in the extension's storage; those of processes that are gone are swept away (SAFETY 20, 21). */
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mayBeAlive, parseOwner, thisProcess } from './owner.ts';
import { ifPresent } from './present.ts';

const ownerFile = 'owner.json';

/** A folder between `mkdtemp` and its owner file belongs to somebody who is about to say so. */
const graceMilliseconds = 60_000;

/** Makes `<folder>/<prefix><random>` (0700), with a file that tells whose it is. Throws the system's errors. */
export async function makeOwnedFolder(folder: string, prefix: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const own = await mkdtemp(path.join(folder, prefix));
  try {
    await writeFile(path.join(own, ownerFile), JSON.stringify(thisProcess()), { mode: 0o600, flag: 'wx' });
    return own;
  } catch (error) {
    await rm(own, { recursive: true, force: true });
    throw error;
  }
}

/** The owner's file goes last: who dies in the middle of it leaves a folder that is known to be nobody's. */
export async function removeOwnedFolder(own: string): Promise<void> {
  for (const name of await ifPresent(readdir(own), [])) {
    if (name !== ownerFile) {
      await rm(path.join(own, name), { recursive: true, force: true, maxRetries: 3 });
    }
  }
  await rm(own, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes the folders of {@link makeOwnedFolder} whose owner is dead, after `before`. Throws the system's errors. */
export async function sweepOwnedFolders(folder: string, prefix: string, before: (own: string) => Promise<void> = async () => {}): Promise<void> {
  for (const name of await ifPresent(readdir(folder), [])) {
    const own = path.join(folder, name);
    if (name.startsWith(prefix) && (await isAbandoned(own))) {
      await before(own);
      await removeOwnedFolder(own);
    }
  }
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
