/** Deno itself, over trees as they are staged. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createTypeChecker } from '../../src/adapters/deno/typeChecker.ts';
import { createStagingArea } from '../../src/adapters/files/stagingArea.ts';
import { isOpsError } from '../../src/core/errors.ts';
import { temporaryFolder } from '../fixtures/repository.ts';
import { packageFolder, provision } from '../world/provision.ts';

const index = 'supabase/functions/a/index.ts';

describe('deno check', function () {
  this.timeout(60_000);
  let home: string;
  let denoFolder: string;
  before(async () => {
    await provision('deno');
    const natives = path.join(packageFolder('deno'), '..', '@deno');
    const [native = ''] = await readdir(natives);
    denoFolder = path.join(natives, native);
  });
  beforeEach(async () => {
    home = await temporaryFolder('deno');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const checker = (searchPath = denoFolder, isTrusted = true) =>
    createTypeChecker({ searchPath, forbiddenFolders: [path.join(home, 'workspace')], environment: { ...process.env, DENO_DIR: path.join(home, 'theirs') }, cacheFolder: path.join(home, 'cache'), isTrusted: () => isTrusted });

  async function check(files: Readonly<Record<string, string>>, importMap?: string, signal = new AbortController().signal) {
    const staging = createStagingArea(path.join(home, 'staging'));
    const contents = new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)]));
    return staging.withTree(contents, async (tree) => checker().check({ tree, entrypoint: index, ...(importMap === undefined ? {} : { importMap }) }, signal));
  }

  it('finds faults with their places, in shared code too', async () => {
    const found = await check({ [index]: 'import { x } from "../_shared/x.ts";\nconst n: number = x;\nDeno.serve(() => new Response(String(n)));\n', 'supabase/functions/_shared/x.ts': 'export const x = "s";\n' });
    assert.deepEqual(found, [{ path: index, line: 2, column: 7, code: 'TS2322', message: "Type 'string' is not assignable to type 'number'." }]);
  });

  it('finds nothing in what is right, by its own import map, and leaves no cache in the person’s', async () => {
    const files = { [index]: 'import { x } from "words";\nDeno.serve(() => new Response(x));\n', 'supabase/functions/_shared/x.ts': 'export const x: string = "s";\n' };
    assert.deepEqual(await check({ ...files, 'supabase/functions/a/deno.json': '{ "imports": { "words": "../_shared/x.ts" } }' }, 'supabase/functions/a/deno.json'), []);
    assert.deepEqual(await check({ ...files, 'supabase/functions/a/import_map.json': '{ "imports": { "words": "../_shared/x.ts" } }' }, 'supabase/functions/a/import_map.json'), []);
    assert.equal(existsSync(path.join(home, 'theirs')), false);
  });

  it('runs no code of what it checks', async () => {
    const ran = path.join(home, 'ran');
    const [found] = (await check({ [index]: `Deno.writeTextFileSync(${JSON.stringify(ran)}, "x");\nexport {};\nconst broken: number = "";\n` })) ?? [];
    assert.equal(found?.line, 3);
    assert.equal(existsSync(ran), false);
  });

  it('is no fault when there is no Deno, and none of a repository is run', async () => {
    const folder = path.join(home, 'workspace');
    await mkdir(folder);
    await writeFile(path.join(folder, 'deno'), `#!/bin/sh\ntouch ${path.join(home, 'ran')}\n`);
    await chmod(path.join(folder, 'deno'), 0o755);
    const request = { tree: home, entrypoint: index };
    assert.equal(await checker(folder).check(request, new AbortController().signal), undefined);
    assert.equal(existsSync(path.join(home, 'ran')), false);
    await assert.rejects(checker(denoFolder, false).check(request, new AbortController().signal), (error) => isOpsError(error, 'untrusted'));
  });

  it('ends when it is cancelled', async () => {
    await assert.rejects(check({ [index]: 'export {}' }, undefined, AbortSignal.timeout(1)), (error) => isOpsError(error, 'cancelled'));
  });
});
