import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnector } from '../../../src/adapters/connect.ts';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../../src/adapters/systemClock.ts';
import { Accounts } from '../../../src/core/project/accounts.ts';
import { logKeyName, need } from '../../../src/core/project/connection.ts';
import type { Selection } from '../../../src/core/project/session.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { FakeStorage } from '../../fakes/storage.ts';

const window = { from: Date.UTC(2026, 10, 20, 9), to: Date.UTC(2026, 10, 20, 10) };

describe('the log store of a stack of one’s own', () => {
  let server: Server;
  let origin: string;
  let asked: { readonly path: string; readonly key: unknown; readonly authorization: unknown }[];
  let secrets: FakeSecretStore;
  let logs: { readonly url: string; readonly key: string } | undefined;
  const grammar = createSqlGrammar({ workerPath: '' });

  before(async () => {
    server = createServer((request, response) => {
      asked.push({ path: (request.url ?? '').split('?')[0] ?? '', key: request.headers['x-api-key'], authorization: request.headers.authorization });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ result: [{ id: 'a', timestamp: window.from * 1000 + 5000, event_message: 'hello' }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await grammar.close();
  });

  beforeEach(() => {
    asked = [];
    secrets = new FakeSecretStore();
    logs = { url: origin, key: 'api-key' };
  });

  async function connect(selection: Selection) {
    const connector = createConnector({
      accounts: new Accounts({ secrets, storage: new FakeStorage() }),
      secrets,
      clock: systemClock,
      log: new FakeLogger(),
      grammar,
      version: '0.0.0',
      settings: () => ({ gatewayUrl: origin, caFile: '' }),
      readFile: async () => '',
      localStack: async () => ({ gatewayUrl: origin, databaseUrl: 'postgresql://postgres:postgres@127.0.0.1:1/postgres', keys: {}, ...(logs ? { logs } : {}) }),
    });
    return connector.connect(selection, { id: 'file:///acme', name: 'acme', folder: '/acme' });
  }
  const local: Selection = { kind: 'local', project: { kind: 'local', ref: 'local-acme', name: 'acme', environment: 'local' } };
  const selfHosted = (): Selection => ({ kind: 'selfHosted', gatewayUrl: origin, project: { kind: 'selfHosted', ref: 'self', name: 'self', environment: 'production' } });
  const read = async (selection: Selection) => need((await connect(selection)).logs, 'Reading logs').read({ services: ['functions'] }, window, { signal: AbortSignal.timeout(5000), priority: 'user', limit: 10, order: 'newest' });

  it('is read at the port and with the key that the local stack has', async () => {
    assert.deepEqual((await read(local)).map(({ message }) => message), ['hello']);
    assert.deepEqual(asked, [{ path: '/api/endpoints/query/logs.all', key: 'api-key', authorization: undefined }]);
  });

  it('is absent with the reason where the stack has none, or nobody gave its key', async () => {
    logs = undefined;
    assert.deepEqual((await connect(local)).logs, { kind: 'absent', reason: 'noLogStore' });
    assert.deepEqual((await connect(selfHosted())).logs, { kind: 'absent', reason: 'noLogStore' });
  });

  it('is read behind the gateway of an installation, with the key that was given for its origin', async () => {
    await secrets.set(logKeyName('https://elsewhere.example.com'), 'other');
    assert.equal((await connect(selfHosted())).logs.kind, 'absent');
    await secrets.set(logKeyName(origin), 'private');
    await read(selfHosted());
    assert.deepEqual(asked, [{ path: '/analytics/v1/api/endpoints/query/logs.all', key: 'private', authorization: undefined }]);
  });
});
