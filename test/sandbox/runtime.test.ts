import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { createProjectKeys } from './projectKeys.ts';
import { startRuntime } from './runtime.ts';
import type { DeployedFunction, FunctionRuntime, LogRow } from './types.ts';

const ref = 'abcdefghijklmnopqrst';
const keys = createProjectKeys(ref);
const rows: LogRow[] = [];
let nextId = 1;

/** A function with the given modules, `index.ts` among them. */
function deployed(files: Record<string, string>, more: Partial<DeployedFunction> = {}): DeployedFunction {
  const id = `00000000-0000-4000-8000-${String((nextId += 1)).padStart(12, '0')}`;
  const all = Object.entries(files).map(([name, text]) => [`supabase/functions/${name}`, Buffer.from(text)] as const);
  return {
    id,
    slug: 'greet',
    name: 'greet',
    status: 'ACTIVE',
    version: 1,
    created_at: 0,
    updated_at: 0,
    verify_jwt: false,
    import_map: false,
    entrypoint_path: 'supabase/functions/greet/index.ts',
    ezbr_sha256: id,
    files: new Map(all),
    ...more,
  };
}

function single(code: string, more: Partial<DeployedFunction> = {}): DeployedFunction {
  return deployed({ 'greet/index.ts': code }, more);
}

function consoleRows(fn: DeployedFunction): LogRow[] {
  return rows.filter((row) => row.source === 'function_logs' && row.log_attributes['function_id'] === fn.id);
}

function invocations(fn: DeployedFunction): LogRow[] {
  return rows.filter((row) => row.source === 'function_edge_logs' && row.log_attributes['function_id'] === fn.id);
}

/** Rows travel through a pipe beside the answer: waits until those of a type are there. */
async function logged(fn: DeployedFunction, type: string, count = 1): Promise<LogRow[]> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = consoleRows(fn).filter((row) => row.log_attributes['event_type'] === type);
    if (found.length >= count) {
      return found;
    }
    await delay(20);
  }
  throw new Error(`no ${count} rows of ${type} in ${JSON.stringify(consoleRows(fn))}`);
}

describe('sandbox functions', () => {
  let runtime: FunctionRuntime;

  before(async () => {
    runtime = await startRuntime({
      ref,
      region: 'eu-central-1',
      jwtSecret: keys.jwtSecret,
      log: (more) => rows.push(...more),
      requestLimitMs: 1500,
    });
  });

  after(() => runtime.stop());

  function call(fn: DeployedFunction, init: RequestInit & { path?: string } = {}, environment: Record<string, string> = {}) {
    const { path = '', ...rest } = init;
    const request = new Request(`https://${ref}.supabase.test/functions/v1/${fn.slug}${path}`, rest);
    return runtime.invoke(fn, request, environment);
  }

  async function refused(answer: Response, status: number, code: string, message?: string): Promise<void> {
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get('sb-error-code'), code);
    const body = (await answer.json()) as { code: string; message: string };
    assert.equal(body.code, code);
    if (message !== undefined) {
      assert.equal(body.message, message);
    }
  }

  it('runs shared code with the request as it came and the environment given', async () => {
    const fn = deployed({
      'greet/index.ts': `import { greeting } from '../_shared/words.ts';
        Deno.serve({ onListen() {} }, async (request) => new Response(
          JSON.stringify([greeting, request.method, new URL(request.url).pathname, new URL(request.url).search,
            request.headers.get('x-mine'), await request.text(), Deno.env.get('NAME')]),
          { status: 201, headers: { 'x-own': 'yes' } }));`,
      '_shared/words.ts': `export const greeting: string = 'good morning';`,
    });
    const answer = await call(fn, { method: 'POST', body: 'ünï', headers: { 'x-mine': 'a' }, path: '/deep?q=1' }, { NAME: 'Ada' });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('x-own'), 'yes');
    assert.deepEqual(await answer.json(), ['good morning', 'POST', '/greet/deep', '?q=1', 'a', 'ünï', 'Ada']);
  });

  it('logs boot and console calls, one row each, and the invocation with its times and ids', async () => {
    const fn = single(
      `console.info('starting', { deep: [1, 2] });
       Deno.serve(() => { console.warn('two\\nlines \u2028'); console.error(new Error('told')); return new Response('ok', { status: 418 }); });`,
      { version: 7 },
    );
    await (await call(fn, { headers: { 'user-agent': 'probe', authorization: 'Bearer secret-token' } })).text();
    const [boot] = await logged(fn, 'Boot');
    assert.match(boot?.event_message ?? '', /^booted \(time: \d+ms\)$/);
    const said = await logged(fn, 'Log', 3);
    assert.deepEqual(
      said.map((row) => [row.log_attributes['level'], row.event_message.split('\n    at')[0]]),
      [
        ['info', 'starting { deep: [ 1, 2 ] }\n'],
        ['warning', 'two\nlines \u2028\n'],
        ['error', 'Error: told'],
      ],
    );
    assert.match(said[2]?.event_message ?? '', new RegExp(`/tmp/user_fn_${ref}_${fn.id}_7/source/supabase/functions/greet/index.ts:2`));
    const [invocation] = invocations(fn);
    const facts = invocation?.log_attributes ?? {};
    assert.equal(facts['deployment_id'], `${ref}_${fn.id}_7`);
    assert.equal(facts['response.status_code'], '418');
    assert.equal(facts['request.method'], 'GET');
    assert.equal(facts['request.headers.user_agent'], 'probe');
    assert.match(facts['execution_time_ms'] ?? '', /^\d+$/);
    assert.equal(facts['execution_id'], said[0]?.log_attributes['execution_id']);
    assert.doesNotMatch(JSON.stringify(invocation), /secret-token/);
  });

  it('answers a thrown error of a handler with 500, marked as the function’s own', async () => {
    const fn = single(`Deno.serve(() => { throw new Error('broken inside'); });`);
    const answer = await call(fn);
    assert.equal(answer.status, 500);
    assert.equal(await answer.text(), 'Internal Server Error');
    assert.equal(answer.headers.get('sb-error-code'), 'EDGE_FUNCTION_ERROR');
    assert.match((await logged(fn, 'Log'))[0]?.event_message ?? '', /broken inside/);
  });

  const failing: [string, Record<string, string>, RegExp][] = [
    ['a syntax error', { 'greet/index.ts': 'const = 1;' }, /^worker boot error: [^\n]*SyntaxError(?!.*functionBootstrap)/s],
    ['a missing module', { 'greet/index.ts': `import './gone.ts'; Deno.serve(() => new Response());` }, /Module not found.*\/tmp\/user_fn_/s],
    ['a missing export', { 'greet/index.ts': `import { b } from './a.ts'; console.log(b);`, 'greet/a.ts': 'export const a = 1;' }, /does not provide an export named 'b'/],
    ['a package of the network', { 'greet/index.ts': `import x from 'npm:left-pad'; console.log(x);` }, /npm/],
    ['nothing to serve', { 'greet/index.ts': 'export const nothing = 1;' }, /serves no requests/],
  ];
  for (const [what, files, words] of failing) {
    it(`does not boot with ${what}`, async () => {
      const fn = deployed(files);
      await refused(await call(fn), 503, 'BOOT_ERROR', 'Function failed to start (please check logs)');
      const [row] = await logged(fn, 'BootFailure');
      assert.match(row?.event_message ?? '', words);
      assert.equal(row?.log_attributes['level'], 'error');
      assert.equal(invocations(fn)[0]?.log_attributes['response.status_code'], '503');
    });
  }

  it('answers WORKER_ERROR when code throws outside a request, and recovers by a new process', async () => {
    const atTop = single(`function init() { throw new Error('no way'); } init(); Deno.serve(() => new Response());`);
    await refused(await call(atTop), 500, 'WORKER_ERROR', 'Function exited due to an error (please check logs)');
    assert.match((await logged(atTop, 'UncaughtException'))[0]?.event_message ?? '', /^event loop error: Error: no way\n/);
    const later = single(`Deno.serve(async (request) => {
      if (request.url.endsWith('/crash')) { setTimeout(() => { throw new Error('later'); }); await new Promise(() => {}); }
      return new Response('fine'); });`);
    await refused(await call(later, { path: '/crash' }), 500, 'WORKER_ERROR');
    assert.match((await logged(later, 'UncaughtException'))[0]?.event_message ?? '', /later/);
    assert.equal(await (await call(later)).text(), 'fine');
  });

  it('checks tokens as the platform does, but not of a preflight', async () => {
    const fn = single(`Deno.serve(() => new Response('in'));`, { verify_jwt: true });
    const withToken = (authorization: string) => call(fn, { headers: { authorization } });
    await refused(await call(fn), 401, 'UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header');
    await refused(await withToken('Basic abc'), 401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', "Auth header is not 'Bearer {token}'");
    await refused(await withToken(`Bearer ${keys.secret}`), 401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT');
    await refused(await withToken(`Bearer ${keys.anon.slice(0, -2)}xx`), 401, 'UNAUTHORIZED_LEGACY_JWT', 'Invalid JWT');
    const other = (alg: string) => `Bearer ${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.e30.AA`;
    await refused(await withToken(other('ES256')), 401, 'UNAUTHORIZED_ASYMMETRIC_JWT');
    await refused(await withToken(other('none')), 401, 'UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM');
    assert.deepEqual(invocations(fn).map((row) => row.log_attributes['execution_id']), ['', '', '', '', '', '']);
    assert.equal(await (await withToken(`Bearer ${keys.anon}`)).text(), 'in');
    assert.equal((await call(fn, { method: 'OPTIONS' })).status, 200);
  });

  it('keeps one process per version and environment', async () => {
    const counting = `let n = 0; Deno.serve(() => new Response(String(n += 1) + (Deno.env.get('A') ?? '')));`;
    const fn = single(counting);
    const said = async (target: DeployedFunction, environment: Record<string, string>) =>
      (await call(target, {}, environment)).text();
    assert.equal(await said(fn, { SB_EXECUTION_ID: 'one' }), '1');
    assert.equal(await said(fn, { SB_EXECUTION_ID: 'two' }), '2');
    assert.equal(await said(fn, { A: 'a' }), '1a');
    assert.equal(await said({ ...fn, version: 2 }, { A: 'a' }), '1a');
    assert.equal((await logged(fn, 'Shutdown', 2)).length, 2);
    const together = single(counting);
    const answers = await Promise.all([1, 2, 3].map(() => said(together, {})));
    assert.deepEqual(answers.sort(), ['1', '2', '3']);
    assert.equal((await logged(together, 'Boot')).length, 1);
  });

  it('ends an answer that does not come', async () => {
    const fn = single(`Deno.serve(() => new Promise(() => {}));`);
    await refused(await call(fn), 504, 'IDLE_TIMEOUT');
  });

  it('streams an answer as it arises', async () => {
    const fn = single(`Deno.serve(() => new Response(new ReadableStream({
      async start(c) { c.enqueue(new TextEncoder().encode('first')); await new Promise((go) => setTimeout(go, 2000)); c.close(); } })));`);
    const reader = (await call(fn)).body?.getReader();
    const started = performance.now();
    assert.equal(Buffer.from((await reader?.read())?.value ?? []).toString(), 'first');
    assert.ok(performance.now() - started < 1_800);
    assert.equal((await reader?.read())?.done, true);
  });

  it('serves a default export and finds modules through an import map', async () => {
    const fn = deployed(
      {
        'greet/index.ts': `import { word } from 'words'; export default { fetch: () => new Response(word) };`,
        'greet/words.ts': `export const word = 'mapped';`,
        'greet/deno.json': '{ "imports": { "words": "./words.ts" } }',
      },
      { import_map: true, import_map_path: 'supabase/functions/greet/deno.json' },
    );
    assert.equal(await (await call(fn)).text(), 'mapped');
  });

  it('lets a function reach neither this disk nor the network beyond loopback', async () => {
    const fn = single(`Deno.serve(async () => {
      const attempts = [() => Deno.readTextFile('/etc/passwd'), () => Deno.writeTextFile('/tmp/x', ''), () => fetch('http://192.0.2.1/'),
        () => new Deno.Command('/bin/ls').output()];
      const names = [];
      for (const attempt of attempts) { try { await attempt(); names.push('allowed'); } catch (error) { names.push(error.name); } }
      return Response.json(names); });`);
    assert.deepEqual(await (await call(fn)).json(), ['NotCapable', 'NotCapable', 'NotCapable', 'NotCapable']);
    const escaping = deployed({ 'greet/index.ts': '', '../../../out.ts': '' });
    await assert.rejects(call(escaping), /leads out of/);
  });

  it('is gone when the function was removed', async () => {
    await refused(await call(single('', { status: 'REMOVED' })), 404, 'NOT_FOUND', 'Requested function was not found');
  });

  it('shuts an idle worker down', async () => {
    const short = await startRuntime({ ref, region: 'x', jwtSecret: '', log: (more) => rows.push(...more), idleMs: 50 });
    const fn = single(`Deno.serve(() => new Response('hi'));`);
    const answer = await short.invoke(fn, new Request('http://127.0.0.1/functions/v1/greet'), {});
    assert.equal(await answer.text(), 'hi');
    assert.equal((await logged(fn, 'Shutdown'))[0]?.event_message, 'shutdown');
    await short.stop();
  });
});
