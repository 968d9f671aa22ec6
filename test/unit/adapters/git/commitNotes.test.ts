import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import { createCommitNotes } from '../../../../src/adapters/git/commitNotes.ts';
import { findGit } from '../../../../src/adapters/git/findGit.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { CommitNotes, ProgramCall } from '../../../../src/core/ports.ts';
import { makeRepository, TestRepository } from '../../../fixtures/repository.ts';
import { gitState, snapshot } from '../../../safety/snapshot.ts';

const signal = new AbortController().signal;
const searchPath = process.env['PATH'] ?? '';

async function notesOf(folder: string, { home = path.dirname(folder), isTrusted = () => true }: { home?: string; isTrusted?: () => boolean } = {}): Promise<CommitNotes> {
  const program = await findGit({ searchPath, forbiddenFolders: [folder] });
  return createCommitNotes({ program, folder, forbiddenFolders: [folder], environment: { PATH: searchPath, HOME: home }, isTrusted }, signal);
}

const throwsCode = (code: ErrorCode) => (error: unknown) => isOpsError(error, code) || assert.fail(`expected ${code}, got ${String(error)}`);
const one = (commit: string, ...lines: string[]) => new Map([[commit, lines]]);
const plain = (lines: ReadonlyMap<string, readonly string[]>) => Object.fromEntries([...lines].map(([commit, all]) => [commit, [...all].sort()]));

/** All but what notes are made of: objects, their ref, and its log. */
async function filesOf({ folder }: TestRepository): Promise<readonly (readonly [string, string])[]> {
  const { files } = await snapshot(folder);
  const ours = /^\.git$|^\.git\/(objects|(logs\/)?refs($|\/notes)|logs$)/;
  return [...files].filter(([file]) => !ours.test(file));
}

/** As the terminal runs it: the program with its arguments, no shell. */
function run(repository: TestRepository, { program, args, folder }: ProgramCall): void {
  execFileSync(program, args, { cwd: folder, env: repository.environment(), stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('notes on commits', () => {
  it('are added line by line, each once, and are what git itself calls notes', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1' });
    const second = await repository.commit('Second', { 'a.ts': '2' });
    const notes = await notesOf(repository.folder);
    assert.deepEqual(plain(await notes.read(signal)), {});
    await notes.add(one(first, 'b', 'a'), signal);
    await notes.add(new Map([[first, ['c', 'a']], [second, ['é']]]), signal);
    assert.deepEqual(plain(await notes.read(signal)), { [first]: ['a', 'b', 'c'], [second]: ['é'] });
    assert.equal(repository.git('notes', '--ref=opsbook', 'show', first), 'a\nb\nc\n');
    const tip = repository.git('rev-parse', 'refs/notes/opsbook');
    await notes.add(one(first, 'b'), signal);
    // Its tree is the same, so is what it says.
    assert.equal(repository.git('rev-parse', 'refs/notes/opsbook^{tree}'), repository.git('rev-parse', `${tip.trim()}^{tree}`));
    await assert.rejects(notes.add(one('HEAD', 'x'), signal), throwsCode('commitNotFound'));
  });

  it('change nothing else of a repository, run nothing of it, and need no name of the user', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1', '.gitattributes': '* filter=evil\n' });
    const ran = path.join(path.dirname(repository.folder), 'ran');
    const hooks = ['reference-transaction', 'post-commit', 'pre-commit', 'post-index-change', 'post-update'];
    const script = `#!/bin/sh\necho ran >> ${ran}\n`;
    await repository.write({ ...Object.fromEntries(hooks.map((name) => [`.git/hooks/${name}`, script])), '.git/evil': `${script}cat\n`, 'a.ts': 'unstaged', 'untracked.txt': 'x' });
    await Promise.all([...hooks.map((name) => `hooks/${name}`), 'evil'].map((file) => chmod(path.join(repository.folder, '.git', file), 0o755)));
    const evil = path.join(repository.folder, '.git/evil');
    for (const setting of ['core.fsmonitor', 'filter.evil.clean', 'filter.evil.smudge', 'gpg.program', 'core.editor', 'core.pager']) {
      repository.git('config', setting, evil);
    }
    repository.git('config', 'commit.gpgSign', 'true');
    const before = gitState(repository);
    await rm(ran, { force: true });
    const files = await filesOf(repository);
    const notes = await notesOf(repository.folder);
    await notes.add(one(first, 'a'), signal);
    await notes.add(one(first, 'b'), signal);
    assert.deepEqual(plain(await notes.read(signal)), { [first]: ['a', 'b'] });
    assert.ok(!existsSync(ran));
    assert.deepEqual(await filesOf(repository), files);
    assert.equal(repository.git('--no-pager', 'log', '-1', '--format=%an', 'refs/notes/opsbook').trim(), 'Opsbook');
    repository.git('update-ref', '-d', 'refs/notes/opsbook');
    assert.deepEqual(gitState(repository), before);
  });

  it('of writers at the same time are all kept', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1' });
    const writers = await Promise.all([notesOf(repository.folder), notesOf(repository.folder), notesOf(repository.folder)]);
    await Promise.all(writers.map(async (notes, index) => notes.add(one(first, `line ${index}`), signal)));
    assert.deepEqual(plain(await (await notesOf(repository.folder)).read(signal)), { [first]: ['line 0', 'line 1', 'line 2'] });
  });

  it('of two clones meet without losing a line, and end as the same commit', async () => {
    await using origin = await makeRepository('origin');
    const first = await origin.commit('First', { 'a.ts': '1' });
    const second = await origin.commit('Second', { 'a.ts': '2' });
    const [ada, bob] = ['ada', 'bob'].map((name) => {
      const folder = path.join(path.dirname(origin.folder), name);
      origin.git('clone', '-q', origin.folder, folder);
      return new TestRepository(folder);
    }) as [TestRepository, TestRepository];
    const [hers, his] = await Promise.all([notesOf(ada.folder), notesOf(bob.folder)]);
    await hers.add(one(first, 'ada 1'), signal);
    await his.add(new Map([[first, ['bob 1']], [second, ['bob 2']]]), signal);
    assert.deepEqual(await hers.remotes(signal), [{ name: 'origin', url: origin.folder }]);
    assert.deepEqual(plain(await hers.unsent('origin', signal)), { [first]: ['ada 1'] });
    const exchange = async (repository: TestRepository, notes: CommitNotes) => {
      run(repository, notes.fetchCommand('origin'));
      await notes.merge('origin', signal);
      run(repository, notes.pushCommand('origin'));
      run(repository, notes.fetchCommand('origin'));
    };
    // Nobody has pushed any yet: fetching is no failure.
    await exchange(ada, hers);
    assert.equal((await hers.unsent('origin', signal)).size, 0);
    assert.throws(() => run(bob, his.pushCommand('origin')), /rejected/);
    run(bob, his.fetchCommand('origin'));
    // What was fetched is read at once, whether or not anybody merges it.
    const all = { [first]: ['ada 1', 'bob 1'], [second]: ['bob 2'] };
    assert.deepEqual(plain(await his.read(signal)), all);
    await exchange(bob, his);
    await exchange(ada, hers);
    assert.deepEqual([plain(await hers.read(signal)), plain(await his.read(signal))], [all, all]);
    const tips = [ada, bob, origin].map((repository) => repository.git('rev-parse', 'refs/notes/opsbook').trim());
    assert.equal(new Set(tips).size, 1);
    await exchange(bob, his);
    assert.equal(bob.git('rev-parse', 'refs/notes/opsbook').trim(), tips[0]);
    assert.equal(bob.git('notes', '--ref=opsbook', 'show', first), 'ada 1\nbob 1\n');
  });

  it('that git notes has written and laid out in its own way are read and kept', async () => {
    await using repository = await makeRepository();
    const commits: string[] = [];
    for (let index = 0; index < 5; index++) {
      commits.push(await repository.commit(`c${index}`, { 'a.ts': String(index) }));
    }
    commits.forEach((commit, index) => repository.git('notes', '--ref=opsbook', 'add', '-m', `by hand ${index}`, commit));
    const notes = await notesOf(repository.folder);
    await notes.add(one(commits[0] ?? '', 'ours'), signal);
    const expected = Object.fromEntries(commits.map((commit, index) => [commit, [`by hand ${index}`, ...(index === 0 ? ['ours'] : [])]]));
    assert.deepEqual(plain(await notes.read(signal)), expected);
    commits.forEach((commit) => repository.git('notes', '--ref=opsbook', 'append', '-m', 'later', commit));
    assert.deepEqual(Object.values(plain(await notes.read(signal))).every((lines) => lines.includes('later')), true);
  });

  it('do what git does in worktrees, subfolders, detached and unborn repositories', async () => {
    await using repository = await makeRepository();
    await using unborn = await makeRepository('unborn');
    assert.deepEqual(plain(await (await notesOf(unborn.folder)).read(signal)), {});
    const first = await repository.commit('First', { 'app/a.ts': '1' });
    const tree = path.join(path.dirname(repository.folder), 'tree');
    repository.git('worktree', 'add', '-q', '--detach', tree);
    await (await notesOf(tree)).add(one(first, 'from the worktree'), signal);
    await (await notesOf(path.join(repository.folder, 'app'), { home: path.dirname(repository.folder) })).add(one(first, 'from the subfolder'), signal);
    assert.deepEqual(plain(await (await notesOf(repository.folder)).read(signal)), { [first]: ['from the subfolder', 'from the worktree'] });
  });

  it('do nothing in a folder that is not trusted, and take no option for a remote', async () => {
    await using repository = await makeRepository();
    const first = await repository.commit('First', { 'a.ts': '1' });
    let trusted = true;
    const notes = await notesOf(repository.folder, { isTrusted: () => trusted });
    trusted = false;
    await assert.rejects(notes.read(signal), throwsCode('untrusted'));
    await assert.rejects(notes.add(one(first, 'x'), signal), throwsCode('untrusted'));
    trusted = true;
    repository.git('config', 'remote.--upload-pack=evil.url', 'x');
    repository.git('config', 'remote.up/stream.url', 'https://example.test/x.git');
    assert.deepEqual(await notes.remotes(signal), [{ name: 'up/stream', url: 'https://example.test/x.git' }]);
    for (const remote of ['-x', '--upload-pack=evil', '../x', 'a..b', 'a b', 'x.lock', '', 'ext::sh']) {
      assert.throws(() => notes.fetchCommand(remote), throwsCode('badPath'));
      assert.throws(() => notes.pushCommand(remote), throwsCode('badPath'));
      await assert.rejects(notes.merge(remote, signal), throwsCode('badPath'));
    }
  });
});
