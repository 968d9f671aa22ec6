import { createHash } from 'node:crypto';
import { OpsError } from '../../src/core/errors.ts';
import type { ChangedCommit, Commit, FileChange, GitHistory, TagWriter, TreeEntry } from '../../src/core/ports.ts';
import { isWithin } from '../../src/util/relativePath.ts';

type Files = Readonly<Record<string, string>>;

interface Snapshot {
  readonly commit: Commit;
  readonly parent: Snapshot | undefined;
  readonly files: ReadonlyMap<string, { readonly oid: string; readonly mode: string }>;
}

const idOf = (content: string) => createHash('sha1').update(`blob ${Buffer.byteLength(content)}\0${content}`).digest('hex');

/** A linear history in memory, with branches beside it and commits that nothing leads to; ids of files are git's own. */
export class FakeGitHistory implements GitHistory, TagWriter {
  readonly prefix: string;
  private readonly line: Snapshot[] = [];
  private readonly elsewhere: Snapshot[] = [];
  private readonly unreachable: Snapshot[] = [];
  private readonly contents = new Map<string, Uint8Array>();
  /** How often each member was called. */
  readonly calls: string[] = [];

  constructor(prefix = '') {
    this.prefix = prefix;
  }

  /** Adds a commit on top: the files before with these changes; `null` removes one. Gives its hash. */
  add(subject: string, changes: Readonly<Record<string, string | null>>, options: { links?: Files; on?: 'head' | 'elsewhere' | 'nowhere' } = {}): string {
    const parent = this.line.at(-1);
    const files = new Map(parent?.files);
    const put = (path: string, content: string, mode: string) => {
      const oid = idOf(content);
      this.contents.set(oid, new TextEncoder().encode(content));
      files.set(path, { oid, mode });
    };
    for (const [path, content] of Object.entries(changes)) {
      if (content === null) {
        files.delete(path);
      } else {
        put(path, content, '100644');
      }
    }
    Object.entries(options.links ?? {}).forEach(([path, target]) => put(path, target, '120000'));
    const number = this.line.length + this.elsewhere.length + this.unreachable.length + 1;
    const commit: Commit = { hash: String(number).padStart(40, '0'), subject, author: 'Ada', time: number * 3_600_000, refs: [] };
    ({ head: this.line, elsewhere: this.elsewhere, nowhere: this.unreachable })[options.on ?? 'head'].push({ commit, parent, files });
    return commit.hash;
  }

  async head(): Promise<Commit | undefined> {
    this.calls.push('head');
    return this.line.at(-1)?.commit;
  }

  async tag(name: string, commit: string): Promise<void> {
    const found = this.snapshot(commit);
    if ([...this.line, ...this.elsewhere].some((snapshot) => snapshot.commit.refs.includes(name))) {
      throw new OpsError('gitFailed', { command: 'tag', message: `fatal: tag '${name}' already exists` });
    }
    Object.assign(found, { commit: { ...found.commit, refs: [...found.commit.refs, name] } });
  }

  async commitsTouching(paths: readonly string[], limit: number): Promise<readonly Commit[]> {
    this.calls.push('commitsTouching');
    return touching(this.line, paths).slice(0, limit);
  }

  async changesUpTo(commit: string, paths: readonly string[], limit: number): Promise<readonly ChangedCommit[]> {
    this.calls.push('changesUpTo');
    return changed(this.line.slice(0, this.line.indexOf(this.snapshot(commit)) + 1), paths).slice(0, limit);
  }

  async changesElsewhere(_commit: string, paths: readonly string[], limit: number): Promise<readonly ChangedCommit[]> {
    this.calls.push('changesElsewhere');
    return changed(this.elsewhere, paths).slice(0, limit);
  }

  async commits(hashes: readonly string[]): Promise<ReadonlyMap<string, Commit>> {
    this.calls.push('commits');
    return new Map(this.all().filter(({ commit }) => hashes.includes(commit.hash)).map(({ commit }) => [commit.hash, commit]));
  }

  /** The author's time is the committer's here. */
  async commitsSince(paths: readonly string[], since: number, limit: number): Promise<readonly Commit[]> {
    return touching(this.line, paths).filter(({ time }) => time > since).slice(0, limit);
  }

  async namedCommits(limit: number): Promise<readonly Commit[]> {
    return [...this.line, ...this.elsewhere].map(({ commit }) => commit).filter(({ refs }) => refs.length > 0).toReversed().slice(0, limit);
  }

  /** By hash or by name. */
  async commit(name: string): Promise<Commit> {
    return this.snapshot(name).commit;
  }

  async tree(commit: string, paths: readonly string[]): Promise<readonly TreeEntry[]> {
    this.calls.push('tree');
    return entriesOf(this.snapshot(commit), paths);
  }

  async trees(commits: readonly string[], paths: readonly string[]): Promise<ReadonlyMap<string, readonly TreeEntry[]>> {
    this.calls.push('trees');
    return new Map(commits.map((commit) => [commit, entriesOf(this.snapshot(commit), paths)]));
  }

  /** As a partial clone does: this content, wherever it stands, is not here. */
  lose(content: string): void {
    for (const [oid, bytes] of this.contents) {
      if (new TextDecoder().decode(bytes) === content) {
        this.contents.delete(oid);
      }
    }
  }

  async blobs(oids: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    this.calls.push('blobs');
    return new Map(
      oids.flatMap((oid) => {
        const content = this.contents.get(oid);
        return content ? [[oid, content]] : [];
      }),
    );
  }

  private all(): readonly Snapshot[] {
    return [...this.line, ...this.elsewhere, ...this.unreachable];
  }

  private snapshot(commit: string): Snapshot {
    const found = this.all().find((snapshot) => snapshot.commit.hash === commit || snapshot.commit.refs.includes(commit));
    if (!found) {
      throw new OpsError('commitNotFound', { commit });
    }
    return found;
  }
}

function entriesOf(snapshot: Snapshot, paths: readonly string[]): TreeEntry[] {
  return [...snapshot.files].filter(([path]) => paths.length === 0 || paths.some((folder) => isWithin(folder, path))).map(([path, { oid, mode }]) => ({ path, oid, mode }));
}

/** Newest first; the parent of one is the nearest before it that changed something too. */
function changed(snapshots: readonly Snapshot[], paths: readonly string[]): ChangedCommit[] {
  return snapshots
    .map((snapshot) => ({ snapshot, changes: changesOf(snapshot, paths) }))
    .filter(({ changes }) => changes.length > 0)
    .map(({ snapshot, changes }) => ({ hash: snapshot.commit.hash, parents: parentsOf(snapshot, snapshots, paths), changes }))
    .reverse();
}

function parentsOf({ parent }: Snapshot, among: readonly Snapshot[], paths: readonly string[]): string[] {
  let nearest = parent;
  while (nearest && among.includes(nearest) && changesOf(nearest, paths).length === 0) {
    nearest = nearest.parent;
  }
  return nearest ? [nearest.commit.hash] : [];
}

function changesOf(snapshot: Snapshot, paths: readonly string[]): FileChange[] {
  const [before, after] = [snapshot.parent?.files ?? new Map<string, never>(), snapshot.files];
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => paths.some((folder) => isWithin(folder, path)))
    .map((path) => ({ path, before: before.get(path), after: after.get(path) }))
    .filter((one) => one.before?.oid !== one.after?.oid || one.before?.mode !== one.after?.mode);
}

function touching(line: readonly Snapshot[], paths: readonly string[]): Commit[] {
  const state = (snapshot: Snapshot | undefined) => JSON.stringify(snapshot ? entriesOf(snapshot, paths).toSorted((a, b) => (a.path < b.path ? -1 : 1)) : []);
  return line.filter((snapshot, at) => state(snapshot) !== state(line[at - 1])).map((snapshot) => snapshot.commit).reverse();
}
