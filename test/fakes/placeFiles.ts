import { OpsError } from '../../src/core/errors.ts';
import type { PlaceFiles, PlaceWriter } from '../../src/core/ports.ts';
import { isWithin } from '../../src/util/relativePath.ts';

/** Files of a place in memory; change the map to change them. */
export class FakePlaceFiles implements PlaceFiles, PlaceWriter {
  readonly files: Map<string, string | Uint8Array>;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    this.files = new Map(Object.entries(files));
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) {
      throw new OpsError('badPath', { path });
    }
    const content = this.files.get(path);
    return typeof content === 'string' ? new TextEncoder().encode(content) : content;
  }

  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    files.forEach((content, path) => this.files.set(path, new TextDecoder().decode(content)));
  }

  async list(folder: string): Promise<readonly string[]> {
    return [...this.files.keys()].filter((path) => path !== folder && isWithin(folder, path) && !/(^|\/)(node_modules|\.git)\//.test(path)).sort();
  }
}
