import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createPlaceFiles } from '../../../../src/adapters/files/placeFiles.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

const signal = new AbortController().signal;

describe('PlaceFiles', () => {
  let home: string;
  let folder: string;
  const write = async (file: string, text = file) => {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  };
  const read = async (file: string) => {
    const content = await createPlaceFiles(folder).read(file, signal);
    return content && new TextDecoder().decode(content);
  };

  beforeEach(async () => {
    home = await temporaryFolder('place');
    folder = path.join(home, 'place');
    await mkdir(folder);
    await writeFile(path.join(home, 'outside.ts'), 'outside');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('reads files; what is not there, or no file, is undefined', async () => {
    await write('supabase/a.ts', 'ä');
    assert.equal(await read('supabase/a.ts'), 'ä');
    for (const absent of ['supabase/b.ts', 'supabase', 'supabase/a.ts/x']) {
      assert.equal(await read(absent), undefined, absent);
    }
  });

  it('reads nothing outside, by path or by link', async () => {
    await symlink('../outside.ts', path.join(folder, 'link.ts'));
    await symlink('..', path.join(folder, 'up'));
    for (const bad of ['../outside.ts', '/etc/hostname', 'link.ts', 'up/outside.ts', '', 'a\0b']) {
      await assert.rejects(read(bad), (error) => isOpsError(error, 'badPath'), bad);
    }
  });

  it('lists what lies below a folder, links inside included, without dependencies, git, loops and what leads out', async () => {
    await write('a/one.ts');
    await write('a/deep/two.ts');
    await write('a/node_modules/x.ts');
    await write('a/.git/config');
    await write('b/three.ts');
    await symlink('../b', path.join(folder, 'a', 'linked'));
    await symlink('..', path.join(folder, 'a', 'loop'));
    await symlink('../../outside.ts', path.join(folder, 'a', 'out.ts'));
    await symlink('gone', path.join(folder, 'a', 'broken'));
    const files = createPlaceFiles(folder);
    const listed = await files.list('a', signal);
    assert.deepEqual(
      listed.filter((file) => !file.startsWith('a/loop')),
      ['a/deep/two.ts', 'a/linked/three.ts', 'a/one.ts'],
    );
    assert.ok(listed.length < 20);
    assert.deepEqual(await files.list('none', signal), []);
    assert.ok((await files.list('', signal)).includes('b/three.ts'));
  });

  it('stops when asked', async () => {
    await write('a.ts');
    await assert.rejects(createPlaceFiles(folder).read('a.ts', AbortSignal.abort()), (error) => isOpsError(error, 'cancelled'));
    await assert.rejects(createPlaceFiles(folder).list('', AbortSignal.abort()), (error) => isOpsError(error, 'cancelled'));
  });
});
