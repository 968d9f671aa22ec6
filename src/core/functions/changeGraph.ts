import type { ChangedCommit, FileChange, StoredFile, TreeEntry } from '../ports.ts';
import { linkMode } from './sourceTree.ts';

/** What is followed through a history: some files, and which of their contents count as right. */
export interface Followed {
  /** By path, from the repository's root: whether content of this id is right. */
  readonly files: ReadonlyMap<string, (oid: string) => boolean>;
  /** Whether a change of another path counts as a change of what is followed. */
  readonly owns: (path: string) => boolean;
}

/** What became of what is followed. Commits are numbered as in the history, newest first. */
export interface Course {
  /** Every file is there and right at this commit, or may be: where a link leads is not known here. */
  mayHold(commit: number): boolean;
  /** Every file is there and right, without links. */
  holds(commit: number): boolean;
  /** Commits that changed something of it, newest first; a merge counts when it is unlike each of its parents. */
  readonly touching: readonly number[];
}

/** What happened to one path: the n-th change was made by the n-th node. */
interface PathHistory {
  readonly nodes: number[];
  readonly changes: FileChange[];
}

/**
 * Commits with what they changed, as a graph through which any set of files is followed without asking git again: what a commit holds is
 * what its base holds, and what it changed.
 */
export class ChangeGraph {
  readonly commits: readonly ChangedCommit[];
  /** The commits, then what stands for the commits that the history ends at, with all their files. */
  private readonly nodes: readonly ChangedCommit[];
  private readonly paths = new Map<string, PathHistory>();
  private readonly parents: readonly (readonly number[])[];
  /** The node that a node's changes are told against, its first parent; -1: they are all it has. */
  private readonly bases: Int32Array;
  /** Parents before children. */
  private readonly order: Int32Array;
  /** How many links there are. */
  private readonly links: Int32Array;

  /** `treesOf` gives the files of commits that are parents and not among the commits. */
  static async read(commits: readonly ChangedCommit[], treesOf: (hashes: readonly string[]) => Promise<ReadonlyMap<string, readonly TreeEntry[]>>): Promise<ChangeGraph> {
    const numbers = new Map(commits.map(({ hash }, number) => [hash, number]));
    const ends = new Set<string>();
    for (const { parents } of commits) {
      parents.forEach((hash) => numbers.has(hash) || ends.add(hash));
    }
    const trees = ends.size === 0 ? new Map<string, readonly TreeEntry[]>() : await treesOf([...ends]);
    const beyond = [...ends].map((hash): ChangedCommit => ({ hash, parents: [], changes: (trees.get(hash) ?? []).map(({ path, mode, oid }) => ({ path, before: undefined, after: { mode, oid } })) }));
    beyond.forEach(({ hash }, index) => numbers.set(hash, commits.length + index));
    return new ChangeGraph(commits, [...commits, ...beyond], numbers);
  }

  private constructor(commits: readonly ChangedCommit[], nodes: readonly ChangedCommit[], numbers: ReadonlyMap<string, number>) {
    this.commits = commits;
    this.nodes = nodes;
    this.parents = nodes.map(({ parents }) => parents.map((hash) => numbers.get(hash) ?? -1));
    this.order = parentsFirst(this.parents);
    this.bases = Int32Array.from(nodes, ({ isWhole }, node) => (isWhole ? -1 : (this.parents[node]?.[0] ?? -1)));
    this.links = new Int32Array(nodes.length);
    for (const [node, { changes }] of nodes.entries()) {
      for (const change of changes) {
        const history = this.paths.get(change.path) ?? { nodes: [], changes: [] };
        history.nodes.push(node);
        history.changes.push(change);
        this.paths.set(change.path, history);
        add(this.links, node, countLink(change.after) - countLink(change.before));
      }
    }
    this.detachWhole();
    for (const node of this.order) {
      add(this.links, node, this.links[this.bases[node] ?? -1] ?? 0);
    }
  }

  follow({ files, owns }: Followed): Course {
    const size = this.nodes.length;
    const [wrong, missing, states] = [new Int32Array(size), new Int32Array(size), new Int32Array(size)];
    for (const [path, { nodes, changes }] of this.paths) {
      const isRight = files.get(path);
      if (!isRight && !owns(path)) {
        continue;
      }
      const seed = hashOf(path);
      for (const [index, { before, after }] of changes.entries()) {
        const node = nodes[index] ?? 0;
        states[node] = (states[node] ?? 0) ^ trace(seed, before) ^ trace(seed, after);
        if (isRight) {
          add(missing, node, countMissing(after) - countMissing(before));
          add(wrong, node, countWrong(after, isRight) - countWrong(before, isRight));
        }
      }
    }
    this.accumulate({ wrong, missing, states }, files.size);
    const holds = (commit: number) => wrong[commit] === 0 && missing[commit] === 0;
    return { touching: this.changedStates(states), holds, mayHold: (commit) => holds(commit) || (wrong[commit] === 0 && (this.links[commit] ?? 0) > 0) };
  }

  /** Makes of what each node changes what there is at each; at first all files are missing. */
  private accumulate({ wrong, missing, states }: Record<'wrong' | 'missing' | 'states', Int32Array>, allMissing: number): void {
    for (const node of this.order) {
      const base = this.bases[node] ?? -1;
      add(wrong, node, base < 0 ? 0 : (wrong[base] ?? 0));
      add(missing, node, base < 0 ? allMissing : (missing[base] ?? 0));
      states[node] = (states[node] ?? 0) ^ (base < 0 ? 0 : (states[base] ?? 0));
    }
  }

  /** Whether any path that the history knows is one of these. */
  knows(isOne: (path: string) => boolean): boolean {
    return [...this.paths.keys()].some(isOne);
  }

  /** The commit that a commit's changes are told against. */
  base(commit: number): number | undefined {
    const base = this.bases[commit] ?? -1;
    return base < 0 ? undefined : base;
  }

  /** A commit and all that lead to it, among the commits. */
  ancestry(commit: number): (other: number) => boolean {
    const { order, parents } = this;
    const seen = new Uint8Array(order.length);
    seen[commit] = 1;
    for (let index = order.length - 1; index >= 0; index--) {
      const node = order[index] ?? 0;
      if (seen[node] === 1) {
        for (const parent of parents[node] ?? []) {
          seen[parent] = 1;
        }
      }
    }
    return (other) => seen[other] === 1;
  }

  /** All files of these commits, in no order. */
  filesOf(commits: readonly number[]): ReadonlyMap<number, readonly TreeEntry[]> {
    const wanted = new Set(commits);
    const wayTo = new Uint8Array(this.nodes.length);
    for (const commit of wanted) {
      for (let node = commit; node >= 0 && wayTo[node] === 0; node = this.bases[node] ?? -1) {
        wayTo[node] = 1;
      }
    }
    const found = new Map<number, readonly TreeEntry[]>();
    const files = new Map<string, StoredFile>();
    const put = (path: string, file: StoredFile | undefined) => (file ? files.set(path, file) : files.delete(path));
    // From each root to what is wanted, and back: what was changed on the way is taken back.
    const followers = this.followers(wayTo);
    for (const root of followers.get(-1) ?? []) {
      for (const way = [{ node: root, isBack: false }]; way.length > 0; ) {
        const { node, isBack } = way.pop() ?? { node: root, isBack: true };
        const changes = this.nodes[node]?.changes ?? [];
        if (isBack) {
          changes.forEach(({ path, before }) => put(path, before));
          continue;
        }
        changes.forEach(({ path, after }) => put(path, after));
        if (wanted.has(node)) {
          found.set(node, Array.from(files, ([path, { mode, oid }]) => ({ path, mode, oid })));
        }
        way.push({ node, isBack: true }, ...(followers.get(node) ?? []).map((next) => ({ node: next, isBack: false })));
      }
    }
    return found;
  }

  /** The id of a file's content at each commit. */
  idsOf(path: string): readonly (string | undefined)[] {
    const { nodes = [], changes = [] } = this.paths.get(path) ?? {};
    const set = new Map(nodes.map((node, index) => [node, changes[index]?.after?.oid]));
    const ids: (string | undefined)[] = [];
    for (const node of this.order) {
      ids[node] = set.has(node) ? set.get(node) : ids[this.bases[node] ?? -1];
    }
    return ids;
  }

  /** Every content that a file ever had, newest first; those of links apart from the others. */
  contentsOf(path: string): { readonly files: readonly string[]; readonly links: readonly string[] } {
    const all = (this.paths.get(path)?.changes ?? []).flatMap(({ after }) => after ?? []);
    const ids = (isLink: boolean) => [...new Set(all.filter(({ mode }) => (mode === linkMode) === isLink).map(({ oid }) => oid))];
    return { files: ids(false), links: ids(true) };
  }

  /** Paths that ever were a link. */
  linked(): readonly string[] {
    return [...this.paths].filter(([, { changes }]) => changes.some(({ after }) => after?.mode === linkMode)).map(([path]) => path);
  }

  /** Of those marked, the nodes that are told against each. */
  private followers(marked: Uint8Array): ReadonlyMap<number, readonly number[]> {
    const followers = new Map<number, number[]>();
    for (const node of this.order) {
      if (marked[node] === 1) {
        const base = this.bases[node] ?? -1;
        const known = followers.get(base);
        if (known) {
          known.push(node);
        } else {
          followers.set(base, [node]);
        }
      }
    }
    return followers;
  }

  /**
   * git leaves out a parent whose line never had any of the paths. When that is a merge's first one, all files of the merge are told as new,
   * and the parent that is left is not what they were told against.
   */
  private detachWhole(): void {
    for (const [path, { nodes, changes }] of this.paths) {
      const additions = changes.length < 2 ? [] : nodes.filter((node, index) => changes[index]?.before === undefined && (this.bases[node] ?? -1) >= 0);
      if (additions.length > 0) {
        const ids = this.idsOf(path);
        additions.filter((node) => ids[this.bases[node] ?? -1] !== undefined).forEach((node) => (this.bases[node] = -1));
      }
    }
  }

  /** Commits whose state is none of their parents'. */
  private changedStates(states: Int32Array): readonly number[] {
    const { parents } = this;
    const changed: number[] = [];
    for (let commit = 0; commit < this.commits.length; commit++) {
      const state = states[commit];
      const before = parents[commit] ?? [];
      if (before.length === 0 ? state !== 0 : before.length === 1 ? states[before[0] ?? 0] !== state : before.every((parent) => states[parent] !== state)) {
        changed.push(commit);
      }
    }
    return changed;
  }
}

function parentsFirst(parents: readonly (readonly number[])[]): Int32Array {
  const order = new Int32Array(parents.length);
  let length = 0;
  const done = new Uint8Array(parents.length);
  for (let start = parents.length - 1; start >= 0; start--) {
    for (const waiting = [start]; waiting.length > 0; ) {
      const node = waiting.at(-1) ?? start;
      const before = done[node] === 1 ? [] : (parents[node] ?? []).filter((parent) => done[parent] === 0);
      if (before.length > 0) {
        waiting.push(...before);
        continue;
      }
      waiting.pop();
      if (done[node] === 0) {
        done[node] = 1;
        order[length++] = node;
      }
    }
  }
  return order;
}

function add(counts: Int32Array, node: number, by: number): void {
  counts[node] = (counts[node] ?? 0) + by;
}

function countLink(file: StoredFile | undefined): number {
  return file?.mode === linkMode ? 1 : 0;
}

/** A link is not the file, though it may lead to it. */
function countMissing(file: StoredFile | undefined): number {
  return file === undefined || file.mode === linkMode ? 1 : 0;
}

function countWrong(file: StoredFile | undefined, isRight: (oid: string) => boolean): number {
  return file === undefined || file.mode === linkMode || isRight(file.oid) ? 0 : 1;
}

/** Tells one file's content: joined with those of all others, it tells a state. */
function trace(seed: number, file: StoredFile | undefined): number {
  return file === undefined ? 0 : Math.imul(seed ^ Number.parseInt(file.oid.slice(0, 8), 16), 0x9e3779b1) ^ Number.parseInt(file.oid.slice(8, 16), 16);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}
