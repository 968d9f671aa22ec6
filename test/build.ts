/**
 * Bundles what ships, and the suites that run inside VS Code.
 *
 *   dist/extension.cjs    our own code, all that is read at activation
 *   dist/extension.*.cjs  our own code that comes with its first `await import('./…')`
 *   dist/cli.cjs          the headless runner
 *   dist/<name>.cjs       one per `src/…/<name>.worker.ts`
 *   dist/lib/<name>.cjs   one per heavy package, read at its first `await import('…')`
 *   dist/media/…          web views: `<name>.js` and `<name>.css` of `media/<name>/main.ts` and `main.css`
 *   dist/test/…           `test/vscode`, never part of the package
 */
import { build, formatMessages, type BuildFailure, type BuildOptions, type BuildResult, type Plugin } from 'esbuild';
import { copyFile, glob, mkdir, rm, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..');

/** Packages that only an `await import('…')` may load; each becomes a file of its own under `dist/lib`. */
export const lazyPackages = [
  'pg',
  '@supabase/supabase-js',
  'execa',
  '@lezer/common',
  '@lezer/markdown',
  'unbash',
  'libpg-query',
  'lossless-json',
  'smol-toml',
  '@remix-run/multipart-parser',
  'hyparquet-writer',
] as const;

/** What the bundle read at activation may weigh, in bytes. */
export const activationLimit = 300 * 1024;

export interface Layout {
  /** Folder with `src`, `media` and `test/vscode`. */
  from: string;
  /** Usually `<from>/dist`. */
  to: string;
}

const target = 'node20';

/** Builds everything and returns the size of `extension.cjs` in bytes. Throws when it holds more than it should. */
export async function buildAll({ from, to }: Layout = { from: root, to: path.join(root, 'dist') }): Promise<number> {
  await rm(to, { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  const [size] = await Promise.all([
    buildHost({ from, to }),
    buildLibraries(path.join(to, 'lib')),
    buildWebViews({ from, to }),
    buildSuites({ from, to }),
  ]);
  return size;
}

async function buildHost({ from, to }: Layout): Promise<number> {
  await buildExtension({ from, to });
  await bundle({
    ...nodeBundle(from),
    outdir: to,
    entryPoints: await namedEntries(from, ['src/cli.ts', 'src/**/*.worker.ts']),
    minify: true,
    external: ['vscode'],
    plugins: [lazyLibraries('.'), ownCodeOnly],
  });
  const { size } = await stat(path.join(to, 'extension.cjs'));
  if (size > activationLimit) {
    throw new Error(`extension.cjs has ${size} bytes; at most ${activationLimit} are read at activation.`);
  }
  return size;
}

/**
 * Own code behind `await import('./…')` becomes a part of its own, `extension.<name>-<hash>.cjs`. What parts share with the code that
 * is read at activation stays in `extension.cjs`, which hands it out: every class and variable exists once, and activation reads
 * one file.
 */
async function buildExtension({ from, to }: Layout): Promise<void> {
  const pieces = await splitExtension(from);
  const atActivation = loadedWith(entryPiece, pieces);
  const parts = [...pieces.keys()].filter((name) => !atActivation.has(name));
  const shared = [...atActivation].filter((name) => name !== entryPiece);
  const entry = [
    `export * from './${entryPiece}';`,
    ...shared.map((name, index) => `import * as shared${index} from './${name}';`),
    `export const parts = { ${shared.map((name, index) => `'${name}': shared${index}`).join(', ')} };`,
  ].join('\n');
  const options = { ...nodeBundle(from), minify: true, external: ['vscode'] };
  const plugins = [lazyLibraries('.'), piecesOf(pieces, atActivation)];
  await bundle({ ...options, plugins, stdin: { contents: entry, resolveDir: from }, outfile: path.join(to, 'extension.cjs') });
  await bundle({ ...options, plugins, outdir: to, entryPoints: parts.map((name) => ({ in: `./${name}`, out: path.basename(name, '.js') })) });
}

const entryPiece = 'extension.js';

interface Piece {
  readonly source: string;
  /** Names of the pieces that are loaded with this one. */
  readonly imports: readonly string[];
}

/** The pieces of `src/extension.ts` by file name: itself, one per own file that is imported dynamically, and what several have in common. */
async function splitExtension(from: string): Promise<ReadonlyMap<string, Piece>> {
  const { outputFiles = [], metafile } = await bundle({
    absWorkingDir: from,
    outdir: 'pieces',
    entryPoints: [{ in: 'src/extension.ts', out: path.basename(entryPiece, '.js') }],
    chunkNames: 'extension.[name]-[hash]',
    platform: 'node',
    format: 'esm',
    splitting: true,
    target,
    external: ['vscode'],
    write: false,
    metafile: true,
    plugins: [librariesLater, ownCodeOnly],
  });
  const imports = Object.entries(metafile?.outputs ?? {}).map(([file, output]): [string, readonly string[]] => [
    path.basename(file),
    output.imports.filter(({ kind, external }) => kind === 'import-statement' && external !== true).map((each) => path.basename(each.path)),
  ]);
  const importsOf = new Map(imports);
  return new Map(outputFiles.map(({ path: file, text }) => [path.basename(file), { source: text, imports: importsOf.get(path.basename(file)) ?? [] }]));
}

/** A piece and all that its static imports reach. */
function loadedWith(name: string, pieces: ReadonlyMap<string, Piece>, found = new Set<string>()): ReadonlySet<string> {
  found.add(name);
  for (const next of pieces.get(name)?.imports ?? []) {
    if (!found.has(next)) {
      loadedWith(next, pieces, found);
    }
  }
  return found;
}

/** Inside `extension.cjs` the pieces of activation are one; everywhere else they come from it, and parts stay files. */
function piecesOf(pieces: ReadonlyMap<string, Piece>, atActivation: ReadonlySet<string>): Plugin {
  return {
    name: 'pieces',
    setup(context) {
      context.onResolve({ filter: /^\.\/extension\.[^/]*js$/ }, ({ path: file, kind, importer, namespace }) => {
        const name = path.basename(file);
        if (namespace === 'handed-out') {
          return { path: file, external: true };
        }
        const inside = kind === 'entry-point' || (atActivation.has(name) && (importer === '' || importer === '<stdin>' || atActivation.has(importer)));
        if (inside) {
          return { path: name, namespace: 'piece' };
        }
        return atActivation.has(name) ? { path: name, namespace: 'handed-out' } : { path: `./${path.basename(name, '.js')}.cjs`, external: true };
      });
      context.onLoad({ filter: /.*/, namespace: 'piece' }, ({ path: name }) => ({ contents: pieces.get(name)?.source ?? '', resolveDir: root }));
      context.onLoad({ filter: /.*/, namespace: 'handed-out' }, ({ path: name }) => ({
        contents: `module.exports = require('./extension.cjs').parts['${name}'];`,
      }));
    },
  };
}

/** A warning of the bundler fails the build as an error does. */
async function bundle(options: BuildOptions): Promise<BuildResult> {
  const result = await build({ ...options, bundle: true, logLevel: 'silent' }).catch((error: BuildFailure) => error);
  const messages = await formatMessages([...result.errors, ...result.warnings], { kind: 'error' });
  if (messages.length > 0 || result instanceof Error) {
    throw new Error(messages.join('\n'));
  }
  return result;
}

/**
 * `import.meta` is empty in CommonJS: the three members that Node has are given their values of the bundle.
 * Dynamic imports become `require`, so that the extension host's own loader serves them.
 */
function nodeBundle(from: string): BuildOptions {
  return {
    absWorkingDir: from,
    outExtension: { '.js': '.cjs' },
    platform: 'node',
    format: 'cjs',
    target,
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  };
}

/** Entry points named for the file alone: `src/adapters/sql/parse.worker.ts` becomes `parse.worker.cjs`. */
async function namedEntries(from: string, patterns: string[]): Promise<{ in: string; out: string }[]> {
  return (await listFiles(from, patterns)).map((file) => ({ in: file, out: path.basename(file, '.ts') }));
}

/** Paths relative to `folder`, sorted. */
export async function listFiles(folder: string, patterns: string[]): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(patterns, { cwd: folder })) {
    files.push(file);
  }
  return files.sort();
}

/** Packages that are loaded at first use are bundled when the pieces are. */
const librariesLater: Plugin = {
  name: 'libraries-later',
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) => (kind === 'dynamic-import' && isLazy(name) ? { path: name, external: true } : undefined));
  },
};

/** A package that is imported plainly would be read at activation. */
const ownCodeOnly: Plugin = {
  name: 'own-code-only',
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path: name, kind, importer }) =>
      kind === 'entry-point' || name === 'vscode' || isBuiltin(name)
        ? undefined
        : {
            errors: [
              {
                text:
                  `${path.basename(importer)} imports ${name}, which is not ours. ` +
                  "Load it by `await import('…')` and name it in `lazyPackages` of test/build.ts.",
              },
            ],
          },
    );
  },
};

/**
 * Turns `import('pg')` into a module that requires `<folder>/lib/pg.cjs` when it is first evaluated.
 *
 * The detour keeps the exports as Node gives them: required straight away, esbuild would make the whole library the
 * default export.
 */
function lazyLibraries(folder: string): Plugin {
  return {
    name: 'lazy-libraries',
    setup(context) {
      context.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
        kind === 'dynamic-import' && isLazy(name) ? { path: name, namespace: 'lazy' } : undefined,
      );
      context.onLoad({ filter: /.*/, namespace: 'lazy' }, ({ path: name }) => {
        const file = JSON.stringify(`${folder}/lib/${libraryFile(name)}`);
        return { contents: `export * from ${file}; export default require(${file}).default;`, loader: 'js' };
      });
      context.onResolve({ filter: /.*/, namespace: 'lazy' }, ({ path: file }) => ({ path: file, external: true }));
    },
  };
}

function isLazy(name: string): boolean {
  return lazyPackages.some((lazy) => lazy === name);
}

function libraryFile(name: string): string {
  return `${name.replace('@', '').replaceAll('/', '-')}.cjs`;
}

async function buildLibraries(to: string): Promise<void> {
  await Promise.all(lazyPackages.map((name) => buildLibrary(name, to)));
  const wasm = 'libpg-query.wasm';
  // Its loader looks beside the file it runs from.
  await copyFile(path.join(root, 'node_modules/libpg-query/wasm', wasm), path.join(to, wasm));
}

/** The exports are named one by one because `export *` leaves out the default and, of CommonJS, everything. */
async function buildLibrary(name: string, to: string): Promise<void> {
  const exported = Object.keys((await import(name)) as object).filter((key) => key !== 'module.exports');
  await bundle({
    ...nodeBundle(root),
    stdin: {
      contents: `export { ${exported.map((key) => JSON.stringify(key)).join(', ')} } from ${JSON.stringify(name)};`,
      resolveDir: root,
      sourcefile: 'library.mjs',
    },
    outfile: path.join(to, libraryFile(name)),
    minify: true,
    // Without this esbuild would prefer the entries that packages offer to bundlers.
    conditions: [],
    plugins: [siblingLibraries(name)],
  });
}

/** One package inside another's bundle (`@lezer/common` in `@lezer/markdown`) stays the one that the first import gives. */
function siblingLibraries(self: string): Plugin {
  return {
    name: 'sibling-libraries',
    setup(context) {
      context.onResolve({ filter: /^[^./]/ }, ({ path: name, kind }) =>
        kind === 'import-statement' && name !== self && isLazy(name)
          ? { path: `./${libraryFile(name)}`, external: true }
          : undefined,
      );
    },
  };
}

async function buildWebViews({ from, to }: Layout): Promise<void> {
  const pages = await listFiles(from, ['media/*/main.ts', 'media/*/main.css']);
  await bundle({
    absWorkingDir: from,
    outdir: path.join(to, 'media'),
    entryPoints: pages.map((file) => ({ in: file, out: path.basename(path.dirname(file)) })),
    platform: 'browser',
    format: 'iife',
    target: 'chrome120',
    minify: true,
  });
}

/** The suites of `test/vscode`; our own code in them is a copy, so they look at the extension through VS Code only. */
async function buildSuites({ from, to }: Layout): Promise<void> {
  await bundle({
    ...nodeBundle(from),
    outdir: path.join(to, 'test'),
    outbase: 'test/vscode',
    entryPoints: await listFiles(from, ['test/vscode/index.ts', 'test/vscode/**/*.test.ts']),
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    plugins: [lazyLibraries('..')],
  });
}

if (import.meta.main) {
  const size = await buildAll();
  console.log(`extension.cjs: ${Math.round(size / 1024)} KB`);
}
