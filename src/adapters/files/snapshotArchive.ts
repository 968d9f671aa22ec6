import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { readSnapshot, type SnapshotArchive } from '../../core/diagnostics/snapshot.ts';
import { projectRefPattern } from '../../core/project/project.ts';
import { ifPresent, numberedFiles } from './present.ts';
import { inStorage } from './storageError.ts';
import { writeWhole } from './wholeFile.ts';

/** Of each project. */
const kept = 40;

/** `<folder>/<ref>/<epoch milliseconds>.json` (0600). Refs of local and self-hosted projects hold hosts and names: their digest stands for them. */
export function createSnapshotArchive(folder: string): SnapshotArchive {
  const folderOf = (ref: string) => path.join(folder, projectRefPattern.test(ref) ? ref : `own-${createHash('sha256').update(ref).digest('hex').slice(0, 32)}`);
  return {
    async put(snapshot) {
      const own = folderOf(snapshot.ref);
      await inStorage(own, async () => {
        await mkdir(own, { recursive: true, mode: 0o700 });
        await writeWhole(path.join(own, `${snapshot.takenAt}.json`), JSON.stringify(snapshot));
        const old = (await numberedFiles(own, '.json')).slice(kept);
        await Promise.all(old.map((takenAt) => rm(path.join(own, `${takenAt}.json`), { force: true })));
      });
    },
    async times(ref) {
      const own = folderOf(ref);
      return inStorage(own, () => numberedFiles(own, '.json'));
    },
    async get(ref, takenAt) {
      const file = path.join(folderOf(ref), `${takenAt}.json`);
      const text = await inStorage(file, () => ifPresent(readFile(file, 'utf8'), undefined));
      return text === undefined ? undefined : decode(text);
    },
  };
}

function decode(text: string): ReturnType<typeof readSnapshot> {
  try {
    return readSnapshot(JSON.parse(text));
  } catch {
    return undefined;
  }
}
