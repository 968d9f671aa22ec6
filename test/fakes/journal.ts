import { OpsError } from '../../src/core/errors.ts';
import type { RollingJournal } from '../../src/core/ports.ts';

/** Entries in memory, as JSON keeps them. */
export class FakeJournal implements RollingJournal {
  readonly lines: string[] = [];
  /** Set to make the disk refuse. */
  refuses: string | undefined;

  async append(entry: unknown): Promise<void> {
    if (this.refuses !== undefined) {
      throw new OpsError('storageFailed', { path: 'journal', reason: this.refuses });
    }
    this.lines.push(JSON.stringify(entry));
  }

  async read(): Promise<readonly unknown[]> {
    return this.lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
  }

  async clear(): Promise<void> {
    this.lines.length = 0;
  }
}
