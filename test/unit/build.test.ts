import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildAll, lazyPackages } from '../build.ts';

type Modules = Record<string, Record<string, unknown>>;

describe('the bundles', () => {
  const require = createRequire(import.meta.url);
  let folder: string;
  let built = 0;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-build-'));
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    await mkdir(path.join(folder, 'src'));
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function bundle(source: string, others: Record<string, string> = {}): Promise<string> {
    for (const [name, text] of Object.entries({ ...others, 'extension.ts': source })) {
      await writeFile(path.join(folder, 'src', name), text);
    }
    const to = path.join(folder, `dist${++built}`);
    await buildAll({ from: folder, to });
    return path.join(to, 'extension.cjs');
  }

  function loadedLibraries(): string[] {
    return Object.keys(require.cache).filter((file) => file.startsWith(folder) && file.includes(`${path.sep}lib${path.sep}`));
  }

  it('load heavy packages at first use, with the exports that Node gives', async () => {
    const load = lazyPackages.map((name) => `'${name}': await import('${name}'),`).join('\n');
    const { open } = require(await bundle(`export const open = async () => ({ ${load} });`)) as {
      open(): Promise<Modules>;
    };
    assert.deepEqual(loadedLibraries(), []);
    const modules = await open();
    for (const name of lazyPackages) {
      assert.deepEqual(names(modules[name]), names((await import(name)) as object), name);
    }
    await assertUsable(modules);
  });

  it('hold our own code alone', async () => {
    await assert.rejects(bundle(`import { parse } from 'smol-toml'; export const read = parse;`), /imports smol-toml, which is not ours/);
  });

  it('read own code that is imported dynamically at its first use, and what it shares with the rest once', async () => {
    const file = await bundle(
      `import { Mark } from './mark.ts';
       export const first = new Mark();
       export const open = async () => [(await import('./one.ts')).make(), (await import('./two.ts')).make()];`,
      {
        'mark.ts': 'export class Mark {}; export class Unused {}',
        'between.ts': `export class Between {}; export const marker = 'text of a part';`,
        'one.ts': `import { Mark } from './mark.ts'; import { Between, marker } from './between.ts'; export const make = () => [Mark, Between, marker];`,
        'two.ts': `import { Mark } from './mark.ts'; import { Between } from './between.ts'; export const make = () => [Mark, Between];`,
      },
    );
    const { first, open } = require(file) as { first: object; open(): Promise<[[unknown, unknown], [unknown, unknown]]> };
    const loaded = (): string[] => Object.keys(require.cache).filter((name) => path.dirname(name) === path.dirname(file));
    assert.deepEqual(loaded(), [file]);
    const [one, two] = await open();
    assert.ok(loaded().length > 2, 'each import is a file');
    assert.equal(one[0], first.constructor);
    assert.equal(two[0], first.constructor);
    assert.equal(one[1], two[1]);
    assert.doesNotMatch(await readFile(file, 'utf8'), /text of a part/);
  });

  it('know where they are', async () => {
    const file = await bundle('export const here = [import.meta.dirname, import.meta.url];');
    const { here } = require(file) as { here: [string, string] };
    assert.equal(here[0], path.dirname(file));
    assert.equal(new URL(here[1]).pathname, file);
  });
});

/** Marks of the module systems are no exports, and a package without a default gets an undefined one. */
function names(module: object | undefined): string[] {
  const own = Object.entries(module ?? {}).filter(([key, value]) => !/^(module\.exports|__esModule)$/.test(key) && value !== undefined);
  return own.map(([key, value]) => `${key}: ${typeof value}`).sort();
}

/** Each package does the smallest piece of its work. */
async function assertUsable(modules: Modules): Promise<void> {
  const pg = modules['pg'] as unknown as typeof import('pg');
  assert.equal(new pg.default.Client({ host: 'here' }).host, 'here');
  const { createClient } = modules['@supabase/supabase-js'] as unknown as typeof import('@supabase/supabase-js');
  assert.equal(typeof createClient('http://127.0.0.1:1', 'key').from, 'function');
  const { execa } = modules['execa'] as unknown as typeof import('execa');
  assert.equal((await execa(process.execPath, ['-p', '6 * 7'])).stdout, '42');
  const { Tree } = modules['@lezer/common'] as unknown as typeof import('@lezer/common');
  const { parser } = modules['@lezer/markdown'] as unknown as typeof import('@lezer/markdown');
  assert.ok(parser.parse('# Title') instanceof Tree);
  const { parse: parseShell } = modules['unbash'] as unknown as typeof import('unbash');
  assert.equal(parseShell('ls -l').commands.length, 1);
  const { parse: parseSql } = modules['libpg-query'] as unknown as typeof import('libpg-query');
  assert.equal((await parseSql('select 1')).stmts?.length, 1);
  const { stringify, parse: parseJson } = modules['lossless-json'] as unknown as typeof import('lossless-json');
  assert.equal(stringify(parseJson('12345678901234567890')), '12345678901234567890');
  const { parse: parseToml } = modules['smol-toml'] as unknown as typeof import('smol-toml');
  assert.deepEqual({ ...parseToml('a = 1') }, { a: 1 });
  const { getMultipartBoundary } = modules['@remix-run/multipart-parser'] as unknown as typeof import('@remix-run/multipart-parser');
  assert.equal(getMultipartBoundary('multipart/form-data; boundary=x'), 'x');
}
