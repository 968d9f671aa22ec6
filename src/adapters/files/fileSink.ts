import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { OpenFileSink } from '../../core/results/outside.ts';
import { inStorage } from './storageError.ts';

/** So much is collected before it is written. */
const enough = 256 * 1024;

/** Written beside its place and renamed into it, so that nobody finds half a file. */
export const openFileSink: OpenFileSink = (target) =>
  inStorage(target, async () => {
    const making = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
    const handle = await open(making, 'wx', 0o644);
    let pieces: Buffer[] = [];
    let size = 0;
    const flush = async (): Promise<void> => {
      const bytes = Buffer.concat(pieces);
      pieces = [];
      size = 0;
      await handle.writeFile(bytes);
    };
    const discard = async (): Promise<void> => {
      await handle.close().catch(() => {});
      await rm(making, { force: true }).catch(() => {});
    };
    return {
      write: async (chunk) => {
        // The library of a format may use its buffer again.
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(Uint8Array.from(chunk).buffer);
        pieces.push(bytes);
        size += bytes.length;
        if (size >= enough) {
          await inStorage(target, flush);
        }
      },
      finish: async () => {
        try {
          await inStorage(target, async () => {
            await flush();
            await handle.close();
            await rename(making, target);
          });
        } catch (error) {
          await discard();
          throw error;
        }
      },
      discard,
    };
  });
