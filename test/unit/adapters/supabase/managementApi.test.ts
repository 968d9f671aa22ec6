import assert from 'node:assert/strict';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { CallOptions, ManagementApi } from '../../../../src/core/ports.ts';
import { readPairs, type Pair } from '../../../contract/pairs.ts';
import { writeMultipart } from '../../../sandbox/multipart.ts';
import { asUser, createClient, inTurn, json, ref, startAnsweringServer, type Answering, type AnsweringServer } from './answeringServer.ts';

const pairs = readPairs();

/** The owner's successful pair of an operation, its placeholders replaced by values of their kind. */
function recorded(operation: string): Pair {
  const pair = pairs.find((one) => one.operation === operation && one.answer.status < 300 && one.as === undefined);
  assert.ok(pair, `a recorded pair of ${operation}`);
  const text = JSON.stringify(pair).replaceAll('<jwt>', 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2ln').replaceAll('<publishable key>', 'sb_publishable_0123456789abcdef');
  return JSON.parse(text) as Pair;
}

/** Answers the recorded requests alone; anything else is a bug of the client, or a pair that is missing. */
function replay(...operations: readonly string[]): Answering {
  const known = operations.map(recorded);
  return (asked, response) => {
    const pair = known.find(({ request }) => request.method === asked.method && request.path === asked.url.split('?')[0]);
    if (!pair) {
      json(501, { message: `nothing recorded for ${asked.method} ${asked.url}` })(asked, response);
    } else if (pair.answer.multipart) {
      const parts = pair.answer.multipart.map((part) => ({
        name: part.name,
        ...(part.filename === undefined ? {} : { filename: part.filename }),
        body: Buffer.from(part.text ?? JSON.stringify(part.json)),
      }));
      response.writeHead(200, { 'content-type': 'multipart/form-data; boundary=b' }).end(writeMultipart('b', parts));
    } else {
      response.writeHead(pair.answer.status, { 'content-type': 'application/json' }).end(pair.answer.json === undefined ? '' : JSON.stringify(pair.answer.json));
    }
  };
}

describe('the Management API', () => {
  let server: AnsweringServer;
  let api: ManagementApi;
  const options: CallOptions = asUser();

  before(async () => {
    server = await startAnsweringServer();
  });

  beforeEach(() => {
    api = createClient(server.origin).api;
  });

  after(() => server.stop());

  async function assertFails(code: ErrorCode, facts: object, work: Promise<unknown>): Promise<void> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isOpsError(error, code), `expected ${code}, got ${String(error)}`);
    assert.deepEqual({ ...error.facts, ...facts }, error.facts);
  }

  it('counts requests that another program will send, and sends none', async () => {
    const { api: counting, transport } = createClient(server.origin);
    await counting.makeRoom(ref, 3, options);
    assert.equal(transport.used?.(ref, 'standard')?.used, 3);
    await counting.makeRoom(ref, 117, options);
    await assert.rejects(counting.makeRoom(ref, 1, options), (error) => isOpsError(error, 'rateLimited'));
  });

  describe('reads what was recorded', () => {
    it('of the account', async () => {
      server.answer(replay('v1-get-profile', 'v1-list-all-organizations', 'v1-list-all-projects', 'v1-get-project'));
      assert.deepEqual(await api.profile(options), { email: 'owner@example.test', username: 'owner' });
      assert.deepEqual(await api.organizations(options), [{ slug: 'acme-org', name: 'Acme' }]);
      const acme = {
        kind: 'hosted',
        ref,
        name: 'acme',
        environment: 'production',
        accountId: 'me',
        organization: 'acme-org',
        region: 'eu-central-1',
        status: 'ACTIVE_HEALTHY',
      };
      assert.deepEqual((await api.projects(options))[0], acme);
      assert.deepEqual(await api.project(ref, options), acme);
    });

    it('of preview branches, without the project itself', async () => {
      server.answer(replay('v1-list-all-branches'));
      assert.deepEqual(await api.branches(ref, options), [
        { kind: 'hosted', ref: 'bcdefghijklmnopqrstu', name: 'try-limits', environment: 'preview', accountId: 'me', parentRef: ref, status: 'ACTIVE_HEALTHY' },
      ]);
    });

    it('of services, and calls those unknown that are not mentioned', async () => {
      server.answer(replay('v1-get-services-health'));
      const states = Object.fromEntries((await api.health(ref, options)).map(({ service, state }) => [service, state]));
      assert.deepEqual(states, { auth: 'ok', rest: 'ok', storage: 'ok', realtime: 'ok', db: 'unknown', pooler: 'unknown' });
      assert.match(server.asked.at(-1)?.url ?? '', /\?services=db&services=auth&services=rest&/);
    });

    it('of functions', async () => {
      server.answer(replay('v1-list-all-functions'));
      const [hello, greet] = await api.functions(ref, options);
      assert.deepEqual(hello, {
        id: '11111111-1111-4111-8111-111111111111',
        slug: 'hello',
        name: 'hello',
        status: 'ACTIVE',
        version: 3,
        createdAt: 1767690000000,
        updatedAt: 1793523600000,
        verifyJwt: true,
        entrypointPath: 'supabase/functions/hello/index.ts',
        bundleSha256: '<sha256>',
      });
      assert.equal(greet?.importMapPath, 'supabase/functions/greet/deno.json');
    });

    it('of a function’s body', async () => {
      server.answer(replay('v1-get-a-function-body'));
      const body = await api.functionBody(ref, 'greet', options);
      assert.equal(body.entrypoint, 'supabase/functions/greet/index.ts');
      assert.deepEqual([...body.files.keys()].sort(), ['supabase/functions/_shared/words.ts', 'supabase/functions/greet/deno.json', 'supabase/functions/greet/index.ts']);
      assert.equal(new TextDecoder().decode(body.files.get('supabase/functions/_shared/words.ts')), "export const words = 'good morning';\n");
      assert.equal(server.asked.at(-1)?.headers.accept, 'multipart/form-data');
    });

    it('of secrets, and changes them in the body alone', async () => {
      server.answer(replay('v1-list-all-secrets', 'v1-bulk-create-secrets', 'v1-bulk-delete-secrets'));
      const [first] = await api.secrets(ref, options);
      assert.deepEqual(first, { name: 'OPENAI_API_KEY', digest: 'fcec9b7c334e909c527db51ce8464df2b9e58997cf161103b114656ba6e084dd', updatedAt: Date.UTC(2026, 1, 1, 10) });
      await api.setSecrets(ref, [{ name: 'A', value: 'hunter2' }], options);
      await api.unsetSecrets(ref, ['A', 'B'], options);
      const [set, unset] = server.asked.slice(-2);
      assert.deepEqual([set?.method, set?.body], ['POST', '[{"name":"A","value":"hunter2"}]']);
      assert.deepEqual([unset?.method, unset?.body], ['DELETE', '["A","B"]']);
      assert.doesNotMatch(`${set?.url} ${JSON.stringify(set?.headers)}`, /hunter2/);
    });

    it('of migrations, backups, keys and pooler', async () => {
      server.answer(replay('v1-list-migration-history', 'v1-list-all-backups', 'v1-get-project-api-keys', 'v1-get-pooler-config'));
      assert.deepEqual(await api.migrations(ref, options), [{ version: '20260105080000', name: 'create_notes' }]);
      assert.deepEqual(await api.backups(ref, options), [{ status: 'COMPLETED', insertedAt: Date.UTC(2026, 10, 19, 2) }]);
      assert.deepEqual(await api.publicKeys(ref, options), { publishable: 'sb_publishable_0123456789abcdef', anon: 'eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2ln' });
      assert.match(server.asked.at(-1)?.url ?? '', /reveal=false/);
      assert.deepEqual(await api.pooler(ref, options), { host: '<text>', port: 6543, user: 'postgres' });
    });
  });

  describe('is liberal', () => {
    it('with members, states and shapes it does not know', async () => {
      server.answer(
        json(200, [
          { id: 'i', slug: 's', name: null, status: 'HIBERNATING', version: '7', created_at: '2026-11-20T09:00:00', updated_at: '1795165200000', import_map_path: null, verify_jwt: null, colour: { of: ['money'] } },
        ]),
      );
      assert.deepEqual(await api.functions(ref, options), [
        { id: 'i', slug: 's', name: 's', status: 'HIBERNATING', version: 7, createdAt: Date.UTC(2026, 10, 20, 9), updatedAt: 1795165200000 },
      ]);
    });

    it('with states of services, never calling one good that is not', async () => {
      server.answer(
        json(200, [
          { name: 'db', healthy: false, status: 'ON_FIRE', error: 'smoke' },
          { name: 'auth', healthy: true, status: 'FEELING_FINE' },
          { name: 'rest', status: 'SOMETHING' },
          { name: 'storage', healthy: false, status: 'COMING_UP', error: '' },
          { name: 'realtime', healthy: false, status: 'UNHEALTHY', info: null },
          { name: 'pooler', healthy: true, status: 'ACTIVE_HEALTHY' },
          { name: 'etl', healthy: true },
        ]),
      );
      assert.deepEqual(await api.health(ref, options), [
        { service: 'db', state: 'critical', error: 'smoke' },
        { service: 'auth', state: 'ok' },
        { service: 'rest', state: 'unknown' },
        { service: 'storage', state: 'warn' },
        { service: 'realtime', state: 'critical' },
        { service: 'pooler', state: 'ok' },
        { service: 'etl', state: 'ok' },
      ]);
    });

    it('where branching is off', async () => {
      server.answer(json(422, { message: 'Preview branching is not enabled for this project.' }));
      assert.deepEqual(await api.branches(ref, options), []);
    });

    it('with keys that are cut short, missing or of a new type', async () => {
      server.answer(
        json(200, [
          { name: 'default', type: 'publishable', api_key: 'sb_publishable_abc··········' },
          { name: 'anon', type: 'legacy', api_key: null },
          { name: 'edge', type: 'quantum', api_key: 'qk_1' },
        ]),
      );
      assert.deepEqual(await api.publicKeys(ref, options), {});
    });

    it('with a pooler that is one object, a replica before the primary, or none', async () => {
      const primary = { database_type: 'PRIMARY', db_host: 'p.example.test', db_port: '6543', db_user: 'postgres.x' };
      for (const answer of [primary, [{ database_type: 'READ_REPLICA', db_host: 'r.example.test' }, primary]]) {
        server.answer(json(200, answer));
        assert.deepEqual(await api.pooler(ref, options), { host: 'p.example.test', port: 6543, user: 'postgres.x' });
      }
      server.answer(json(200, []));
      assert.equal(await api.pooler(ref, options), undefined);
    });

    it('with ten thousand functions', async () => {
      const item = (at: number) => ({ id: `id-${at}`, slug: `fn-${at}`, name: `fn-${at}`, status: 'ACTIVE', version: 1, created_at: 1, updated_at: 2 });
      server.answer(json(200, Array.from({ length: 10_000 }, (_, at) => item(at))));
      assert.equal((await api.functions(ref, options)).length, 10_000);
    });
  });

  describe('is strict, and names the field', () => {
    const whole = { id: 'i', slug: 's', version: 1, created_at: 1, updated_at: 2 };
    const cases: readonly (readonly [unknown, string])[] = [
      [{ functions: [] }, 'it is not a list'],
      [null, 'it is missing'],
      [[null], '[0] is missing'],
      [['hello'], '[0] is not an object'],
      [[whole, { ...whole, slug: undefined }], '[1].slug is missing'],
      [[{ ...whole, id: 7 }], '[0].id is not a text'],
      [[{ ...whole, version: 'three' }], '[0].version is not a number'],
      [[{ ...whole, updated_at: 'yesterday' }], '[0].updated_at is not a time'],
    ];
    for (const [answer, problem] of cases) {
      it(problem, async () => {
        server.answer(json(200, answer));
        await assertFails('badAnswer', { operation: 'list functions', problem }, api.functions(ref, options));
      });
    }

    it('where JSON is none', async () => {
      server.answer((_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in to the hotel</h1>'));
      await assertFails('badAnswer', { operation: 'list functions', problem: 'it is not JSON (text/html)' }, api.functions(ref, options));
    });
  });

  describe('a function’s body', () => {
    const send = (type: string, body: string | Buffer): Answering => (_, response) => void response.writeHead(200, { 'content-type': type }).end(body);
    const form = (...parts: { name: string; filename?: string; headers?: Record<string, string>; body: Buffer }[]) =>
      send('multipart/form-data; boundary="a b"', writeMultipart('a b', parts));
    const file = (filename: string, headers: Record<string, string> = {}) => ({ name: 'file', filename, headers, body: Buffer.from('x') });

    it('is asked for again where it does not name its entrypoint', async () => {
      server.answer(inTurn(form(file('source/index.ts')), json(200, { entrypoint_path: 'file:///tmp/user_fn_a_b_1/source/index.ts' })));
      assert.equal((await api.functionBody(ref, 's', options)).entrypoint, 'index.ts');
      server.answer(inTurn(form(file('source/index.ts')), json(200, {})));
      assert.equal((await api.functionBody(ref, 's', options)).entrypoint, undefined);
    });

    it('keeps bytes as they are', async () => {
      const bytes = Buffer.from([0, 13, 10, 45, 45, 97, 255, 13, 10, 13, 10]);
      server.answer(form({ name: 'metadata', body: Buffer.from('{"deno2_entrypoint_path":"/tmp/user_fn_a_b_1/source/a.ts"}') }, { ...file('/tmp/user_fn_a_b_1/source/a.wasm'), body: bytes }));
      const { files, from } = await api.functionBody(ref, 's', options);
      assert.deepEqual(Buffer.from(files.get('a.wasm') ?? []), bytes);
      assert.deepEqual(from, { id: 'b', version: 1 });
    });

    it('takes the path of the header before that of the file name', async () => {
      server.answer(form(file('a.ts', { 'Supabase-Path': '/tmp/user_fn_a_b_1/source/deep/../b.ts' }), { name: 'metadata', body: Buffer.from('{"deno2_entrypoint_path":"b.ts"}') }));
      assert.deepEqual([...(await api.functionBody(ref, 's', options)).files.keys()], ['b.ts']);
    });

    for (const path of ['../outside.ts', '/etc/passwd', '/tmp/user_fn_a_b_1/source/../../../root/.ssh/id', 'C:/x.ts', 'a\\..\\b.ts', 'file:///etc/passwd', 'a/con.ts', '']) {
      it(`refuses the path ${JSON.stringify(path)}`, async () => {
        server.answer(form(file('good.ts', { 'Supabase-Path': path })));
        await assertFails('badPath', { path }, api.functionBody(ref, 's', options));
      });
    }

    it('is refused when it is an eszip, torn, or not there', async () => {
      server.answer(send('application/vnd.denoland.eszip', 'EZBR'));
      await assertFails('badAnswer', { problem: 'it is not multipart/form-data (application/vnd.denoland.eszip)' }, api.functionBody(ref, 's', options));
      const wholeForm = writeMultipart('b', [file('a.ts'), file('b.ts')]);
      server.answer(send('multipart/form-data; boundary=b', wholeForm.subarray(0, wholeForm.length / 2)));
      await assertFails('badAnswer', { problem: 'its parts cannot be told apart' }, api.functionBody(ref, 's', options));
      server.answer(json(404, { message: 'Function not found' }));
      await assertFails('notFound', { what: 'The function s' }, api.functionBody(ref, 's', options));
    });
  });

  it('never repeats a secret’s value, whatever the service echoes', async () => {
    server.answer(json(400, { message: 'value "hunter2-and-more" of A is not allowed' }));
    const { api: own, log } = createClient(server.origin);
    await assertFails('serviceFailed', { message: 'value "…" of A is not allowed' }, own.setSecrets(ref, [{ name: 'A', value: 'hunter2-and-more' }], options));
    assert.doesNotMatch(log.lines.join('\n'), /hunter2/);
  });

  it('sends nothing for a ref or a slug that is none', async () => {
    const before = server.asked.length;
    await assertFails('projectNotFound', { ref: '../organizations' }, api.functions('../organizations', options));
    await assertFails('notFound', {}, api.functionBody(ref, '../secrets', options));
    assert.equal(server.asked.length, before);
  });
});
