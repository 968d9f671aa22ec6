import { isOpsError } from '../errors.ts';
import type { Commit, GitHistory, TomlReader, TreeEntry } from '../ports.ts';
import type { SentFiles } from './ledger.ts';
import { collectFunction, type FunctionSource } from './source.ts';
import { CommitTree, toRoot } from './sourceTree.ts';

export interface HistoryNeeds {
  readonly git: GitHistory;
  readonly toml: TomlReader;
}

/** What would be deployed from a commit. */
export interface SourceAtCommit {
  readonly source: FunctionSource;
  readonly files: SentFiles;
  /** Equal for commits from which the same would be deployed. */
  readonly identity: string;
}

/**
 * The places of many commits, read together: their trees in a few processes, each content once, the closure of a function once for all
 * commits that share a tree.
 */
export class CommitSources {
  private readonly git: GitHistory;
  private readonly toml: TomlReader;
  private readonly contents = new Map<string, Uint8Array>();
  private readonly entries = new Map<string, readonly TreeEntry[]>();
  private readonly collected = new Map<readonly TreeEntry[], Map<string, Promise<SourceAtCommit | undefined>>>();

  constructor({ git, toml }: HistoryNeeds) {
    this.git = git;
    this.toml = toml;
  }

  /** Reads the trees of commits that are not known yet. */
  async learn(commits: readonly Commit[], signal: AbortSignal): Promise<void> {
    const unknown = commits.map((commit) => commit.hash).filter((hash) => !this.entries.has(hash));
    if (unknown.length > 0) {
      const trees = await this.git.trees(unknown, [toRoot(this.git, 'supabase')], signal);
      unknown.forEach((hash) => this.entries.set(hash, trees.get(hash) ?? []));
    }
  }

  /** Reads contents below these paths of the place, in all commits known, at once: closures then need no process of their own. */
  async fetch(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const roots = paths.map((path) => toRoot(this.git, path));
    const wanted = new Set<string>();
    for (const list of new Set(this.entries.values())) {
      const below = list.filter((entry) => entry.mode !== '160000' && roots.some((root) => entry.path === root || entry.path.startsWith(`${root}/`)));
      below.forEach((entry) => wanted.add(entry.oid));
    }
    const missing = [...wanted].filter((oid) => !this.contents.has(oid));
    if (missing.length > 0) {
      (await this.git.blobs(missing, signal)).forEach((content, oid) => this.contents.set(oid, content));
    }
  }

  tree(commit: Commit): CommitTree {
    const known = this.entries.get(commit.hash);
    return new CommitTree(this.git, commit.hash, { contents: this.contents, ...(known ? { known } : {}) });
  }

  /** Entries below `supabase/` of a commit that was learnt; paths begin at the repository's root. */
  entriesOf(commit: Commit): readonly TreeEntry[] {
    return this.entries.get(commit.hash) ?? [];
  }

  /** `undefined` when nothing can be deployed from the commit: the function is not there, or its config cannot be read. */
  async at(commit: Commit, slug: string, folder: string, signal: AbortSignal): Promise<SourceAtCommit | undefined> {
    const list = this.entriesOf(commit);
    const ofTree = this.collected.get(list) ?? new Map<string, Promise<SourceAtCommit | undefined>>();
    this.collected.set(list, ofTree);
    const collected = ofTree.get(folder) ?? this.collect(commit, slug, folder, signal);
    ofTree.set(folder, collected);
    return collected;
  }

  private async collect(commit: Commit, slug: string, folder: string, signal: AbortSignal): Promise<SourceAtCommit | undefined> {
    const tree = this.tree(commit);
    try {
      const options = { toml: this.toml, at: commit.hash.slice(0, 7), ...(folder === slug ? {} : { formerSlug: folder }) };
      const source = await collectFunction(slug, tree, options, signal);
      const files = await Promise.all([...source.files].map(async ([path, file]) => [path, (await tree.oid(path, signal)) ?? '', file.role === 'module'] as const));
      const { entrypoint, importMap, staticFiles, verifyJwt } = source;
      return { source, files, identity: JSON.stringify([entrypoint, importMap, staticFiles, verifyJwt, files]) };
    } catch (error) {
      if (isOpsError(error, 'functionMissing', 'entrypointMissing', 'badConfig', 'badPath')) {
        return undefined;
      }
      throw error;
    }
  }
}
