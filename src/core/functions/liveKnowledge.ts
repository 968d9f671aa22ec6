import { isOpsError } from '../errors.ts';
import type { BodyArchive, Digest, GitHistory, ManagementApi, PlaceFiles, TomlReader } from '../ports.ts';
import type { Connection } from '../project/connection.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Ledger } from './ledger.ts';
import { findLive, type Live } from './live.ts';
import { readPause, type PauseNote } from './pause.ts';
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

/** What looking takes; absent history means that nothing can be said. */
export interface LiveTools {
  readonly git?: GitHistory;
  readonly files: PlaceFiles;
  readonly toml: TomlReader;
  readonly ledger: Ledger;
  readonly digest: Digest;
  readonly bodies: BodyArchive;
}

/** Where to look. */
export interface LookUp {
  readonly connection: Connection;
  readonly management: ManagementApi;
  readonly tools: LiveTools;
  readonly git: GitHistory;
  readonly head: string;
}

/** By evidence: the ledger, else the body that is live. Read with the first look. */
export async function know({ connection, management, tools, git, head }: LookUp, fn: EdgeFunction, signal: AbortSignal): Promise<LiveKnowledge> {
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
