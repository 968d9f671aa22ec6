import assert from 'node:assert/strict';
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { createRollingJournal } from '../../../../src/adapters/files/rollingJournal.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

describe('a journal in several files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await temporaryFolder('rolling'), 'history');
  });
  afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

  const open = (more = {}) => createRollingJournal({ folder, fileBytes: 200, files: 3, ...more });
  const numbers = (entries: readonly unknown[]): number[] => entries.map((entry) => (entry as { n: number }).n);

  it('keeps entries in order over its files, private ones', async () => {
    const journal = open({ files: 100 });
    assert.deepEqual(await journal.read(), []);
    for (let n = 1; n <= 40; n++) {
      await journal.append({ n });
    }
    assert.deepEqual(numbers(await open().read()), Array.from({ length: 40 }, (_, index) => index + 1));
    const files = await readdir(folder);
    assert.ok(files.length > 1);
    assert.deepEqual([...new Set(await Promise.all(files.map(async (file) => (await stat(path.join(folder, file))).mode & 0o777)))], [0o600]);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
  });

  it('is bounded: the oldest files go', async () => {
    const journal = open();
    for (let n = 1; n <= 200; n++) {
      await journal.append({ n });
    }
    assert.equal((await readdir(folder)).length, 3);
    const kept = numbers(await journal.read());
    assert.equal(kept.at(-1), 200);
    assert.deepEqual(kept, Array.from({ length: kept.length }, (_, index) => 200 - kept.length + 1 + index));
  });

  it('loses nothing when two windows append at once', async () => {
    const [one, other] = [open({ files: 100 }), open({ files: 100 })];
    await Promise.all(Array.from({ length: 200 }, async (_, n) => (n % 2 === 0 ? one : other).append({ n })));
    assert.deepEqual(numbers(await open().read()).sort((low, high) => low - high), Array.from({ length: 200 }, (_, n) => n));
  });

  it('is empty when it was cleared, and goes on', async () => {
    const journal = open();
    await Promise.all([1, 2, 3].map((n) => journal.append({ n })));
    await open().clear();
    assert.deepEqual(await journal.read(), []);
    await journal.append({ n: 4 });
    assert.deepEqual(numbers(await journal.read()), [4]);
  });
});
