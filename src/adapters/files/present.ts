/** Reading what may not be there. */
import { readdir } from 'node:fs/promises';
import { systemCode } from './storageError.ts';

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

/** The numbers of the files `<number><extension>` in `folder`, the highest first; none where there is no folder. */
export async function numberedFiles(folder: string, extension: `.${string}`): Promise<number[]> {
  const names = await ifPresent(readdir(folder), []);
  return names
    .filter((name) => name.endsWith(extension))
    .map((name) => name.slice(0, -extension.length))
    .filter((name) => /^\d{1,15}$/.test(name))
    .map(Number)
    .sort((one, other) => other - one);
}
