import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { systemCode } from './storageError.ts';

/** A private file (0600) of which a reader finds the whole or nothing. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const making = `${file}.${randomUUID()}`;
  try {
    await writeFile(making, text, { mode: 0o600, flag: 'wx' });
    await rename(making, file);
  } catch (error) {
    await rm(making, { force: true });
    throw error;
  }
}

/** What was read, or `absent` where there is no such file or folder. */
export async function ifPresent<T>(reading: Promise<T>, absent: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return absent;
    }
    throw error;
  }
}
