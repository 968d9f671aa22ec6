import { OpsError, isOpsError } from '../../core/errors.ts';
import type { ChangedCommit, Commit, GitHistory, TagWriter, TreeEntry } from '../../core/ports.ts';
import { liesInside, trustedSearchPath } from '../process/executable.ts';
import { catFile, heldObjects } from './catFile.ts';
import { checkCommitHash, checkCommitName, checkPaths, checkTagName } from './checks.ts';
import { ChangeParser, CommitParser, TreeListingParser, ancestryFormat, commitFormat, committedFormat } from './parse.ts';
import { gitEnvironment, gitText, runGit, type Git } from './runGit.ts';
import { readTrees } from './trees.ts';

export interface GitHistoryNeeds {
  /** From `findGit`. */
  readonly program: string;
  /** Absolute path of the place. */
  readonly folder: string;
  /** The workspace's folders. */
  readonly forbiddenFolders: readonly string[];
  /** The editor's own environment; only what git needs of it is passed on. */
  readonly environment: NodeJS.ProcessEnv;
  /** Asked before every process: nothing of an untrusted folder is executed, git included (SAFETY 3). */
  readonly isTrusted: () => boolean;
}

/** The history of the repository that holds a place. Throws what {@link openRepository} throws. */
export async function createGitHistory(needs: GitHistoryNeeds, signal: AbortSignal): Promise<GitHistory & TagWriter> {
  const { git, prefix, requireTrust } = await openRepository(needs, signal);
  return new Repository(git, prefix, requireTrust);
}

/**
 * The repository that holds a place: its own, a parent folder's, a worktree's or a submodule's. Throws `untrusted`, `gitMissing`,
 * `notARepository`, and `gitFailed` with git's own words when git refuses the folder (`safe.directory`).
 */
export async function openRepository(needs: GitHistoryNeeds, signal: AbortSignal): Promise<{ git: Git; prefix: string; requireTrust: () => void }> {
  if (await liesInside(needs.program, needs.forbiddenFolders)) {
    throw new OpsError('gitMissing', {});
  }
  const searchPath = await trustedSearchPath(needs.environment['PATH'] ?? '', needs.forbiddenFolders);
  const git: Git = { program: needs.program, folder: needs.folder, environment: gitEnvironment(needs.environment, searchPath) };
  requireTrust(needs);
  const { text } = await gitText(git, { args: ['rev-parse', '--show-prefix', '--show-toplevel'] }, signal);
  const [prefix = '', top = ''] = text.split('\n');
  // From the top, paths mean the same to every subcommand.
  return { git: { ...git, folder: top }, prefix: prefix.replace(/\/$/, ''), requireTrust: () => requireTrust(needs) };
}

/** Up to this many trees are read one by one: for many, a process for each level of folders is quicker than one for each commit. */
const fewCommits = 2;

function noTree(error: unknown): readonly TreeEntry[] {
  if (isOpsError(error, 'commitNotFound')) {
    return [];
  }
  throw error;
}

function requireTrust(needs: GitHistoryNeeds): void {
  if (!needs.isTrusted()) {
    throw new OpsError('untrusted', { what: 'Reading the git history' });
  }
}

class Repository implements GitHistory, TagWriter {
  readonly prefix: string;
  private readonly git: Git;
  private readonly requireTrust: () => void;

  constructor(git: Git, prefix: string, requireTrust: () => void) {
    this.git = git;
    this.prefix = prefix;
    this.requireTrust = requireTrust;
  }

  async head(signal: AbortSignal): Promise<Commit | undefined> {
    try {
      return (await this.log(['-1', 'HEAD'], [], signal))[0];
    } catch (error) {
      if (isOpsError(error, 'gitFailed') && /bad revision 'HEAD'|does not have any commits/i.test(error.facts.message)) {
        return undefined;
      }
      throw error;
    }
  }

  async commit(name: string, signal: AbortSignal): Promise<Commit> {
    this.requireTrust();
    const args = ['rev-parse', '--verify', '--quiet', `${checkCommitName(name)}^{commit}`];
    const { text, exitCode } = await gitText(this.git, { args, accept: [0, 1, 128] }, signal);
    const [commit] = exitCode === 0 ? await this.log(['-1', checkCommitHash(text.trim())], [], signal) : [];
    if (!commit) {
      throw new OpsError('commitNotFound', { commit: name });
    }
    return commit;
  }

  async commitsTouching(paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    if ((await this.headName(signal)) === undefined) {
      return [];
    }
    return this.log([`-${Math.max(1, Math.floor(limit))}`, 'HEAD'], paths, signal);
  }

  async changesUpTo(commit: string, paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly ChangedCommit[]> {
    return this.changes([checkCommitHash(commit)], commit, paths, limit, signal);
  }

  async changesElsewhere(commit: string, paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly ChangedCommit[]> {
    return this.changes(['--branches', '--remotes', '--tags', '--not', checkCommitHash(commit)], commit, paths, limit, signal);
  }

  async commitsSince(paths: readonly string[], since: number, limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    if ((await this.headName(signal)) === undefined) {
      return [];
    }
    // git takes no number under 100,000,000 for seconds since 1970.
    return this.log([`-${Math.max(1, Math.floor(limit))}`, `--since=@${Math.max(100_000_000, Math.floor(since / 1000))}`, 'HEAD'], paths, signal, { format: committedFormat });
  }

  async namedCommits(limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    return this.log([`-${Math.max(1, Math.floor(limit))}`, '--no-walk=sorted', '--branches', '--remotes', '--tags'], [], signal);
  }

  async commits(hashes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Commit>> {
    this.requireTrust();
    const wanted = new Set(hashes.map(checkCommitHash));
    // Without a name on its input, `log` would take HEAD.
    const found = wanted.size === 0 ? [] : await this.log(['--no-walk=unsorted', '--ignore-missing', '--stdin'], [], signal, { input: `${[...wanted].join('\n')}\n` });
    return new Map(found.filter(({ hash }) => wanted.has(hash)).map((commit) => [commit.hash, commit]));
  }

  async tag(name: string, commit: string, signal: AbortSignal): Promise<void> {
    this.requireTrust();
    // A setting of the repository may want every tag signed, by a program it names.
    const args = ['-c', 'tag.gpgSign=false', '-c', 'tag.forceSignAnnotated=false', 'tag', '--no-sign', '--', checkTagName(name), checkCommitHash(commit)];
    await gitText(this.git, { args }, signal);
  }

  async tree(commit: string, paths: readonly string[], signal: AbortSignal): Promise<readonly TreeEntry[]> {
    this.requireTrust();
    const parser = new TreeListingParser();
    const args = ['ls-tree', '-r', '-z', '--full-tree', checkCommitHash(commit), '--', ...checkPaths(paths)];
    await this.known(commit, runGit(this.git, { args, onChunk: (chunk) => parser.feed(chunk) }, signal));
    return parser.entries;
  }

  async trees(commits: readonly string[], paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
    this.requireTrust();
    const checked = commits.map(checkCommitHash);
    if (checked.length > fewCommits) {
      return readTrees(this.git, checked, checkPaths(paths), signal);
    }
    const lists = await Promise.all(checked.map(async (commit) => [commit, await this.tree(commit, paths, signal).catch(noTree)] as const));
    return new Map(lists);
  }

  async blobs(oids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    this.requireTrust();
    const wanted = [...new Set(oids)].map(checkCommitHash);
    const found = new Map<string, Uint8Array>();
    const read = async (these: readonly string[]) =>
      catFile(this.git, these, signal, (oid, object) => {
        if (object && object.type !== 'blob') {
          throw new OpsError('gitFailed', { command: 'cat-file', message: `${oid} is a ${object.type}` });
        }
        if (object) {
          found.set(oid, object.content);
        }
      });
    try {
      await read(wanted);
    } catch (error) {
      if (!isOpsError(error, 'gitFailed') || !/from promisor remote/.test(error.facts.message)) {
        throw error;
      }
      const held = await heldObjects(this.git, new Set(wanted), signal);
      await read([...held]);
    }
    return found;
  }

  private async headName(signal: AbortSignal): Promise<string | undefined> {
    this.requireTrust();
    const { text, exitCode } = await gitText(this.git, { args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], accept: [0, 1] }, signal);
    return exitCode === 0 ? text.trim() : undefined;
  }

  private async log(selection: readonly string[], paths: readonly string[], signal: AbortSignal, { format = commitFormat, input }: { format?: string; input?: string } = {}): Promise<readonly Commit[]> {
    this.requireTrust();
    const parser = new CommitParser();
    const args = ['log', '-z', '--encoding=UTF-8', '--no-color', '--decorate=short', '--no-show-signature', format, ...selection, '--', ...checkPaths(paths)];
    await runGit(this.git, { args, ...(input === undefined ? {} : { input }), onChunk: (chunk) => parser.feed(chunk) }, signal);
    return parser.commits;
  }

  private async changes(selection: readonly string[], commit: string, paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly ChangedCommit[]> {
    this.requireTrust();
    const read = async (merges: readonly string[]) => {
      const parser = new ChangeParser();
      const shape = ['-z', '--raw', '--no-abbrev', '--no-renames', '--no-ext-diff', '--no-textconv', '--full-history', '--parents', '--no-decorate', '--no-color', '--no-show-signature', ancestryFormat];
      const args = ['log', ...shape, ...merges, `-${Math.max(1, Math.floor(limit))}`, ...selection, '--', ...checkPaths(paths)];
      await this.known(commit, runGit(this.git, { args, onChunk: (chunk) => parser.feed(chunk) }, signal));
      return parser.commits;
    };
    try {
      return await read(['--diff-merges=first-parent']);
    } catch (error) {
      if (isOpsError(error, 'gitFailed') && error.facts.message.includes('--diff-merges')) {
        return this.withWholeMerges(await read([]), paths, signal);
      }
      throw error;
    }
  }

  /** Before 2.31, git does not say what a merge changed against its first parent: instead, all that it holds. */
  private async withWholeMerges(commits: readonly ChangedCommit[], paths: readonly string[], signal: AbortSignal): Promise<readonly ChangedCommit[]> {
    const merges = commits.filter(({ parents }) => parents.length > 1).map(({ hash }) => hash);
    const trees = await readTrees(this.git, merges, paths, signal);
    return commits.map((commit) => {
      const tree = trees.get(commit.hash);
      return tree ? { ...commit, isWhole: true, changes: tree.map(({ path, mode, oid }) => ({ path, before: undefined, after: { mode, oid } })) } : commit;
    });
  }

  /** git's ways of saying that a commit is not there. */
  private async known(commit: string, running: Promise<number>): Promise<void> {
    try {
      await running;
    } catch (error) {
      if (isOpsError(error, 'gitFailed') && /not a (valid object name|tree object)|bad (object|revision)/i.test(error.facts.message)) {
        throw new OpsError('commitNotFound', { commit }, error);
      }
      throw error;
    }
  }
}
