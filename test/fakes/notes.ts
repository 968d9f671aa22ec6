import { OpsError } from '../../src/core/errors.ts';
import type { CommitNotes, ProgramCall } from '../../src/core/ports.ts';

type Lines = ReadonlyMap<string, readonly string[]>;

/** Notes in memory, with one remote; its commands are done by calling {@link run}. */
export class FakeNotes implements CommitNotes {
  own: Lines = new Map();
  /** What was fetched. */
  seen: Lines = new Map();
  /** What the remote has. */
  remote: Lines = new Map();
  hasRemote = true;
  /** Set to make git refuse. */
  refuses: string | undefined;

  async read(): Promise<Lines> {
    this.check();
    return union(this.own, this.seen);
  }

  async add(lines: Lines): Promise<void> {
    this.check();
    this.own = union(this.own, lines);
  }

  async merge(): Promise<boolean> {
    const before = count(this.own);
    this.own = union(this.own, this.seen);
    return count(this.own) > before;
  }

  async pushed(): Promise<void> {
    this.seen = this.own;
  }

  async unsent(): Promise<Lines> {
    const left = [...this.own].map(([commit, lines]) => [commit, lines.filter((line) => !this.seen.get(commit)?.includes(line))] as const);
    return new Map(left.filter(([, lines]) => lines.length > 0));
  }

  async remotes(): Promise<readonly { readonly name: string; readonly url: string }[]> {
    return this.hasRemote ? [{ name: 'origin', url: 'https://ada:ghp_x@git.example.test/shop.git' }] : [];
  }

  fetchCommand(remote: string): ProgramCall {
    return { program: '/usr/bin/git', args: ['fetch', remote], folder: '/shop' };
  }

  pushCommand(remote: string): ProgramCall {
    return { program: '/usr/bin/git', args: ['push', remote], folder: '/shop' };
  }

  /** What a terminal does; refuses a push that would lose a line, as git does. */
  run({ args: [command] }: ProgramCall): number {
    if (command === 'fetch') {
      this.seen = this.remote;
      return 0;
    }
    if (count(union(this.own, this.remote)) > count(this.own)) {
      return 1;
    }
    this.remote = this.own;
    return 0;
  }

  private check(): void {
    if (this.refuses !== undefined) {
      throw new OpsError('gitFailed', { command: 'update-ref', message: this.refuses });
    }
  }
}

function union(...all: readonly Lines[]): Lines {
  const lines = new Map<string, Set<string>>();
  for (const [commit, more] of all.flatMap((one) => [...one])) {
    lines.set(commit, new Set([...(lines.get(commit) ?? []), ...more]));
  }
  return new Map([...lines].map(([commit, set]) => [commit, [...set]]));
}

function count(lines: Lines): number {
  return [...lines.values()].flat().length;
}
