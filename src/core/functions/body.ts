import type { FunctionBody } from './edgeFunction.ts';
import { checkSent, collectFiles, functionsFolder, type FunctionSource } from './source.ts';
import { recordedTree } from './sourceTree.ts';
import { folderOf } from '../../util/relativePath.ts';
import { escapeGlob } from './glob.ts';
import { isDenoConfig } from './importMap.ts';
import { OpsError } from '../errors.ts';

/** A deployed body with the paths that its files have in a place. */
export interface PlacedBody {
  readonly entrypoint: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Lays a body's files where the place has them. The service may give paths relative to `supabase/`, to the function's folder or to the
 * folder above all; what the two entrypoints have in common at their ends tells which. `entrypoint` is where the place has it.
 */
export function placeBody(body: FunctionBody, slug: string, entrypoint = `${functionsFolder}/${slug}/index.ts`): PlacedBody {
  const deployed = body.entrypoint ?? guessEntrypoint(body, slug) ?? 'index.ts';
  const [from, to] = prefixes(deployed, entrypoint);
  const moved = (path: string) => (path.startsWith(from) ? to + path.slice(from.length) : path);
  return { entrypoint: moved(deployed), files: new Map([...body.files].map(([path, content]) => [moved(path), content])) };
}

function guessEntrypoint(body: FunctionBody, slug: string): string | undefined {
  const paths = [...body.files.keys()];
  return paths.find((path) => `/${path}`.endsWith(`/${slug}/index.ts`)) ?? paths.find((path) => path === 'index.ts') ?? paths.find((path) => path.endsWith('/index.ts'));
}

/** What has to be cut off the front, and what put there; both empty or ending in `/`. */
function prefixes(deployed: string, local: string): [from: string, to: string] {
  if (deployed.startsWith('supabase/')) {
    return ['', ''];
  }
  if (deployed.startsWith('functions/')) {
    return ['', 'supabase/'];
  }
  const [left, right] = [deployed.split('/'), local.split('/')];
  let common = 0;
  while (common < Math.min(left.length, right.length) && left.at(-1 - common) === right.at(-1 - common)) {
    common++;
  }
  if (common === 0) {
    return ['', `${folderOf(local)}/`];
  }
  const front = (segments: string[]) => segments.slice(0, segments.length - common).map((segment) => `${segment}/`).join('');
  return [front(left), front(right)];
}

/**
 * A recorded body as something to deploy again, just as it was: what its modules do not ask for is sent as static files. Throws
 * `entrypointMissing` when the body does not hold what it starts with, `badPath` for a path that leads out of the tree, `badConfig`.
 */
export async function recordedSource(slug: string, body: FunctionBody, verifyJwt: boolean | undefined): Promise<FunctionSource> {
  const { entrypoint, files: contents } = placeBody(body, slug);
  [...contents.keys()].forEach(checkSent);
  if (!contents.has(entrypoint)) {
    throw new OpsError('entrypointMissing', { slug, path: entrypoint });
  }
  const beside = [...contents.keys()].filter((path) => folderOf(path) === folderOf(entrypoint));
  const importMap = beside.find(isDenoConfig) ?? beside.find((path) => path.endsWith('/import_map.json'));
  const tree = recordedTree(contents);
  const signal = new AbortController().signal;
  const files = await collectFiles({ entrypoint, importMap, staticFiles: [...contents.keys()].map(escapeGlob) }, tree, signal);
  const left = [...files.files].filter(([, file]) => file.role === 'static').map(([path]) => escapeGlob(path));
  return {
    slug,
    entrypoint,
    ...(importMap === undefined ? {} : { importMap }),
    staticFiles: left,
    ...(verifyJwt === undefined ? {} : { verifyJwt }),
    disabled: false,
    ...files,
    pointers: [],
  };
}

export interface BodyDifference {
  /** In both with other content. */
  readonly changed: readonly string[];
  /** Only in the body. */
  readonly added: readonly string[];
  /** Only in the source. */
  readonly removed: readonly string[];
}

/** How a live body differs from a source, file by file. */
export function compareBody(body: PlacedBody, files: ReadonlyMap<string, { readonly content: Uint8Array }>): BodyDifference {
  const both = [...files.keys()].filter((path) => body.files.has(path));
  return {
    changed: both.filter((path) => !sameBytes(body.files.get(path), files.get(path)?.content)),
    added: [...body.files.keys()].filter((path) => !files.has(path)),
    removed: [...files.keys()].filter((path) => !body.files.has(path)),
  };
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}
