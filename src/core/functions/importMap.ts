import { OpsError } from '../errors.ts';
import { folderOf, resolveRelative } from '../../util/relativePath.ts';
import { parseJsonc } from '../../util/jsonc.ts';

/** Where a specifier leads: a file of the place (relative to it), something the service fetches itself, or out of the place. */
export type Address = { readonly kind: 'local'; readonly path: string } | { readonly kind: 'external' } | { readonly kind: 'outside'; readonly reference: string };

type Mapping = readonly (readonly [key: string, address: Address])[];

export interface ImportMap {
  readonly imports: Mapping;
  /** Folder or file (relative to the place) with what holds for modules in it. */
  readonly scopes: readonly (readonly [scope: string, mapping: Mapping])[];
  /** A `deno.json` without imports of its own may name a file that has them; relative to the place. */
  readonly reference?: string;
}

export const emptyImportMap: ImportMap = { imports: [], scopes: [] };

/** Reads `deno.json`, `deno.jsonc` or an import map; throws `badConfig`. `path` is relative to the place, as all addresses are. */
export function readImportMap(path: string, content: Uint8Array): ImportMap {
  const value = parse(path, content);
  const folder = folderOf(path);
  const imports = mapping(path, folder, 'imports', value['imports']);
  const scopes = Object.entries(record(path, 'scopes', value['scopes'])).map(
    ([scope, entries]) => [resolveRelative(folder, scope) ?? scope, mapping(path, folder, `scopes.${scope}`, entries)] as const,
  );
  const reference = value['importMap'];
  const followed = typeof reference === 'string' && imports.length === 0 && scopes.length === 0 && isDenoConfig(path) ? resolveRelative(folder, reference) : undefined;
  return { imports, scopes, ...(followed === undefined ? {} : { reference: followed }) };
}

/** Where the module at `from` finds what it asks for. */
export function resolveSpecifier(specifier: string, from: string, map: ImportMap): Address {
  const scoped = map.scopes.filter(([scope]) => scope === from || from.startsWith(`${scope}/`)).sort(([a], [b]) => b.length - a.length)[0];
  const mapped = (scoped && lookUp(specifier, scoped[1])) ?? lookUp(specifier, map.imports);
  return mapped ?? addressOf(folderOf(from), specifier);
}

/** The local files and folders an import map names: the CLI uploads them whole. */
export function localTargets(map: ImportMap): readonly string[] {
  const addresses = [...map.imports, ...map.scopes.flatMap(([, entries]) => entries)].map(([, address]) => address);
  return [...new Set(addresses.flatMap((address) => (address.kind === 'local' ? [address.path] : [])))];
}

export function isDenoConfig(path: string): boolean {
  return /(^|\/)deno\.jsonc?$/i.test(path);
}

/** The longest key that is the specifier, or a prefix of it that ends in `/` (https://html.spec.whatwg.org/#import-maps). */
function lookUp(specifier: string, entries: Mapping): Address | undefined {
  const fits = entries.filter(([key]) => key === specifier || (key.endsWith('/') && specifier.startsWith(key)));
  const best = fits.sort(([a], [b]) => b.length - a.length)[0];
  if (!best || best[1].kind !== 'local' || best[0] === specifier) {
    return best?.[1];
  }
  const path = resolveRelative(best[1].path, specifier.slice(best[0].length));
  return path === undefined ? { kind: 'outside', reference: specifier } : { kind: 'local', path };
}

function addressOf(folder: string, reference: string): Address {
  if (reference.startsWith('./') || reference.startsWith('../')) {
    const path = resolveRelative(folder, reference);
    return path === undefined ? { kind: 'outside', reference } : { kind: 'local', path };
  }
  return reference.startsWith('/') || reference.startsWith('file:') ? { kind: 'outside', reference } : { kind: 'external' };
}

function mapping(path: string, folder: string, name: string, value: unknown): Mapping {
  return Object.entries(record(path, name, value)).map(([key, target]) => {
    if (typeof target !== 'string') {
      throw new OpsError('badConfig', { file: path, problem: `${name}.${key} must be a string` });
    }
    return [key, mapTarget(folder, target)] as const;
  });
}

/** A target without a scheme is a path, also when it does not begin with a dot. */
function mapTarget(folder: string, target: string): Address {
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(target);
  return addressOf(folder, isUrl || target.startsWith('/') || target.startsWith('.') ? target : `./${target}`);
}

function record(path: string, name: string, value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined) {
    return {};
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OpsError('badConfig', { file: path, problem: `${name} must be an object` });
  }
  return value as Readonly<Record<string, unknown>>;
}

function parse(path: string, content: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return record(path, 'the file', parseJsonc(new TextDecoder().decode(content)));
  } catch (error) {
    throw error instanceof SyntaxError ? new OpsError('badConfig', { file: path, problem: error.message }, error) : error;
  }
}
