import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createSnapshotArchive } from '../../../../src/adapters/files/snapshotArchive.ts';
import type { Snapshot } from '../../../../src/core/diagnostics/snapshot.ts';

const ref = 'abcdefghijklmnopqrst';

describe('kept snapshots', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'snapshots-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const snapshot = (takenAt: number, of = ref): Snapshot => ({ format: 1, takenAt, ref: of, project: 'acme', environment: 'production', address: 'Management API', findings: [] });

  it('come back as they were, newest first, each project’s own', async () => {
    const archive = createSnapshotArchive(folder);
    await archive.put(snapshot(5));
    await archive.put(snapshot(7));
    await archive.put(snapshot(6, 'self-[::1]:54321'));
    assert.deepEqual([await archive.times(ref), await archive.times('self-[::1]:54321'), await archive.times('local-x')], [[7, 5], [6], []]);
    assert.deepEqual(await archive.get(ref, 5), snapshot(5));
    assert.equal(await archive.get(ref, 6), undefined);
  });

  it('are nobody else’s to read', async () => {
    await createSnapshotArchive(path.join(folder, 'own')).put(snapshot(5));
    const mode = async (...parts: string[]) => ((await stat(path.join(folder, 'own', ...parts))).mode & 0o777).toString(8);
    assert.deepEqual([await mode(ref), await mode(ref, '5.json')], ['700', '600']);
  });

  it('stay within their folder, whatever a project is called', async () => {
    await createSnapshotArchive(path.join(folder, 'own')).put(snapshot(5, 'local-../../out'));
    assert.deepEqual(await readdir(folder), ['own']);
  });

  it('are forty at most, the oldest goes', async () => {
    const archive = createSnapshotArchive(folder);
    for (let takenAt = 1; takenAt <= 42; takenAt++) {
      await archive.put(snapshot(takenAt));
    }
    const times = await archive.times(ref);
    assert.deepEqual([times.length, times[0], times.at(-1)], [40, 42, 3]);
  });

  it('are none when a file is torn or of another kind', async () => {
    const archive = createSnapshotArchive(folder);
    await archive.put(snapshot(5));
    await writeFile(path.join(folder, ref, '6.json'), '{"format":1,"tak');
    await writeFile(path.join(folder, ref, '7.json'), '{"format":2}');
    assert.deepEqual([await archive.get(ref, 6), await archive.get(ref, 7)], [undefined, undefined]);
  });
});
