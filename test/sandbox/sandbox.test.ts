import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { loadContract, watchContract } from '../contract/contract.ts';
import { until } from '../world/until.ts';
import { skipFor } from '../world/skip.ts';
import { routes } from './api/routes.ts';
import { freePort } from './engines/postgresServer.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';
import { startTraffic } from './traffic.ts';

describe('the whole sandbox', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(async () => {
    sandbox = await startSandbox({ budgets: { standard: 10_000, logs: 10_000 } });
  });
  after(() => sandbox.stop());
  afterEach(() => sandbox.faults.clear());

  async function api(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${sandbox.token}`, ...init.headers },
    });
  }

  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    const answer = await api('/database/query', { method: 'POST', body: JSON.stringify({ query: sql }) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as Record<string, unknown>[];
  }

  async function deploy(slug: string, source: string): Promise<{ id: string; version: number }> {
    const form = new FormData();
    form.append('file', new Blob([source]), `supabase/functions/${slug}/index.ts`);
    form.append('metadata', JSON.stringify({ entrypoint_path: `supabase/functions/${slug}/index.ts`, verify_jwt: false }));
    const answer = await api(`/functions/deploy?slug=${slug}`, { method: 'POST', body: form });
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as { id: string; version: number };
  }

  const call = async (slug: string): Promise<string> => (await fetch(`${sandbox.gatewayUrl}/functions/v1/${slug}`)).text();

  async function logged(source: string, id: string): Promise<string[]> {
    const sql = `select event_message from logs where source = '${source}' and log_attributes['function_id'] = '${id}' order by timestamp limit 100`;
    // The window is rounded to the nearest minute, so it has to end after the minute that is under way.
    const query = new URLSearchParams({
      sql,
      iso_timestamp_start: new Date(Date.now() - 300_000).toISOString(),
      iso_timestamp_end: new Date(Date.now() + 60_000).toISOString(),
    });
    const answer = (await (await api(`/analytics/endpoints/logs?${query.toString()}`)).json()) as { result: { event_message: string }[] };
    return answer.result.map((row) => row.event_message.trim());
  }

  it('runs what was deployed, under the version that was deployed, with the secrets as they are', async () => {
    const source = (said: string): string =>
      `Deno.serve(() => { console.log('${said}'); return new Response('${said} ' + (Deno.env.get('GREETING') ?? 'none')); });`;
    const first = await deploy('probe', source('one'));
    assert.equal(await call('probe'), 'one none');
    await api('/secrets', {
      method: 'POST', body: JSON.stringify([{ name: 'GREETING', value: 'hello' }]), headers: { 'content-type': 'application/json' },
    });
    assert.equal(await call('probe'), 'one hello');
    const second = await deploy('probe', source('two'));
    assert.deepEqual([first.version, second.version, second.id], [1, 2, first.id]);
    assert.equal(await call('probe'), 'two hello');
    const console = await until('all three calls in the log', async () => {
      const found = (await logged('function_logs', first.id)).filter((line) => line === 'one' || line === 'two');
      return found.length === 3 ? found : undefined;
    });
    assert.deepEqual(console, ['one', 'one', 'two']);
    assert.equal((await logged('function_edge_logs', first.id)).length, 3);
    await api('/functions/probe', { method: 'DELETE' });
    assert.match(await call('probe'), /NOT_FOUND/);
  });

  it('says which service is down, and that it is up again', async () => {
    const health = async (): Promise<Record<string, boolean>> => {
      const answer = await api('/health?services=db,auth,rest,storage,realtime&timeout_ms=2000');
      const services = (await answer.json()) as { name: string; healthy: boolean }[];
      return Object.fromEntries(services.map(({ name, healthy }) => [name, healthy]));
    };
    assert.deepEqual(await health(), { db: true, auth: true, rest: true, storage: true, realtime: true });
    sandbox.gateway?.setFault('auth', { kind: 'status', status: 503 });
    sandbox.gateway?.setFault('storage', { kind: 'hang' });
    assert.deepEqual(await health(), { db: true, auth: false, rest: true, storage: false, realtime: true });
    sandbox.gateway?.setFault('auth');
    sandbox.gateway?.setFault('storage');
    await sandbox.engines.postgres?.pause();
    assert.deepEqual(await health(), { db: false, auth: true, rest: false, storage: true, realtime: false });
    assert.equal((await api('/database/query', { method: 'POST', body: '{"query":"select 1"}' })).status, 500);
    await sandbox.engines.postgres?.resume();
    assert.deepEqual(await health(), { db: true, auth: true, rest: true, storage: true, realtime: true });
  });

  it('does not count its own questions as traffic', async () => {
    const count = async (): Promise<number> => {
      const answer = await api('/analytics/endpoints/usage.api-requests-count');
      return ((await answer.json()) as { result: [{ count: number }] }).result[0].count;
    };
    const before = await count();
    await api('/health?services=auth,rest');
    await fetch(`${sandbox.gatewayUrl}/auth/v1/health`, { headers: { apikey: sandbox.state.projects.get(sandbox.ref)?.keys.anon ?? '' } });
    await until('the one call', async () => (await count()) === before + 1);
  });

  it('has callers while somebody looks on, and none after', async () => {
    const traffic = startTraffic(sandbox, { everyMs: 10, slugs: ['health'] });
    const id = sandbox.state.projects.get(sandbox.ref)?.functions.get('health')?.id ?? '';
    const seen = (await logged('function_edge_logs', id)).length;
    await until('two more calls', async () => (await logged('function_edge_logs', id)).length >= seen + 2);
    await traffic.stop();
    // A row that is on its way may still arrive.
    await sleep(200);
    const last = await logged('function_edge_logs', id);
    await sleep(100);
    assert.deepEqual(await logged('function_edge_logs', id), last);
  });

  it('gives the preview branch a database of its own', async () => {
    const [branch] = sandbox.state.branches.filter((one) => !one.is_default);
    await rows('create table public.of_production ()');
    const answer = await fetch(`${sandbox.apiUrl}/v1/projects/${branch?.project_ref ?? ''}/database/query`, {
      method: 'POST',
      body: JSON.stringify({ query: "select to_regclass('public.of_production') as here, to_regclass('public.tokens') is not null as made" }),
      headers: { authorization: `Bearer ${sandbox.token}` },
    });
    assert.deepEqual(await answer.json(), [{ here: null, made: true }]);
  });

  it('knows the migrations of the scenario and not the pending ones', async () => {
    const answer = (await (await api('/database/migrations')).json()) as { version: string }[];
    const expected = sandbox.state.projects.get(sandbox.ref)?.migrations.map(({ version }) => version);
    assert.deepEqual(answer.map(({ version }) => version), expected);
    assert.ok(answer.length > 2);
  });

  it('fits the contract with every list that it can show', async function () {
    const contract = loadContract();
    if (contract === undefined) {
      skipFor(this, 'needs ../shared');
    }
    const watch = watchContract(sandbox, contract);
    const [fn] = sandbox.state.projects.get(sandbox.ref)?.functions.values() ?? [];
    const required: Record<string, string> = {
      health: 'services=db,auth',
      'functions.combined-stats': `interval=1day&function_id=${fn?.id ?? ''}`,
    };
    const readable = routes.filter(({ method, path }) => method === 'GET' && /^\/v1\/projects\/\{ref\}[^{]*$/.test(path));
    const statuses = await Promise.all(
      readable.map(async ({ path }) => {
        const last = path.split('/').at(-1) ?? '';
        const answer = await fetch(`${sandbox.apiUrl}${path.replace('{ref}', sandbox.ref)}?${required[last] ?? ''}`, {
          headers: { authorization: `Bearer ${sandbox.token}` },
        });
        return answer.status === 200 ? '' : `${path} ${answer.status}`;
      }),
    );
    watch.stop();
    assert.deepEqual(watch.faults, []);
    assert.deepEqual(statuses.filter((one) => one !== ''), ['/v1/projects/{ref}/analytics/endpoints/logs.all 410']);
    assert.ok(readable.length > 20, `${readable.length} endpoints`);
  });
});

describe('the sandbox as a local stack', function () {
  this.timeout(60_000);

  it('listens where config.toml says, the database with and without TLS', async () => {
    const ports = { api: await freePort(), db: await freePort() };
    const sandbox = await startSandbox({ ports, logs: false, runtime: false });
    try {
      const config = await readFile(`${sandbox.workspace}/supabase/config.toml`, 'utf8');
      assert.match(config, new RegExp(`\\[api\\][^[]*port = ${ports.api}$`, 'm'));
      assert.match(config, new RegExp(`\\[db\\][^[]*port = ${ports.db}$`, 'm'));
      assert.equal(sandbox.gatewayUrl, `http://127.0.0.1:${ports.api}`);
      const client = new pg.Client({ connectionString: `postgresql://postgres:postgres@127.0.0.1:${ports.db}/postgres`, ssl: false });
      await client.connect();
      await client.end();
    } finally {
      await sandbox.stop();
    }
  });
});
