import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { createPostgresDatabase } from '../../src/adapters/postgres/database.ts';
import { parseConnectionString, type DatabaseTarget } from '../../src/core/project/databaseTarget.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { isOpsError, type ErrorCode, type OpsError } from '../../src/core/errors.ts';
import type { Database, Logger } from '../../src/core/ports.ts';
import { gather } from '../../src/core/sql/result.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import type { PostgresEngine } from '../sandbox/types.ts';
import { createAuthority } from '../sandbox/engines/certificate.ts';
import { ask, byUser, eventually, request, startServer, type Server } from './server.ts';

const lines: string[] = [];
const add = (message: string, facts: unknown): void => {
  lines.push(`${message} ${JSON.stringify(facts)}`);
};
const log: Logger = { debug: add, info: add, warn: add, error: add };
const clock = systemClock;

describe('connecting over pg', () => {
  let server: Server;
  let target: DatabaseTarget;
  const opened: Database[] = [];
  before(async function () {
    this.timeout(60_000);
    server = await startServer();
    target = parseConnectionString(server.engine.url);
  });
  after(() => server.stop());
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
    const kept = lines.splice(0).join('\n');
    assert.ok(!kept.includes(target.password), 'the password was logged');
  });

  function open(change: Partial<DatabaseTarget>, ca?: string): Database {
    const database = createPostgresDatabase({ connection: { ...target, ...change }, ssl: ca === undefined ? {} : { ca }, log, clock });
    opened.push(database);
    return database;
  }

  async function failsWith<C extends ErrorCode>(code: C, database: Database): Promise<OpsError<C>['facts']> {
    const error: unknown = await ask(database, 'select 1').then(() => undefined, (reason: unknown) => reason);
    assert.ok(isOpsError(error, code), String(error));
    assert.ok(!`${String(error)} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`.includes(target.password));
    return error.facts;
  }

  it('verifies TLS with the authority it was given, and tells its address without the password', async () => {
    const database = open({}, server.ca);
    assert.deepEqual((await ask(database, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows, [['true']]);
    assert.equal(database.address, `postgres@127.0.0.1:${target.port}`);
  });

  it("refuses a server that another authority's certificate speaks for", async () => {
    const facts = await failsWith('tlsRefused', open({}, createAuthority('Somebody else').certificatePem));
    assert.equal(facts.host, `127.0.0.1:${target.port}`);
    assert.match(facts.reason, /SIGNATURE|SELF_SIGNED|UNABLE/);
  });

  it('refuses a certificate that is for another host', async () => {
    // The certificate names localhost and 127.0.0.1, not this address, from which the same server is reached.
    const [port, listener] = await listen((socket) => socket.pipe(connect(target.port, '127.0.0.1')).pipe(socket), '127.0.0.2');
    try {
      const facts = await failsWith('tlsRefused', open({ host: '127.0.0.2', port }, server.ca));
      assert.equal(facts.reason, 'ERR_TLS_CERT_ALTNAME_INVALID');
    } finally {
      listener.close();
    }
  });

  it('speaks without TLS to this machine alone', async function () {
    this.timeout(60_000);
    const local: PostgresEngine = await startPostgres({ tls: 'accepted' });
    try {
      const plain = createPostgresDatabase({ connection: local.url, ssl: {}, log, clock });
      opened.push(plain);
      assert.deepEqual((await ask(plain, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows, [['false']]);
      await plain.close();
    } finally {
      await local.stop();
    }
  });

  it('refuses a server that offers no TLS, sending it nothing but the question', async () => {
    const received: Buffer[] = [];
    const [port, listener] = await listen((socket) => {
      socket.on('data', (data) => {
        received.push(data);
        socket.write('N');
      });
    });
    try {
      // An authority was given, so that TLS is wanted although it is this machine.
      const facts = await failsWith('tlsRefused', open({ port }, server.ca));
      assert.equal(facts.reason, 'the server offers no TLS');
      assert.equal(Buffer.concat(received).length, 8);
    } finally {
      listener.close();
    }
  });

  it('says why nobody answers, so that the pooler can be offered', async () => {
    const closed = await freePort();
    assert.equal((await failsWith('unreachable', open({ port: closed }))).reason, 'ECONNREFUSED');
    assert.match((await failsWith('unreachable', open({ host: 'db.does-not-exist.invalid' }))).reason, /^(ENOTFOUND|EAI_AGAIN)$/);
  });

  it('says what the server says of wrong credentials', async () => {
    const wrong = await failsWith('databaseRefused', open({ password: 'wrong' }, server.ca));
    assert.equal(wrong.message, 'password authentication failed for user "postgres"');
    const database = await failsWith('databaseRefused', open({ database: 'nowhere' }, server.ca));
    assert.equal(database.message, 'database "nowhere" does not exist');
    const unencrypted = await failsWith('databaseRefused', open({}));
    assert.match(unencrypted.message, /no encryption/);
  });

  it('takes nothing from the environment', async () => {
    const before = { ...process.env };
    Object.assign(process.env, { PGPASSWORD: target.password, PGSSLMODE: 'no-verify', PGOPTIONS: '', PGUSER: 'mallory', PGSSLNEGOTIATION: 'direct' });
    try {
      await failsWith('databaseRefused', open({ password: '' }, server.ca));
      await failsWith('tlsRefused', open({}, createAuthority('Somebody else').certificatePem));
      assert.deepEqual((await ask(open({}, server.ca), 'select current_user')).rows, [['postgres']]);
    } finally {
      process.env = before;
    }
  });

  it('gives up a server that does not speak', async () => {
    const [port, listener] = await listen(() => {});
    try {
      const controller = new AbortController();
      const waiting = gather(open({ port }).run(request('select 1'), byUser(controller.signal)));
      setTimeout(() => controller.abort(), 100);
      await assert.rejects(waiting, (error) => isOpsError(error, 'cancelled'));
      const hurried = createPostgresDatabase({
        connection: { ...target, port },
        ssl: {},
        log,
        clock: { now: clock.now, sleep: (milliseconds, signal) => clock.sleep(milliseconds / 100, signal) },
      });
      opened.push(hurried);
      assert.equal((await failsWith('timedOut', hurried)).seconds, 10);
    } finally {
      listener.close();
    }
  });

  it('says that the connection was lost, runs nothing twice, and connects anew when asked', async () => {
    await ask(server.direct, 'create table public.attempts (a int)', { mode: 'write' });
    const text = "with put as (insert into public.attempts values (1)) select pg_sleep(30), 'unlucky'";
    const writing = gather(server.direct.run(request(text, { mode: 'write', timeoutMs: 60_000 }), byUser()));
    writing.catch(() => {});
    const active = async (): Promise<boolean> => (await server.look("select 1 from pg_stat_activity where query like '%unlucky%' and pid <> pg_backend_pid()")).length > 0;
    await eventually('the statement runs', 5000, active);
    await server.engine.pause();
    await assert.rejects(writing, (error) => isOpsError(error, 'connectionLost') && error.facts.host === `127.0.0.1:${target.port}`);
    await assert.rejects(ask(server.direct, 'select 1'), (error) => isOpsError(error, 'unreachable') && error.facts.reason === 'ECONNREFUSED');
    await server.engine.resume();
    assert.deepEqual((await ask(server.direct, 'select count(*) from public.attempts')).rows, [['0']]);
  });

  it('says so too when only its own session is ended', async () => {
    const reading = gather(server.direct.run(request("select pg_sleep(30), 'ended from beside'"), byUser()));
    reading.catch(() => {});
    const end = "select pg_terminate_backend(pid) from pg_stat_activity where query like '%ended from beside%' and pid <> pg_backend_pid() and state = 'active'";
    await eventually('it is ended', 5000, async () => (await server.look(end)).length > 0);
    await assert.rejects(reading, (error) => isOpsError(error, 'connectionLost'));
    assert.deepEqual((await ask(server.direct, 'select 1')).rows, [['1']]);
  });

  it('forgets a connection that broke while it was idle', async () => {
    await ask(server.direct, 'select 1');
    await server.look("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'opsbook'");
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual((await ask(server.direct, 'select 1')).rows, [['1']]);
  });

  it('logs what it did without the statement or its values', async () => {
    const database = open({}, server.ca);
    await ask(database, "select 'in the text', $1::text", { values: ['in a value'] });
    await ask(database, 'select nope').catch(() => {});
    assert.equal(lines.length, 2);
    assert.ok(!lines.join().includes('in the text') && !lines.join().includes('in a value'));
    assert.match(lines[1] ?? '', /"outcome":"42703"/);
  });
});

async function listen(onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<[port: number, server: NetServer]> {
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  listener.listen(0, host);
  await once(listener, 'listening');
  return [(listener.address() as AddressInfo).port, listener];
}

async function freePort(): Promise<number> {
  const [port, listener] = await listen(() => {});
  listener.close();
  await once(listener, 'close');
  return port;
}
