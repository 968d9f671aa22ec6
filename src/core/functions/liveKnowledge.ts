import { isOpsError } from '../errors.ts';
import type { BodyArchive, Commit, Digest, GitHistory, ManagementApi, PlaceFiles, TomlReader } from '../ports.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import { remembering } from './history.ts';
import type { Ledger } from './ledger.ts';
import type { Live } from './live.ts';
import { LiveSearch, type Evidenced } from './liveSearch.ts';
import { readPause, type PauseNote } from './pause.ts';
import { differsFrom } from './prepare.ts';
import { readBody } from './readBody.ts';
import { collectFunction, type FunctionSource } from './source.ts';
import { workingTree, type CommitTree, type SourceTree } from './sourceTree.ts';

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
  readonly ref: string;
  readonly management: Pick<ManagementApi, 'functionBody'>;
  readonly tools: LiveTools;
  readonly git: GitHistory;
  readonly head: Commit;
}

/** One look at the functions of a project, by evidence: the ledger, else the bodies that are live. */
export class Look {
  private readonly context: LookUp;
  private readonly search: LiveSearch;
  private readonly toml: TomlReader;
  private readonly tree: SourceTree;
  private readonly sources = new Map<string, Promise<FunctionSource | undefined>>();

  /** Resolves when there is enough to answer. */
  readonly ready: Promise<void>;

  private constructor(context: LookUp, search: LiveSearch, ready: Promise<void>) {
    this.ready = ready;
    this.context = context;
    this.search = search;
    this.toml = remembering(context.tools.toml);
    this.tree = workingTree(readOnce(context.tools.files));
  }

  /** Reads the ledger, and begins to read the history. */
  static async begin(context: LookUp, signal: AbortSignal): Promise<Look> {
    const { tools, git, head } = context;
    const search = new LiveSearch(head, { git, toml: tools.toml, digest: tools.digest, deployments: await tools.ledger.deployments() });
    return new Look(context, search, search.begin(signal));
  }

  /** What is live of one function; throws what fetching its body throws. Its files are read meanwhile. */
  async evidence(fn: EdgeFunction, signal: AbortSignal): Promise<Evidenced> {
    const { management, tools, ref } = this.context;
    void this.local(fn.slug, signal).catch(() => undefined);
    return this.search.evidence({ fn, body: async (bodySignal) => readBody(management, tools.bodies, ref, fn, { signal: bodySignal, priority: 'view' }) }, signal);
  }

  /** By slug; what is asked together is read together. */
  async answers(questions: readonly Evidenced[], signal: AbortSignal): Promise<ReadonlyMap<string, LiveKnowledge>> {
    const found = await this.search.find(questions, signal);
    const head = await this.search.headTree(questions.map(({ fn }) => fn.slug), signal);
    const answers = await Promise.all(
      questions.map(async ({ fn, body }) => {
        const live: Live = found.get(fn.slug) ?? { kind: 'notInRepository' };
        const uncommitted = await this.uncommitted(fn.slug, head, signal);
        const paused = live.kind === 'commit' ? undefined : readPause(await body(signal));
        return [fn.slug, { live, uncommitted, ...(paused ? { paused } : {}) }] as const;
      }),
    );
    return new Map(answers);
  }

  private async uncommitted(slug: string, head: CommitTree, signal: AbortSignal): Promise<readonly string[]> {
    const source = await this.local(slug, signal);
    return source ? differsFrom(head, source, signal) : [];
  }

  /** `undefined` for a function that is not in the working tree or cannot be put together there. */
  private local(slug: string, signal: AbortSignal): Promise<FunctionSource | undefined> {
    const reading = this.sources.get(slug) ?? collectFunction(slug, this.tree, { toml: this.toml }, signal).catch(notThere);
    this.sources.set(slug, reading);
    return reading;
  }
}

function notThere(error: unknown): undefined {
  if (!isOpsError(error, 'functionMissing', 'entrypointMissing', 'badConfig', 'badPath')) {
    throw error;
  }
}

/** What functions share is read once for all of them. */
function readOnce(files: PlaceFiles): PlaceFiles {
  const known = new Map<string, Promise<Uint8Array | undefined>>();
  return {
    read: async (path, signal) => {
      const reading = known.get(path) ?? files.read(path, signal);
      known.set(path, reading);
      return reading;
    },
    list: async (folder, signal) => files.list(folder, signal),
  };
}
