import assert from 'node:assert/strict';
import { createHttpClient } from '../../../../src/adapters/supabase/httpClient.ts';
import { isLocalAddress, isLoopbackHost } from '../../../../src/adapters/supabase/localAddress.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { HttpRequest } from '../../../../src/core/ports.ts';
import { asUser, startAnsweringServer, type AnsweringServer } from './answeringServer.ts';

describe('requests of documents', () => {
  let server: AnsweringServer;
  const client = createHttpClient({ version: '1.2.3', allowLocal: () => true, timeoutMs: 2000 });
  const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({ method: 'GET', url, headers: {}, ...more });

  before(async () => {
    server = await startAnsweringServer();
  });

  after(() => server.stop());

  async function assertFails(code: ErrorCode, facts: object, work: Promise<unknown>): Promise<void> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isOpsError(error, code), `expected ${code}, got ${String(error)}`);
    assert.deepEqual({ ...error.facts, ...facts }, error.facts);
  }

  it('come back with any status, all headers and their times', async () => {
    server.answer((_, response) => {
      response.writeHead(503, 'Busy', [['X-A', '1'], ['X-A', '2'], ['Content-Type', 'text/plain']].flat());
      setTimeout(() => response.end('try läter'), 60);
      response.flushHeaders();
    });
    const answer = await client.request(get(`${server.origin}/a?b=c`), asUser());
    assert.deepEqual([answer.status, answer.statusText, answer.body, answer.truncated], [503, 'Busy', 'try läter', false]);
    assert.deepEqual(answer.headers.filter(([name]) => name === 'X-A'), [['X-A', '1'], ['X-A', '2']]);
    assert.ok(answer.timings.firstByte > 0 && answer.timings.total >= answer.timings.firstByte + 20);
  });

  it('tell when the name was found and the connection stood', async () => {
    server.answer((_, response) => void response.end());
    const { timings } = await client.request(get(server.origin.replace('127.0.0.1', 'localhost')), asUser());
    assert.ok((timings.lookup ?? -1) >= 0 && (timings.connect ?? -1) >= (timings.lookup ?? 0) && timings.firstByte >= (timings.connect ?? Infinity));
    assert.equal(timings.tls, undefined);
    assert.equal((await client.request(get(server.origin), asUser())).timings.lookup, undefined);
  });

  it('may have a limit of their own', async () => {
    server.answer(() => undefined);
    await assertFails('timedOut', { seconds: 0.05 }, client.request(get(server.origin, { timeoutMs: 50 }), asUser()));
  });

  it('send method, headers and body as written', async () => {
    server.answer((_, response) => void response.end());
    await client.request(get(server.origin, { method: 'POST', headers: { 'Content-Type': 'application/json', 'User-Agent': 'mine' }, body: '{"a":"ä"}' }), asUser());
    const asked = server.asked.at(-1);
    assert.deepEqual([asked?.method, asked?.body, asked?.headers['user-agent'], asked?.headers['content-length']], ['POST', '{"a":"ä"}', 'mine', '10']);
    await client.request(get(server.origin, { method: 'DELETE', headers: {}, body: '{"a":"ä"}' }), asUser());
    assert.deepEqual([server.asked.at(-1)?.method, server.asked.at(-1)?.body, server.asked.at(-1)?.headers['content-length']], ['DELETE', '{"a":"ä"}', '10']);
  });

  it('stop reading after 1 MB', async () => {
    server.answer((_, response) => void response.end('x'.repeat(3 * 1024 * 1024)));
    const { body, truncated } = await client.request(get(server.origin), asUser());
    assert.deepEqual([body.length, truncated], [1024 * 1024, true]);
  });

  it('follow no redirect', async () => {
    server.answer((_, response) => void response.writeHead(302, { location: '/elsewhere' }).end());
    assert.equal((await client.request(get(server.origin), asUser())).status, 302);
  });

  it('fail with one word for each cause', async () => {
    server.answer(() => undefined);
    const hasty = createHttpClient({ version: '1', allowLocal: () => true, timeoutMs: 50 });
    await assertFails('timedOut', { seconds: 0.05, operation: `GET ${server.origin}/x` }, hasty.request(get(`${server.origin}/x?key=1`), asUser()));
    const stop = new AbortController();
    const call = client.request(get(server.origin), asUser(stop.signal));
    setTimeout(() => stop.abort(), 20);
    await assertFails('cancelled', {}, call);
    server.answer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await assertFails('badAnswer', { problem: 'it broke off' }, client.request(get(server.origin), asUser()));
    await assertFails('unreachable', { reason: 'ERR_INVALID_URL' }, client.request(get('ftp://example.test/x'), asUser()));
    await assertFails('unreachable', { reason: 'ERR_INVALID_URL' }, client.request(get('no url'), asUser()));
    const gone = await startAnsweringServer();
    await gone.stop();
    await assertFails('unreachable', { reason: 'ECONNREFUSED' }, client.request(get(gone.origin), asUser()));
    await assertFails('unreachable', { reason: 'ERR_INVALID_CHAR' }, client.request(get(server.origin, { headers: { a: 'b\nc: d' } }), asUser()));
  });

  it('do not reach this machine or its link unless allowed, by address or by name', async () => {
    const careful = createHttpClient({ version: '1' });
    const port = new URL(server.origin).port;
    const before = server.asked.length;
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '169.254.169.254', '0.0.0.0', '2130706433', '0x7f.1', '[fe80::1]']) {
      await assertFails('addressRefused', {}, careful.request(get(`http://${host}:${port}/latest/meta-data`), asUser()));
    }
    assert.equal(server.asked.length, before);
    const friendly = createHttpClient({ version: '1', allowLocal: (hostname) => hostname === 'localhost' });
    server.answer((_, response) => void response.end('hello'));
    assert.equal((await friendly.request(get(`http://localhost:${port}`), asUser())).body, 'hello');
    await assertFails('addressRefused', { address: '127.0.0.1' }, friendly.request(get(`http://127.0.0.1:${port}`), asUser()));
  });
});

describe('addresses', () => {
  for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '::ffff:a9fe:a9fe', 'fe80::1%eth0', '0.0.0.0', '::']) {
    it(`${address} is of this machine or its link`, () => assert.ok(isLocalAddress(address)));
  }
  for (const address of ['8.8.8.8', '10.0.0.1', '192.168.1.1', '2001:db8::1', 'localhost', '128.0.0.1']) {
    it(`${address} is not`, () => assert.ok(!isLocalAddress(address)));
  }
  it('of loopback, as hosts of URLs', () => {
    assert.ok(['localhost', '127.0.0.1', '[::1]'].every(isLoopbackHost));
    assert.ok(!['localhost.example.test', '127.0.0.1.example.test', '169.254.169.254', '0.0.0.0'].some(isLoopbackHost));
  });
});
