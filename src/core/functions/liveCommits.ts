import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { Connection } from '../project/connection.ts';
import { Emitter } from '../../util/event.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { LiveKnowledge, LiveTools, Look } from './liveKnowledge.ts';
import type { Evidenced } from './liveSearch.ts';

export type LiveAnswer = { readonly kind: 'looking' } | { readonly kind: 'known'; readonly knowledge: LiveKnowledge } | { readonly kind: 'failed'; readonly error: OpsError };

/** One look for one connection. Each answer has the list drawn again, which asks for what is still open: that goes on and begins nothing anew. */
interface Search {
  readonly connection: Connection;
  readonly controller: AbortController;
  /** By name. */
  readonly waiting: Map<string, EdgeFunction>;
  working: Promise<void> | undefined;
}

interface Begun {
  readonly key: string;
  readonly before: LiveAnswer | undefined;
}

interface Asked extends Begun {
  readonly evidenced: Evidenced;
}

/** Bodies asked for at once: the answer fills in behind the list and keeps nothing waiting. */
const atOnce = 4;

/**
 * Which commit is live, for each deployed function of the project shown: looked up behind the list, a body fetched once per version and
 * kept on the disk, an answer kept until the version or HEAD moves.
 */
export class LiveCommits {
  private readonly tools: (connection: Connection, signal: AbortSignal) => Promise<LiveTools>;
  private readonly answers = new Map<string, LiveAnswer>();
  /** Answers of before: shown until there is a newer one. */
  private readonly stale = new Set<string>();
  private readonly changed = new Emitter<void>();
  private search: Search | undefined;
  readonly onDidChange = this.changed.event;

  constructor({ tools }: { tools: (connection: Connection, signal: AbortSignal) => Promise<LiveTools> }) {
    this.tools = tools;
  }

  /** `undefined` before it was looked for, and where there is no history. */
  answer(ref: string, fn: EdgeFunction): LiveAnswer | undefined {
    return this.answers.get(nameOf(ref, fn));
  }

  /** There is no answer, or only one of before. */
  isOpen(ref: string, fn: EdgeFunction): boolean {
    const key = nameOf(ref, fn);
    return !this.answers.has(key) || this.stale.has(key);
  }

  /** Begins to look, or adds to what is being looked at; a look for another connection ends. Failures are answers; nothing is thrown. */
  async look(connection: Connection, functions: readonly EdgeFunction[]): Promise<void> {
    if (this.search?.connection !== connection) {
      this.search?.controller.abort();
      this.search = { connection, controller: new AbortController(), waiting: new Map(), working: undefined };
    }
    const { search } = this;
    for (const fn of functions) {
      const key = nameOf(connection.project.ref, fn);
      if (this.answers.get(key)?.kind !== 'looking') {
        search.waiting.set(key, fn);
      }
    }
    search.working ??= this.work(search).finally(() => {
      search.waiting.clear();
      search.working = undefined;
    });
    await search.working;
  }

  /** What was deployed or committed meanwhile is looked at again; until then the answers of before stand, so that a list does not flicker. */
  forget(): void {
    this.search?.controller.abort();
    this.search = undefined;
    for (const [key, { kind }] of this.answers) {
      if (kind === 'known') {
        this.stale.add(key);
      } else {
        this.answers.delete(key);
      }
    }
    this.changed.fire();
  }

  private async work({ connection, controller: { signal }, waiting }: Search): Promise<void> {
    if (connection.management.kind === 'absent' || !connection.place) {
      return;
    }
    const management = connection.management.use;
    try {
      const tools = await this.tools(connection, signal);
      const { git } = tools;
      const head = await git?.head(signal);
      if (!git || !head) {
        return;
      }
      const { Look } = await import('./liveKnowledge.ts');
      const look = await Look.begin({ ref: connection.project.ref, management, tools, git, head }, signal);
      while (waiting.size > 0 && !signal.aborted) {
        await this.lookAll(look, waiting, signal);
      }
    } catch (error) {
      if (!isCancelled(error) && !isOpsError(error)) {
        throw error;
      }
    }
  }

  /** Fetches what is live, a few at once; what has come meanwhile is answered together. */
  private async lookAll(look: Look, waiting: Map<string, EdgeFunction>, signal: AbortSignal): Promise<void> {
    const ready: Asked[] = [];
    let fetching = atOnce;
    let wake = () => {};
    const fetch = async () => {
      for (let [next] = waiting; next && !signal.aborted; [next] = waiting) {
        const [key, fn] = next;
        waiting.delete(key);
        const asked = { key, before: this.begin(key) };
        await this.settled([asked], async () => void ready.push({ ...asked, evidenced: await look.evidence(fn, signal) }), signal);
        wake();
      }
    };
    const fetchers = Array.from({ length: atOnce }, async () =>
      fetch().finally(() => {
        fetching--;
        wake();
      }),
    );
    const answerer = async () => {
      await look.ready;
      while (fetching > 0 || ready.length > 0) {
        if (ready.length === 0) {
          await new Promise<void>((resolve) => (wake = resolve));
        } else {
          const together = ready.splice(0);
          await this.settled(together, async () => this.takeAnswers(together, await look.answers(together.map(({ evidenced }) => evidenced), signal)), signal);
        }
      }
    };
    await Promise.all([answerer(), ...fetchers]);
  }

  private begin(key: string): LiveAnswer | undefined {
    const before = this.answers.get(key);
    this.stale.delete(key);
    if (before?.kind !== 'known') {
      this.answers.set(key, { kind: 'looking' });
    }
    return before;
  }

  /** A failure is an answer; who gave up goes on with what was known before. */
  private async settled(asked: readonly Begun[], work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error) || signal.aborted) {
        asked.forEach(({ key, before }) => this.reopen(key, before));
      } else if (isOpsError(error)) {
        this.settle(asked.map(({ key }) => [key, { kind: 'failed', error }]));
      } else {
        throw error;
      }
    }
  }

  private takeAnswers(asked: readonly Asked[], answers: ReadonlyMap<string, LiveKnowledge>): void {
    this.settle(
      asked.flatMap(({ key, evidenced }) => {
        const knowledge = answers.get(evidenced.fn.slug);
        return knowledge ? [[key, { kind: 'known', knowledge }]] : [];
      }),
    );
  }

  private reopen(key: string, before: LiveAnswer | undefined): void {
    if (before?.kind === 'known') {
      this.stale.add(key);
    } else {
      this.answers.delete(key);
    }
  }

  private settle(answers: readonly (readonly [string, LiveAnswer])[]): void {
    const news = answers.filter(([key, answer]) => JSON.stringify(this.answers.get(key)) !== JSON.stringify(answer));
    news.forEach(([key, answer]) => this.answers.set(key, answer));
    if (news.length > 0) {
      this.changed.fire();
    }
  }
}

function nameOf(ref: string, fn: EdgeFunction): string {
  return `${ref} ${fn.slug} ${fn.version} ${fn.bundleSha256 ?? ''}`;
}
