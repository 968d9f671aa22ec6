import { OpsError, isOpsError } from '../../core/errors.ts';
import type { Commit, GitHistory, TagWriter, TreeEntry } from '../../core/ports.ts';
import { liesInside, trustedSearchPath } from '../process/executable.ts';
import { catFile } from './catFile.ts';
import { checkCommitHash, checkCommitName, checkPaths, checkTagName } from './checks.ts';
import { CommitParser, TreeListingParser, commitFormat, committedFormat } from './parse.ts';
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
    const name = await this.headName(signal);
    return name === undefined ? undefined : (await this.log(['-1', name], [], signal))[0];
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

  async commitsElsewhere(paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    const notHere = (await this.headName(signal)) === undefined ? [] : ['--not', 'HEAD'];
    return this.log([`-${Math.max(1, Math.floor(limit))}`, '--branches', '--remotes', '--tags', ...notHere], paths, signal);
  }

  async commitsSince(paths: readonly string[], since: number, limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    if ((await this.headName(signal)) === undefined) {
      return [];
    }
    // git takes no number under 100,000,000 for seconds since 1970.
    return this.log([`-${Math.max(1, Math.floor(limit))}`, `--since=@${Math.max(100_000_000, Math.floor(since / 1000))}`, 'HEAD'], paths, signal, committedFormat);
  }

  async namedCommits(limit: number, signal: AbortSignal): Promise<readonly Commit[]> {
    return this.log([`-${Math.max(1, Math.floor(limit))}`, '--no-walk=sorted', '--branches', '--remotes', '--tags'], [], signal);
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
    try {
      await runGit(this.git, { args, onChunk: (chunk) => parser.feed(chunk) }, signal);
    } catch (error) {
      if (isOpsError(error, 'gitFailed') && /not a (valid object name|tree object)/i.test(error.facts.message)) {
        throw new OpsError('commitNotFound', { commit }, error);
      }
      throw error;
    }
    return parser.entries;
  }

  async trees(commits: readonly string[], paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
    this.requireTrust();
    return readTrees(this.git, commits.map(checkCommitHash), checkPaths(paths), signal);
  }

  async blobs(oids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    this.requireTrust();
    const wanted = [...new Set(oids)].map(checkCommitHash);
    const found = new Map<string, Uint8Array>();
    await catFile(this.git, wanted, signal, (oid, object) => {
      if (object?.type !== 'blob') {
        throw new OpsError('gitFailed', { command: 'cat-file', message: object ? `${oid} is a ${object.type}` : `${oid} is missing: a shallow or partial clone does not hold it` });
      }
      found.set(oid, object.content);
    });
    return found;
  }

  private async headName(signal: AbortSignal): Promise<string | undefined> {
    this.requireTrust();
    const { text, exitCode } = await gitText(this.git, { args: ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], accept: [0, 1] }, signal);
    return exitCode === 0 ? text.trim() : undefined;
  }

  private async log(selection: readonly string[], paths: readonly string[], signal: AbortSignal, format = commitFormat): Promise<readonly Commit[]> {
    this.requireTrust();
    const parser = new CommitParser();
    const args = ['log', '-z', '--encoding=UTF-8', '--no-color', '--decorate=short', '--no-show-signature', format, ...selection, '--', ...checkPaths(paths)];
    await runGit(this.git, { args, onChunk: (chunk) => parser.feed(chunk) }, signal);
    return parser.commits;
  }
}
