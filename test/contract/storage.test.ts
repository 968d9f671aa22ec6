/** Files deleted through the Storage API, at the sandbox's own gateway and Postgres: keys, policies, what is left out without a word. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { createGateway } from '../../src/adapters/supabase/gateway.ts';
import { isOpsError } from '../../src/core/errors.ts';
import type { CallOptions, Gateway } from '../../src/core/ports.ts';
import { bucketsRequest, filesRequest, remainingRequest, toBuckets, toFiles } from '../../src/core/storage/cleanUp.ts';
import { gather } from '../../src/core/sql/result.ts';
import { startGateway, type Gateway as SandboxGateway } from '../sandbox/gateway.ts';
import { createProjectKeys } from '../sandbox/projectKeys.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { ask, silent, startServer, type Server } from '../sql/server.ts';

const options: CallOptions = { signal: new AbortController().signal, priority: 'user' };
const { ref } = createSmallScenario();
const keys = createProjectKeys(ref);

describe('files of a bucket', () => {
  let server: Server;
  let sandbox: SandboxGateway;
  let gateway: Gateway;
  before(async function () {
    this.timeout(60_000);
    server = await startServer({
      sql: [
        `insert into storage.buckets (id, name, public) values ('papers', 'papers', true), ('empty', 'empty', false);
         insert into storage.objects (bucket_id, name, metadata, created_at, updated_at) values
           ('papers', 'a/old large.pdf', '{"size": 3000000}', now() - interval '2 years', null), ('papers', 'old.pdf', '{"size": 10}', now() - interval '2 years', now() - interval '400 days'),
           ('papers', 'touched.pdf', '{"size": 3000000}', now() - interval '2 years', now()), ('papers', 'it''s 100% "odd".pdf', null, now() - interval '2 years', now() - interval '2 years');`,
      ],
    });
    sandbox = await startGateway({ ref, keys, findFunction: () => undefined, environment: () => ({}), postgres: server.engine });
    gateway = createGateway({ origin: sandbox.url, keys: { publishable: keys.publishable, anon: keys.anon }, version: '0.0.0' });
  });
  after(async () => {
    await sandbox.stop();
    await server.stop();
  });

  const names = async () => (await server.look("select name from storage.objects order by name")).map(({ name }) => name);

  it('are found by age and size over both ways', async () => {
    for (const database of [server.direct, server.api]) {
      const buckets = toBuckets((await ask(database, bucketsRequest().text)).rows);
      assert.deepEqual(buckets, [{ id: 'papers', files: 4, bytes: 6000010, isPublic: true }, { id: 'empty', files: 0, bytes: 0, isPublic: false }]);
      const find = async (days: number, minBytes: number) => {
        const { text, values } = filesRequest({ bucket: 'papers', days, minBytes });
        return toFiles((await ask(database, text, { values })).rows).map(({ name, bytes }) => [name, bytes]);
      };
      assert.deepEqual(await find(365, 0), [['a/old large.pdf', 3000000], ['old.pdf', 10], ['it\'s 100% "odd".pdf', 0]]);
      assert.deepEqual(await find(365, 1000), [['a/old large.pdf', 3000000]]);
      assert.deepEqual(await find(500, 1), [['a/old large.pdf', 3000000]]);
    }
  });

  it('are not listed, nor said to be gone, to a role from which policies hide some', async () => {
    const admin = new pg.Client({ connectionString: server.engine.adminUrl, ssl: { ca: server.ca } });
    await admin.connect();
    await admin.query("create role watcher login password 'watcher'; grant usage on schema storage to watcher; grant select on all tables in schema storage to watcher");
    await admin.end();
    const url = new URL(server.engine.url);
    url.username = url.password = 'watcher';
    const database = createPostgresDatabase({ connection: url.href, ssl: { ca: server.ca }, log: silent, clock: systemClock });
    try {
      for (const request of [bucketsRequest(), filesRequest({ bucket: 'papers', days: 1, minBytes: 0 }), remainingRequest('papers', ['old.pdf'])]) {
        await assert.rejects(gather(database.run(request, options)), (error) => isOpsError(error, 'queryFailed') && error.facts.sqlState === '42501');
      }
    } finally {
      await database.close();
    }
  });

  it('stay where the key may not delete them, without an error', async () => {
    assert.deepEqual(await gateway.removeFiles({ bucket: 'papers', names: ['old.pdf'], key: keys.publishable }, options), []);
    assert.equal((await names()).length, 4);
  });

  for (const [kind, key] of [['secret', keys.secret], ['legacy service', keys.serviceRole]] as const) {
    it(`are deleted with the ${kind} key, and those that are not there are left out`, async () => {
      const file = kind === 'secret' ? 'it\'s 100% "odd".pdf' : 'a/old large.pdf';
      assert.deepEqual(await gateway.removeFiles({ bucket: 'papers', names: [file, 'nothing.pdf'], key }, options), [file]);
      assert.ok(!(await names()).includes(file));
      const { text, values } = remainingRequest('papers', [file, 'old.pdf']);
      assert.deepEqual((await ask(server.direct, text, { values })).rows, [['old.pdf']]);
    });
  }

  it('say what kept the service from it', async () => {
    await assert.rejects(gateway.removeFiles({ bucket: 'papers', names: ['old.pdf'], key: 'sb_secret_of_another' }, options), (error) => isOpsError(error, 'serviceFailed') && error.facts.status === 401 && !JSON.stringify(error.facts).includes('sb_secret_of_another'));
    sandbox.setFault('storage', { kind: 'status', status: 503 });
    await assert.rejects(gateway.removeFiles({ bucket: 'papers', names: ['old.pdf'], key: keys.secret }, options), (error) => isOpsError(error, 'serviceFailed') && error.facts.status === 503);
    sandbox.setFault('storage');
    const gone = new AbortController();
    gone.abort();
    await assert.rejects(gateway.removeFiles({ bucket: 'papers', names: ['old.pdf'], key: keys.secret }, { ...options, signal: gone.signal }), (error) => isOpsError(error, 'cancelled'));
    assert.ok((await names()).includes('old.pdf'));
  });
});
