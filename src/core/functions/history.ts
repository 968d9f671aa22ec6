import { isOpsError } from '../errors.ts';
import type { Commit, GitHistory, TomlReader, TreeEntry } from '../ports.ts';
import { isWithin } from '../../util/relativePath.ts';
import type { SentFiles } from './ledger.ts';
import { readTogether, type ObjectReader } from './readTogether.ts';
import { collectFunction, type FunctionSource } from './source.ts';
import { CommitTree, submoduleMode, toPlace, toRoot } from './sourceTree.ts';

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
  /** Paths of the place that are read of every commit. */
  readonly roots: readonly string[];
  private readonly git: GitHistory;
  private readonly objects: ObjectReader;
  private readonly toml: TomlReader;
  private readonly contents = new Map<string, Uint8Array>();
  private readonly entries = new Map<string, readonly TreeEntry[]>();
  private readonly trees = new Map<string, CommitTree>();
  private readonly partial = new Set<string>();
  private readonly collected = new Map<readonly TreeEntry[], Map<string, Promise<SourceAtCommit | undefined>>>();

  constructor({ git, toml }: HistoryNeeds, roots: readonly string[] = ['supabase']) {
    this.git = git;
    this.objects = readTogether(git);
    this.toml = remembering(toml);
    this.roots = roots;
  }

  /** Reads the trees of commits that are not known yet. */
  async learn(commits: readonly Pick<Commit, 'hash'>[], signal: AbortSignal): Promise<void> {
    const unknown = [...new Set(commits.map((commit) => commit.hash))].filter((hash) => !this.entries.has(hash));
    if (unknown.length > 0) {
      const trees = await this.git.trees(unknown, this.roots.map((root) => toRoot(this.git, root)), signal);
      unknown.forEach((hash) => this.entries.set(hash, trees.get(hash) ?? []));
    }
  }

  /** All entries below the roots, of a commit for which they are at hand already. */
  know(hash: string, entries: readonly TreeEntry[]): void {
    this.entries.set(hash, entries);
  }

  isKnown(hash: string): boolean {
    return this.entries.has(hash);
  }

  /** Contents that are at hand already, by id. */
  add(contents: ReadonlyMap<string, Uint8Array>): void {
    contents.forEach((content, oid) => this.contents.set(oid, content));
  }

  /** Reads contents of commits that were learnt, at once: closures then need no process of their own. Paths are the place's. */
  async fetch(wanted: readonly { readonly hash: string; readonly wants: (path: string) => boolean }[], signal: AbortSignal): Promise<void> {
    const oids = new Set<string>();
    for (const { hash, wants } of wanted) {
      for (const { path, mode, oid } of this.entriesOf({ hash })) {
        if (mode !== submoduleMode && !this.contents.has(oid) && wants(toPlace(this.git, path))) {
          oids.add(oid);
        }
      }
    }
    await this.read([...oids], signal);
  }

  /** Contents by id; each is asked for once. */
  async read(oids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    const missing = oids.filter((oid) => !this.contents.has(oid));
    if (missing.length > 0) {
      this.add(await this.git.blobs(missing, signal));
    }
    return this.contents;
  }

  /** A partial clone lacks files that a function at the commit was looked for in. */
  isPartial(hash: string): boolean {
    return this.partial.has(hash);
  }

  tree({ hash }: Pick<Commit, 'hash'>): CommitTree {
    const entries = this.entries.get(hash);
    const tree = this.trees.get(hash) ?? new CommitTree(this.objects, hash, { contents: this.contents, ...(entries ? { known: { entries, below: this.roots } } : {}) });
    this.trees.set(hash, tree);
    return tree;
  }

  /** Entries below the roots of a commit that was learnt; paths begin at the repository's root. */
  entriesOf(commit: Pick<Commit, 'hash'>): readonly TreeEntry[] {
    return this.entries.get(commit.hash) ?? [];
  }

  /** `undefined` when nothing can be deployed from the commit: the function is not there, its config cannot be read, or it {@link isPartial}. */
  async at(commit: Pick<Commit, 'hash'>, slug: string, folder: string, signal: AbortSignal): Promise<SourceAtCommit | undefined> {
    const list = this.entriesOf(commit);
    const ofTree = this.collected.get(list) ?? new Map<string, Promise<SourceAtCommit | undefined>>();
    this.collected.set(list, ofTree);
    const key = `${slug} ${folder}`;
    const collected = ofTree.get(key) ?? this.collect(commit, slug, folder, signal);
    ofTree.set(key, collected);
    return collected;
  }

  private async collect(commit: Pick<Commit, 'hash'>, slug: string, folder: string, signal: AbortSignal): Promise<SourceAtCommit | undefined> {
    const tree = this.tree(commit);
    try {
      const options = { toml: this.toml, at: commit.hash.slice(0, 7), ...(folder === slug ? {} : { formerSlug: folder }) };
      const source = await collectFunction(slug, tree, options, signal);
      const files = await Promise.all([...source.files].map(async ([path, file]) => [path, (await tree.oid(path, signal)) ?? '', file.role === 'module'] as const));
      const { entrypoint, importMap, staticFiles, verifyJwt } = source;
      return { source, files, identity: JSON.stringify([entrypoint, importMap, staticFiles, verifyJwt, files]) };
    } catch (error) {
      if (isOpsError(error, 'commitNotWhole')) {
        this.partial.add(commit.hash);
        return undefined;
      }
      if (isOpsError(error, 'functionMissing', 'entrypointMissing', 'badConfig', 'badPath')) {
        return undefined;
      }
      throw error;
    }
  }
}

/** Whether a path lies below any of these. */
export function isBelow(paths: readonly string[], path: string): boolean {
  return paths.some((one) => isWithin(one, path));
}

/** One `config.toml` serves all functions of many commits. */
export function remembering(toml: TomlReader): TomlReader {
  const known = new Map<string, ReturnType<TomlReader['read']>>();
  return {
    read: async (text) => {
      const reading = known.get(text) ?? toml.read(text);
      known.set(text, reading);
      return reading;
    },
  };
}
