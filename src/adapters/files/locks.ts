import { mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
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
        const taken = (await take(file)) || (await takeOver(file));
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

/** In the place of a dead owner: one window at a time, so that of several that see it only one succeeds, and nobody’s new lock is taken away. */
async function takeOver(file: string): Promise<boolean> {
  if (!(await isAbandoned(file))) {
    return false;
  }
  const turn = `${file}.turn`;
  try {
    await mkdir(turn, { mode: 0o700 });
  } catch (error) {
    await forgetTurn(turn);
    if (systemCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
  try {
    // Between our look and our turn another window may have taken it.
    if (!(await isAbandoned(file))) {
      return false;
    }
    await rm(file, { force: true });
    return await take(file);
  } finally {
    // Gone if this window slept in between: then others have cleared it.
    await rmdir(turn).catch(() => undefined);
  }
}

/** Of a window that died at it. */
async function forgetTurn(turn: string): Promise<void> {
  if (isOld(await changedAt(turn))) {
    await rmdir(turn).catch(() => undefined);
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const owner = parseOwner(await readFile(file, 'utf8').catch(() => ''));
  if (owner) {
    return !mayBeAlive(owner);
  }
  return isOld(await changedAt(file));
}

/** Epoch milliseconds; now for what is not there. */
async function changedAt(file: string): Promise<number> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
}

function isOld(time: number): boolean {
  return Date.now() - time > graceMilliseconds;
}
