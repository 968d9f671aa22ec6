import assert from 'node:assert/strict';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { functionCommits } from '../../../../src/core/functions/commits.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';

const signal = new AbortController().signal;
const fn = (slug: string, file = 'index.ts') => `supabase/functions/${slug}/${file}`;
const lib = (file: string) => `supabase/functions/_shared/${file}`;
const config = 'supabase/config.toml';

async function subjects(git: FakeGitHistory, slug = 'a', limit = 50): Promise<string[]> {
  const commits = await functionCommits(slug, { git, toml: tomlReader, limit }, signal);
  return commits.map(({ commit, formerSlug }) => (formerSlug === undefined ? commit.subject : `${commit.subject} (${formerSlug})`));
}

describe('functionCommits', () => {
  it('are those that change what would be deployed, newest first', async () => {
    const git = new FakeGitHistory();
    git.add('docs only', { 'README.md': '1' });
    git.add('first', { [fn('a')]: 'import "../_shared/log.ts"', [lib('log.ts')]: '1', [lib('other.ts')]: '1' });
    git.add('its README', { [fn('a', 'README.md')]: 'x' });
    git.add('shared', { [lib('log.ts')]: '2' });
    git.add('other shared', { [lib('other.ts')]: '2' });
    git.add('another function', { [fn('b')]: '1', [config]: '[functions.b]\nverify_jwt = false' });
    git.add('its config', { [config]: '[functions.a]\nverify_jwt = false' });
    git.add('a comment in the config', { [config]: '# x\n[functions.a]\nverify_jwt = false' });
    git.add('its import map', { [fn('a', 'deno.json')]: '{}' });
    assert.deepEqual(await subjects(git), ['its import map', 'its config', 'shared', 'first']);
    assert.deepEqual(await subjects(git, 'a', 2), ['its import map', 'its config']);
    // The later one took its block out of the config.
    assert.deepEqual(await subjects(git, 'b'), ['its config', 'another function']);
    assert.deepEqual(await subjects(git, 'never'), []);
  });

  it('include changes of a file that was imported only earlier, wherever it lay', async () => {
    const git = new FakeGitHistory();
    git.add('first', { [fn('a')]: 'import "../../../lib/old.ts"', 'lib/old.ts': 'import "./deep.ts"', 'lib/deep.ts': '1' });
    git.add('deep change', { 'lib/deep.ts': '2' });
    git.add('no longer', { [fn('a')]: '' });
    git.add('nobody cares', { 'lib/deep.ts': '3' });
    assert.deepEqual(await subjects(git), ['no longer', 'deep change', 'first']);
  });

  it('leave out commits at which it cannot be deployed, and say when it came back', async () => {
    const git = new FakeGitHistory();
    git.add('first', { [fn('a')]: '1' });
    git.add('broken config', { [config]: '[functions.a' });
    git.add('mended config', { [config]: '' });
    git.add('removed', { [fn('a')]: null });
    git.add('back', { [fn('a')]: '1' });
    git.add('without entrypoint', { [fn('a')]: null, [fn('a', 'main.ts')]: '' });
    assert.deepEqual(await subjects(git), ['back', 'mended config', 'first']);
  });

  it('follow a folder that was renamed, twice, and one whose entrypoint changed a little on the way', async () => {
    const git = new FakeGitHistory();
    const body = (version: number) => `import "../_shared/log.ts";\nconst a = 1;\nconst b = 2;\nconsole.log(${version});`;
    git.add('as first-name', { [fn('first-name')]: body(1), [lib('log.ts')]: '1', [config]: '[functions.first-name]\nverify_jwt = false' });
    git.add('shared', { [lib('log.ts')]: '2' });
    git.add('renamed', { [fn('first-name')]: null, [fn('second')]: body(1) });
    git.add('changed', { [fn('second')]: body(2) });
    git.add('renamed and changed', { [fn('second')]: null, [fn('a')]: body(3), [fn('unrelated')]: 'x' });
    git.add('a new one under the first name', { [fn('first-name')]: 'something else' });
    assert.deepEqual(await subjects(git), ['renamed and changed', 'changed (second)', 'renamed (second)', 'shared (first-name)', 'as first-name (first-name)']);
    assert.deepEqual(await subjects(git, 'unrelated'), ['renamed and changed']);
    assert.deepEqual(await subjects(git, 'first-name'), ['a new one under the first name', 'shared', 'as first-name']);
  });

  it('ask git a few times for many commits', async () => {
    const git = new FakeGitHistory('apps/api');
    for (let index = 0; index < 60; index++) {
      git.add(`c${index}`, { [`apps/api/${fn('a')}`]: 'import "../_shared/log.ts"', [`apps/api/${lib('log.ts')}`]: String(index) });
    }
    assert.equal((await subjects(git)).length, 50);
    assert.ok(git.calls.length < 12, git.calls.join(' '));
  });
});
