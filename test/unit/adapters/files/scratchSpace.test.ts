import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createScratchSpace } from '../../../../src/adapters/files/scratchSpace.ts';
import { isOpsError } from '../../../../src/core/errors.ts';

describe('scratch files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-scratch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are files of the user alone, in a folder of the user alone, and give back what was written', async () => {
    const space = createScratchSpace(path.join(folder, 'results'));
    const file = await space.create();
    assert.deepEqual([await file.append(new TextEncoder().encode('one')), await file.append(new TextEncoder().encode('twos'))], [0, 3]);
    assert.equal(new TextDecoder().decode(await file.read(2, 4)), 'etwo');
    const [own] = await readdir(path.join(folder, 'results'));
    const inside = path.join(folder, 'results', own ?? '');
    const mode = async (name: string): Promise<string> => ((await stat(name)).mode & 0o777).toString(8);
    if (process.platform !== 'win32') {
      assert.deepEqual([await mode(path.join(folder, 'results')), await mode(inside), await mode(path.join(inside, '1.rows'))], ['700', '700', '600']);
    }
    await file.close();
    assert.deepEqual(await readdir(inside), ['owner.json']);
    await assert.rejects(file.read(0, 1), (error) => isOpsError(error, 'cancelled'));
    await space.dispose();
    assert.deepEqual(await readdir(path.join(folder, 'results')), []);
  });

  it('of windows that died are removed, those of living ones stay', async () => {
    const dead = path.join(folder, 'scratch-dead');
    await mkdir(dead);
    await writeFile(path.join(dead, 'owner.json'), JSON.stringify({ pid: 2 ** 22 + 5, host: (await import('node:os')).hostname() }));
    const living = createScratchSpace(folder);
    await living.create();
    const other = createScratchSpace(folder);
    await other.create();
    const names = await readdir(folder);
    assert.equal(names.length, 2, names.join());
    assert.ok(!names.includes('scratch-dead'));
    await living.dispose();
    await other.dispose();
  });

  it('say that the disk refused', async () => {
    await writeFile(path.join(folder, 'file'), '');
    await assert.rejects(createScratchSpace(path.join(folder, 'file', 'below')).create(), (error) => isOpsError(error, 'storageFailed') && error.facts.reason === 'ENOTDIR');
  });
});
