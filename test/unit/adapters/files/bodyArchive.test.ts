import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createBodyArchive } from '../../../../src/adapters/files/bodyArchive.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

const ref = 'abcdefghijklmnopqrst';
const owner = { id: 'one', bundleSha256: 'hash' };

describe('BodyArchive', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder('bodies');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives back every byte, in private files', async () => {
    const archive = createBodyArchive(folder);
    const body = { entrypoint: 'a/index.ts', files: new Map([['a/index.ts', Uint8Array.from([0, 255, 10])], ['__proto__', new Uint8Array()]]) };
    await archive.put(ref, 'health', 3, body, owner);
    assert.deepEqual(await archive.get(ref, 'health', 3), body);
    assert.equal(await archive.get(ref, 'health', 4), undefined);
    assert.equal((await stat(path.join(folder, ref, 'health', '3.json'))).mode & 0o777, 0o600);
  });

  it('keeps the newest twenty of a function', async () => {
    const archive = createBodyArchive(folder);
    for (let version = 1; version <= 23; version++) {
      await archive.put(ref, 'health', version, { files: new Map() }, owner);
    }
    assert.deepEqual(await archive.versions(ref, 'health'), Array.from({ length: 20 }, (_, n) => 23 - n));
    assert.deepEqual(await archive.versions(ref, 'other'), []);
  });

  it('keeps what a function that was deployed anew begins with, though its versions begin with 1 again', async () => {
    const archive = createBodyArchive(folder);
    for (let version = 11; version <= 30; version++) {
      await archive.put(ref, 'health', version, { files: new Map() }, owner);
      await utimes(path.join(folder, ref, 'health', `${version}.json`), version, version);
    }
    await archive.put(ref, 'health', 1, { files: new Map() }, { id: 'anew' });
    assert.deepEqual(await archive.versions(ref, 'health'), [...Array.from({ length: 19 }, (_, n) => 30 - n), 1]);
  });

  it('removes what a window that died began to write, and nothing that is being written', async () => {
    const archive = createBodyArchive(folder);
    await archive.put(ref, 'health', 1, { files: new Map() }, owner);
    const [torn, young] = [randomUUID(), randomUUID()].map((id) => path.join(folder, ref, 'health', `2.json.${id}`)) as [string, string];
    await writeFile(torn, '{');
    await writeFile(young, '{');
    await utimes(torn, 1, 1);
    await archive.put(ref, 'health', 3, { files: new Map() }, owner);
    assert.deepEqual((await readdir(path.join(folder, ref, 'health'))).toSorted(), ['1.json', path.basename(young), '3.json']);
  });

  it('gives nobody the body of another function that had the name', async () => {
    const archive = createBodyArchive(folder);
    const body = { files: new Map([['index.ts', Uint8Array.from([1])]]) };
    await archive.put(ref, 'health', 1, body, owner);
    assert.deepEqual(await archive.get(ref, 'health', 1, owner), body);
    assert.deepEqual(await archive.get(ref, 'health', 1, { id: 'one' }), body);
    assert.equal(await archive.get(ref, 'health', 1, { id: 'two', bundleSha256: 'hash' }), undefined);
    assert.equal(await archive.get(ref, 'health', 1, { id: 'one', bundleSha256: 'other' }), undefined);
  });

  it('keeps few of those that are large, and the newest three whatever they weigh', async () => {
    const archive = createBodyArchive(folder);
    const large = { files: new Map([['index.ts', new Uint8Array(12 * 1024 * 1024)]]) };
    for (let version = 1; version <= 5; version++) {
      await archive.put(ref, 'health', version, large, owner);
    }
    assert.deepEqual(await archive.versions(ref, 'health'), [5, 4, 3]);
  });

  it('takes a torn file for none, and refuses names that lead elsewhere', async () => {
    const archive = createBodyArchive(folder);
    await archive.put(ref, 'health', 1, { files: new Map() }, owner);
    await writeFile(path.join(folder, ref, 'health', '1.json'), '{"files":{"a"');
    assert.equal(await archive.get(ref, 'health', 1), undefined);
    await assert.rejects(archive.put(ref, '../x', 1, { files: new Map() }, owner), (error) => isOpsError(error, 'badPath'));
    assert.deepEqual(await readdir(folder), [ref]);
  });
});
