import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import { readTogether } from '../../../../src/core/functions/readTogether.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';

const signal = new AbortController().signal;

describe('readTogether', () => {
  it('asks git once for what is asked at the same moment, and gives everybody what they asked for', async () => {
    const git = new FakeGitHistory();
    const [a, b] = [git.add('a', { 'lib/a.ts': '1' }), git.add('b', { 'lib/a.ts': '2' })];
    const objects = readTogether(git);
    const read = async (commit: string) => {
      const [entry] = await objects.tree(commit, ['lib/a.ts'], signal);
      const contents = await objects.blobs([entry?.oid ?? ''], signal);
      return new TextDecoder().decode(contents.get(entry?.oid ?? ''));
    };
    assert.deepEqual(await Promise.all([read(a), read(b), read(a)]), ['1', '2', '1']);
    assert.deepEqual(git.calls, ['trees', 'blobs']);
    assert.equal(await read(a), '1');
    assert.equal(git.calls.length, 4);
  });

  it('takes an empty list of paths for everything', async () => {
    const git = new FakeGitHistory();
    const commit = git.add('a', { 'x.ts': '1', 'lib/a.ts': '2' });
    assert.equal((await readTogether(git).tree(commit, [], signal)).length, 2);
  });

  it('tells everybody why it could not be read', async () => {
    const git = new FakeGitHistory();
    git.blobs = async () => Promise.reject(new OpsError('gitFailed', { command: 'cat-file', message: 'no' }));
    const objects = readTogether(git);
    const results = await Promise.allSettled(['1', '2'].map(async (oid) => objects.blobs([oid], signal)));
    assert.deepEqual(results.map(({ status }) => status), ['rejected', 'rejected']);
  });
});
