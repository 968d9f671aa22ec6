import { randomUUID } from 'node:crypto';
import { mkdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import type { PlaceWriter } from '../../core/ports.ts';
import { isSafeRelativePath } from '../../util/relativePath.ts';
import { ifPresent } from './present.ts';
import { inStorage } from './storageError.ts';

/** Writes whole files below `folder`: a path, or a link on the way, that leads out of it throws `badPath` before anything is written. */
export function createPlaceWriter(folder: string): PlaceWriter {
  return {
    async write(files) {
      const root = await realpath(folder);
      for (const file of files.keys()) {
        await checkInside(root, file);
      }
      for (const [file, content] of files) {
        await inStorage(file, async () => {
          const target = path.join(root, file);
          await mkdir(path.dirname(target), { recursive: true });
          // What is there may be a link to a file elsewhere: it is replaced, not written through.
          const making = `${target}.${randomUUID()}`;
          try {
            await writeFile(making, content, { flag: 'wx' });
            await rename(making, target);
          } catch (error) {
            await rm(making, { force: true });
            throw error;
          }
        });
      }
    },
  };
}

async function checkInside(root: string, file: string): Promise<void> {
  if (!isSafeRelativePath(file)) {
    throw new OpsError('badPath', { path: file });
  }
  const relative = path.relative(root, await nearestReal(path.dirname(path.join(root, file))));
  if (path.isAbsolute(relative) || relative === '..' || relative.startsWith(`..${path.sep}`)) {
    throw new OpsError('badPath', { path: file });
  }
}

/** The real path of the nearest folder above that exists. */
async function nearestReal(folder: string): Promise<string> {
  return (await ifPresent(realpath(folder), undefined)) ?? nearestReal(path.dirname(folder));
}
