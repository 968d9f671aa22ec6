import type { Commit, Digest, TreeEntry } from '../ports.ts';
import { isWithin } from '../../util/relativePath.ts';
import { algorithmOf, likelyBlobIds } from './blobId.ts';
import { placeBody } from './body.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import { CommitSources, type HistoryNeeds } from './history.ts';
import type { Ledger } from './ledger.ts';
import { functionsFolder } from './source.ts';
import { linkMode, toPlace, toRoot } from './sourceTree.ts';

/** Which commit is live, and how that is known (DESIGN 5.3). */
export type Live =
  | LiveCommit
  /** No commit holds these files. `differing`: those that HEAD has otherwise or not at all; empty when HEAD asks for more than is live. */
  | { readonly kind: 'unknown'; readonly evidence: Evidence; readonly differing: readonly string[] }
  /** The repository has never had this function. */
  | { readonly kind: 'notInRepository' };

export interface LiveCommit {
  readonly kind: 'commit';
  /** The newest commit that touched the function's files and left them as they are live. */
  readonly commit: Commit;
  readonly evidence: Evidence;
  /** Commits since then, up to HEAD, that touched its files: 0 means live = HEAD. Absent when only other branches or tags have it. */
  readonly behind?: number;
  /** Older commits, of those looked at, that hold the same files: the newest was taken. Where live = HEAD none are looked at. */
  readonly alike: number;
  /** Equal but for line endings. */
  readonly lineEndingsDiffer: boolean;
}

/** `ledger`: an own deploy made exactly this version. `body`: the deployed files were fetched and hashed. */
export type Evidence = 'ledger' | 'body';

export interface LiveNeeds extends HistoryNeeds {
  readonly ledger: Ledger;
  readonly digest: Digest;
  /** What was read for another function already; many functions of one place share it. */
  readonly sources?: CommitSources;
  /** The deployed body, fetched only when the ledger does not know the version. */
  readonly body: (signal: AbortSignal) => Promise<FunctionBody>;
}

/** Commits looked at, first those that lead to HEAD, then those of all other branches and tags. */
const scanLimits = { head: 10_000, elsewhere: 10_000 } as const;

/** Decides by evidence. Throws what reading git and the body throws. */
export async function findLive(fn: EdgeFunction, needs: LiveNeeds, signal: AbortSignal): Promise<Live> {
  const { git } = needs;
  const head = await git.head(signal);
  if (!head) {
    return { kind: 'notInRepository' };
  }
  const deployed = (await provenByLedger(fn, needs)) ?? (await hashedBody(fn, needs, head, signal));
  const sources = needs.sources ?? new CommitSources(needs);
  const paths = [`${functionsFolder}/${fn.slug}`, ...deployed.files.keys()].map((path) => toRoot(git, path));
  const now = await search(deployed, fn.slug, [head], sources, needs, signal);
  if (now) {
    return { ...now, commit: (await git.commitsTouching(paths, 1, signal))[0] ?? head, behind: 0 };
  }
  const onHead = await git.commitsTouching(paths, scanLimits.head, signal);
  const match = await searchNearestFirst(deployed, fn.slug, onHead, sources, needs, signal);
  if (match) {
    return { ...match, behind: onHead.findIndex((commit) => commit.hash === match.commit.hash) };
  }
  const elsewhere = await git.commitsElsewhere(paths, scanLimits.elsewhere, signal);
  const other = await searchNearestFirst(deployed, fn.slug, elsewhere, sources, needs, signal);
  if (other) {
    return other;
  }
  return onHead.length === 0 && elsewhere.length === 0
    ? { kind: 'notInRepository' }
    : { kind: 'unknown', evidence: deployed.evidence, differing: await differing(deployed, head, sources, signal) };
}

/** The files that are live, by the ids a repository may hold them under. */
interface Deployed {
  readonly evidence: Evidence;
  readonly entrypoint: string;
  readonly files: ReadonlyMap<string, { readonly exact: string; readonly otherLineEndings?: string }>;
}

async function provenByLedger(fn: EdgeFunction, { ledger }: LiveNeeds): Promise<Deployed | undefined> {
  const proof = await ledger.proofOf(fn.slug, fn.version, fn.bundleSha256);
  const [first] = proof?.intent.files ?? [];
  return proof && first ? { evidence: 'ledger', entrypoint: first[0], files: new Map(proof.intent.files.map(([path, exact]) => [path, { exact }])) } : undefined;
}

async function hashedBody(fn: EdgeFunction, needs: LiveNeeds, head: Commit, signal: AbortSignal): Promise<Deployed> {
  const body = placeBody(await needs.body(signal), fn.slug);
  const algorithm = algorithmOf(head.hash);
  return {
    evidence: 'body',
    entrypoint: body.entrypoint,
    files: new Map([...body.files].map(([path, content]) => [path, likelyBlobIds(content, needs.digest, algorithm)])),
  };
}

type Match = Omit<LiveCommit, 'behind'>;

/** What is live was rarely deployed thousands of commits ago: each stretch is longer than the one before. */
async function searchNearestFirst(deployed: Deployed, slug: string, commits: readonly Commit[], sources: CommitSources, needs: LiveNeeds, signal: AbortSignal): Promise<Match | undefined> {
  for (let from = 0, length = 32; from < commits.length; from += length, length *= 8) {
    const match = await search(deployed, slug, commits.slice(from, from + length), sources, needs, signal);
    if (match) {
      return match;
    }
  }
  return undefined;
}

async function search(deployed: Deployed, slug: string, commits: readonly Commit[], sources: CommitSources, needs: LiveNeeds, signal: AbortSignal): Promise<Match | undefined> {
  await sources.learn(commits, signal);
  const judged = new Map<readonly TreeEntry[], Fit>();
  const fits = commits.filter((commit) => {
    const entries = sources.entriesOf(commit);
    const fit = judged.get(entries) ?? fitOf(deployed, entries, needs);
    judged.set(entries, fit);
    return fit !== 'no';
  });
  for (const [index, commit] of fits.entries()) {
    const lineEndingsDiffer = await holds(deployed, slug, commit, sources, signal);
    if (lineEndingsDiffer !== undefined) {
      return { kind: 'commit', commit, evidence: deployed.evidence, alike: fits.length - index - 1, lineEndingsDiffer };
    }
  }
  return undefined;
}

/** `maybe`: as far as the listing tells; a link's content is known only when it is followed, and so is what lies outside `supabase/`. */
type Fit = 'maybe' | 'no';

function fitOf(deployed: Deployed, entries: readonly TreeEntry[], { git }: LiveNeeds): Fit {
  const byPath = new Map(entries.map((entry) => [toPlace(git, entry.path), entry]));
  const links = entries.some((entry) => entry.mode === linkMode);
  const fits = [...deployed.files].every(([path, { exact, otherLineEndings }]) => {
    const entry = byPath.get(path);
    return entry === undefined || entry.mode === linkMode ? links || !isWithin('supabase', path) : entry.oid === exact || entry.oid === otherLineEndings;
  });
  return fits ? 'maybe' : 'no';
}

/**
 * Whether every live file is the commit's, and everything the function needs at that commit is live. What is live beyond that does no
 * harm: the CLI also sends what is named in comments. Gives whether line endings differ, or `undefined` when it does not hold.
 */
async function holds(deployed: Deployed, slug: string, commit: Commit, sources: CommitSources, signal: AbortSignal): Promise<boolean | undefined> {
  const tree = sources.tree(commit);
  let lineEndingsDiffer = false;
  for (const [path, { exact, otherLineEndings }] of deployed.files) {
    const oid = await tree.oid(path, signal);
    if (oid === undefined || (oid !== exact && oid !== otherLineEndings)) {
      return undefined;
    }
    lineEndingsDiffer ||= oid !== exact;
  }
  const folder = /^supabase\/functions\/([^/]+)\//.exec(deployed.entrypoint)?.[1] ?? slug;
  const at = (await sources.at(commit, slug, slug, signal)) ?? (await sources.at(commit, slug, folder, signal));
  const needed = [...(at?.source.files ?? [])].filter(([, file]) => file.role === 'module').map(([path]) => path);
  return at !== undefined && needed.every((path) => deployed.files.has(path)) ? lineEndingsDiffer : undefined;
}

async function differing(deployed: Deployed, head: Commit, sources: CommitSources, signal: AbortSignal): Promise<readonly string[]> {
  const tree = sources.tree(head);
  const judged = await Promise.all(
    [...deployed.files].map(async ([path, { exact, otherLineEndings }]) => {
      const oid = await tree.oid(path, signal);
      return oid === exact || (oid !== undefined && oid === otherLineEndings) ? undefined : path;
    }),
  );
  return judged.filter((path) => path !== undefined);
}
