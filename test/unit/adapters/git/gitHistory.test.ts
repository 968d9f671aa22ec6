import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findGit } from '../../../../src/adapters/git/findGit.ts';
import { createGitHistory } from '../../../../src/adapters/git/gitHistory.ts';
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
    assert.deepEqual((await git.commitsElsewhere(['a.ts'], 10, signal)).map((commit) => [commit.subject, commit.refs]), [['On the topic', ['topic']]]);
  });

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
    }
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
    await assert.rejects(git.blobs(['0'.repeat(40)], signal), throwsCode('gitFailed'));
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
