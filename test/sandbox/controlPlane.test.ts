import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { bundlingFailure } from './bundle.ts';
import { startControlPlane, type Sandbox } from './controlPlane.ts';
import { readMultipart, writeMultipart } from './multipart.ts';
import { createSmallScenario } from './smallScenario.ts';
import { manyFunctions, withNulls, withUnknownMembers } from './spoilers.ts';

describe('sandbox control plane', () => {
  let sandbox: Sandbox;
  let clock: number;

  beforeEach(async () => {
    clock = Date.parse('2026-11-20T12:00:00.000Z');
    sandbox = await startControlPlane({ scenario: createSmallScenario(), now: () => clock });
  });
  afterEach(() => sandbox.stop());

  const functions = (): string => `/v1/projects/${sandbox.ref}/functions`;

  function get(path: string, token: string | undefined = sandbox.token): Promise<Response> {
    return fetch(sandbox.apiUrl + path, { headers: { authorization: `Bearer ${token}` } });
  }

  async function message(response: Response): Promise<string> {
    return ((await response.json()) as { message: string }).message;
  }

  it('is up within half a second, on loopback, with a profile for the CLI', async () => {
    const start = performance.now();
    const second = await startControlPlane({ scenario: createSmallScenario() });
    const took = performance.now() - start;
    try {
      assert.ok(took < 500, `${took} ms`);
      assert.match(second.apiUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.match(await readFile(second.profilePath, 'utf8'), new RegExp(`^api_url: ${second.apiUrl}$`, 'm'));
    } finally {
      await second.stop();
    }
    await assert.rejects(fetch(second.apiUrl));
    await assert.rejects(readFile(second.profilePath));
  });

  it('answers unknown routes as the hosted one, signed in or not', async () => {
    const response = await get('/v1/nothing', 'none');
    assert.equal(response.status, 404);
    assert.equal(await message(response), 'Cannot GET /v1/nothing');
  });

  it('takes each permission of a scoped token by itself', async () => {
    const scoped = sandbox.tokens.without('edge_functions_secrets_read');
    assert.match(scoped, /^sbp_v0_[0-9a-f]{40}$/);
    assert.equal((await get(`/v1/projects/${sandbox.ref}/secrets`, scoped)).status, 403);
    assert.equal((await get(functions(), scoped)).status, 200);
  });

  it('counts requests per minute, tells what is left, and refuses to the end of the minute', async () => {
    const first = await get(functions());
    assert.equal(first.headers.get('x-ratelimit-limit'), '120');
    assert.equal(first.headers.get('x-ratelimit-remaining'), '119');
    assert.equal(first.headers.get('x-ratelimit-reset'), '60');
    for (let count = 1; count < 120; count += 1) {
      assert.equal((await get(functions())).status, 200);
    }
    clock += 18_500;
    const refused = await get(functions());
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get('x-ratelimit-remaining'), '0');
    assert.equal(refused.headers.get('x-ratelimit-reset'), '42');
    assert.equal((await get('/v1/projects')).status, 200, 'another scope has its own budget');
    clock += 41_500;
    assert.equal((await get(functions())).status, 200);
  });

  it('gives log queries a budget of their own', async () => {
    const logs = `/v1/projects/${sandbox.ref}/analytics/endpoints/logs.all`;
    for (let count = 0; count < 30; count += 1) {
      assert.equal((await get(logs)).status, 410);
    }
    assert.equal((await get(logs)).status, 429);
    assert.equal((await get(functions())).status, 200);
  });

  it('is not locked for hours by a clock that jumps back', async () => {
    clock += 3_600_000;
    await get(functions());
    clock -= 3_600_000;
    assert.equal((await get(functions())).headers.get('x-ratelimit-reset'), '60');
  });

  describe('faults', () => {
    it('hit one endpoint for so many calls', async () => {
      sandbox.faults.add('GET /v1/projects/{ref}/functions', { kind: 'status', status: 503 }, 2);
      assert.equal((await get(functions())).status, 503);
      assert.equal((await get('/v1/projects')).status, 200);
      assert.equal((await get(functions())).status, 503);
      assert.equal((await get(functions())).status, 200);
    });

    it('can be disarmed', async () => {
      const disarm = sandbox.faults.add('* /**', { kind: 'status', status: 401 });
      assert.equal((await get('/v1/projects')).status, 401);
      disarm();
      assert.equal((await get('/v1/projects')).status, 200);
    });

    it('say when to come again', async () => {
      sandbox.faults.add('* /v1/**', { kind: 'status', status: 429, resetSeconds: 17, retryAfterSeconds: 3 });
      const response = await get('/v1/projects');
      assert.equal(response.headers.get('x-ratelimit-reset'), '17');
      assert.equal(response.headers.get('retry-after'), '3');
      assert.match(await message(response), /Too Many Requests/);
    });

    it('delay, and the answer is the endpoint’s own', async () => {
      sandbox.faults.add('GET /v1/projects', { kind: 'delay', ms: 120 });
      const start = performance.now();
      assert.equal((await get('/v1/projects')).status, 200);
      assert.ok(performance.now() - start >= 115);
    });

    it('break the connection before or within an answer', async () => {
      sandbox.faults.add('GET /v1/projects', { kind: 'torn' }, 1);
      await assert.rejects(get('/v1/projects'));
      sandbox.faults.add('GET /v1/projects', { kind: 'torn', afterBytes: 20 }, 1);
      const response = await get('/v1/projects');
      assert.equal(response.status, 200);
      await assert.rejects(response.text());
    });

    it('end a body in its middle while HTTP is well', async () => {
      sandbox.faults.add(`GET ${functions()}/greet/body`, { kind: 'half' });
      const response = await fetch(`${sandbox.apiUrl}${functions()}/greet/body`, {
        headers: { authorization: `Bearer ${sandbox.token}`, accept: 'multipart/form-data' },
      });
      const body = Buffer.from(await response.arrayBuffer());
      assert.throws(() => readMultipart(response.headers.get('content-type') ?? '', body), /unexpected end/);
    });

    it('let a body trickle', async () => {
      sandbox.faults.add('GET /v1/profile', { kind: 'slow', chunkBytes: 40, everyMs: 20 });
      const start = performance.now();
      const response = await get('/v1/profile');
      assert.ok('gotrue_id' in ((await response.json()) as object));
      assert.ok(performance.now() - start > 40);
    });

    it('answer with a page in place of JSON', async () => {
      sandbox.faults.add('GET /v1/projects', { kind: 'notJson' });
      const response = await get('/v1/projects');
      assert.equal(response.status, 200);
      assert.match(await response.text(), /^<!doctype html>/);
    });

    it('bring members and values of tomorrow, nulls, and ten thousand functions', async () => {
      const list = async (): Promise<Record<string, unknown>[]> => (await (await get(functions())).json()) as Record<string, unknown>[];
      sandbox.faults.add('GET /v1/projects/*/functions', { kind: 'change', change: withUnknownMembers }, 1);
      assert.deepEqual((await list()).map((one) => [one['status'], one['member_of_tomorrow']])[0], ['HIBERNATING', { since: 2027 }]);
      sandbox.faults.add('GET /v1/projects/*/functions', { kind: 'change', change: withNulls('import_map_path') }, 1);
      assert.ok((await list()).every((one) => one['import_map_path'] === null));
      sandbox.faults.add('GET /v1/projects/*/functions', { kind: 'change', change: manyFunctions(10_000) }, 1);
      assert.equal(new Set((await list()).map((one) => one['slug'])).size, 10_000);
    });
  });

  describe('deploying', () => {
    function upload(slug: string, metadata: object, files: Record<string, string>, query = ''): Promise<Response> {
      const form = new FormData();
      for (const [name, source] of Object.entries(files)) {
        form.append('file', new Blob([source]), name);
      }
      form.append('metadata', JSON.stringify(metadata));
      return fetch(`${sandbox.apiUrl}${functions()}/deploy?slug=${slug}${query}`, {
        method: 'POST', body: form, headers: { authorization: `Bearer ${sandbox.token}` },
      });
    }

    const entry = { entrypoint_path: 'f/index.ts' };

    it('takes the form that `fetch` makes, and gives the same back', async () => {
      const source = 'export const sign = `é\r\n--boundary`;\n';
      assert.equal((await upload('one', entry, { 'f/index.ts': source })).status, 201);
      const live = sandbox.state.projects.get(sandbox.ref)?.functions.get('one');
      assert.equal(Buffer.from(live?.files.get('f/index.ts') ?? '').toString('utf8'), source);
    });

    it('keeps an upload back until the bulk update names it', async () => {
      const bundle = (await (await upload('hello', entry, { 'f/index.ts': '1;' }, '&bundleOnly=true')).json()) as { version: number };
      const live = (): number | undefined => sandbox.state.projects.get(sandbox.ref)?.functions.get('hello')?.version;
      assert.deepEqual([bundle.version, live()], [4, 3]);
      await fetch(`${sandbox.apiUrl}${functions()}`, {
        method: 'PUT', body: JSON.stringify([bundle]),
        headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      });
      assert.equal(live(), 4);
    });

    it('refuses paths outside the tree, a form without metadata, and one function too many', async () => {
      assert.equal((await upload('one', entry, { '../f/index.ts': '1;' })).status, 400);
      assert.equal((await upload('one', {}, { 'f/index.ts': '1;' })).status, 400);
      const project = sandbox.state.projects.get(sandbox.ref);
      assert.ok(project !== undefined);
      project.functionLimit = 2;
      assert.equal((await upload('one', entry, { 'f/index.ts': '1;' })).status, 402);
      assert.equal((await upload('hello', entry, { 'f/index.ts': '1;' })).status, 201);
    });
  });
});

describe('bundling in the sandbox', () => {
  function failure(files: Record<string, string>, importMap?: string): string | undefined {
    const tree = new Map(Object.entries(files).map(([name, source]) => [name, Buffer.from(source)]));
    return bundlingFailure({ files: tree, entrypoint: 'f/index.ts', importMap, root: '/tmp/user_fn_x/source/' });
  }

  it('follows imports through the tree and leaves remote ones alone', () => {
    const files = {
      'f/index.ts': "import a from '../_shared/a.ts'; export * from 'npm:zod@3'; import type { T } from './only-a-type.ts'; await import('jsr:@std/path');",
      '_shared/a.ts': "import 'node:path'; export default 1 satisfies number;",
    };
    assert.equal(failure(files), undefined);
  });

  it('names the module that was not sent, with the place that asks for it', () => {
    const found = failure({ 'f/index.ts': "import '../_shared/a.ts';", '_shared/a.ts': "\nexport { b } from './b.ts';" });
    assert.match(found ?? '', /^Module not found "file:\/\/\/tmp\/user_fn_x\/source\/_shared\/b\.ts"\.\n {4}at .*_shared\/a\.ts:2:19$/);
    assert.match(failure({}) ?? '', /^Module not found .*f\/index\.ts/);
  });

  it('resolves bare names by the import map alone', () => {
    const files = { 'f/index.ts': "import z from 'zod'; import { words } from '@/words.ts';", 'shared/words.ts': 'export const words = 1;' };
    assert.match(failure(files) ?? '', /^Relative import path "zod" not prefixed/);
    const map = '{\n  // ours\n  "imports": { "zod": "npm:zod@3", "@/": "../shared/" }\n}';
    assert.equal(failure({ ...files, 'f/deno.json': map }, 'f/deno.json'), undefined);
    assert.match(failure(files, 'f/deno.json') ?? '', /^Import map not found/);
    assert.match(failure({ ...files, 'f/deno.json': '{' }, 'f/deno.json') ?? '', /^Unable to parse config file JSON/);
  });

  it('says where a source does not parse', () => {
    assert.match(failure({ 'f/index.ts': 'const a = 1;\nconst b = ;\n' }) ?? '', /could not be parsed: Unexpected token at .*f\/index\.ts:2:11$/);
  });
});

describe('multipart in the sandbox', () => {
  it('gives back what was written, whatever bytes and names', () => {
    const parts = [
      { name: 'metadata', headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{"a":"\r\n"}') },
      { name: 'file', filename: 'a "quoted" name.ts', body: Buffer.from([0, 13, 10, 45, 45, 255]) },
      { name: 'file', filename: 'empty.ts', body: Buffer.alloc(0) },
    ];
    const read = readMultipart('multipart/form-data; boundary="b-1"', writeMultipart('b-1', parts));
    assert.deepEqual(read.map(({ name, filename, body }) => ({ name, filename, body })), parts.map(({ name, filename, body }) => ({ name, filename, body })));
    assert.equal(read[0]?.headers['content-type'], 'application/json');
  });

  it('sees every truncation', () => {
    const whole = writeMultipart('b', [{ name: 'file', filename: 'a', body: Buffer.from('content') }]);
    for (let length = 0; length < whole.length - 4; length += 1) {
      assert.throws(() => readMultipart('multipart/form-data; boundary=b', whole.subarray(0, length)), `${length} bytes`);
    }
  });
});
