import type { BodyArchive, Digest, GitHistory, ManagementApi, TomlReader } from '../ports.ts';
import { algorithmOf, blobId } from './blobId.ts';
import { placeBody } from './body.ts';
import { functionCommits, type CommitsNeeds, type FunctionCommit } from './commits.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Deployment, SentFiles } from './ledger.ts';
import { periodsOf } from './ownDeploys.ts';
import { readBody } from './readBody.ts';

/** A commit that changed a function, with what is known of its time in service. */
export interface MarkedCommit extends FunctionCommit {
  /** It holds what is live. */
  readonly isLive: boolean;
  /** It was live and was replaced then (epoch milliseconds), as far as this machine's ledger knows. */
  readonly liveUntil?: number;
}

export interface PastNeeds {
  /** Absent: what is live cannot be read. */
  readonly management?: Pick<ManagementApi, 'functionBody'>;
  readonly git: GitHistory;
  readonly toml: TomlReader;
  readonly bodies: BodyArchive;
  readonly digest: Digest;
  readonly deployments: readonly Deployment[];
  readonly leftOut?: NonNullable<CommitsNeeds['leftOut']>;
}

/** The commits of `functionCommits`, marked. A live body that cannot be read leaves none marked as live. */
export async function markedCommits(ref: string, slug: string, fn: EdgeFunction | undefined, needs: PastNeeds, signal: AbortSignal): Promise<readonly MarkedCommit[]> {
  const [commits, body] = await Promise.all([
    functionCommits(slug, needs, signal),
    fn && needs.management && readBody(needs.management, needs.bodies, ref, fn, { signal, priority: 'view' }).catch((error: unknown) => unreadable(error, signal)),
  ]);
  const live = body && liveCommit(commits, slug, body, needs.digest);
  const periods = periodsOf(slug, needs.deployments, fn);
  return commits.map((one) => {
    const until = one === live ? undefined : periods.findLast(({ deployment }) => madeFrom(deployment, one))?.until;
    return { ...one, isLive: one === live, ...(until === undefined ? {} : { liveUntil: until }) };
  });
}

/** A mark is not worth a failure; giving up is. */
function unreadable(error: unknown, signal: AbortSignal): undefined {
  if (signal.aborted) {
    throw error;
  }
}

function liveCommit(commits: readonly FunctionCommit[], slug: string, body: FunctionBody, digest: Digest): FunctionCommit | undefined {
  const [first] = commits;
  if (!first) {
    return undefined;
  }
  const algorithm = algorithmOf(first.commit.hash);
  // Renamed functions lie elsewhere: the commit says where the entrypoint is.
  return commits.find(({ files }) => holds(files, new Map([...placeBody(body, slug, files[0]?.[0]).files].map(([path, content]) => [path, blobId(content, digest, algorithm)]))));
}

/** Whether what a commit would send is what was sent: everything it needs to run is there, and nothing it has is different. */
function holds(commit: SentFiles, sent: ReadonlyMap<string, string>): boolean {
  return commit.every(([path, id, needed]) => (sent.has(path) ? sent.get(path) === id : !needed));
}

function madeFrom({ intent }: Deployment, { commit, files }: FunctionCommit): boolean {
  const named = intent.origin.kind === 'commit' && intent.origin.commit === commit.hash;
  return named || (intent.files.length > 0 && holds(files, new Map(intent.files.map(([path, id]) => [path, id]))));
}
