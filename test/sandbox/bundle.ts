/**
 * The bundling of a deployed function, as far as it can fail: what the hosted service refuses with "Failed to bundle the
 * function" is refused here for the same reasons (a file that is not there, a bare specifier that no import map names, a
 * source that does not parse), and the digest that it gives to a bundle is made from the files.
 */
import { parse } from '@babel/parser';
import { createHash } from 'node:crypto';
import path from 'node:path';

export interface Tree {
  /** Paths relative to the deployed tree. */
  files: ReadonlyMap<string, Uint8Array>;
  entrypoint: string;
  importMap: string | undefined;
  /** Where the service unpacks the tree: `/tmp/user_fn_{ref}_{id}_{version}/source/`. */
  root: string;
}

/** Why the tree cannot be bundled, in the words of the hosted bundler, or undefined where it can. */
export function bundlingFailure(tree: Tree): string | undefined {
  if (!tree.files.has(tree.entrypoint)) {
    return `Module not found "${url(tree, tree.entrypoint)}".`;
  }
  const mapped = mappedSpecifiers(tree);
  if (typeof mapped === 'string') {
    return mapped;
  }
  const seen = new Set<string>();
  const queue = [tree.entrypoint];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) {
      continue;
    }
    seen.add(file);
    const imports = importsOf(tree, file);
    if (typeof imports === 'string') {
      return imports;
    }
    for (const found of imports) {
      const target = resolve(found.specifier, file, mapped);
      if (target.kind === 'bare') {
        return `Relative import path "${found.specifier}" not prefixed with / or ./ or ../ and not in import map from "${url(tree, file)}"\n    at ${url(tree, file)}:${found.line}:${found.column}`;
      }
      if (target.kind === 'local' && !tree.files.has(target.file)) {
        return `Module not found "${url(tree, target.file)}".\n    at ${url(tree, file)}:${found.line}:${found.column}`;
      }
      if (target.kind === 'local') {
        queue.push(target.file);
      }
    }
  }
  return undefined;
}

/** `ezbr_sha256`: equal trees give equal digests, whatever the order of their upload. */
export function bundleDigest(files: ReadonlyMap<string, Uint8Array>, entrypoint: string): string {
  const hash = createHash('sha256').update(entrypoint);
  for (const name of [...files.keys()].sort()) {
    hash.update(`\0${name}\0`).update(files.get(name) ?? '');
  }
  return hash.digest('hex');
}

function url(tree: Tree, file: string): string {
  return `file://${tree.root}${file}`;
}

interface Import {
  specifier: string;
  line: number;
  column: number;
}

/** Static imports, re-exports and `import("…")` with a literal; a sentence where the source does not parse. */
function importsOf(tree: Tree, file: string): Import[] | string {
  if (!/\.(ts|tsx|mts|js|jsx|mjs)$/.test(file)) {
    return [];
  }
  const source = Buffer.from(tree.files.get(file) ?? '').toString('utf8');
  try {
    const program = parse(source, {
      sourceType: 'module',
      plugins: /x$/.test(file) ? ['typescript', 'jsx'] : ['typescript'],
    });
    const found: Import[] = [];
    collectImports(program.program, found);
    return found;
  } catch (error) {
    const { loc, message } = error as { loc?: { line: number; column: number }; message: string };
    const where = loc === undefined ? '' : `:${loc.line}:${loc.column + 1}`;
    return `The module's source code could not be parsed: ${message.replace(/ \(\d+:\d+\)$/, '')} at ${url(tree, file)}${where}`;
  }
}

/** Walks the syntax tree without knowing its shape: every node that names a source is an import of it. */
function collectImports(node: unknown, found: Import[]): void {
  if (typeof node !== 'object' || node === null) {
    return;
  }
  if (Array.isArray(node)) {
    for (const member of node) {
      collectImports(member, found);
    }
    return;
  }
  const record = node as Record<string, unknown>;
  if (record['importKind'] !== 'type' && record['exportKind'] !== 'type' && isLiteral(record['source'])) {
    const { value, loc } = record['source'];
    found.push({ specifier: value, line: loc.start.line, column: loc.start.column + 1 });
  }
  for (const [key, member] of Object.entries(record)) {
    if (key !== 'loc' && !key.endsWith('omments')) {
      collectImports(member, found);
    }
  }
}

function isLiteral(node: unknown): node is { value: string; loc: { start: { line: number; column: number } } } {
  return typeof node === 'object' && node !== null && (node as { type?: unknown }).type === 'StringLiteral';
}

type Target = { kind: 'local'; file: string } | { kind: 'remote' } | { kind: 'bare' };

function resolve(specifier: string, from: string, mapped: Map<string, string>): Target {
  const meant = applyImportMap(specifier, mapped);
  if (/^(npm|jsr|node|https?|data|file|supabase):/.test(meant)) {
    return { kind: 'remote' };
  }
  if (meant !== specifier) {
    return { kind: 'local', file: meant };
  }
  if (/^\.{0,2}\//.test(meant)) {
    return { kind: 'local', file: path.posix.normalize(path.posix.join(path.posix.dirname(from), meant)) };
  }
  return { kind: 'bare' };
}

/** An exact key, or the longest key that ends in a slash. */
function applyImportMap(specifier: string, mapped: Map<string, string>): string {
  const exact = mapped.get(specifier);
  if (exact !== undefined) {
    return exact;
  }
  const prefix = [...mapped.keys()]
    .filter((key) => key.endsWith('/') && specifier.startsWith(key))
    .sort((a, b) => b.length - a.length)[0];
  return prefix === undefined ? specifier : `${mapped.get(prefix) ?? ''}${specifier.slice(prefix.length)}`;
}

/** The map's `imports`, local targets made relative to the tree; a sentence where the file is missing or broken. */
function mappedSpecifiers(tree: Tree): Map<string, string> | string {
  if (tree.importMap === undefined) {
    return new Map();
  }
  const bytes = tree.files.get(tree.importMap);
  if (bytes === undefined) {
    return `Import map not found "${url(tree, tree.importMap)}".`;
  }
  const folder = path.posix.dirname(tree.importMap);
  try {
    // deno.json may be JSON with comments; a comment on a line of its own is what occurs.
    const text = Buffer.from(bytes).toString('utf8').replace(/^\s*\/\/.*$/gm, '');
    const { imports = {} } = JSON.parse(text) as { imports?: Record<string, string> };
    return new Map(
      Object.entries(imports).map(([key, target]) => [
        key,
        /^\.{0,2}\//.test(target) ? joinKeepingSlash(folder, target) : target,
      ]),
    );
  } catch (error) {
    return `Unable to parse config file JSON "${url(tree, tree.importMap)}": ${String(error)}`;
  }
}

function joinKeepingSlash(folder: string, target: string): string {
  const joined = path.posix.normalize(path.posix.join(folder, target));
  return target.endsWith('/') && !joined.endsWith('/') ? `${joined}/` : joined;
}
