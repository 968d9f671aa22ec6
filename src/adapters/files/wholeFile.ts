import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

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
