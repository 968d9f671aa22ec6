import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locks } from '../../core/ports.ts';
import { mayBeAlive, parseOwner, thisProcess } from './owner.ts';
import { inStorage, systemCode } from './storageError.ts';

/** A lock file between its creation and its content belongs to somebody who is about to say so. */
const graceMilliseconds = 10_000;

/**
 * Locks between windows: one file for each name below `folder`, with its owner in it. A lock whose owner has died is taken over.
 * Throws `storageFailed`.
 */
export function createLocks(folder: string): Locks {
  return {
    async tryAcquire(name) {
      const file = path.join(folder, `${encodeURIComponent(name).replaceAll('*', '%2A')}.lock`);
      return inStorage(file, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const taken = (await take(file)) || ((await putAside(file)) && (await take(file)));
        return taken ? () => rm(file, { force: true }) : undefined;
      });
    },
  };
}

async function take(file: string): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify(thisProcess()), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Moves a dead owner's lock away, so that of several windows that see it only one succeeds. */
async function putAside(file: string): Promise<boolean> {
  if (!(await isAbandoned(file))) {
    return false;
  }
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return false;
  }
  // Between our look and the move another window may have taken it over: then it is theirs, and goes back.
  if (!(await isAbandoned(aside))) {
    await rename(aside, file);
    return false;
  }
  await rm(aside, { force: true });
  return true;
}

async function isAbandoned(file: string): Promise<boolean> {
  const owner = parseOwner(await readFile(file, 'utf8').catch(() => ''));
  if (owner) {
    return !mayBeAlive(owner);
  }
  const written = await stat(file).then(
    (info) => info.mtimeMs,
    () => Date.now(),
  );
  return Date.now() - written > graceMilliseconds;
}
