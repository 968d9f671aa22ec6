/** Opsbook's own client speaks to the sandbox, and every word of it is held against the published contract. */
import assert from 'node:assert/strict';

import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { createQueryEndpoint } from '../../src/adapters/supabase/queryEndpoint.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import type { ResultEvent } from '../../src/core/sql/result.ts';
import { startLogEngine } from '../sandbox/clickhouse.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { Engines } from '../sandbox/state.ts';
import { asUser, createClient, type Client } from '../unit/adapters/supabase/answeringServer.ts';
import { skipFor } from '../world/skip.ts';
import { loadContract, watchContract, type Watch } from './contract.ts';

describe('Opsbook’s client on the contract', function () {
  this.timeout(60_000);
  const engines: Engines = {};
  let sandbox: Sandbox;
  let client: Client;
  let watch: Watch;

  before(async function () {
    const contract = loadContract();
    if (contract === undefined) {
      skipFor(this, 'needs ../shared');
    }
    const scenario = createSmallScenario();
    engines.postgres = await startPostgres({ sql: scenario.sql });
    engines.logs = await startLogEngine();
    await engines.logs.insert([...scenario.logs(Date.now() - 120_000)]);
    sandbox = await startControlPlane({ scenario, engines });
    client = createClient(sandbox.apiUrl, { token: sandbox.token });
    watch = watchContract(sandbox, contract);
  });
  after(async () => {
    await sandbox?.stop();
    await engines.postgres?.stop();
    await engines.logs?.stop();
  });
  afterEach(() => assert.deepEqual(watch.faults, []));

  it('reads the account and its projects', async () => {
    const { api } = client;
    assert.equal((await api.profile(asUser())).username, 'owner');
    assert.deepEqual(await api.organizations(asUser()), [{ slug: 'acme-org', name: 'Acme' }]);
    assert.equal((await api.projects(asUser())).length, 2);
    assert.equal((await api.project(sandbox.ref, asUser())).name, 'acme');
    assert.deepEqual((await api.branches(sandbox.ref, asUser())).map(({ name }) => name), ['try-limits']);
  });

  it('reads a project', async () => {
    const { api } = client;
    const health = await api.health(sandbox.ref, asUser());
    assert.ok(health.every(({ state }) => state === 'ok'), JSON.stringify(health));
    assert.deepEqual((await api.functions(sandbox.ref, asUser())).map(({ slug }) => slug), ['hello', 'greet']);
    assert.deepEqual(await api.migrations(sandbox.ref, asUser()), [{ version: '20260105080000', name: 'create_notes' }]);
    assert.equal((await api.backups(sandbox.ref, asUser())).length, 1);
    assert.match((await api.publicKeys(sandbox.ref, asUser())).publishable ?? '', /^sb_publishable_/);
    assert.equal((await api.pooler(sandbox.ref, asUser()))?.port, engines.postgres?.port);
  });

  it('reads back the body of a function as it was deployed', async () => {
    const body = await client.api.functionBody(sandbox.ref, 'greet', asUser());
    const deployed = sandbox.state.projects.get(sandbox.ref)?.functions.get('greet');
    assert.equal(body.entrypoint, deployed?.entrypoint_path);
    assert.deepEqual([...body.files.keys()].sort(), [...(deployed?.files.keys() ?? [])].sort());
  });

  it('sets and unsets secrets', async () => {
    const secrets = sandbox.state.projects.get(sandbox.ref)?.secrets;
    await client.api.setSecrets(sandbox.ref, [{ name: 'NEW', value: 'of today' }], asUser());
    assert.equal(secrets?.get('NEW')?.value, 'of today');
    await client.api.unsetSecrets(sandbox.ref, ['NEW'], asUser());
    assert.equal(secrets?.has('NEW'), false);
    assert.ok((await client.api.secrets(sandbox.ref, asUser())).some(({ name }) => name === 'OPENAI_API_KEY'));
  });

  it('reads logs and their statistics', async () => {
    const store = createHostedLogStore({ transport: client.transport, ref: sandbox.ref });
    const window = { from: Date.now() - 3_600_000, to: Date.now() };
    const lines = await store.read({ services: ['functions'] }, window, { ...asUser(), limit: 100, order: 'oldest' });
    assert.deepEqual(lines.map(({ message }) => message), ['hello was called']);
    const statistics = await store.functionStatistics?.(window, asUser());
    assert.equal(statistics?.size, 1);
  });

  it('runs SQL', async () => {
    const database = createQueryEndpoint({ ref: sandbox.ref, transport: client.transport, grammar: createSqlGrammar({ workerPath: new URL('../../src/adapters/sql/parse.worker.ts', import.meta.url) }), clock: systemClock });
    const events: ResultEvent[] = [];
    const request = { values: [], rowLimit: 10, timeoutMs: 5000, background: false } as const;
    for await (const event of database.run({ ...request, text: 'select body from notes order by id', mode: 'read' }, asUser())) {
      events.push(event);
    }
    assert.deepEqual(events.map(({ kind }) => kind), ['columns', 'rows', 'done']);
  });
});
