import { OpsError } from '../../src/core/errors.ts';
import type { StagingArea } from '../../src/core/ports.ts';
import { isSafeRelativePath } from '../../src/util/relativePath.ts';

/** Trees in memory, named by their directory; `left` holds those that are laid out at the moment. */
export class FakeStagingArea implements StagingArea {
  readonly left = new Map<string, ReadonlyMap<string, Uint8Array>>();
  /** Every tree there ever was, oldest first. */
  readonly seen: ReadonlyMap<string, Uint8Array>[] = [];

  async withTree<T>(files: ReadonlyMap<string, Uint8Array>, use: (directory: string) => Promise<T>): Promise<T> {
    for (const path of files.keys()) {
      if (!isSafeRelativePath(path)) {
        throw new OpsError('badPath', { path });
      }
    }
    const directory = `/staging/${this.seen.length}/tree`;
    this.seen.push(files);
    this.left.set(directory, files);
    try {
      return await use(directory);
    } finally {
      this.left.delete(directory);
    }
  }

  async sweep(): Promise<void> {}
}
