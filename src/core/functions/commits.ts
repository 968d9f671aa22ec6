import type { Commit } from '../ports.ts';
import { configPath } from '../project/config.ts';
import { isWithin } from '../../util/relativePath.ts';
import { CommitSources, isBelow, type HistoryNeeds, type SourceAtCommit } from './history.ts';
import type { SentFiles } from './ledger.ts';
import { findFormerSlug } from './renames.ts';
import { functionsFolder, type FunctionSource } from './source.ts';
import { toRoot } from './sourceTree.ts';

/** A commit that changes what would be deployed. */
export interface FunctionCommit {
  readonly commit: Commit;
  /** The function's name at that commit, when it was renamed since. */
  readonly formerSlug?: string;
  /** Equal for commits from which the same would be deployed. */
  readonly identity: string;
  /** What would be deployed from it; contents are shared with other commits. */
  readonly source: FunctionSource;
  /** What would be sent, by git's ids. */
  readonly files: SentFiles;
}

export interface CommitsNeeds extends HistoryNeeds {
  readonly limit?: number;
  /** Told how many commits are left out because a partial clone does not hold their files. */
  readonly leftOut?: (commits: number) => void;
}

/** Commits looked at for one name of a function; older ones are not offered. */
const scanLimit = 2000;

/**
 * The commits that changed a function, newest first: its entrypoint, what it imports, its import map, its static files or its config.
 * Those that touched other things in the same files or folders are left out, and so are those at which it cannot be deployed. A
 * folder that was renamed is followed. At most `limit`, 100 when absent.
 */
export async function functionCommits(slug: string, needs: CommitsNeeds, signal: AbortSignal): Promise<readonly FunctionCommit[]> {
  const { limit = 100, leftOut } = needs;
  const sources = new CommitSources(needs);
  const found: FunctionCommit[] = [];
  const names = new Set<string>();
  let folder: string | undefined = slug;
  let before: Commit | undefined;
  let partial = 0;
  while (folder !== undefined && !names.has(folder) && found.length < limit) {
    names.add(folder);
    const stretch: Stretch = await readStretch({ slug, folder, before }, sources, needs, signal);
    found.push(...stretch.commits);
    partial += stretch.partial;
    before = stretch.oldest;
    folder = before && (await findFormerSlug(folder, before, sources, needs, signal));
  }
  leftOut?.(partial);
  return found.slice(0, limit);
}

interface Name {
  readonly slug: string;
  readonly folder: string;
  /** Only commits older than this one count. */
  readonly before: Commit | undefined;
}

/** The commits during which the function had one name. */
interface Stretch {
  readonly commits: readonly FunctionCommit[];
  /** The first one that had it under this name. */
  readonly oldest: Commit | undefined;
  /** How many a partial clone does not hold whole. */
  readonly partial: number;
}

async function readStretch(name: Name, sources: CommitSources, needs: HistoryNeeds, signal: AbortSignal): Promise<Stretch> {
  const { slug, folder, before } = name;
  const all = await commitsOf(name, sources, needs, signal);
  const older = before === undefined ? all : all.slice(all.findIndex((commit) => commit.hash === before.hash) + 1);
  const dated = await Promise.all(older.map(async (commit) => ({ commit, at: await sources.at(commit, slug, folder, signal) })));
  const commits = dated.flatMap(({ commit, at }, index): FunctionCommit[] => {
    const changes = at !== undefined && at.identity !== dated[index + 1]?.at?.identity;
    return changes ? [{ commit, identity: at.identity, source: at.source, files: at.files, ...(folder === slug ? {} : { formerSlug: folder }) }] : [];
  });
  return { commits, oldest: dated.findLast(({ at }) => at !== undefined)?.commit, partial: older.filter(({ hash }) => sources.isPartial(hash)).length };
}

/**
 * Commits that touched anything the function ever consisted of under this name. What it imported earlier is known only once the earlier
 * commits are, so this is asked again until nothing new turns up; what it imports now is nearly always all there is.
 */
async function commitsOf({ slug, folder }: Name, sources: CommitSources, { git }: HistoryNeeds, signal: AbortSignal): Promise<readonly Commit[]> {
  const paths = new Set([`${functionsFolder}/${folder}`, configPath, `${functionsFolder}/import_map.json`]);
  const head = folder === slug ? await git.head(signal) : undefined;
  if (head) {
    await sources.learn([head], signal);
    filesOf(await sources.at(head, slug, folder, signal)).forEach((path) => paths.add(path));
  }
  for (;;) {
    const commits = await git.commitsTouching([...paths].map((path) => toRoot(git, path)), scanLimit, signal);
    await sources.learn(commits, signal);
    const known = [...paths];
    await sources.fetch(commits.map(({ hash }) => ({ hash, wants: (path) => isBelow(known, path) })), signal);
    const seen = await Promise.all(commits.map((commit) => sources.at(commit, slug, folder, signal)));
    const fresh = seen.flatMap((at) => filesOf(at)).filter((path) => ![...paths].some((known) => isWithin(known, path)));
    if (fresh.length === 0) {
      return commits;
    }
    fresh.forEach((path) => paths.add(path));
  }
}

/** What it consists of, and what it asks for in vain: a file that appears later changes what is deployed. */
function filesOf(at: SourceAtCommit | undefined): string[] {
  return at ? [...at.source.files.keys(), ...at.source.missing.filter(({ path }) => path.startsWith('supabase/')).map(({ path }) => path)] : [];
}
