import { OpsError } from '../errors.ts';
import type { GitHistory, PlaceFiles, TreeEntry } from '../ports.ts';
import type { ObjectReader } from './readTogether.ts';
import { folderOf, isSafeRelativePath, isWithin, resolveRelative } from '../../util/relativePath.ts';

/** Files to deploy from: a commit's, the working tree's, or those of a body that was recorded. Paths are relative to the place. */
export interface SourceTree {
  /** Contents by path; a path without a file is left out. */
  read(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Files below a folder, sorted; a file is its own list, and what does not exist has none. */
  list(folder: string, signal: AbortSignal): Promise<readonly string[]>;
}

export function workingTree(files: PlaceFiles): SourceTree {
  return {
    async read(paths, signal) {
      const contents = await Promise.all(paths.map(async (path) => [path, await files.read(path, signal)] as const));
      return new Map(contents.filter((entry): entry is readonly [string, Uint8Array] => entry[1] !== undefined));
    },
    async list(folder, signal) {
      const below = await files.list(folder, signal);
      return below.length === 0 && (await files.read(folder, signal)) ? [folder] : below;
    },
  };
}

export function recordedTree(files: ReadonlyMap<string, Uint8Array>): SourceTree {
  return {
    read: async (paths) => new Map(paths.flatMap((path) => (files.has(path) ? [[path, files.get(path) ?? new Uint8Array()] as const] : []))),
    list: async (folder) => [...files.keys()].filter((path) => isWithin(folder, path)).sort(),
  };
}

/** A path of the repository as one of the place. */
export function toPlace(git: Pick<GitHistory, 'prefix'>, path: string): string {
  return git.prefix === '' ? path : path.slice(git.prefix.length + 1);
}

/** A path of the place as one of the repository. */
export function toRoot(git: Pick<GitHistory, 'prefix'>, path: string): string {
  return git.prefix === '' ? path : `${git.prefix}/${path}`;
}

export const linkMode = '120000';
export const submoduleMode = '160000';

/**
 * The place as it was at a commit, read from git's objects and never checked out. Links are followed inside the place; a submodule's
 * files are not there, since the repository holds only its commit. Reading throws `commitNotWhole` where a partial clone lacks a file.
 */
export class CommitTree implements SourceTree {
  private readonly git: ObjectReader;
  private readonly commit: string;
  private readonly entries: Map<string, TreeEntry>;
  private readonly asked = new Set<string>();
  private readonly contents: Map<string, Uint8Array>;

  /**
   * `known` are all entries of the commit below these paths of the place, when they have been read already; the paths of entries begin
   * at the repository's root. `contents` by id may be shared between the trees of many commits.
   */
  constructor(
    git: ObjectReader,
    commit: string,
    { known, contents = new Map() }: { known?: { readonly entries: readonly TreeEntry[]; readonly below: readonly string[] }; contents?: Map<string, Uint8Array> } = {},
  ) {
    this.git = git;
    this.commit = commit;
    this.contents = contents;
    this.entries = new Map(known?.entries.map((entry) => [toPlace(git, entry.path), entry]));
    known?.below.forEach((path) => this.asked.add(path));
  }

  async read(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>> {
    await this.learn(paths, signal);
    const targets = new Map<string, TreeEntry>();
    for (const path of paths) {
      const entry = await this.follow(path, signal);
      if (entry) {
        targets.set(path, entry);
      }
    }
    await this.fetch([...targets.values()], signal);
    return new Map([...targets].map(([path, entry]) => [path, this.contents.get(entry.oid) ?? new Uint8Array()]));
  }

  async list(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    await this.learn([folder], signal);
    const below = [...this.entries.keys()].filter((path) => isWithin(folder, path));
    const present = await Promise.all(below.map(async (path) => ((await this.follow(path, signal)) ? path : undefined)));
    return present.filter((path) => path !== undefined).sort();
  }

  /** The id of the file's content, links followed; `undefined` when there is none. */
  async oid(path: string, signal: AbortSignal): Promise<string | undefined> {
    await this.learn([path], signal);
    return (await this.follow(path, signal))?.oid;
  }

  /** All of `supabase/` at once, anything else path by path; the whole place when a list begins at its top. */
  private async learn(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const isNew = (path: string) => ![...this.asked].some((asked) => isWithin(asked, path));
    const wanted = paths.filter((path) => isNew(path) && (path === '' || isSafeRelativePath(path)));
    const unknown = [...new Set(wanted.map((path) => (isWithin('supabase', path) ? 'supabase' : path)))];
    if (unknown.length === 0) {
      return;
    }
    const all = unknown.includes('') && this.git.prefix === '';
    const roots = unknown.map((path) => (path === '' ? this.git.prefix : toRoot(this.git, path)));
    for (const entry of await this.git.tree(this.commit, all ? [] : roots, signal)) {
      this.entries.set(toPlace(this.git, entry.path), entry);
    }
    unknown.forEach((path) => this.asked.add(path));
  }

  private async fetch(entries: readonly TreeEntry[], signal: AbortSignal): Promise<void> {
    const missing = entries.map((entry) => entry.oid).filter((oid) => !this.contents.has(oid));
    if (missing.length > 0) {
      (await this.git.blobs(missing, signal)).forEach((content, oid) => this.contents.set(oid, content));
      if (missing.some((oid) => !this.contents.has(oid))) {
        throw new OpsError('commitNotWhole', { commit: this.commit });
      }
    }
  }

  /** The regular file behind a path: a link in any part of it is followed, as often as a file system does at most. */
  private async follow(path: string, signal: AbortSignal, steps = 0): Promise<TreeEntry | undefined> {
    const link = this.linkOn(path);
    if (!link) {
      const entry = this.entries.get(path);
      return entry?.mode === submoduleMode ? undefined : entry;
    }
    await this.fetch([link.entry], signal);
    const target = resolveRelative(folderOf(link.path), new TextDecoder().decode(this.contents.get(link.entry.oid)));
    if (target === undefined || target === '' || steps > 40) {
      return undefined;
    }
    const next = target + path.slice(link.path.length);
    await this.learn([next], signal);
    return this.follow(next, signal, steps + 1);
  }

  private linkOn(path: string): { path: string; entry: TreeEntry } | undefined {
    for (let part = path; part !== ''; part = folderOf(part)) {
      const entry = this.entries.get(part);
      if (entry?.mode === linkMode) {
        return { path: part, entry };
      }
    }
    return undefined;
  }
}
