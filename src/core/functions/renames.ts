import type { Commit } from '../ports.ts';
import type { CommitSources, HistoryNeeds } from './history.ts';
import { functionsFolder } from './source.ts';
import { toRoot } from './sourceTree.ts';

/** Share of lines that two entrypoints must have in common to be one that was renamed; git's own measure is the same half. */
const similar = 0.5;

/**
 * The name a function had before the commit at which it first appears: a folder that the commit took away, with the same entrypoint or
 * most of its lines. `undefined` when the function was new.
 */
export async function findFormerSlug(slug: string, appeared: Commit, sources: CommitSources, { git }: HistoryNeeds, signal: AbortSignal): Promise<string | undefined> {
  const [itself] = await git.changesUpTo(appeared.hash, [toRoot(git, functionsFolder)], 1, signal);
  const hash = itself?.hash === appeared.hash ? itself.parents[0] : undefined;
  if (hash === undefined) {
    return undefined;
  }
  const before = { hash };
  await sources.learn([before, appeared], signal);
  const now = await entrypoints(sources, appeared, git.prefix);
  const then = await entrypoints(sources, before, git.prefix);
  const entrypoint = now.get(slug);
  const gone = [...then.keys()].filter((name) => !now.has(name));
  if (entrypoint === undefined || then.has(slug) || gone.length === 0) {
    return undefined;
  }
  return mostAlike(slug, gone, sources, appeared, before, signal);
}

/** Functions of a commit with their `index.ts`. */
async function entrypoints(sources: CommitSources, commit: Pick<Commit, 'hash'>, prefix: string): Promise<ReadonlyMap<string, string>> {
  const root = prefix === '' ? functionsFolder : `${prefix}/${functionsFolder}`;
  const found = new Map<string, string>();
  for (const { path } of sources.entriesOf(commit)) {
    const [name = '', file] = path.startsWith(`${root}/`) ? path.slice(root.length + 1).split('/') : [];
    if (file === 'index.ts' && !name.startsWith('_')) {
      found.set(name, `${functionsFolder}/${name}/index.ts`);
    }
  }
  return found;
}

async function mostAlike(slug: string, gone: readonly string[], sources: CommitSources, appeared: Pick<Commit, 'hash'>, before: Pick<Commit, 'hash'>, signal: AbortSignal): Promise<string | undefined> {
  const path = (name: string) => `${functionsFolder}/${name}/index.ts`;
  const own = (await sources.tree(appeared).read([path(slug)], signal)).get(path(slug));
  const others = await sources.tree(before).read(gone.map(path), signal);
  const ranked = gone
    .map((name) => ({ name, likeness: likeness(linesOf(own), linesOf(others.get(path(name)))) }))
    .filter(({ likeness }) => likeness >= similar)
    .sort((a, b) => b.likeness - a.likeness);
  return ranked[0]?.name;
}

function linesOf(content: Uint8Array | undefined): ReadonlySet<string> {
  return new Set(new TextDecoder().decode(content).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== ''));
}

/** Lines in common, of all the lines of the longer one. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((line) => b.has(line)).length;
  return common / Math.max(1, a.size, b.size);
}
