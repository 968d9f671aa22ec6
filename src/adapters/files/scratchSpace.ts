import { open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import type { ScratchFile, ScratchSpace } from '../../core/results/outside.ts';
import { once } from '../../util/once.ts';
import { makeOwnedFolder, sweepOwnedFolders } from './ownedFolder.ts';
import { inStorage } from './storageError.ts';

const prefix = 'scratch-';

/** Files 0600 in a folder 0700 of this window below `folder` (in the extension's storage). What dead windows left is removed first. */
export function createScratchSpace(folder: string): ScratchSpace {
  let made: string | undefined;
  let count = 0;
  const files = new Set<ScratchFile>();
  const own = once(async () => {
    await sweepOwnedFolders(folder, prefix);
    made = await makeOwnedFolder(folder, prefix);
    return made;
  });
  return {
    create: () =>
      inStorage(folder, async () => {
        const file = path.join(await own(), `${++count}.rows`);
        const scratch = scratchFile(file, await open(file, 'wx+', 0o600), () => files.delete(scratch));
        files.add(scratch);
        return scratch;
      }),
    dispose: async () => {
      await Promise.all([...files].map((file) => file.close()));
      if (made !== undefined) {
        await rm(made, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
      }
    },
  };
}

function scratchFile(file: string, handle: FileHandle, closed: () => void): ScratchFile {
  let end = 0;
  let open = true;
  return {
    append: (bytes) =>
      inStorage(file, async () => {
        const place = end;
        for (let written = 0; written < bytes.length; ) {
          written += (await handle.write(bytes, written, bytes.length - written, place + written)).bytesWritten;
        }
        end += bytes.length;
        return place;
      }),
    read: async (offset, length) => {
      if (!open) {
        throw new OpsError('cancelled', {});
      }
      const bytes = new Uint8Array(length);
      await inStorage(file, () => handle.read(bytes, 0, length, offset));
      return bytes;
    },
    close: async () => {
      open = false;
      closed();
      await handle.close().catch(() => {});
      await rm(file, { force: true }).catch(() => {});
    },
  };
}
