import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RollingJournal } from '../../core/ports.ts';
import { createJournal } from './journal.ts';
import { ifPresent, numberedFiles } from './present.ts';
import { inStorage } from './storageError.ts';

export interface RollingJournalNeeds {
  /** Opsbook's own, and this journal's alone. */
  readonly folder: string;
  /** Bytes of a file after which the next one is begun. */
  readonly fileBytes: number;
  /** Files that are kept, the newest. */
  readonly files: number;
}

/**
 * Journals one after the other, `1.jsonl`, `2.jsonl`, …. Windows that begin a file at the same time begin the same one, and only whole
 * files of long ago are removed, so that no entry of any window is lost. Throws `storageFailed`.
 */
export function createRollingJournal({ folder, fileBytes, files }: RollingJournalNeeds): RollingJournal {
  const fileOf = (number: number): string => path.join(folder, `${number}.jsonl`);
  const newestFirst = async (): Promise<number[]> => inStorage(folder, () => numberedFiles(folder, '.jsonl'));
  const remove = async (numbers: readonly number[]): Promise<void> => {
    await inStorage(folder, () => Promise.all(numbers.map((number) => rm(fileOf(number), { force: true }))));
  };
  let last: Promise<void> = Promise.resolve();
  const append = async (entry: unknown): Promise<void> => {
    const newest = (await newestFirst())[0] ?? 1;
    const size = await inStorage(folder, async () => (await ifPresent(stat(fileOf(newest)), undefined))?.size ?? 0);
    const isFull = size >= fileBytes;
    await createJournal(fileOf(isFull ? newest + 1 : newest)).append(entry);
    if (isFull) {
      await remove((await newestFirst()).slice(files));
    }
  };
  return {
    append: (entry) => {
      const done = last.then(async () => append(entry));
      last = done.catch(() => {});
      return done;
    },
    read: async () => {
      await last;
      const entries = await Promise.all((await newestFirst()).reverse().map((number) => createJournal(fileOf(number)).read()));
      return entries.flat();
    },
    clear: async () => {
      await last;
      await remove(await newestFirst());
    },
  };
}
