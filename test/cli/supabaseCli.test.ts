import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { startLogEngine } from '../sandbox/clickhouse.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { DeployedFunction, LogEngine, PostgresEngine } from '../sandbox/types.ts';
import { Suite } from './suite.ts';
import type { CliMajor, CliRun } from './supabaseCli.ts';

const sources = {
  'supabase/config.toml': 'project_id = "acme"\n',
  'supabase/functions/hello/index.ts': "import { words } from '../_shared/words.ts';\nDeno.serve(() => new Response(words));\n",
  'supabase/functions/fresh/index.ts': "Deno.serve(() => new Response('fresh'));\n",
  'supabase/functions/_shared/words.ts': "export const words = 'good evening';\n",
};

for (const major of ['cli3', 'cli2'] as const) {
  describe(`the real CLI, ${major}`, function () {
    this.timeout(60_000);
    controlPlaneTests(major);
  });
}

function controlPlaneTests(major: CliMajor): void {
  const suite = new Suite(major);
  before(() => suite.start());
  afterEach(() => suite.checkContract());
  after(() => suite.stop());

  it('lists functions', async () => {
    const { functions } = await suite.json(['functions', 'list']) as { functions: DeployedFunction[] };
    assert.deepEqual(functions.map(({ slug, version, verify_jwt }) => [slug, version, verify_jwt]), [
      ['hello', 3, true],
      ['greet', 1, false],
    ]);
  });

  it('deploys one function: what it sent is live, byte for byte, and its JWT check is as it was', async () => {
    await suite.json(['functions', 'deploy', 'greet', '--use-api', '--yes'], { workdir: await suite.tree({
      'supabase/functions/greet/index.ts': "Deno.serve(() => new Response('später'));\n",
    }) });
    const greet = suite.deployed('greet');
    assert.equal(greet.version, 2);
    assert.equal(greet.verify_jwt, false);
    assert.deepEqual(texts(greet), { 'supabase/functions/greet/index.ts': "Deno.serve(() => new Response('später'));\n" });
  });

  it('deploys all functions of a tree, with what they import', async () => {
    await suite.json(['functions', 'deploy', '--use-api', '--yes'], { workdir: await suite.tree(sources) });
    assert.equal(suite.deployed('hello').version, 4);
    assert.equal(suite.deployed('fresh').version, 1);
    assert.equal(suite.deployed('fresh').verify_jwt, true);
    assert.deepEqual(texts(suite.deployed('hello')), {
      'supabase/functions/hello/index.ts': sources['supabase/functions/hello/index.ts'],
      'supabase/functions/_shared/words.ts': sources['supabase/functions/_shared/words.ts'],
    });
    assert.equal(suite.project.bundles.size, 0);
  });

  it('says why a function does not bundle, and nothing is deployed', async () => {
    const before = suite.deployed('hello');
    const run = await suite.run(['functions', 'deploy', 'hello', '--use-api', '--yes', '--output-format', 'json'], {
      workdir: await suite.tree({ 'supabase/functions/hello/index.ts': "import './gone.ts';\n" }),
    });
    assert.equal(run.code, 1);
    assert.match(run.stdout, /FunctionsApiStatusError.*Failed to bundle the function \(reason: Module not found .*gone\.ts/s);
    assert.equal(suite.deployed('hello'), before);
  });

  it('downloads what is deployed', async () => {
    const workdir = await suite.tree({});
    await suite.json(['functions', 'download', 'hello', '--use-api'], { workdir });
    for (const [name, content] of suite.deployed('hello').files) {
      assert.deepEqual(await readFile(path.join(workdir, name)), Buffer.from(content), name);
    }
  });

  it('deletes a function', async () => {
    await suite.json(['functions', 'delete', 'greet', '--yes']);
    assert.deepEqual([...suite.project.functions.keys()].sort(), ['fresh', 'hello']);
    const again = await suite.run(['functions', 'delete', 'greet', '--yes', '--output-format', 'json']);
    assert.equal(again.code, 1);
    assert.match(again.stdout, /FunctionNotFoundError/);
  });

  it('lists secrets as digests', async () => {
    const { secrets } = await suite.json(['secrets', 'list']) as { secrets: { name: string; value: string }[] };
    const value = secrets.find(({ name }) => name === 'OPENAI_API_KEY')?.value;
    assert.equal(value, createHash('sha256').update('sk-small-scenario').digest('hex'));
    assert.ok(secrets.some(({ name }) => name === 'SUPABASE_URL'));
  });

  it('sets secrets from its standard input and unsets them', async () => {
    await suite.json(['secrets', 'set', '--env-file', '/dev/stdin', '--yes'], { input: 'FIRST="with spaces = and \'quotes\'"\nSECOND=2\n' });
    assert.equal(suite.project.secrets.get('FIRST')?.value, "with spaces = and 'quotes'");
    assert.equal(suite.project.secrets.get('SECOND')?.value, '2');
    await suite.json(['secrets', 'unset', 'FIRST', 'WEBHOOK_SECRET', '--yes']);
    assert.deepEqual([...suite.project.secrets.keys()].sort(), ['OPENAI_API_KEY', 'SECOND']);
  });

  it('lists backups, branches, keys and projects', async () => {
    const { backups } = await suite.json(['backups', 'list']) as { backups: unknown[] };
    assert.deepEqual(backups, [{ id: 7, is_physical_backup: true, status: 'COMPLETED', inserted_at: '2026-11-19T02:00:00.000Z' }]);
    const { branches } = await suite.json(['branches', 'list']) as { branches: { name: string }[] };
    assert.deepEqual(branches.map(({ name }) => name), ['main', 'try-limits']);
    const { keys } = await suite.json(['projects', 'api-keys']) as { keys: { name: string; api_key?: string }[] };
    assert.equal(keys.find(({ name }) => name === 'anon')?.api_key, suite.project.keys.anon);
    const run = await suite.run(['projects', 'list', '--output-format', 'json'], {}, []);
    const { projects } = JSON.parse(run.stdout) as { projects: { ref: string }[] };
    assert.deepEqual(projects.map(({ ref }) => ref), [...suite.sandbox.state.projects.keys()].slice(0, 2));
  });

  it('links a folder', async () => {
    const workdir = await suite.tree({ 'supabase/config.toml': 'project_id = "acme"\n' });
    assert.equal((await suite.run(['link'], { workdir })).code, 0);
    assert.equal((await readFile(path.join(workdir, 'supabase/.temp/project-ref'), 'utf8')).trim(), suite.sandbox.ref);
  });

  it('tells a wrong token, a missing permission and an unknown project apart', async () => {
    const revoked = await suite.run(['functions', 'list', '--output-format', 'json'], { token: suite.sandbox.tokens.revoked });
    assert.match(revoked.stdout, /FunctionsListUnexpectedStatusError.* 401/s);
    const scoped = suite.sandbox.tokens.without('edge_functions_read');
    assert.match((await suite.run(['functions', 'list', '--output-format', 'json'], { token: scoped })).stdout, / 403/);
    const unknown = await suite.run(['functions', 'list', '--output-format', 'json'], {}, ['--project-ref', 'zzzzzzzzzzzzzzzzzzzz']);
    assert.match(unknown.stdout, / 404/);
  });

  it('waits as Retry-After says and goes on', async () => {
    suite.sandbox.faults.add('GET /v1/projects/{ref}/functions', { kind: 'status', status: 429, retryAfterSeconds: 1 }, 1);
    assert.ok('functions' in await suite.json(['functions', 'list']));
  });

  if (major === 'cli3') {
    it('changes nothing hosted without consent', async () => {
      const run = await suite.run(['secrets', 'unset', 'OPENAI_API_KEY', '--output-format', 'json']);
      assert.equal(run.code, 1);
      assert.match(run.stdout, /HostedMutationConsentRequiredError/);
      assert.ok(suite.project.secrets.has('OPENAI_API_KEY'));
    });
  }
}

function texts(fn: DeployedFunction): Record<string, string> {
  return Object.fromEntries([...fn.files].map(([name, content]) => [name, Buffer.from(content).toString('utf8')]));
}

for (const major of ['cli3', 'cli2'] as const) {
  describe(`the real CLI, ${major}, on Postgres`, function () {
    this.timeout(60_000);
    databaseTests(major);
  });
}

/** Neither major reaches a linked database here: both insist on port 5432, and ours is the system's choice. */
function databaseTests(major: CliMajor): void {
  const suite = new Suite(major);
  let postgres: PostgresEngine;
  before(async () => {
    postgres = await startPostgres({ sql: createSmallScenario().sql });
    await suite.start({ postgres });
  });
  after(async () => {
    await suite.stop();
    await postgres.stop();
  });

  function onDatabase(args: string[], workdir?: string): Promise<CliRun> {
    const url = new URL(postgres.url);
    const environment = { PGPASSWORD: decodeURIComponent(url.password) };
    url.password = '';
    url.search = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: postgres.caPath }).toString();
    return suite.run([...args, '--yes'], { environment, ...(workdir === undefined ? {} : { workdir }) }, ['--db-url', url.toString()]);
  }

  it('queries over a verified connection', async () => {
    const run = await onDatabase(['db', 'query', 'select id, body from notes order by id', '--output-format', 'json']);
    assert.deepEqual(JSON.parse(run.stdout), [{ id: 1, body: 'first' }, { id: 2, body: 'second' }], run.stderr);
  });

  it('lists and pushes migrations, which the API then knows', async () => {
    const workdir = await suite.tree({
      'supabase/config.toml': 'project_id = "acme"\n',
      'supabase/migrations/20260105080000_create_notes.sql': 'select 1;\n',
      'supabase/migrations/20260106080000_drafts.sql': 'create table public.drafts (id bigint primary key);\n',
    });
    assert.match((await onDatabase(['migration', 'list'], workdir)).stdout, /20260106080000` \| ` `/);
    const pushed = await onDatabase(['db', 'push'], workdir);
    assert.equal(pushed.code, 0, pushed.stderr);
    const response = await fetch(`${suite.sandbox.apiUrl}/v1/projects/${suite.sandbox.ref}/database/migrations`, {
      headers: { authorization: `Bearer ${suite.sandbox.token}` },
    });
    assert.deepEqual(await response.json(), [
      { version: '20260105080000', name: 'create_notes' },
      { version: '20260106080000', name: 'drafts' },
    ]);
  });

  it('inspects the database', async () => {
    const run = await onDatabase(['inspect', 'db', 'db-stats']);
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, /postgres \| \d+ kB/);
  });
}

describe('the real CLI, cli3, on Postgres and ClickHouse', function () {
  this.timeout(60_000);
  const suite = new Suite('cli3');
  let postgres: PostgresEngine;
  let logs: LogEngine;
  before(async () => {
    const scenario = createSmallScenario();
    postgres = await startPostgres({ sql: scenario.sql });
    logs = await startLogEngine();
    await logs.insert([...scenario.logs(Date.now() - 120_000)]);
    await suite.start({ postgres, logs });
  });
  afterEach(() => suite.checkContract());
  after(async () => {
    await suite.stop();
    await logs.stop();
    await postgres.stop();
  });

  it('reads logs of a service, filtered', async () => {
    const read = async (...more: string[]): Promise<{ event_message: string }[]> =>
      JSON.parse((await suite.run(['logs', '--since', '1h', '--output-format', 'json', ...more], {}, [`--remote=${suite.sandbox.ref}`])).stdout) as
        { event_message: string }[];
    assert.deepEqual((await read('--service', 'functions')).map((row) => row.event_message), ['hello was called']);
    assert.deepEqual((await read('--service', 'function-edge', '--level', 'error')).length, 1);
    assert.deepEqual(await read('--service', 'functions', '--search', "it's not there"), []);
  });

  it('says that logs are over the allowance, and what is wrong with a query', async () => {
    const read = (...more: string[]): Promise<CliRun> =>
      suite.run(['logs', '--since', '1h', '--output-format', 'json', ...more], {}, [`--remote=${suite.sandbox.ref}`]);
    const wrong = await read('--sql', "select * from logs where source = 'edge_logs' limit 5");
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /LogsApiError/);
    suite.project.logAllowanceUsedUp = true;
    assert.match((await read('--service', 'functions')).stdout, /LogsApiError/);
    suite.project.logAllowanceUsedUp = false;
  });

  it('runs SQL, reads only when told so, and shows what Postgres says', async () => {
    const rows = await suite.json(['db', 'query', 'select id, body from notes order by id', '--yes']);
    assert.deepEqual(rows, [{ id: 1, body: 'first' }, { id: 2, body: 'second' }]);
    const refused = await suite.run(['db', 'query', 'with gone as (delete from public.notes returning id) select id from gone', '--read-only', '--output-format', 'json']);
    assert.match(refused.stdout, /42501|25006/);
    const wrong = await suite.run(['db', 'query', 'select headline from notes', '--yes', '--output-format', 'json']);
    assert.match(wrong.stdout, /DbQueryUnexpectedStatusError.*42703: column \\+"headline\\+" does not exist/s);
    assert.deepEqual(await suite.json(['db', 'query', 'select count(*) as n from public.notes', '--read-only']), [{ n: 2 }]);
  });

  it('runs the advisors', async () => {
    const { results } = await suite.json(['db', 'advisors']) as { results: { name: string }[] };
    assert.deepEqual(results.map(({ name }) => name), ['rls_disabled_in_public']);
  });
});
