import { OpsError } from '../../src/core/errors.ts';
import type { ScratchFile, ScratchSpace } from '../../src/core/results/outside.ts';

/** Files in memory, with what is written and how often it is read; a disk can be full. */
export class FakeScratchSpace implements ScratchSpace {
  /** Those that are open. */
  readonly files = new Set<ScratchFile>();
  /** Bytes in all files, closed ones too. */
  written = 0;
  /** Lengths that were read, oldest first. */
  readonly reads: number[] = [];
  /** Bytes that still fit. */
  room = Infinity;

  async create(): Promise<ScratchFile> {
    const bytes = Buffer.alloc(16 * 1024 * 1024);
    let end = 0;
    const file: ScratchFile = {
      append: async (more) => {
        await Promise.resolve();
        if (this.written + more.length > this.room) {
          throw new OpsError('storageFailed', { path: 'scratch', reason: 'ENOSPC' });
        }
        const place = end;
        bytes.set(more, place);
        end += more.length;
        this.written += more.length;
        return place;
      },
      read: async (offset, length) => {
        await Promise.resolve();
        if (!this.files.has(file)) {
          throw new OpsError('cancelled', {});
        }
        this.reads.push(length);
        return Uint8Array.from(bytes.subarray(offset, offset + length));
      },
      close: async () => {
        this.files.delete(file);
      },
    };
    this.files.add(file);
    return file;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.files].map((file) => file.close()));
  }
}
