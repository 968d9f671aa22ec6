import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { findGit } from '../../../../src/adapters/git/findGit.ts';
import { createGitHistory } from '../../../../src/adapters/git/gitHistory.ts';
import { ChangeGraph } from '../../../../src/core/functions/changeGraph.ts';
import { functionCommits } from '../../../../src/core/functions/commits.ts';
import { CommitTree } from '../../../../src/core/functions/sourceTree.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { GitHistory, TagWriter, TreeEntry } from '../../../../src/core/ports.ts';
import { makeRepository, temporaryFolder, TestRepository } from '../../../fixtures/repository.ts';

const signal = new AbortController().signal;
const searchPath = process.env['PATH'] ?? '';

async function history(folder: string, home = path.dirname(folder)): Promise<GitHistory & TagWriter> {
  const program = await findGit({ searchPath, forbiddenFolders: [folder] });
  return createGitHistory({ program, folder, forbiddenFolders: [folder], environment: { PATH: searchPath, HOME: home }, isTrusted: () => true }, signal);
}

function throwsCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isOpsError(error, code) || assert.fail(`expected ${code}, got ${String(error)}`);
}

const text = (content: Uint8Array | undefined) => content && new TextDecoder().decode(content);
const paths = (entries: readonly TreeEntry[] | undefined) => entries?.map((entry) => entry.path).toSorted();

describe('GitHistory', () => {
  it('reads commits, trees and contents', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'supabase/functions/a/index.ts': 'one', 'other.txt': 'x' });
    const second = await repository.commit('Second, with "quotes"', { 'supabase/functions/a/index.ts': 'two' });
    await repository.commit('Elsewhere', { 'other.txt': 'y' });
    repository.git('tag', 'v1', first);
    const git = await history(repository.folder);

    assert.equal(git.prefix, '');
    assert.equal((await git.head(signal))?.subject, 'Elsewhere');
    const commits = await git.commitsTouching(['supabase/functions/a'], 10, signal);
    assert.deepEqual(
      commits.map(({ hash, subject, refs }) => ({ hash, subject, refs })),
      [
        { hash: second, subject: 'Second, with "quotes"', refs: [] },
        { hash: first, subject: 'First', refs: ['v1'] },
      ],
    );
    assert.deepEqual(commits[0]?.author, 'Ada');
    assert.equal((await git.commitsTouching(['supabase/functions/a'], 1, signal)).length, 1);
    const [entry] = await git.tree(first, ['supabase/functions/a'], signal);
    assert.equal(entry?.path, 'supabase/functions/a/index.ts');
    assert.equal(text((await git.blobs([entry.oid, entry.oid], signal)).get(entry.oid)), 'one');
    assert.deepEqual(await git.tree(first, ['supabase/functions/b'], signal), []);
    assert.equal((await git.commit('v1', signal)).hash, first);
    assert.equal((await git.commit(second.slice(0, 10), signal)).hash, second);
  });

  it('finds what was committed since a time, and what names point at', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1' });
    const second = await repository.commit('Second', { 'a.ts': '2' });
    const third = await repository.commit('Third', { 'b.ts': '3' });
    repository.git('tag', 'v1', first);
    repository.git('branch', 'topic', second);
    const git = await history(repository.folder);
    const named = await git.namedCommits(10, signal);
    assert.deepEqual(named.map(({ hash, refs }) => [hash, refs]), [[third, ['main']], [second, ['topic']], [first, ['v1']]]);
    const [{ time } = { time: 0 }] = await git.commitsTouching(['a.ts'], 1, signal);
    assert.deepEqual((await git.commitsSince(['a.ts'], time - 1000, 10, signal)).map(({ hash }) => hash), [second]);
    assert.deepEqual((await git.commitsSince(['a.ts', 'b.ts'], 0, 10, signal)).map(({ hash }) => hash), [third, second, first]);
    await using empty = await makeRepository();
    const none = await history(empty.folder);
    assert.deepEqual([await none.commitsSince(['a.ts'], 0, 10, signal), await none.namedCommits(10, signal)], [[], []]);
  });

  it('tags a commit without running what the repository would have run for it', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1' });
    const ran = path.join(path.dirname(repository.folder), 'ran');
    await repository.write({ '.git/hooks/reference-transaction': `#!/bin/sh\necho ran > ${ran}\n`, '.git/sign': `#!/bin/sh\necho ran > ${ran}\nexit 1\n` });
    await Promise.all(['hooks/reference-transaction', 'sign'].map((file) => chmod(path.join(repository.folder, '.git', file), 0o755)));
    repository.git('config', 'tag.gpgSign', 'true');
    repository.git('config', 'gpg.program', path.join(repository.folder, '.git/sign'));
    const git = await history(repository.folder);
    await git.tag('deploy/health-v3', first, signal);
    assert.equal((await git.commit('deploy/health-v3', signal)).hash, first);
    assert.ok(!existsSync(ran));
    await assert.rejects(git.tag('deploy/health-v3', first, signal), throwsCode('gitFailed'));
    for (const name of ['-d', '--force', 'a..b', 'a b', 'x.lock', 'a/', 'a~1', '@{u}', '', 'a\nb']) {
      await assert.rejects(git.tag(name, first, signal), throwsCode('badPath'));
    }
  });

  it('finds commits that only other branches lead to', async () => {
    await using repository = await makeRepository();
    await repository.commit('Base', { 'a.ts': '1' });
    repository.git('checkout', '-q', '-b', 'topic');
    await repository.commit('On the topic', { 'a.ts': '2' });
    repository.git('checkout', '-q', 'main');
    const git = await history(repository.folder);
    assert.deepEqual((await git.commitsTouching(['a.ts'], 10, signal)).map((commit) => commit.subject), ['Base']);
    const head = repository.git('rev-parse', 'HEAD').trim();
    const elsewhere = await git.changesElsewhere(head, ['a.ts'], 10, signal);
    assert.deepEqual(elsewhere.map(({ hash, parents }) => [hash, parents]), [[repository.git('rev-parse', 'topic').trim(), [head]]]);
    const [[, topic] = []] = await git.commits(elsewhere.map(({ hash }) => hash), signal);
    assert.deepEqual([topic?.subject, topic?.refs], ['On the topic', ['topic']]);
  });

  it('tells what each commit changed, through merges, links and renames, and leads on to the nearest that changed something', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'f/a': '1', 'f/b': '1', 'g': '1' });
    await repository.commit('Beside', { g: '2' });
    repository.git('checkout', '-q', '-b', 'topic');
    const topic = await repository.commit('Topic', { 'f/a': '2' });
    repository.git('checkout', '-q', 'main');
    const main = await repository.commit('Main', { 'f/b': '2' });
    repository.git('merge', '-q', '-m', 'Merge', 'topic');
    const merge = repository.git('rev-parse', 'HEAD').trim();
    await repository.commit('Beside again', { g: '3' });
    repository.git('mv', 'f/b', 'f/c');
    await repository.link('f/link', 'a');
    const moved = await repository.commit('Moved');
    for (const [key, value] of [['diff.renames', 'copies'], ['log.diffMerges', 'off'], ['log.showRoot', 'false'], ['diff.noprefix', 'true'], ['core.quotePath', 'true']] as const) {
      repository.git('config', key, value);
    }
    const git = await history(repository.folder);
    const changes = await git.changesUpTo(moved, ['f'], 10, signal);
    const words = changes.map((commit) => [
      { [first]: 'first', [topic]: 'topic', [main]: 'main', [merge]: 'merge', [moved]: 'moved' }[commit.hash],
      ...commit.changes.map(({ path: file, before, after }) => `${before ? '' : '+'}${after ? '' : '-'}${file}${after?.mode === '120000' ? '@' : ''}`),
    ]);
    assert.deepEqual(words, [['moved', '-f/b', '+f/c', '+f/link@'], ['merge', 'f/a'], ['main', 'f/b'], ['topic', 'f/a'], ['first', '+f/a', '+f/b']]);
    assert.deepEqual(changes.map(({ parents }) => parents), [[merge], [main, topic], [first], [first], []]);
    const [entry] = await git.tree(main, ['f/b'], signal);
    assert.deepEqual(changes[2]?.changes[0]?.after, { mode: '100644', oid: entry?.oid });
    assert.deepEqual((await git.changesUpTo(merge, ['f'], 2, signal)).map(({ hash }) => hash), [merge, main]);
    assert.deepEqual((await git.changesUpTo(moved, ['none'], 10, signal)).flatMap((commit) => commit.changes), []);
    assert.deepEqual([...(await git.commits([first, '1'.repeat(40), merge], signal)).values()].map(({ subject }) => subject), ['First', 'Merge']);
    assert.equal((await git.commits([], signal)).size, 0);
    await assert.rejects(git.changesUpTo('1'.repeat(40), ['f'], 10, signal), throwsCode('commitNotFound'));
  });

  for (const isOld of [false, true]) {
    it(`tells of any history what each commit holds${isOld ? ', by a git that cannot hold merges against their first parents' : ''}`, async () => {
      await using repository = await makeRepository();
      let seed = 7;
      const random = (limit: number) => (seed = (seed * 48_271) % 2_147_483_647) % limit;
      await repository.commit('Before', { 'README': 'x' });
      // The files come with a branch: the line that it is merged into never had any.
      repository.git('checkout', '-q', '-b', 'b0');
      await repository.commit('Files', Object.fromEntries([0, 1, 2, 3, 4, 5].map((file) => [`f/${file}`, 'x\n'.repeat(9)])));
      repository.git('checkout', '-q', 'main');
      await repository.commit('Beside', { 'README': 'y' });
      repository.git('merge', '-q', '--no-ff', '-m', 'Merge', 'b0');
      for (let step = 0; step < 40; step++) {
        const branch = `b${random(3)}`;
        const [kind, file] = [random(10), `f/${random(6)}`];
        if (kind < 2) {
          repository.git('checkout', '-q', ...(repository.git('branch', '--list', branch) === '' ? ['-b'] : []), branch);
        } else if (kind < 4) {
          try {
            repository.git('merge', '-q', '-X', 'ours', '-m', `Merge ${step}`, branch);
          } catch {
            repository.git('reset', '-q', '--hard');
          }
        } else if (kind < 5) {
          repository.git('rm', '-q', '--ignore-unmatch', file);
          await repository.commit(`Removal ${step}`);
        } else {
          await repository.commit(`Change ${step}`, kind < 6 ? { README: `${step}` } : { [file]: `${'x\n'.repeat(random(9))}${step}\n${'x\n'.repeat(9)}` });
        }
      }
      repository.git('checkout', '-q', '-b', 'here');
      repository.git('checkout', '-q', '-b', 'side');
      await repository.commit('On the side', { 'f/0': 'side' });
      repository.git('checkout', '-q', 'here');
      const home = path.dirname(repository.folder);
      const program = path.join(home, 'old-git');
      await writeFile(program, `#!/bin/sh\ncase "$*" in *--diff-merges*) echo "fatal: unrecognized argument: --diff-merges=first-parent" >&2; exit 128;; esac\nexec ${await findGit({ searchPath, forbiddenFolders: [] })} "$@"\n`);
      await chmod(program, 0o755);
      const git = isOld ? await createGitHistory({ program, folder: repository.folder, forbiddenFolders: [], environment: { PATH: searchPath, HOME: home }, isTrusted: () => true }, signal) : await history(repository.folder);
      const head = repository.git('rev-parse', 'HEAD').trim();
      for (const limit of [1000, 12]) {
        const here = await git.changesUpTo(head, ['f'], limit, signal);
        const elsewhere = await git.changesElsewhere(head, ['f'], limit, signal);
        assert.ok(here.length > 10 && elsewhere.length > 0);
        for (const commits of [here, elsewhere]) {
          const graph = await ChangeGraph.read(commits, async (hashes) => git.trees(hashes, ['f'], signal));
          const files = graph.filesOf([...commits.keys()]);
          const words = (entries: readonly TreeEntry[] | undefined) => entries?.map((entry) => `${entry.path} ${entry.mode} ${entry.oid}`).sort();
          const trees = await git.trees(commits.map(({ hash }) => hash), ['f'], signal);
          for (const [number, { hash }] of commits.entries()) {
            assert.deepEqual(words(files.get(number)), words(trees.get(hash)), hash);
          }
        }
        const graph = await ChangeGraph.read(here, async (hashes) => git.trees(hashes, ['f'], signal));
        for (const file of ['f/0', 'f/1', 'f/2', 'f/3', 'f/4', 'f/5']) {
          const touching = graph.follow({ files: new Map(), owns: (one) => one === file }).touching.map((number) => here[number]?.hash ?? '');
          const expected = repository.git('log', '--full-history', '--format=%H', 'HEAD', '--', file).trim().split('\n');
          assert.deepEqual(touching, expected.filter((hash) => here.some((commit) => commit.hash === hash)), file);
        }
      }
    });
  }

  it('gives the same trees for many commits as one by one', async () => {
    await using repository = await makeRepository();
    const commits: string[] = [];
    for (let index = 0; index < 6; index++) {
      commits.push(
        await repository.commit(`c${index}`, {
          'supabase/functions/a/index.ts': `a${index >> 1}`,
          [`supabase/functions/_shared/deep/er/${index}.ts`]: `s${index}`,
          'supabase/config.toml': `# ${index % 3}`,
          'top.txt': 'same',
        }),
      );
    }
    await repository.link('supabase/functions/a/link.ts', '../_shared/deep/er/0.ts');
    commits.push(await repository.commit('link'));
    const git = await history(repository.folder);
    const wanted = ['supabase/functions', 'supabase/config.toml', 'supabase/functions/_shared/deep', 'top.txt', 'none'];
    const together = await git.trees(commits, wanted, signal);
    for (const commit of commits) {
      const key = ({ path: file, mode, oid }: TreeEntry) => `${file} ${mode} ${oid}`;
      const expected = await git.tree(commit, wanted, signal);
      assert.deepEqual([...new Set(together.get(commit)?.map(key))].toSorted(), expected.map(key).toSorted());
    }
    assert.ok(together.get(commits.at(-1) ?? '')?.some((entry) => entry.mode === '120000'));
  });

  it('knows where the place lies in a parent folder’s repository, a worktree and a submodule', async () => {
    await using repository = await makeRepository();
    const hash = await repository.commit('First', { 'apps/api/supabase/functions/a/index.ts': 'one' });
    const below = await history(path.join(repository.folder, 'apps/api'), path.dirname(repository.folder));
    assert.equal(below.prefix, 'apps/api');
    const functions = ['apps/api/supabase/functions'];
    assert.equal((await below.commitsTouching(functions, 5, signal)).length, 1);
    assert.deepEqual([paths(await below.tree(hash, functions, signal)), paths((await below.trees([hash], functions, signal)).get(hash))], [[`${functions[0]}/a/index.ts`], [`${functions[0]}/a/index.ts`]]);

    const worktree = path.join(path.dirname(repository.folder), 'tree');
    repository.git('worktree', 'add', '-q', '--detach', worktree, hash);
    const inWorktree = await history(path.join(worktree, 'apps/api'), path.dirname(repository.folder));
    assert.equal(inWorktree.prefix, 'apps/api');
    assert.equal((await inWorktree.head(signal))?.hash, hash);

    await using outer = await makeRepository('outer');
    outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', repository.folder, 'vendor/sub');
    const outerHash = await outer.commit('With a submodule');
    const [submodule] = await (await history(outer.folder)).tree(outerHash, ['vendor'], signal);
    assert.deepEqual([submodule?.path, submodule?.mode, submodule?.oid], ['vendor/sub', '160000', hash]);
    const inside = await history(path.join(outer.folder, 'vendor/sub'), path.dirname(outer.folder));
    assert.deepEqual([inside.prefix, (await inside.head(signal))?.hash], ['', hash]);
  });

  it('reads a shallow clone, a detached HEAD and a repository without commits', async () => {
    await using repository = await makeRepository();
    assert.equal(await (await history(repository.folder)).head(signal), undefined);
    assert.deepEqual(await (await history(repository.folder)).commitsTouching(['a'], 5, signal), []);
    const first = await repository.commit('First', { a: '1' });
    const second = await repository.commit('Second', { a: '2' });
    const clone = new TestRepository(path.join(path.dirname(repository.folder), 'clone'));
    repository.git('clone', '-q', '--depth=1', `file://${repository.folder}`, clone.folder);
    const shallow = await history(clone.folder);
    assert.deepEqual((await shallow.commitsTouching(['a'], 5, signal)).map((commit) => commit.hash), [second]);
    assert.deepEqual((await shallow.changesUpTo(second, ['a'], 5, signal)).map(({ hash, parents, changes }) => [hash, parents, changes.map(({ before }) => before)]), [[second, [], [undefined]]]);
    await assert.rejects(shallow.tree(first, ['a'], signal), throwsCode('commitNotFound'));
    assert.deepEqual((await shallow.trees([first], ['a'], signal)).get(first), []);

    repository.git('checkout', '-q', '--detach', first);
    assert.deepEqual((await (await history(repository.folder)).head(signal))?.hash, first);
  });

  it('handles names with spaces, quotes, tabs and leading dashes', async () => {
    await using repository = await makeRepository();
    const names = ['-rf', 'with space', 'tab\there', 'q"uote', 'gr*b', 'ünï', ':(top)x'];
    const hash = await repository.commit('Odd', Object.fromEntries(names.map((name) => [name, name])));
    const git = await history(repository.folder);
    for (const name of names) {
      assert.deepEqual(paths(await git.tree(hash, [name], signal)), [name]);
      assert.deepEqual(paths((await git.trees([hash], [name], signal)).get(hash)), [name]);
      assert.equal((await git.commitsTouching([name], 5, signal)).length, 1, name);
      assert.equal((await git.changesUpTo(hash, [name], 5, signal))[0]?.changes[0]?.path, name);
    }
  });

  it('reads of a partial clone what it holds, and fetches nothing', async () => {
    await using repository = await makeRepository();
    const index = 'supabase/functions/a/index.ts';
    const first = await repository.commit('First', { [index]: 'export const first = 1;' });
    await repository.commit('Second', { [index]: 'export const second = 2;' });
    repository.git('config', 'uploadpack.allowFilter', 'true');
    const clone = new TestRepository(path.join(path.dirname(repository.folder), 'partial'));
    repository.git('clone', '-q', '--filter=blob:none', `file://${repository.folder}`, clone.folder);
    const git = await history(clone.folder);
    const head = await git.head(signal);
    const ids = (await Promise.all([first, head?.hash ?? ''].map(async (commit) => git.tree(commit, ['supabase'], signal)))).flat().map(({ oid }) => oid);
    assert.deepEqual([...(await git.blobs(ids, signal)).values()].map(text), ['export const second = 2;']);
    let leftOut = 0;
    const commits = await functionCommits('a', { git, toml: tomlReader, leftOut: (count) => (leftOut = count) }, signal);
    assert.deepEqual([commits.map(({ commit }) => commit.subject), leftOut], [['Second'], 1]);
    await assert.rejects(new CommitTree(git, first).read([index], signal), throwsCode('commitNotWhole'));
    assert.equal(clone.git('rev-list', '--objects', '--all', '--missing=print').split('\n').filter((line) => line.startsWith('?')).length, 1);
  });

  it('refuses what is no hash, no name and no path before git sees it', async () => {
    await using repository = await makeRepository();
    const hash = await repository.commit('First', { a: '1' });
    const git = await history(repository.folder);
    for (const bad of ['--output=/tmp/x', 'HEAD', `${hash}x`, `${hash}:a`, '']) {
      await assert.rejects(git.tree(bad, ['a'], signal), throwsCode('commitNotFound'));
    }
    for (const bad of ['--all', '-1', 'a..b', 'HEAD^', 'x y', 'main@{1}', ':/First', 'gone']) {
      await assert.rejects(git.commit(bad, signal), throwsCode('commitNotFound'));
    }
    for (const bad of ['../x', '/etc/passwd', 'a\nb', 'a\0b', '']) {
      await assert.rejects(git.commitsTouching([bad], 1, signal), throwsCode('badPath'));
    }
    await assert.rejects(git.tree('0'.repeat(40), ['a'], signal), throwsCode('commitNotFound'));
  });

  it('says what is missing: git, the repository, trust; and stops when asked', async () => {
    await using repository = await makeRepository();
    await repository.commit('First', { a: '1' });
    const folder = await temporaryFolder('plain');
    await assert.rejects(history(folder), throwsCode('notARepository'));
    await rm(folder, { recursive: true });
    await assert.rejects(findGit({ searchPath: '', forbiddenFolders: [] }), throwsCode('gitMissing'));
    await assert.rejects(findGit({ setting: '/nowhere/git', searchPath, forbiddenFolders: [] }), throwsCode('gitMissing'));

    let trusted = true;
    const program = await findGit({ searchPath, forbiddenFolders: [] });
    const needs = { program, folder: repository.folder, forbiddenFolders: [], environment: { PATH: searchPath }, isTrusted: () => trusted };
    const git = await createGitHistory(needs, signal);
    trusted = false;
    await assert.rejects(git.head(signal), throwsCode('untrusted'));
    await assert.rejects(createGitHistory(needs, signal), throwsCode('untrusted'));
    trusted = true;
    await assert.rejects(git.head(AbortSignal.abort()), throwsCode('cancelled'));
    await assert.rejects(createGitHistory({ ...needs, program: '/nowhere/git' }, signal), throwsCode('gitMissing'));
  });

  it('gives git’s own words when git refuses the folder, and reads it once the user’s settings allow it', async () => {
    await using repository = await makeRepository();
    await repository.commit('First', { a: '1' });
    const home = path.dirname(repository.folder);
    // git's own switch for this test: it takes every folder for somebody else's.
    const program = path.join(home, 'suspicious-git');
    const real = await findGit({ searchPath, forbiddenFolders: [] });
    await writeFile(program, `#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec ${real} "$@"\n`);
    await chmod(program, 0o755);
    const open = () => createGitHistory({ program, folder: repository.folder, forbiddenFolders: [], environment: { PATH: searchPath, HOME: home }, isTrusted: () => true }, signal);
    await assert.rejects(open(), (error) => isOpsError(error, 'gitFailed') && /dubious ownership/.test(error.facts.message));
    await writeFile(path.join(home, '.gitconfig'), `[safe]\n\tdirectory = ${repository.folder}\n`);
    assert.equal((await (await open()).head(signal))?.subject, 'First');
  });
});

describe('findGit', () => {
  it('passes over a git in the workspace, behind a link into it, and in relative entries of PATH', async () => {
    const folder = await temporaryFolder('find');
    const workspace = path.join(folder, 'work');
    const outside = path.join(folder, 'bin');
    await mkdir(path.join(workspace, 'bin'), { recursive: true });
    await mkdir(outside);
    await writeFile(path.join(workspace, 'bin', 'git'), '#!/bin/sh\n');
    await chmod(path.join(workspace, 'bin', 'git'), 0o755);
    await symlink(path.join(workspace, 'bin', 'git'), path.join(outside, 'git'));
    await symlink(workspace, path.join(folder, 'alias'));
    const real = await findGit({ searchPath, forbiddenFolders: [] });
    const hostile = [path.join(workspace, 'bin'), outside, path.join(folder, 'alias', 'bin'), '.', '', 'bin'].join(path.delimiter);
    assert.equal(await findGit({ searchPath: hostile + path.delimiter + searchPath, forbiddenFolders: [workspace] }), real);
    assert.equal(await findGit({ searchPath: hostile, forbiddenFolders: [] }), path.join(workspace, 'bin', 'git'));
    await assert.rejects(findGit({ searchPath: hostile, forbiddenFolders: [workspace] }), throwsCode('gitMissing'));
    await assert.rejects(findGit({ setting: path.join(outside, 'git'), searchPath, forbiddenFolders: [workspace] }), throwsCode('gitMissing'));
    await rm(folder, { recursive: true });
  });
});
