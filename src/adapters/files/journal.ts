import { mkdir, open, readFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Journal } from '../../core/ports.ts';
import { ifPresent } from './present.ts';
import { inStorage } from './storageError.ts';

const lineFeed = 0x0a;

/**
 * JSON lines in one file (0600), on the disk before `append` resolves. Several windows may append: each entry is one write at the
 * file's end. Throws `storageFailed`.
 */
export function createJournal(file: string): Journal {
  let last: Promise<void> = Promise.resolve();
  return {
    append(entry) {
      const line = `${JSON.stringify(entry)}\n`;
      const done = last.then(() => inStorage(file, () => append(file, line)));
      last = done.catch(() => {});
      return done;
    },
    async read() {
      await last;
      return inStorage(file, async () => entriesOf(await ifPresent(readFile(file, 'utf8'), '')));
    },
  };
}

async function append(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    // A line torn by a crash must not swallow this one.
    const torn = await endsTorn(handle);
    await handle.writeFile(torn ? `\n${line}` : line);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function endsTorn(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) {
    return false;
  }
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== lineFeed;
}

function entriesOf(content: string): unknown[] {
  const entries: unknown[] = [];
  for (const line of content.split('\n')) {
    try {
      entries.push(JSON.parse(line));
    } catch {
      // Torn by a crash, or the empty piece after the last line feed.
    }
  }
  return entries;
}
