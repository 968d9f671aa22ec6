import { randomUUID } from 'node:crypto';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ifPresent } from './present.ts';

/** What is older than this is not being written any more. */
const tornAfterMilliseconds = 10 * 60_000;

/** A private file (0600) of which a reader finds the whole or nothing. What a window that died began beside it is removed. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const making = `${file}.${randomUUID()}`;
  try {
    await writeFile(making, text, { mode: 0o600, flag: 'wx' });
    await rename(making, file);
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
  await removeTorn(path.dirname(file));
}

async function removeTorn(folder: string): Promise<void> {
  for (const name of await ifPresent(readdir(folder), [])) {
    const file = path.join(folder, name);
    const written = /\.[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/.test(name) ? (await ifPresent(stat(file), undefined))?.mtimeMs : undefined;
    if (written !== undefined && Date.now() - written > tornAfterMilliseconds) {
      await rm(file, { force: true });
    }
  }
}
