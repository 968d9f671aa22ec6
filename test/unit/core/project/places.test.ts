import assert from 'node:assert/strict';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { findLinkedProject, findPlaceFolders } from '../../../../src/core/project/places.ts';

const ref = 'abcdefghijklmnopqrst';
const linked = (files: Readonly<Record<string, string>>) => findLinkedProject(async (path) => files[path], tomlReader);

describe('places', () => {
  it('are the folders with supabase/ in them: none, one, many', () => {
    assert.deepEqual(findPlaceFolders([]), []);
    assert.deepEqual(findPlaceFolders(['src/a.ts', 'supabase.ts', 'notsupabase/config.toml', 'supabase/README.md']), []);
    assert.deepEqual(findPlaceFolders(['supabase/config.toml', 'supabase/functions/a/index.ts']), ['']);
    assert.deepEqual(
      findPlaceFolders(['apps/b/supabase/migrations/1_x.sql', 'apps/a/supabase/.temp/project-ref', 'supabase/functions/a/index.ts', 'x/node_modules/y/supabase/config.toml']),
      ['', 'apps/a', 'apps/b'],
    );
  });

  it('say which project they belong to by the CLI’s link, else by a project_id that is a ref', async () => {
    const config = `project_id = "${ref.replace('a', 'z')}"`;
    assert.deepEqual(await linked({ 'supabase/.temp/project-ref': `${ref}\n`, 'supabase/config.toml': config }), { ref, from: 'supabase/.temp/project-ref' });
    assert.deepEqual(await linked({ 'supabase/config.toml': config }), { ref: ref.replace('a', 'z'), from: 'config.toml' });
    assert.deepEqual(await linked({ 'supabase/.temp/project-ref': 'evil.example/x', 'supabase/config.toml': config }), { ref: ref.replace('a', 'z'), from: 'config.toml' });
    for (const files of [{}, { 'supabase/config.toml': 'project_id = "acme"' }, { 'supabase/config.toml': '[broken' }, { 'supabase/.temp/project-ref': '' }]) {
      assert.equal(await linked(files), undefined);
    }
  });
});
