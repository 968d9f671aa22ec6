import assert from 'node:assert/strict';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import { collectFunction, functionsIn } from '../../../../src/core/functions/source.ts';
import { CommitTree, workingTree, type SourceTree } from '../../../../src/core/functions/sourceTree.ts';
import { checkComplete, stagedFiles } from '../../../../src/core/functions/stage.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';
import { FakePlaceFiles } from '../../../fakes/placeFiles.ts';

const signal = new AbortController().signal;
type Files = Readonly<Record<string, string>>;

const collect = (tree: SourceTree, slug = 'a', formerSlug?: string) => collectFunction(slug, tree, { toml: tomlReader, ...(formerSlug === undefined ? {} : { formerSlug }) }, signal);
const fails = (code: ErrorCode) => (error: unknown) => isOpsError(error, code) || assert.fail(String(error));

/** Relative to `supabase/functions/` unless they begin with `/`, which stands for the place. */
const place = (files: Files): Files => Object.fromEntries(Object.entries(files).map(([path, text]) => [path.startsWith('/') ? path.slice(1) : `supabase/functions/${path}`, text]));

/** The same files as working tree and as commits of a place at the root and in a folder: what is collected must not depend on it. */
function trees(files: Files, links: Files = {}): SourceTree[] {
  const found = ['', 'apps/api'].map((prefix) => {
    const git = new FakeGitHistory(prefix);
    const inRepository = (map: Files) => Object.fromEntries(Object.entries(place(map)).map(([path, text]) => [prefix === '' ? path : `${prefix}/${path}`, text]));
    return new CommitTree(git, git.add('all', { ...inRepository(files), 'outside.ts': 'secret' }, { links: inRepository(links) }));
  });
  return Object.keys(links).length > 0 ? found : [...found, workingTree(new FakePlaceFiles(place(files)))];
}

async function roles(tree: SourceTree): Promise<Record<string, string>> {
  const { files } = await collect(tree);
  return Object.fromEntries([...files].map(([path, { role }]) => [path.replace('supabase/functions/', ''), role]));
}

describe('collectFunction', () => {
  it('follows relative imports, shared ones and their own, and leaves the rest of the place', async () => {
    const files = {
      'a/index.ts': `import { b } from "./b.ts"; import "../_shared/c.ts"; import "npm:x"; import "jsr:@y/z"; import "https://e.test/q.ts"`,
      'a/b.ts': `import data from "./data.json" with { type: "json" }; await import("./lazy.ts")`,
      'a/data.json': '"import \\"./no.ts\\""',
      'a/lazy.ts': 'import "./b.ts"',
      'a/unused.ts': '',
      '_shared/c.ts': `export * from "./d.ts"; // import "./commented.ts"`,
      '_shared/d.ts': `import type { T } from "../../types.ts"`,
      '_shared/commented.ts': '',
      '/supabase/types.ts': 'export type T = 1',
      'other/index.ts': '',
      '/supabase/config.toml': 'project_id = "acme"',
    };
    for (const tree of trees(files)) {
      assert.deepEqual(await roles(tree), {
        'a/index.ts': 'module',
        'a/b.ts': 'module',
        '_shared/c.ts': 'module',
        'a/data.json': 'module',
        'a/lazy.ts': 'module',
        '_shared/d.ts': 'module',
        'supabase/types.ts': 'module',
      });
      assert.deepEqual((await collect(tree)).missing, []);
    }
  });

  it('reads the import map beside the entrypoint, what it refers to, and its folders whole', async () => {
    const files = {
      'a/index.ts': `import "@shared/one.ts"; import "lib"; import "react"`,
      'a/deno.json': `{ /* jsonc */ "imports": { "@shared/": "../_shared/", "lib": "./lib/mod.ts", "react": "npm:react@19", }, }`,
      'a/deno.lock': '{}',
      'a/lib/mod.ts': '',
      '_shared/one.ts': '',
      '_shared/by-name-at-run-time.ts': 'import "../a/deep.ts"',
      'a/deep.ts': '',
    };
    for (const tree of trees(files)) {
      assert.deepEqual(await roles(tree), {
        'a/index.ts': 'module',
        '_shared/one.ts': 'module',
        'a/lib/mod.ts': 'module',
        'a/deno.json': 'importMap',
        '_shared/by-name-at-run-time.ts': 'mapTarget',
        'a/deep.ts': 'mapTarget',
      });
    }
    const referring = { 'a/index.ts': 'import "x"', 'a/deno.json': '{"importMap":"../map.json"}', 'map.json': '{"imports":{"x":"./x.ts"},"scopes":{"./a/":{"x":"./scoped.ts"}}}', 'x.ts': '', 'scoped.ts': '' };
    for (const tree of trees(referring)) {
      assert.deepEqual(await roles(tree), { 'a/index.ts': 'module', 'scoped.ts': 'module', 'a/deno.json': 'importMap', 'map.json': 'importMap', 'x.ts': 'mapTarget' });
    }
  });

  it('obeys the config: entrypoint, import map, static files, verify_jwt', async () => {
    const files = {
      '/supabase/config.toml': `[functions.a]\nentrypoint = "./functions/a/main.ts"\nimport_map = "./maps/a.json"\nstatic_files = ["./functions/a/*.html", "./functions/a/deep/**", "../LICENSE"]\nverify_jwt = false\nenabled = false`,
      'a/main.ts': 'import "x"',
      'a/deno.json': '{"imports":{"x":"./wrong.ts"}}',
      '/supabase/maps/a.json': '{"imports":{"x":"../functions/a/x.ts"}}',
      'a/x.ts': '',
      'a/page.html': '',
      'a/deep/er/y.txt': '',
      'a/other.txt': '',
      '/LICENSE': 'MIT',
    };
    for (const tree of trees(files)) {
      const source = await collect(tree);
      assert.deepEqual([...source.files.keys()].toSorted(), ['LICENSE', 'supabase/functions/a/deep/er/y.txt', 'supabase/functions/a/main.ts', 'supabase/functions/a/page.html', 'supabase/functions/a/x.ts', 'supabase/maps/a.json']);
      assert.deepEqual([source.verifyJwt, source.disabled, source.importMap], [false, true, 'supabase/maps/a.json']);
      const staged = stagedFiles(source, 'abcdefghijklmnopqrst', false);
      assert.equal(
        new TextDecoder().decode(staged.get('supabase/config.toml')),
        'project_id = "abcdefghijklmnopqrst"\n\n[functions.a]\nentrypoint = "./functions/a/main.ts"\nimport_map = "./maps/a.json"\nstatic_files = ["./functions/a/*.html","./functions/a/deep/**","../LICENSE"]\nverify_jwt = false\n',
      );
    }
  });

  it('follows links of a commit inside the place, never out of it', async () => {
    const files = { 'a/index.ts': 'import "./shared/one.ts"; import "./out.ts"; import "./loop.ts"', '_shared/one.ts': 'import "./two.ts"', '_shared/two.ts': '' };
    const links = { 'a/shared': '../_shared', 'a/out.ts': '../../../../../outside.ts', 'a/loop.ts': './loop.ts', 'a/two.ts': '' };
    for (const tree of trees(files, links)) {
      const source = await collect(tree);
      assert.deepEqual([...source.files.keys()], ['supabase/functions/a/index.ts', 'supabase/functions/a/shared/one.ts', 'supabase/functions/a/shared/two.ts']);
      assert.deepEqual(source.missing.map((one) => one.path), ['supabase/functions/a/out.ts', 'supabase/functions/a/loop.ts']);
      assert.throws(() => checkComplete(source), fails('importMissing'));
    }
  });

  it('tells what is missing, and how much it matters', async () => {
    const files = { 'a/index.ts': 'import "./gone.ts"; import type { T } from "./types.ts"; import("./later.ts"); import "../../../../up.ts"; import "/abs.ts"' };
    for (const tree of trees(files)) {
      assert.deepEqual((await collect(tree)).missing.map(({ path, kind }) => `${kind} ${path}`), [
        'static ../../../../up.ts',
        'static /abs.ts',
        'static supabase/functions/a/gone.ts',
        'type supabase/functions/a/types.ts',
        'dynamic supabase/functions/a/later.ts',
      ]);
    }
    const [harmless] = trees({ 'a/index.ts': 'import type { T } from "./types.ts"; import("./later.ts")' });
    assert.ok(harmless);
    checkComplete(await collect(harmless));
  });

  it('deploys a renamed function from its former folder', async () => {
    for (const tree of trees({ 'old-name/index.ts': 'import "../_shared/x.ts"', '_shared/x.ts': '', '/supabase/config.toml': '[functions.old-name]\nverify_jwt = false' })) {
      const source = await collect(tree, 'new-name', 'old-name');
      assert.deepEqual([source.slug, source.entrypoint, source.verifyJwt], ['new-name', 'supabase/functions/old-name/index.ts', false]);
    }
  });

  const refused: [string, Files, ErrorCode][] = [
    ['a function that is not there', { 'b/index.ts': '' }, 'functionMissing'],
    ['a folder without its entrypoint', { 'a/main.ts': '' }, 'entrypointMissing'],
    ['an entrypoint out of the place', { '/supabase/config.toml': '[functions.a]\nentrypoint = "../../x.ts"', 'a/index.ts': '' }, 'badPath'],
    ['static files out of the place', { '/supabase/config.toml': '[functions.a]\nstatic_files = ["../../*"]', 'a/index.ts': '' }, 'badPath'],
    ['a config that is none', { '/supabase/config.toml': '[functions.a', 'a/index.ts': '' }, 'badConfig'],
    ['an import map that is none', { 'a/index.ts': '', 'a/deno.json': '{' }, 'badConfig'],
    ['an import map that is not there', { 'a/index.ts': '', '/supabase/config.toml': '[functions.a]\nimport_map = "./x.json"' }, 'badConfig'],
    ['an environment file as static file', { 'a/index.ts': '', '/.env': 'SUPABASE_PROFILE=./evil.yaml', '/supabase/config.toml': '[functions.a]\nstatic_files = ["../.e*"]' }, 'badPath'],
    ['an environment file as import', { 'a/index.ts': 'import "./.env.ts"', 'a/.env.ts': '' }, 'badPath'],
    ['a second config for the CLI', { 'a/index.ts': 'import "../../config.json"', '/supabase/config.json': '{}' }, 'badPath'],
    ['the CLI’s own link', { 'a/index.ts': '', '/supabase/.temp/project-ref': 'x', '/supabase/config.toml': '[functions.a]\nstatic_files = ["./.temp/*"]' }, 'badPath'],
  ];
  for (const [title, files, code] of refused) {
    it(`refuses ${title}`, async () => {
      for (const tree of trees(files)) {
        await assert.rejects(collect(tree), fails(code));
      }
    });
  }

  it('refuses names that are none, and contents that are elsewhere', async () => {
    const [tree] = trees({ 'a/index.ts': '' });
    assert.ok(tree);
    for (const slug of ['../a', '', '1a', 'a b', '--help', 'a/b']) {
      await assert.rejects(collect(tree, slug), fails('badPath'), slug);
    }
    const [large] = trees({ 'a/index.ts': 'import "./model.ts"', 'a/model.ts': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n' });
    assert.ok(large);
    const source = await collect(large);
    assert.deepEqual(source.pointers, ['supabase/functions/a/model.ts']);
    assert.throws(() => checkComplete(source), fails('badConfig'));
  });

  it('asks git a few times, however many files there are', async () => {
    const git = new FakeGitHistory();
    const chain = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`supabase/functions/_shared/${n}.ts`, '']));
    const imports = Object.keys(chain).map((path) => `import "../_shared/${path.split('/').at(-1)}"`).join(';');
    const commit = git.add('all', { ...chain, 'supabase/functions/a/index.ts': imports });
    await collect(new CommitTree(git, commit));
    assert.deepEqual(git.calls.length <= 4 ? 'few' : git.calls, 'few');
  });
});

describe('functionsIn', () => {
  it('lists folders with an entrypoint and those of the config, not what is shared', async () => {
    const files = { 'b/index.ts': '', 'a/index.ts': '', '_shared/index.ts': '', '.x/index.ts': '', 'noindex/main.ts': '', '/supabase/config.toml': '[functions.noindex]\nentrypoint = "./functions/noindex/main.ts"\n[functions.gone]\nverify_jwt = true' };
    for (const tree of trees(files)) {
      assert.deepEqual(await functionsIn(tree, tomlReader, signal), ['a', 'b', 'noindex']);
    }
  });
});
