import assert from 'node:assert/strict';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLocks } from '../../../../src/adapters/files/locks.ts';
import { thisProcess } from '../../../../src/adapters/files/owner.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

describe('Locks', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await temporaryFolder('locks'), 'locks');
  });
  afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

  it('are held by one, by name, until they are released', async () => {
    const [one, two] = [createLocks(folder), createLocks(folder)];
    const release = await one.tryAcquire('ref/health');
    assert.ok(release);
    assert.equal(await two.tryAcquire('ref/health'), undefined);
    assert.ok(await two.tryAcquire('ref/other'));
    await release();
    assert.ok(await two.tryAcquire('ref/health'));
  });

  it('of a dead owner are taken over by exactly one', async () => {
    await mkdir(folder, { recursive: true });
    const own = thisProcess();
    await writeFile(path.join(folder, 'a.lock'), JSON.stringify({ ...own, started: `${own.started} earlier` }));
    const taken = await Promise.all(Array.from({ length: 20 }, () => createLocks(folder).tryAcquire('a')));
    assert.equal(taken.filter((release) => release !== undefined).length, 1);
    assert.deepEqual(await readdir(folder), ['a.lock']);
  });

  it('without an owner are left alone while they are young', async () => {
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'a.lock'), '');
    assert.equal(await createLocks(folder).tryAcquire('a'), undefined);
    await utimes(path.join(folder, 'a.lock'), 1, 1);
    assert.ok(await createLocks(folder).tryAcquire('a'));
  });

  it('are not lost to a window that died while it took one over', async () => {
    const turn = path.join(folder, 'a.lock.turn');
    await mkdir(turn, { recursive: true });
    const own = thisProcess();
    await writeFile(path.join(folder, 'a.lock'), JSON.stringify({ ...own, started: `${own.started} earlier` }));
    assert.equal(await createLocks(folder).tryAcquire('a'), undefined);
    await utimes(turn, 1, 1);
    assert.equal(await createLocks(folder).tryAcquire('a'), undefined, 'the turn is cleared');
    assert.ok(await createLocks(folder).tryAcquire('a'));
    assert.deepEqual(await readdir(folder), ['a.lock']);
  });

  it('say when the disk refuses', async () => {
    await writeFile(folder, '');
    await assert.rejects(createLocks(folder).tryAcquire('a'), (error) => isOpsError(error, 'storageFailed'));
  });
});
