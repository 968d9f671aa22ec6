import { OpsError } from '../errors.ts';
import type { Commit, TomlReader } from '../ports.ts';
import { configPath, defaultFunctionConfig, emptyConfig, readConfig, type FunctionConfig, type ProjectConfig } from '../project/config.ts';
import { isSafeRelativePath, isWithin, resolveRelative } from '../../util/relativePath.ts';
import { functionSlugPattern } from './edgeFunction.ts';
import { globFolder, globPattern } from './glob.ts';
import { importClosure, importMapTargets, loadImportMap, type LoadedImportMap, type MissingImport } from './imports.ts';
import { emptyImportMap } from './importMap.ts';
import type { SourceTree } from './sourceTree.ts';

/** Where a function's files come from. */
export type SourceOrigin =
  | { readonly kind: 'commit'; readonly commit: Commit }
  /** `head` is what is checked out; absent without a repository or commits. */
  | { readonly kind: 'workingTree'; readonly head?: Commit }
  /** A body that was live as this version. */
  | { readonly kind: 'recorded'; readonly version: number }
  /** Opsbook's own: it says that the function is paused. */
  | { readonly kind: 'pause' };

/** Why a file belongs to a function. `module`: imported. The others are sent too, but what runs may not need them. */
export type FileRole = 'module' | 'importMap' | 'mapTarget' | 'static';

export interface SourceFile {
  readonly content: Uint8Array;
  readonly role: FileRole;
}

/** Everything that deploying a function sends. Paths are relative to the place: `supabase/functions/health/index.ts`. */
export interface FunctionSource {
  readonly slug: string;
  readonly entrypoint: string;
  readonly importMap?: string;
  /** Patterns relative to the place. */
  readonly staticFiles: readonly string[];
  /** As `config.toml` says it; absent: what is live stays. */
  readonly verifyJwt?: boolean;
  /** `enabled = false` in `config.toml`. */
  readonly disabled: boolean;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly missing: readonly MissingImport[];
  /** Files of which the repository holds only a Git LFS pointer. */
  readonly pointers: readonly string[];
}

export interface CollectOptions {
  readonly toml: TomlReader;
  /** The function's name at that commit, when it was renamed since. */
  readonly formerSlug?: string;
  /** Named in errors: a short hash, or empty for the working tree. */
  readonly at?: string;
}

export const functionsFolder = 'supabase/functions';

/**
 * The closure of one function in a tree. Throws `functionMissing` when nothing of it is there, `entrypointMissing`, `badConfig`,
 * `badPath`. Missing imports are data: see `checkComplete`.
 */
export async function collectFunction(slug: string, tree: SourceTree, options: CollectOptions, signal: AbortSignal): Promise<FunctionSource> {
  if (!functionSlugPattern.test(slug)) {
    throw new OpsError('badPath', { path: slug });
  }
  const folder = `${functionsFolder}/${options.formerSlug ?? slug}`;
  const config = (await projectConfig(tree, options.toml, signal)).functions.get(options.formerSlug ?? slug) ?? defaultFunctionConfig;
  const entrypoint = await findEntrypoint(slug, folder, config, tree, options.at ?? '', signal);
  const importMap = await findImportMap(folder, config, tree, signal);
  const files = await collectFiles({ entrypoint, importMap, staticFiles: inPlace(config.staticFiles) }, tree, signal);
  return {
    slug,
    entrypoint,
    ...(importMap === undefined ? {} : { importMap }),
    staticFiles: inPlace(config.staticFiles),
    ...(config.verifyJwt === undefined ? {} : { verifyJwt: config.verifyJwt }),
    disabled: !config.enabled,
    ...files,
    pointers: [...files.files].filter(([, file]) => isPointer(file.content)).map(([path]) => path),
  };
}

/** `supabase/config.toml` of a tree; the CLI's defaults without one. */
export async function projectConfig(tree: SourceTree, toml: TomlReader, signal: AbortSignal): Promise<ProjectConfig> {
  const content = (await tree.read([configPath], signal)).get(configPath);
  return content === undefined ? emptyConfig : readConfig(new TextDecoder().decode(content), toml);
}

/** Functions of a tree: folders with an `index.ts`, and those the config gives an entrypoint. Sorted. */
export async function functionsIn(tree: SourceTree, toml: TomlReader, signal: AbortSignal): Promise<readonly string[]> {
  const files = await tree.list(functionsFolder, signal);
  const folders = files.flatMap((file) => /^supabase\/functions\/([^/]+)\/index\.ts$/.exec(file)?.[1] ?? []);
  const { functions } = await projectConfig(tree, toml, signal);
  const configured = [...functions].filter(([, config]) => config.entrypoint !== undefined).map(([slug]) => slug);
  return [...new Set([...folders, ...configured])].filter((slug) => functionSlugPattern.test(slug)).sort();
}

async function findEntrypoint(slug: string, folder: string, config: FunctionConfig, tree: SourceTree, at: string, signal: AbortSignal): Promise<string> {
  const entrypoint = config.entrypoint === undefined ? `${folder}/index.ts` : fromConfig(config.entrypoint);
  if ((await tree.read([entrypoint], signal)).has(entrypoint)) {
    return entrypoint;
  }
  const anything = await tree.list(folder, signal);
  throw anything.length === 0 && config.entrypoint === undefined ? new OpsError('functionMissing', { slug, commit: at }) : new OpsError('entrypointMissing', { slug, path: entrypoint });
}

/**
 * The config's word, then what lies beside the entrypoint, then the one of all functions. A function's own `import_map.json` was found
 * by CLI 2 alone; 3 refuses to deploy beside it until the config names it, which the staged one does.
 */
async function findImportMap(folder: string, config: FunctionConfig, tree: SourceTree, signal: AbortSignal): Promise<string | undefined> {
  if (config.importMap !== undefined) {
    return fromConfig(config.importMap);
  }
  const candidates = [`${folder}/deno.json`, `${folder}/deno.jsonc`, `${folder}/import_map.json`, `${functionsFolder}/import_map.json`];
  const present = await tree.read(candidates, signal);
  return candidates.find((path) => present.has(path));
}

export interface WantedFiles {
  readonly entrypoint: string;
  readonly importMap: string | undefined;
  readonly staticFiles: readonly string[];
}

/** The files of a function by what they are for. */
export async function collectFiles(wanted: WantedFiles, tree: SourceTree, signal: AbortSignal): Promise<Pick<FunctionSource, 'files' | 'missing'>> {
  const read = (paths: readonly string[]) => tree.read(paths, signal);
  const loaded: LoadedImportMap = wanted.importMap === undefined ? { map: emptyImportMap, files: new Map() } : await loadImportMap(wanted.importMap, read);
  const modules = await importClosure([wanted.entrypoint], loaded.map, read);
  const targets = await importClosure(await importMapTargets(loaded.map, tree, signal), loaded.map, read);
  const files = new Map<string, SourceFile>();
  // The first role wins.
  const add = (role: FileRole, contents: ReadonlyMap<string, Uint8Array>) =>
    contents.forEach((content, path) => files.has(path) || files.set(path, { role, content }));
  add('module', modules.files);
  add('importMap', loaded.files);
  add('mapTarget', targets.files);
  add('static', await read(await staticFiles(wanted.staticFiles, tree, signal)));
  [...files.keys()].forEach(checkSent);
  return { files, missing: modules.missing };
}

async function staticFiles(patterns: readonly string[], tree: SourceTree, signal: AbortSignal): Promise<readonly string[]> {
  const matches = await Promise.all(
    patterns.map(async (pattern) => {
      const matcher = globPattern(pattern);
      return (await tree.list(globFolder(pattern), signal)).filter((path) => matcher.test(path));
    }),
  );
  return [...new Set(matches.flat())];
}

/**
 * Throws `badPath` for a path that leads out of the tree, and for what must never lie in a tree the CLI works on, however a repository names it: settings the CLI would obey in place of ours, and
 * environment files, which hold secrets (SAFETY 1).
 */
export function checkSent(path: string): void {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const steersTheCli = /^supabase\/config\.\w+$/i.test(path) || ['supabase/.temp', 'supabase/.branches'].some((folder) => isWithin(folder, path.toLowerCase()));
  if (!isSafeRelativePath(path) || /^\.env/i.test(name) || steersTheCli) {
    throw new OpsError('badPath', { path });
  }
}

/** Paths in `config.toml` are relative to `supabase/`. */
function fromConfig(path: string): string {
  const resolved = resolveRelative('supabase', path);
  if (resolved === undefined || resolved === '') {
    throw new OpsError('badPath', { path });
  }
  return resolved;
}

function inPlace(patterns: readonly string[]): readonly string[] {
  return patterns.map(fromConfig);
}

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: the first line of a pointer file. */
function isPointer(content: Uint8Array): boolean {
  return content.length < 1024 && new TextDecoder().decode(content.subarray(0, 64)).startsWith('version https://git-lfs.github.com/spec/');
}
