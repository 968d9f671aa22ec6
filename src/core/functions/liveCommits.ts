import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { BodyArchive, Digest, GitHistory, ManagementApi, PlaceFiles, TomlReader } from '../ports.ts';
import type { Connection } from '../project/connection.ts';
import { Emitter } from '../../util/event.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Ledger } from './ledger.ts';
import { readPause, type PauseNote } from './pause.ts';
import { findLive, type Live } from './live.ts';
import { differsFrom } from './prepare.ts';
import { collectFunction } from './source.ts';
import { CommitTree, workingTree } from './sourceTree.ts';

/** What is known of a deployed function's source. */
export interface LiveKnowledge {
  readonly live: Live;
  /** Files of the function in the working tree that HEAD does not hold as they are. */
  readonly uncommitted: readonly string[];
  /** What is live is a pause, from this machine or another. */
  readonly paused?: PauseNote;
}

export type LiveAnswer = { readonly kind: 'looking' } | { readonly kind: 'known'; readonly knowledge: LiveKnowledge } | { readonly kind: 'failed'; readonly error: OpsError };

/** What looking takes; absent history means that nothing can be said. */
export interface LiveTools {
  readonly git?: GitHistory;
  readonly files: PlaceFiles;
  readonly toml: TomlReader;
  readonly ledger: Ledger;
  readonly digest: Digest;
  readonly bodies: BodyArchive;
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
  private readonly changed = new Emitter<void>();
  private running: AbortController | undefined;
  readonly onDidChange = this.changed.event;

  constructor({ tools }: { tools: (connection: Connection, signal: AbortSignal) => Promise<LiveTools> }) {
    this.tools = tools;
  }

  /** `undefined` before it was looked for, and where there is no history. */
  answer(ref: string, fn: EdgeFunction): LiveAnswer | undefined {
    return this.answers.get(nameOf(ref, fn));
  }

  /** Begins to look; an earlier look, for another list, ends. Failures are answers; nothing is thrown. */
  async look(connection: Connection, functions: readonly EdgeFunction[]): Promise<void> {
    this.running?.abort();
    const controller = new AbortController();
    this.running = controller;
    const { signal } = controller;
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
      const waiting = [...functions];
      const worker = async () => {
        for (let fn = waiting.shift(); fn && !signal.aborted; fn = waiting.shift()) {
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

  /** What was deployed or committed meanwhile is looked at again. */
  forget(): void {
    this.running?.abort();
    this.answers.clear();
    this.changed.fire();
  }

  private async lookUp(context: Context, fn: EdgeFunction, signal: AbortSignal): Promise<void> {
    const { ref } = context.connection.project;
    const key = nameOf(ref, fn);
    const before = this.answers.get(key);
    if (before?.kind !== 'known') {
      this.answers.set(key, { kind: 'looking' });
    }
    try {
      const knowledge = await know(context, fn, signal);
      this.settle(key, { kind: 'known', knowledge });
    } catch (error) {
      if (isCancelled(error) || signal.aborted) {
        this.answers.delete(key);
      } else if (isOpsError(error)) {
        this.settle(key, { kind: 'failed', error });
      } else {
        throw error;
      }
    }
  }

  private settle(key: string, answer: LiveAnswer): void {
    if (JSON.stringify(this.answers.get(key)) !== JSON.stringify(answer)) {
      this.answers.set(key, answer);
      this.changed.fire();
    }
  }
}

interface Context {
  readonly connection: Connection;
  readonly management: ManagementApi;
  readonly tools: LiveTools;
  readonly git: GitHistory;
  readonly head: string;
}

async function know({ connection, management, tools, git, head }: Context, fn: EdgeFunction, signal: AbortSignal): Promise<LiveKnowledge> {
  const { ref } = connection.project;
  const body = async (bodySignal: AbortSignal) => readBody(management, tools.bodies, ref, fn, bodySignal);
  const live = await findLive(fn, { ...tools, git, body }, signal);
  const uncommitted = await uncommittedFiles(fn.slug, tools, new CommitTree(git, head), signal);
  const paused = live.kind === 'commit' ? undefined : readPause(await body(signal));
  return { live, uncommitted, ...(paused ? { paused } : {}) };
}

/** The body of a version never changes: it is fetched once. */
export async function readBody(management: Pick<ManagementApi, 'functionBody'>, bodies: BodyArchive, ref: string, fn: EdgeFunction, signal: AbortSignal): Promise<FunctionBody> {
  const kept = await bodies.get(ref, fn.slug, fn.version).catch(() => undefined);
  if (kept) {
    return kept;
  }
  const body = await management.functionBody(ref, fn.slug, { signal, priority: 'view' });
  // A disk that is full costs a request next time, and nothing else.
  await bodies.put(ref, fn.slug, fn.version, body).catch(() => undefined);
  return body;
}

/** Empty for a function that is not in the working tree or cannot be put together there. */
async function uncommittedFiles(slug: string, { files, toml }: LiveTools, head: CommitTree, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await differsFrom(head, await collectFunction(slug, workingTree(files), { toml }, signal), signal);
  } catch (error) {
    if (isOpsError(error, 'functionMissing', 'entrypointMissing', 'badConfig', 'badPath')) {
      return [];
    }
    throw error;
  }
}

function nameOf(ref: string, fn: EdgeFunction): string {
  return `${ref} ${fn.slug} ${fn.version} ${fn.bundleSha256 ?? ''}`;
}
