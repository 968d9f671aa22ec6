import type { SourceTree } from './sourceTree.ts';
import { emptyImportMap, isDenoConfig, localTargets, readImportMap, resolveSpecifier, type ImportMap } from './importMap.ts';
import { scanSpecifiers, type ImportKind } from './specifiers.ts';
import { OpsError } from '../errors.ts';

/** A module that is asked for and not there. */
export interface MissingImport {
  readonly path: string;
  readonly importedFrom: string;
  readonly kind: ImportKind;
}

export interface Closure {
  /** Contents by path, the entrypoint among them when it exists. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly missing: readonly MissingImport[];
}

/** Reads contents by path; a path without a file is left out. */
export type ReadFiles = (paths: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>;

/** A file that can import others. */
export function isModule(path: string): boolean {
  return /\.[mc]?[jt]sx?$/i.test(path);
}

/**
 * The local files that modules need to run: what they import, what that imports, and so on, `_shared` and import map included. The
 * CLI finds the same (2.122 and 3.1, by one regular expression over the text); what it also finds in comments is left out here.
 * Modules of the same depth are read together.
 */
export async function importClosure(entries: readonly string[], map: ImportMap, read: ReadFiles): Promise<Closure> {
  const files = new Map<string, Uint8Array>();
  const missing = new Map<string, MissingImport>();
  let wanted: readonly MissingImport[] = entries.map((path) => ({ path, importedFrom: '', kind: 'static' }));
  while (wanted.length > 0) {
    const contents = await read([...new Set(wanted.map((one) => one.path))]);
    const next: MissingImport[] = [];
    for (const [path, content] of contents) {
      files.set(path, content);
      next.push(...importsOf(path, content, map, missing));
    }
    for (const one of wanted.filter(({ path }) => !contents.has(path))) {
      remember(missing, one);
    }
    wanted = next.filter(({ path }) => !files.has(path));
  }
  return { files, missing: [...missing.values()] };
}

/** Contents are shared by the commits that hold them, and never change. */
const scanned = new WeakMap<Uint8Array, ReturnType<typeof scanSpecifiers>>();

function specifiersIn(content: Uint8Array): ReturnType<typeof scanSpecifiers> {
  const found = scanned.get(content) ?? scanSpecifiers(new TextDecoder().decode(content));
  scanned.set(content, found);
  return found;
}

/** The local modules one file asks for. Those that lead out of the place are missing: nothing outside it is ever read. */
function importsOf(path: string, content: Uint8Array, map: ImportMap, missing: Map<string, MissingImport>): MissingImport[] {
  if (!isModule(path)) {
    return [];
  }
  return specifiersIn(content).flatMap(({ text, kind }) => {
    const address = resolveSpecifier(text.trim(), path, map);
    if (address.kind === 'outside') {
      remember(missing, { path: address.reference, importedFrom: path, kind });
    }
    return address.kind === 'local' ? [{ path: address.path, importedFrom: path, kind }] : [];
  });
}

/** What cannot be done without outweighs what can. */
function remember(missing: Map<string, MissingImport>, one: MissingImport): void {
  if (missing.get(one.path)?.kind !== 'static') {
    missing.set(one.path, one);
  }
}

export interface LoadedImportMap {
  readonly map: ImportMap;
  /** The file itself and the one it refers to. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Reads an import map and what it refers to; throws `badConfig`, also when the file is not there. */
export async function loadImportMap(path: string, read: ReadFiles): Promise<LoadedImportMap> {
  const files = new Map<string, Uint8Array>();
  let map = emptyImportMap;
  for (let next: string | undefined = path; next !== undefined && !files.has(next); next = isDenoConfig(next) ? map.reference : undefined) {
    const content = (await read([next])).get(next);
    if (content === undefined) {
      throw new OpsError('badConfig', { file: next, problem: 'the file does not exist' });
    }
    files.set(next, content);
    map = readImportMap(next, content);
  }
  return { map, files };
}

/** The files and folders an import map leads to: uploaded whole by the CLI, since any module may ask for them by a name made at run time. */
export async function importMapTargets(map: ImportMap, tree: SourceTree, signal: AbortSignal): Promise<readonly string[]> {
  const targets = await Promise.all(localTargets(map).map((path) => tree.list(path, signal)));
  return [...new Set(targets.flat())];
}
