import { OpsError, isOpsError } from '../../core/errors.ts';
import type { CommitNotes, ProgramCall, TreeEntry } from '../../core/ports.ts';
import { catFile } from './catFile.ts';
import { checkCommitHash } from './checks.ts';
import { openRepository, type GitHistoryNeeds } from './gitHistory.ts';
import { TreeListingParser } from './parse.ts';
import { gitText, runGit, type Git } from './runGit.ts';

const notesRef = 'refs/notes/opsbook';
const remoteRef = (remote: string) => `refs/notes/remotes/${remote}/opsbook`;

/** What is longer was not written by us: a note would have to tell some thousand deploys of one commit. */
const longestNote = 1024 * 1024;
const mostAttempts = 8;

/** A notes tree: each note's object by the commit it is on, and what else somebody put there. */
interface NotesTree {
  readonly notes: ReadonlyMap<string, string>;
  /** Kept as they are. */
  readonly others: readonly TreeEntry[];
}

/**
 * Notes by git's plumbing (`hash-object`, `mktree`, `commit-tree`, `update-ref` with the old value): `git notes` itself would look at the
 * index and, when it merges, makes a working tree of its own. The tree's layout is the one that `git notes` reads, so a team may use that too.
 * Throws what `openRepository` throws.
 */
export async function createCommitNotes(needs: GitHistoryNeeds, signal: AbortSignal): Promise<CommitNotes> {
  const { git, requireTrust } = await openRepository(needs, signal);
  return new Notes(git, requireTrust);
}

class Notes implements CommitNotes {
  private readonly git: Git;
  private readonly requireTrust: () => void;
  private known: { readonly tips: string; readonly lines: ReadonlyMap<string, readonly string[]> } | undefined;

  constructor(git: Git, requireTrust: () => void) {
    this.git = git;
    this.requireTrust = requireTrust;
  }

  async read(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    const refs = await this.refs(signal);
    const tips = [...refs.values()].join(' ');
    if (this.known?.tips !== tips) {
      const trees = await Promise.all([...new Set(refs.values())].map(async (tip) => this.tree(tip, signal)));
      const blobs = await this.linesIn(trees.flatMap(({ notes }) => [...notes.values()]), signal);
      const lines = new Map<string, Set<string>>();
      for (const [commit, blob] of trees.flatMap(({ notes }) => [...notes])) {
        lines.set(commit, new Set([...(lines.get(commit) ?? []), ...(blobs.get(blob) ?? [])]));
      }
      this.known = { tips, lines: new Map([...lines].map(([commit, all]) => [commit, [...all]])) };
    }
    return this.known.lines;
  }

  async add(lines: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<void> {
    await this.change(signal, async (tip) => {
      const { notes, others } = tip === undefined ? { notes: new Map<string, string>(), others: [] } : await this.tree(tip, signal);
      const next = new Map(notes);
      for (const [commit, added] of lines) {
        const blob = notes.get(checkCommitHash(commit));
        next.set(commit, await this.union(blob === undefined ? [] : [blob], added, signal));
      }
      return { tree: await this.writeTree({ notes: next, others }, signal), parents: tip === undefined ? [] : [tip] };
    });
  }

  async merge(remote: string, signal: AbortSignal): Promise<boolean> {
    return this.change(signal, async (tip) => {
      const theirs = (await this.refs(signal)).get(remoteRef(checkRemote(remote)));
      if (theirs === undefined || theirs === tip) {
        return tip;
      }
      if (tip === undefined) {
        return theirs;
      }
      const [mine, other] = await Promise.all([this.tree(tip, signal), this.tree(theirs, signal)]);
      const next = new Map(mine.notes);
      for (const [commit, blob] of other.notes) {
        const own = mine.notes.get(commit);
        next.set(commit, own === undefined || own === blob ? blob : await this.union([own, blob], [], signal));
      }
      const names = new Set(mine.others.map(({ path }) => path));
      const tree = await this.writeTree({ notes: next, others: [...mine.others, ...other.others.filter(({ path }) => !names.has(path))] }, signal);
      // Whoever has nothing to add takes the other's commit: two that fetch from each other would go on merging for ever.
      if (tree === (await this.treeOf(theirs, signal))) {
        return theirs;
      }
      return tree === (await this.treeOf(tip, signal)) && (await this.isAncestor(theirs, tip, signal)) ? tip : { tree, parents: [tip, theirs] };
    });
  }

  async pushed(remote: string, signal: AbortSignal): Promise<void> {
    const tip = (await this.refs(signal)).get(notesRef);
    if (tip !== undefined) {
      await gitText(this.git, { args: ['update-ref', '-m', 'opsbook: pushed', remoteRef(checkRemote(remote)), tip] }, signal);
    }
  }

  async unsent(remote: string, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    const refs = await this.refs(signal);
    const [mine, theirs] = await Promise.all([notesRef, remoteRef(checkRemote(remote))].map(async (ref) => this.linesOf(refs.get(ref), signal)));
    const missing = [...(mine ?? [])].map(([commit, lines]) => [commit, lines.filter((line) => !theirs?.get(commit)?.includes(line))] as const);
    return new Map(missing.filter(([, lines]) => lines.length > 0));
  }

  async remotes(signal: AbortSignal): Promise<readonly { readonly name: string; readonly url: string }[]> {
    this.requireTrust();
    const { text } = await gitText(this.git, { args: ['config', '-z', '--get-regexp', '^remote\\..*\\.url$'], accept: [0, 1] }, signal);
    const all = text.split('\0').flatMap((entry) => {
      const [, name, url] = /^remote\.(.+)\.url\n([^]*)$/.exec(entry) ?? [];
      return name !== undefined && url !== undefined && isRemote(name) ? [{ name, url }] : [];
    });
    return [...new Map(all.map((remote) => [remote.name, remote])).values()];
  }

  fetchCommand(remote: string): ProgramCall {
    // With a pattern it is no error when nobody has pushed any yet.
    return this.call(['fetch', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', checkRemote(remote), `+${notesRef}*:${remoteRef(remote)}*`]);
  }

  pushCommand(remote: string): ProgramCall {
    return this.call(['push', '--no-verify', '--no-follow-tags', '--recurse-submodules=no', checkRemote(remote), `${notesRef}:${notesRef}`]);
  }

  private call(args: readonly string[]): ProgramCall {
    return { program: this.git.program, args: ['-c', 'core.hooksPath=/dev/null', ...args], folder: this.git.folder };
  }

  /** Our ref and those that hold what was fetched, with what they point at. */
  private async refs(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    this.requireTrust();
    const { text } = await gitText(this.git, { args: ['for-each-ref', '--format=%(objecttype) %(objectname) %(refname)', notesRef, 'refs/notes/remotes'] }, signal);
    return new Map(
      text.split('\n').flatMap((line): [string, string][] => {
        const [, oid, ref] = /^commit (\S+) (refs\/notes\/(?:opsbook|remotes\/.+\/opsbook))$/.exec(line) ?? [];
        return oid === undefined || ref === undefined ? [] : [[ref, oid]];
      }),
    );
  }

  private async tree(tip: string, signal: AbortSignal): Promise<NotesTree> {
    const parser = new TreeListingParser();
    await runGit(this.git, { args: ['ls-tree', '-r', '-t', '-z', '--full-tree', tip], onChunk: (chunk) => parser.feed(chunk) }, signal);
    const notes = new Map<string, string>();
    const others: TreeEntry[] = [];
    for (const entry of parser.entries) {
      // As deep in folders of two digits as whoever wrote it thought fit.
      const commit = entry.path.replaceAll('/', '');
      if (entry.mode === '100644' && commit.length === tip.length && /^[0-9a-f]+$/.test(commit)) {
        notes.set(commit, entry.oid);
      } else if (!entry.path.includes('/') && !/^[0-9a-f]{2}$/.test(entry.path)) {
        others.push(entry);
      }
    }
    return { notes, others };
  }

  private async linesOf(tip: string | undefined, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    if (tip === undefined) {
      return new Map();
    }
    const { notes } = await this.tree(tip, signal);
    const blobs = await this.linesIn([...notes.values()], signal);
    return new Map([...notes].map(([commit, blob]) => [commit, blobs.get(blob) ?? []]));
  }

  private async linesIn(blobs: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
    const lines = new Map<string, readonly string[]>();
    await catFile(this.git, [...new Set(blobs)], signal, (oid, object) => {
      if (object?.type === 'blob' && object.content.length <= longestNote) {
        lines.set(oid, linesIn(object.content));
      }
    });
    return lines;
  }

  /** A note with all of these lines, sorted, each once: the same for everybody who merges the same. */
  private async union(blobs: readonly string[], added: readonly string[], signal: AbortSignal): Promise<string> {
    const lines = new Set(added);
    await catFile(this.git, blobs, signal, (oid, object) => {
      if (object?.type !== 'blob') {
        throw new OpsError('gitFailed', { command: 'cat-file', message: `${oid} is missing` });
      }
      linesIn(object.content).forEach((line) => lines.add(line));
    });
    const { text } = await gitText(this.git, { args: ['hash-object', '-w', '--no-filters', '--stdin'], input: [...lines].sort().map((line) => `${line}\n`).join('') }, signal);
    return checkCommitHash(text.trim());
  }

  private async writeTree({ notes, others }: NotesTree, signal: AbortSignal): Promise<string> {
    const folders = new Map<string, string[]>();
    for (const [commit, blob] of notes) {
      const name = commit.slice(0, 2);
      folders.set(name, [...(folders.get(name) ?? []), `100644 blob ${blob}\t${commit.slice(2)}`]);
    }
    const input = [...folders.values()].map((entries) => `${entries.join('\n')}\n`).join('\n');
    const written = folders.size === 0 ? '' : (await gitText(this.git, { args: ['mktree', '--missing', '--batch'], input }, signal)).text;
    const trees = written.split('\n').filter((line) => line !== '');
    const root = [...folders.keys()].map((name, index) => `040000 tree ${checkCommitHash(trees[index] ?? '')}\t${name}\0`);
    const rest = others.map(({ mode, oid, path }) => `${mode} ${mode === '040000' ? 'tree' : mode === '160000' ? 'commit' : 'blob'} ${oid}\t${path}\0`);
    const { text } = await gitText(this.git, { args: ['mktree', '--missing', '-z'], input: [...root, ...rest].join('') }, signal);
    return checkCommitHash(text.trim());
  }

  /** Moves the ref from what it was when `make` looked, again when somebody else was faster. False when it is there already. */
  private async change(signal: AbortSignal, make: (tip: string | undefined) => Promise<string | undefined | { readonly tree: string; readonly parents: readonly string[] }>): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      const tip = (await this.refs(signal)).get(notesRef);
      const made = await make(tip);
      const next = typeof made === 'object' ? await this.commit(made.tree, made.parents, signal) : made;
      if (next === undefined || next === tip) {
        return false;
      }
      try {
        await gitText(this.git, { args: ['update-ref', '-m', 'opsbook: deploys', notesRef, next, tip ?? '0'.repeat(next.length)] }, signal);
        return true;
      } catch (error) {
        if (attempt === mostAttempts || !isOpsError(error, 'gitFailed') || !/cannot lock ref|reference already exists/i.test(error.facts.message)) {
          throw error;
        }
      }
    }
  }

  private async commit(tree: string, parents: readonly string[], signal: AbortSignal): Promise<string> {
    const { text: email } = await gitText(this.git, { args: ['config', '--get', 'user.email'], accept: [0, 1] }, signal);
    const nobody = { GIT_AUTHOR_NAME: 'Opsbook', GIT_AUTHOR_EMAIL: 'opsbook@invalid', GIT_COMMITTER_NAME: 'Opsbook', GIT_COMMITTER_EMAIL: 'opsbook@invalid' };
    const git = email.trim() === '' ? { ...this.git, environment: { ...this.git.environment, ...nobody } } : this.git;
    const { text } = await gitText(git, { args: ['commit-tree', '--no-gpg-sign', '-m', 'Deploys', ...parents.flatMap((parent) => ['-p', parent]), tree] }, signal);
    return checkCommitHash(text.trim());
  }

  private async treeOf(commit: string, signal: AbortSignal): Promise<string> {
    return (await gitText(this.git, { args: ['rev-parse', '--verify', '--quiet', `${commit}^{tree}`] }, signal)).text.trim();
  }

  private async isAncestor(older: string, newer: string, signal: AbortSignal): Promise<boolean> {
    return (await gitText(this.git, { args: ['merge-base', '--is-ancestor', older, newer], accept: [0, 1] }, signal)).exitCode === 0;
  }
}

function linesIn(content: Uint8Array): readonly string[] {
  return new TextDecoder().decode(content).split('\n').filter((line) => line.trim() !== '');
}

/** It becomes an argument and part of a ref's name. */
function isRemote(name: string): boolean {
  return /^\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(name) && !name.includes('..') && !name.endsWith('.lock') && !name.endsWith('.');
}

function checkRemote(name: string): string {
  if (!isRemote(name)) {
    throw new OpsError('badPath', { path: name });
  }
  return name;
}
