import { randomUUID } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { OpsError } from '../../core/errors.ts';
import type { OpenFileSink } from '../../core/results/outside.ts';
import { systemCode } from './storageError.ts';

/** So much is collected before it is written. */
const enough = 256 * 1024;

/**
 * Written beside its place and renamed into it, so that nobody finds half a file. The new file is read by whoever could read the one
 * before; one that nobody may write stays, and a link goes on pointing to what it points to.
 */
export const openFileSink: OpenFileSink = (target) =>
  intoPlace(target, async () => {
    const place = await realpath(target).catch(() => target);
    const before = await stat(place).catch(() => undefined);
    if (before?.isDirectory() === true || (before && (before.mode & 0o222) === 0)) {
      throw new OpsError('fileNotWritten', { path: target, reason: before.isDirectory() ? 'EISDIR' : 'EACCES' });
    }
    // Not the name of the file: with more to it, it may be too long for the disk.
    const making = path.join(path.dirname(place), `.opsbook-${randomUUID()}`);
    const handle = await open(making, 'wx', (before?.mode ?? 0o644) & 0o666);
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
          await intoPlace(target, flush);
        }
      },
      finish: async () => {
        try {
          await intoPlace(target, async () => {
            await flush();
            await handle.close();
            await rename(making, place);
          });
        } catch (error) {
          await discard();
          throw error;
        }
      },
      discard,
    };
  });

async function intoPlace<T>(target: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const reason = systemCode(error);
    throw reason === undefined || error instanceof OpsError ? error : new OpsError('fileNotWritten', { path: target, reason }, error);
  }
}
