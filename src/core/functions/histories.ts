import type { Commit } from '../ports.ts';
import { configPath } from '../project/config.ts';
import { isSafeRelativePath, isWithin } from '../../util/relativePath.ts';
import { ChangeGraph } from './changeGraph.ts';
import type { DeployedFiles } from './deployedFiles.ts';
import { CommitSources, isBelow, remembering, type HistoryNeeds } from './history.ts';
import { linkTargets, type Link } from './linkTargets.ts';
import { SettingsHistory } from './settingsHistory.ts';
import { functionsFolder } from './source.ts';
import { toPlace, toRoot } from './sourceTree.ts';

export interface History {
  readonly graph: ChangeGraph;
  readonly settings: SettingsHistory;
  /** It leads to what is checked out. */
  readonly toHead: boolean;
}

/** What is always read; what lies elsewhere is added when a function has it. */
export const searched: readonly string[] = [configPath, functionsFolder, 'supabase/import_map.json'];

/** Commits that changed anything of it: those that lead to HEAD, and those of all other branches and tags. */
const scanLimits = { head: 20_000, elsewhere: 10_000 } as const;

/** A link may lead to a link, as often as this. */
const linkSteps = 8;

/** The history of a place's functions: each part is read once, however many functions are looked for. */
export class Histories {
  private readonly head: Commit;
  private readonly needs: HistoryNeeds;
  private readonly known = new Map<string, Promise<History>>();
  private ofCommits: CommitSources;

  /** `head` is what is checked out. */
  constructor(head: Commit, needs: HistoryNeeds) {
    this.head = head;
    // Settings and sources read the same files.
    this.needs = { ...needs, toml: remembering(needs.toml) };
    this.ofCommits = new CommitSources(this.needs, searched);
  }

  /** What was read of single commits, below the paths that were covered last. */
  get sources(): CommitSources {
    return this.ofCommits;
  }

  async read(toHead: boolean, paths: readonly string[], signal: AbortSignal): Promise<History> {
    const name = [toHead, ...paths].join('\0');
    const reading = this.known.get(name) ?? this.readNew(toHead, paths, signal);
    this.known.set(name, reading);
    return reading;
  }

  /**
   * Sees to it that the files of these functions are among what is read. Gives for each where its files lie in truth, behind a link: a
   * change there is a change of the function.
   */
  async cover(functions: readonly DeployedFiles[], signal: AbortSignal): Promise<ReadonlyMap<DeployedFiles, ReadonlySet<string>>> {
    const beyond = new Map(functions.map((deployed) => [deployed, new Set<string>()]));
    const count = () => [...beyond.values()].reduce((sum, more) => sum + more.size, 0);
    for (let step = 0, before = -1; step < linkSteps && count() > before; step++) {
      before = count();
      const all = functions.flatMap((deployed) => [...deployed.files.keys(), ...(beyond.get(deployed) ?? [])]);
      this.widen(all);
      const links = await this.linksOn(all, (await this.read(true, this.sources.roots, signal)).graph, signal);
      for (const [{ files }, more] of beyond) {
        [...files.keys(), ...more].flatMap((path) => linkTargets(path, links)).forEach((target) => more.add(target));
      }
    }
    return beyond;
  }

  /** What HEAD and these commits hold need not be asked for any more. */
  know({ graph, toHead }: History, commits: readonly { readonly hash: string; readonly number: number }[]): void {
    const fresh = [...(toHead ? [{ hash: this.head.hash, number: 0 }] : []), ...commits].filter(({ hash }) => !this.sources.isKnown(hash));
    const files = fresh.length === 0 ? undefined : graph.filesOf(fresh.map(({ number }) => number));
    fresh.forEach(({ hash, number }) => this.sources.know(hash, files?.get(number) ?? []));
  }

  private widen(paths: readonly string[]): void {
    const outside = paths.filter((path) => isSafeRelativePath(path) && !isBelow(this.sources.roots, path));
    if (outside.length > 0) {
      this.ofCommits = new CommitSources(this.needs, [...this.sources.roots, ...new Set(outside)].sort());
    }
  }

  /** Those that any of the paths leads through. */
  private async linksOn(paths: readonly string[], graph: ChangeGraph, signal: AbortSignal): Promise<readonly Link[]> {
    const linked = graph.linked().filter((link) => paths.some((path) => isWithin(toPlace(this.needs.git, link), path)));
    const contents = await this.sources.read(linked.flatMap((link) => graph.contentsOf(link).links), signal);
    return linked.map((link) => ({ path: toPlace(this.needs.git, link), says: graph.contentsOf(link).links.map((id) => new TextDecoder().decode(contents.get(id))) }));
  }

  private async readNew(toHead: boolean, paths: readonly string[], signal: AbortSignal): Promise<History> {
    const { git, toml } = this.needs;
    const roots = paths.map((path) => toRoot(git, path));
    const commits = toHead ? await git.changesUpTo(this.head.hash, roots, scanLimits.head, signal) : await git.changesElsewhere(this.head.hash, roots, scanLimits.elsewhere, signal);
    const graph = await ChangeGraph.read(commits, async (hashes) => git.trees(hashes, roots, signal));
    const read = async (oids: readonly string[], readSignal: AbortSignal) => this.sources.read(oids, readSignal);
    return { graph, settings: new SettingsHistory(graph, toRoot(git, configPath), { read, toml }), toHead };
  }
}
