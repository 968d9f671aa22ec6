/** The ways to a project, built as the extension builds them: a hosted one, a local stack by its `config.toml`, a self-hosted one. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnector, type Connector } from '../../src/adapters/connect.ts';
import { createDeployTools } from '../../src/adapters/deployTools.ts';
import { tomlReader } from '../../src/adapters/files/toml.ts';
import { localProject, localStack } from '../../src/adapters/localStack.ts';
import { createSqlGrammar } from '../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { isOpsError } from '../../src/core/errors.ts';
import { measureHealth } from '../../src/core/health/measure.ts';
import { Accounts } from '../../src/core/project/accounts.ts';
import { need, type Connection } from '../../src/core/project/connection.ts';
import type { Place } from '../../src/core/project/project.ts';
import { gather } from '../../src/core/sql/result.ts';
import { freePort } from '../sandbox/engines/postgresServer.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';
import { FakeSecretStore } from '../fakes/secretStore.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { FakeLogger } from '../fakes/logger.ts';

const call = () => ({ signal: AbortSignal.timeout(30_000), priority: 'user' }) as const;
const readNothing = { values: [], mode: 'read', rowLimit: 10, timeoutMs: 5000, background: false } as const;

describe('the ways to a project', () => {
  let sandbox: Sandbox;
  let folder: string;
  let place: Place;
  let connector: Connector;
  let secrets: FakeSecretStore;
  let accounts: Accounts;
  let told: Readonly<Record<string, string>> | undefined;
  const open: Connection[] = [];
  const grammar = createSqlGrammar({ workerPath: path.resolve('dist/parse.worker.cjs') });

  before(async function () {
    this.timeout(120_000);
    const ports = { api: await freePort(), db: await freePort() };
    sandbox = await startSandbox({ ports, logs: false, runtime: false });
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-connect-'));
    place = { id: `file://${sandbox.workspace}`, name: 'workspace', folder: sandbox.workspace };
    secrets = new FakeSecretStore();
    accounts = new Accounts({ secrets, storage: new FakeStorage() });
    connector = createConnector({
      accounts,
      secrets,
      clock: systemClock,
      log: new FakeLogger(),
      grammar,
      version: '0.0.0',
      settings: () => ({ gatewayUrl: sandbox.gatewayUrl, caFile: '' }),
      readFile: async (file) => readFile(file, 'utf8'),
      localStack: async (of) => localStack(of, tomlReader, async () => told),
    });
  });

  after(async () => {
    await Promise.all(open.map(async (connection) => connection.close()));
    await grammar.close();
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function connect(...args: Parameters<Connector['connect']>): Promise<Connection> {
    const connection = await connector.connect(...args);
    open.push(connection);
    return connection;
  }

  it('a local stack: ports from config.toml, database over pg, no token, no Management API', async () => {
    const connection = await connect({ kind: 'local', project: await localProject(place, tomlReader) }, place);
    assert.equal(connection.project.environment, 'local');
    const { rows } = await gather(need(connection.database, 'SQL').run({ text: 'select count(*) > 0 as found from public.tokens', ...readNothing }, call()));
    assert.deepEqual(rows, [['true']]);
    assert.throws(
      () => need(connection.management, 'Listing functions'),
      (error) => isOpsError(error, 'absent') && error.facts.reason === 'noManagementApi',
    );
  });

  it('a local stack: health of the services comes from its own gateway, of the database over pg', async () => {
    const connection = await connect({ kind: 'local', project: await localProject(place, tomlReader) }, place);
    const rows = await measureHealth(connection, call());
    assert.equal(rows.find((row) => row.id === 'database')?.state, 'ok');
    assert.ok(rows.some((row) => row.id === 'auth'), 'the gateway told of Auth');
  });

  it('a local stack: keys and the database come from what `supabase status -o json` told (recorded output)', async () => {
    const recorded = JSON.parse(await readFile(new URL('../fixtures/cli/status.json', import.meta.url), 'utf8')) as Record<string, string>;
    const stack = await localStack(place, tomlReader, async () => recorded);
    assert.deepEqual(stack.keys, { publishable: recorded['PUBLISHABLE_KEY'], anon: recorded['ANON_KEY'] });
    assert.equal(stack.databaseUrl, recorded['DB_URL']);
  });

  it('a local stack is this machine, whatever the status says', async () => {
    const stack = await localStack(place, tomlReader, async () => ({ DB_URL: 'postgresql://postgres:postgres@db.example.com:5432/postgres' }));
    assert.equal(new URL(stack.databaseUrl).hostname, '127.0.0.1');
  });

  it('asks the CLI for the status with a staged config.toml and no token, outside the workspace', async () => {
    const fake = path.join(folder, 'supabase');
    const said = path.join(folder, 'said.txt');
    const status = path.resolve('test/fixtures/cli/status.json');
    await writeFile(fake, `#!/bin/sh\necho "$PWD|$*|\${SUPABASE_ACCESS_TOKEN:-none}" > '${said}'\nwhile [ "$1" != "--workdir" ]; do shift; done\nls -R "$2" >> '${said}'\ncat '${status}'\n`);
    await chmod(fake, 0o755);
    const { localStatus } = createDeployTools({
      accounts,
      clock: systemClock,
      environment: { PATH: process.env['PATH'] ?? '' },
      storageFolder: path.join(folder, 'storage'),
      isTrusted: () => true,
      workspaceFolders: () => [sandbox.workspace],
      settings: () => ({ gitPath: '', cliPath: fake, dashboardUrl: '', projectHost: '', proxy: '' }),
    });
    const answer = await localStatus(place);
    assert.equal(answer?.['PUBLISHABLE_KEY'], 'sb_publishable_recorded');
    const [first = '', ...listing] = (await readFile(said, 'utf8')).split('\n');
    const [cwd = '', args = '', token = ''] = first.split('|');
    assert.ok(!cwd.startsWith(sandbox.workspace) && !args.includes(sandbox.workspace), first);
    assert.equal(token, 'none');
    assert.ok(listing.includes('config.toml') && !listing.includes('functions'), 'only config.toml is shown to the CLI');
  });

  it('a self-hosted installation: gateway and database, and the reason for what is absent', async () => {
    const port = new URL(sandbox.databaseUrl ?? '').port;
    await secrets.set('database self-test', `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`);
    const project = { kind: 'selfHosted', ref: 'self-test', name: 'self', environment: 'production' } as const;
    const connection = await connect({ kind: 'selfHosted', gatewayUrl: sandbox.gatewayUrl, project }, place);
    const { rows } = await gather(need(connection.database, 'SQL').run({ text: 'select 1', ...readNothing }, call()));
    assert.deepEqual(rows, [['1']]);
    assert.equal(need(connection.gateway, 'Calling').origin, new URL(sandbox.gatewayUrl).origin);
    assert.deepEqual([connection.management, connection.logs], [{ kind: 'absent', reason: 'noManagementApi' }, { kind: 'absent', reason: 'noLogStore' }]);
  });

  it('a self-hosted installation without a connection string says that it needs one', async () => {
    const project = { kind: 'selfHosted', ref: 'self-without', name: 'self', environment: 'production' } as const;
    const connection = await connect({ kind: 'selfHosted', gatewayUrl: sandbox.gatewayUrl, project }, undefined);
    assert.deepEqual(connection.database, { kind: 'absent', reason: 'noDatabaseConnection' });
  });

  it('a hosted project: SQL over the Management API, or over pg once a connection string is kept', async () => {
    const account = await accounts.add('owner@example.test', sandbox.apiUrl, sandbox.token);
    const [project] = await (await connector.management(account)).projects(call());
    assert.ok(project);
    const selection = { kind: 'hosted', accountId: account.id, project } as const;
    assert.equal(need((await connect(selection, place)).database, 'SQL').address, 'Management API');
    const port = new URL(sandbox.databaseUrl ?? '').port;
    await secrets.set(`database ${project.ref}`, `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`);
    const direct = need((await connect(selection, place)).database, 'SQL');
    assert.match(direct.address, /127\.0\.0\.1/);
    assert.ok(!direct.address.includes('postgres:postgres'), 'no password in the address');
  });
});
