import { createClient } from '@supabase/supabase-js';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { startGateway, type Gateway } from './gateway.ts';
import { startPostgres } from './postgres.ts';
import { createProjectKeys } from './projectKeys.ts';
import { startRuntime } from './runtime.ts';
import { createSmallScenario } from './smallScenario.ts';
import type { FunctionRuntime, LogRow, PostgresEngine } from './types.ts';

const scenario = createSmallScenario();
const keys = createProjectKeys(scenario.ref);
const ada = '00000000-0000-4000-8000-00000000ada0';

const sql = `
  insert into auth.users (id, email) values ('${ada}', 'ada@example.com');
  create table public.todos (
    id bigint generated always as identity primary key, owner uuid, title text not null unique, done boolean default false
  );
  alter table public.todos enable row level security;
  create policy own on public.todos for all to authenticated using (auth.uid() = owner) with check (auth.uid() = owner);
  insert into public.todos (owner, title) values ('${ada}', 'mine'), (gen_random_uuid(), 'another''s');
  revoke all on public.notes from anon;
  insert into storage.buckets (id, name, public) values ('reports', 'PDF Valuation Reports', false);`;

function userToken(claims: Record<string, unknown>): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: Date.now() / 1000 + 60, ...claims })}`;
  return `${head}.${createHmac('sha256', keys.jwtSecret).update(head).digest('base64url')}`;
}

describe('sandbox gateway', () => {
  let postgres: PostgresEngine;
  let runtime: FunctionRuntime;
  let gateway: Gateway;
  const rows: LogRow[] = [];

  before(async () => {
    postgres = await startPostgres({ sql: [...scenario.sql, sql] });
    const log = (more: LogRow[]) => void rows.push(...more);
    runtime = await startRuntime({ ref: scenario.ref, region: 'eu-central-1', jwtSecret: keys.jwtSecret, log });
    gateway = await startGateway({
      ref: scenario.ref,
      keys,
      findFunction: (slug) => scenario.functions.find((fn) => fn.slug === slug),
      environment: () => ({}),
      runtime,
      postgres,
      log,
    });
  });

  after(async () => {
    await gateway.stop();
    await runtime.stop();
    await postgres.stop();
  });

  const get = (path: string, headers: Record<string, string> = { apikey: keys.anon }, init: RequestInit = {}) =>
    fetch(`${gateway.url}${path}`, { ...init, headers });

  async function json(answer: Response, status: number): Promise<Record<string, unknown>> {
    assert.equal(answer.status, status);
    return (await answer.json()) as Record<string, unknown>;
  }

  it('runs functions under their slug, with the platform’s own refusals', async () => {
    assert.equal(await (await get('/functions/v1/greet', {})).text(), 'good morning');
    assert.equal(await (await get('/functions/v1/hello', { authorization: `Bearer ${keys.anon}` })).text(), 'hello');
    const closed = await get('/functions/v1/hello', {});
    assert.equal(closed.headers.get('sb-error-code'), 'UNAUTHORIZED_NO_AUTH_HEADER');
    assert.deepEqual(await json(await get('/functions/v1/nowhere', {}), 404), {
      code: 'NOT_FOUND',
      message: 'Requested function was not found',
    });
    const posted = await get('/functions/v1/greet', { 'content-type': 'text/plain' }, { method: 'POST', body: 'x'.repeat(200_000) });
    assert.equal(await posted.text(), 'good morning');
  });

  it('lets nobody in without a key of the project', async () => {
    assert.match(String((await json(await get('/rest/v1/', {}), 401))['message']), /No API key/);
    assert.match(String((await json(await get('/auth/v1/health', { apikey: 'sb_publishable_other' }), 401))['message']), /Invalid API key/);
    for (const key of [keys.anon, keys.publishable, keys.serviceRole, keys.secret]) {
      assert.equal((await get('/auth/v1/health', { apikey: key })).status, 200);
      assert.equal((await get(`/auth/v1/health?apikey=${key}`, {})).status, 200);
    }
  });

  it('describes the tables at the root of REST', async () => {
    const answer = await get('/rest/v1/');
    assert.match(answer.headers.get('content-type') ?? '', /openapi/);
    const { definitions } = (await answer.json()) as { definitions: Record<string, { properties: Record<string, unknown> }> };
    assert.deepEqual(Object.keys(definitions), ['notes', 'todos']);
    assert.deepEqual(definitions['todos']?.properties['done'], { format: 'boolean' });
  });

  it('serves supabase-js: filters, order, ranges, counts, inserts, updates, deletes', async () => {
    const client = createClient(gateway.url, keys.secret, { auth: { persistSession: false } });
    const { data } = await client.from('todos').select('title,finished:done').in('title', ['mine', "another's", 'a,b']).order('title');
    assert.deepEqual(data, [
      { title: "another's", finished: false },
      { title: 'mine', finished: false },
    ]);
    const inserted = await client.from('todos').insert([{ title: 'a,b' }, { title: 'O\'Neil "quoted" \\' }]).select('title');
    assert.deepEqual([inserted.status, inserted.data], [201, [{ title: 'a,b' }, { title: 'O\'Neil "quoted" \\' }]]);
    assert.equal((await client.from('todos').update({ done: true }).is('owner', null).like('title', 'O%').select('done')).data?.length, 1);
    const page = await client.from('todos').select('title', { count: 'exact' }).not('title', 'eq', 'mine').order('title', { ascending: false }).range(0, 1);
    assert.deepEqual([page.status, page.count, page.data?.length], [206, 3, 2]);
    assert.equal((await client.from('todos').delete().eq('title', 'a,b')).status, 204);
    assert.equal((await client.from('todos').select('*', { count: 'exact', head: true }).gte('id', 1).lt('id', 1000)).count, 3);
  });

  it('answers database errors as PostgREST does', async () => {
    const client = createClient(gateway.url, keys.serviceRole, { auth: { persistSession: false } });
    const missing = await client.from('nowhere').select();
    assert.deepEqual([missing.status, missing.error?.code], [404, 'PGRST205']);
    const duplicate = await client.from('todos').insert({ title: 'mine' });
    assert.deepEqual([duplicate.status, duplicate.error?.code], [409, '23505']);
    const column = await client.from('todos').select('nme');
    assert.deepEqual([column.status, column.error?.code], [400, '42703']);
    assert.equal((await json(await get('/rest/v1/todos?title=near.x', { apikey: keys.secret }), 400))['code'], 'PGRST100');
    const broken = await get('/rest/v1/todos', { apikey: keys.secret }, { method: 'POST', body: '{' });
    assert.equal((await json(broken, 400))['code'], 'PGRST100');
    assert.equal((await json(await get('/rest/v1/notes', { apikey: keys.anon }), 401))['code'], '42501');
    assert.deepEqual(await json(await get(`/rest/v1/todos?title=eq.';drop table todos;--`, { apikey: keys.secret }), 200), []);
  });

  it('shows each role its own rows', async () => {
    const titles = async (token?: string) => {
      const headers = { apikey: keys.publishable, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
      return (await json(await get('/rest/v1/todos?select=title', headers), 200)) as unknown;
    };
    assert.deepEqual(await titles(), []);
    assert.deepEqual(await titles(userToken({ sub: ada, role: 'authenticated' })), [{ title: 'mine' }]);
    assert.deepEqual(await titles(userToken({ sub: scenario.ref, role: 'anon' })), []);
    const refused = [userToken({ sub: ada, role: 'supabase_admin' }), userToken({ role: 'authenticated', exp: 1 }), 'abc'];
    for (const token of refused) {
      assert.equal((await get('/rest/v1/todos', { apikey: keys.anon, authorization: `Bearer ${token}` })).status, 401);
    }
  });

  it('answers for Auth, Storage and Realtime what health checks ask', async () => {
    assert.equal((await json(await get('/auth/v1/health'), 200))['name'], 'GoTrue');
    assert.equal((await get('/storage/v1/status')).status, 200);
    assert.deepEqual(await json(await get('/storage/v1/bucket'), 200), []);
    const client = createClient(gateway.url, keys.serviceRole, { auth: { persistSession: false } });
    assert.deepEqual((await client.storage.listBuckets()).data?.map((bucket) => bucket.name), ['PDF Valuation Reports']);
    assert.equal((await client.storage.getBucket('reports')).data?.public, false);
    assert.match((await client.storage.getBucket('gone')).error?.message ?? '', /Bucket not found/);
    const { data } = await json(await get(`/realtime/v1/api/tenants/${scenario.ref}/health`), 200);
    assert.deepEqual(data, { healthy: true, db_connected: true, replication_connected: true, connected_cluster: 1 });
  });

  it('says so while the database is away', async () => {
    await postgres.pause();
    try {
      assert.equal((await json(await get('/rest/v1/'), 503))['code'], 'PGRST001');
      assert.equal((await json(await get('/rest/v1/todos'), 503))['code'], 'PGRST001');
      assert.equal((await json(await get('/storage/v1/bucket'), 544))['error'], 'DatabaseError');
      const { data } = await json(await get(`/realtime/v1/api/tenants/${scenario.ref}/health`), 200);
      assert.equal((data as { healthy: boolean }).healthy, false);
      assert.equal((await get('/auth/v1/health')).status, 200);
    } finally {
      await postgres.resume();
    }
  });

  it('fails or hangs on demand, one service at a time', async () => {
    gateway.setFault('auth', { kind: 'status', status: 502 });
    gateway.setFault('rest', { kind: 'hang' });
    assert.equal((await get('/auth/v1/health')).status, 502);
    await assert.rejects(get('/rest/v1/', { apikey: keys.anon }, { signal: AbortSignal.timeout(200) }), /timeout/);
    assert.equal((await get('/storage/v1/status')).status, 200);
    gateway.setFault('auth');
    gateway.setFault('rest');
    assert.equal((await get('/auth/v1/health')).status, 200);
    assert.equal((await get('/rest/v1/')).status, 200);
  });

  it('logs each request without its keys', async () => {
    rows.length = 0;
    await get(`/auth/v1/health?apikey=${keys.secret}`, { 'user-agent': 'probe', authorization: `Bearer ${keys.secret}` });
    assert.equal(rows.length, 1);
    assert.equal(rows[0]?.source, 'edge_logs');
    assert.equal(rows[0]?.log_attributes['request.path'], '/auth/v1/health');
    assert.equal(rows[0]?.log_attributes['response.status_code'], '200');
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(keys.secret));
  });
});
