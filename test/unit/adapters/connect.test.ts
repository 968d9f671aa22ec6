import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createConnector, type Connector } from '../../../src/adapters/connect.ts';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { systemClock } from '../../../src/adapters/systemClock.ts';
import { isOpsError } from '../../../src/core/errors.ts';
import type { CallOptions } from '../../../src/core/ports.ts';
import { Accounts, type Account } from '../../../src/core/project/accounts.ts';
import { need } from '../../../src/core/project/connection.ts';
import type { Selection } from '../../../src/core/project/session.ts';
import { acme } from '../../fakes/connection.ts';
import { FakeLogger } from '../../fakes/logger.ts';
import { FakeSecretStore } from '../../fakes/secretStore.ts';
import { FakeStorage } from '../../fakes/storage.ts';

const tokenOf = (digit: string) => `sbp_${digit.repeat(40)}`;
const options = (): CallOptions => ({ signal: AbortSignal.timeout(5000), priority: 'user' });

/** A service that answers every list with an empty one, and notes which credentials came. */
class Service {
  readonly credentials: string[] = [];
  private server: Server | undefined;

  async start(): Promise<string> {
    this.server = createServer((request, response) => {
      this.credentials.push(request.headers.authorization ?? 'none');
      response.setHeader('content-type', 'application/json');
      response.end('[]');
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}

describe('a token', () => {
  const grammar = createSqlGrammar({ workerPath: '' });
  let services: { hosted: Service; staging: Service };
  let origins: { hosted: string; staging: string };
  let accounts: Accounts;
  let secrets: FakeSecretStore;
  let log: FakeLogger;
  let connector: Connector;
  let mine: Account;
  let ours: Account;
  beforeEach(async () => {
    services = { hosted: new Service(), staging: new Service() };
    origins = { hosted: await services.hosted.start(), staging: await services.staging.start() };
    secrets = new FakeSecretStore();
    accounts = new Accounts({ secrets, storage: new FakeStorage() });
    log = new FakeLogger();
    mine = await accounts.add('me@example.test', origins.hosted, tokenOf('1'));
    ours = await accounts.add('me@example.test', origins.staging, tokenOf('2'));
    connector = createConnector({
      accounts,
      secrets,
      clock: systemClock,
      log,
      grammar,
      version: '0.0.0',
      settings: () => ({ gatewayUrl: 'http://127.0.0.1:9/{ref}', caFile: '' }),
      readFile: () => assert.fail('no file is read'),
      localStack: () => assert.fail('no stack is asked for'),
    });
  });
  afterEach(async () => {
    await Promise.all([services.hosted.stop(), services.staging.stop(), grammar.close()]);
  });
  const selection = (account: Account): Selection => ({ kind: 'hosted', accountId: account.id, project: acme });

  it('is sent to the address it was saved for, and to no other, with several accounts side by side', async () => {
    for (const account of [mine, ours]) {
      const { management } = await connector.connect(selection(account), undefined);
      await need(management, 'x').functions(acme.ref, options());
      await (await connector.management(account)).projects(options());
    }
    const bearer = (digit: string) => Array.from({ length: 2 }, () => `Bearer ${tokenOf(digit)}`);
    assert.deepEqual([services.hosted.credentials, services.staging.credentials], [bearer('1'), bearer('2')]);
  });

  it('that is being checked goes to the address it is checked for', async () => {
    await connector.managementFor(tokenOf('3'), origins.staging).projects(options());
    assert.deepEqual([services.hosted.credentials, services.staging.credentials], [[], [`Bearer ${tokenOf('3')}`]]);
  });

  it('that was signed out is sent no more by what was opened with it', async () => {
    const { management, logs, database } = await connector.connect(selection(mine), undefined);
    const api = await connector.management(mine);
    await accounts.remove(mine);
    const request = { text: 'select 1', values: [], mode: 'read', rowLimit: 1, timeoutMs: 1000, background: false } as const;
    const attempts: (() => Promise<unknown>)[] = [
      () => need(management, 'x').functions(acme.ref, options()),
      () => api.projects(options()),
      () => need(logs, 'x').read({ services: ['functions'] }, { from: 0, to: 1 }, { ...options(), limit: 1, order: 'oldest' }),
      async () => {
        for await (const event of need(database, 'x').run(request, options())) {
          assert.fail(event.kind);
        }
      },
    ];
    for (const attempt of attempts) {
      await assert.rejects(attempt(), (error) => isOpsError(error, 'notSignedIn'));
    }
    assert.deepEqual(services.hosted.credentials, []);
    await assert.rejects(connector.connect(selection(mine), undefined), (error) => isOpsError(error, 'notSignedIn'));
    assert.equal((await (await connector.management(ours)).projects(options())).length, 0);
  });

  it('that took the place of another is the one that is sent', async () => {
    await (await connector.management(mine)).projects(options());
    await accounts.add(mine.name, mine.origin, tokenOf('4'));
    await (await connector.management(mine)).projects(options());
    assert.deepEqual(services.hosted.credentials, [`Bearer ${tokenOf('1')}`, `Bearer ${tokenOf('4')}`]);
  });

  it('is in no line of the log', async () => {
    await (await connector.management(mine)).projects(options());
    await services.hosted.stop();
    await assert.rejects((await connector.management(mine)).projects(options()), (error) => isOpsError(error, 'unreachable') && !error.message.includes(tokenOf('1')));
    assert.ok(log.lines.length > 0);
    assert.ok(!log.lines.join().includes(tokenOf('1')));
  });
});
