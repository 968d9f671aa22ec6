import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { Connection } from '../project/connection.ts';
import { Emitter } from '../../util/event.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { LiveKnowledge, LiveTools, LookUp } from './liveKnowledge.ts';

export type LiveAnswer = { readonly kind: 'looking' } | { readonly kind: 'known'; readonly knowledge: LiveKnowledge } | { readonly kind: 'failed'; readonly error: OpsError };

/** One look for one connection. Each answer has the list drawn again, which asks for what is still open: that goes on and begins nothing anew. */
interface Search {
  readonly connection: Connection;
  readonly controller: AbortController;
  /** By name. */
  readonly waiting: Map<string, EdgeFunction>;
  working: Promise<void> | undefined;
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
      const worker = async () => {
        for (let [next] = waiting; next && !signal.aborted; [next] = waiting) {
          const [key, fn] = next;
          waiting.delete(key);
          await this.lookUp({ connection, management, tools, git, head: head.hash }, fn, signal);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    } catch (error) {
      if (!isCancelled(error) && !isOpsError(error)) {
        throw error;
      }
    }
  }

  private async lookUp(context: LookUp, fn: EdgeFunction, signal: AbortSignal): Promise<void> {
    const { ref } = context.connection.project;
    const key = nameOf(ref, fn);
    const before = this.answers.get(key);
    this.stale.delete(key);
    if (before?.kind !== 'known') {
      this.answers.set(key, { kind: 'looking' });
    }
    try {
      const { know } = await import('./liveKnowledge.ts');
      const knowledge = await know(context, fn, signal);
      this.settle(key, { kind: 'known', knowledge });
    } catch (error) {
      if (isCancelled(error) || signal.aborted) {
        this.reopen(key, before);
      } else if (isOpsError(error)) {
        this.settle(key, { kind: 'failed', error });
      } else {
        throw error;
      }
    }
  }

  /** Somebody else's look goes on with what was known before. */
  private reopen(key: string, before: LiveAnswer | undefined): void {
    if (before?.kind === 'known') {
      this.stale.add(key);
    } else {
      this.answers.delete(key);
    }
  }

  private settle(key: string, answer: LiveAnswer): void {
    if (JSON.stringify(this.answers.get(key)) !== JSON.stringify(answer)) {
      this.answers.set(key, answer);
      this.changed.fire();
    }
  }
}

function nameOf(ref: string, fn: EdgeFunction): string {
  return `${ref} ${fn.slug} ${fn.version} ${fn.bundleSha256 ?? ''}`;
}
