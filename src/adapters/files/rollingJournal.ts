import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { RollingJournal } from '../../core/ports.ts';
import { createJournal } from './journal.ts';
import { inStorage, systemCode } from './storageError.ts';

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
  const numbers = async (): Promise<number[]> => inStorage(folder, () => numbersIn(folder));
  let last: Promise<void> = Promise.resolve();
  const append = async (entry: unknown): Promise<void> => {
    const newest = (await numbers()).at(-1) ?? 1;
    const isFull = (await sizeOf(fileOf(newest))) >= fileBytes;
    await createJournal(fileOf(isFull ? newest + 1 : newest)).append(entry);
    if (isFull) {
      await inStorage(folder, async () => {
        const old = (await numbersIn(folder)).slice(0, -files);
        await Promise.all(old.map((number) => rm(fileOf(number), { force: true })));
      });
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
      const entries = await Promise.all((await numbers()).map((number) => createJournal(fileOf(number)).read()));
      return entries.flat();
    },
    clear: async () => {
      await last;
      await inStorage(folder, async () => {
        await Promise.all((await numbersIn(folder)).map((number) => rm(fileOf(number), { force: true })));
      });
    },
  };
}

async function numbersIn(folder: string): Promise<number[]> {
  try {
    const names = await readdir(folder);
    return names.flatMap((name) => /^(\d{1,9})\.jsonl$/.exec(name)?.[1] ?? []).map(Number).sort((one, other) => one - other);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') {
      return [];
    }
    throw error;
  }
}

async function sizeOf(file: string): Promise<number> {
  return inStorage(file, async () => {
    try {
      return (await stat(file)).size;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') {
        return 0;
      }
      throw error;
    }
  });
}
