import assert from 'node:assert/strict';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Governor } from '../../../../src/adapters/supabase/governor.ts';
import { createTransport, type Transport } from '../../../../src/adapters/supabase/http.ts';
import { isOpsError, type ErrorCode, type ErrorFacts, type OpsError } from '../../../../src/core/errors.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { asUser, createClient, inTurn, json, ref, startAnsweringServer, token, type Answering, type AnsweringServer, type Client } from './answeringServer.ts';
import { createAuthority, issueServerCertificate } from '../../../sandbox/engines/certificate.ts';

const list = { operation: 'list functions', method: 'GET', path: `/v1/projects/${ref}/functions`, ref } as const;

describe('the transport', () => {
  let server: AnsweringServer;
  let client: Client;
  let transport: Transport;

  before(async () => {
    server = await startAnsweringServer();
  });

  beforeEach(() => {
    client = createClient(server.origin);
    transport = client.transport;
  });

  after(() => server.stop());

  async function assertFails<C extends ErrorCode>(code: C, facts?: Partial<ErrorFacts[C]>, work: Promise<unknown> = transport.send(list, asUser())): Promise<void> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(isOpsError(error, code), `expected ${code}, got ${String(error)}`);
    assert.deepEqual({ ...error.facts, ...facts }, error.facts);
    assertNoSecret(error);
  }

  function assertNoSecret(error: OpsError): void {
    assert.ok(!JSON.stringify([error.message, error.facts, String(error.cause)]).includes(token));
    assert.ok(!client.log.lines.join('\n').includes(token));
  }

  /** How many requests reach the server while something is tried. */
  async function requests(work: () => Promise<void>): Promise<number> {
    const before = server.asked.length;
    await work();
    return server.asked.length - before;
  }

  it('sends the token, its name and what it wants', async () => {
    server.answer(json(200, []));
    const { status } = await transport.send({ ...list, query: { services: ['auth', 'db'], sql: "select 'a&b'" } }, asUser());
    const asked = server.asked.at(-1);
    assert.equal(status, 200);
    assert.equal(asked?.url, `/v1/projects/${ref}/functions?services=auth&services=db&sql=select+%27a%26b%27`);
    assert.deepEqual(
      [asked?.headers.authorization, asked?.headers['user-agent'], asked?.headers.accept],
      [`Bearer ${token}`, 'opsbook/1.2.3', 'application/json'],
    );
  });

  describe('refusals', () => {
    it('401: the token', async () => {
      server.answer(json(401, { message: 'Unauthorized' }));
      await assertFails('tokenRejected', { account: 'me@example.test', origin: server.origin });
    });

    it('403: a permission', async () => {
      server.answer(json(403, { message: 'Forbidden action' }));
      await assertFails('permissionMissing', { operation: 'list functions', account: 'me@example.test' });
    });

    it('404: the project, or what the request said is missing', async () => {
      server.answer(json(404, { message: 'Project not found' }));
      await assertFails('projectNotFound', { ref });
      await assertFails('notFound', { what: 'The function x' }, transport.send({ ...list, missing: 'The function x' }, asUser()));
    });

    it('402: the allowance', async () => {
      server.answer(json(402, { message: 'Logs query allowance exceeded' }));
      await assertFails('allowanceExhausted', { message: 'Logs query allowance exceeded' });
    });

    it('400 in both versions’ shapes, and in several sentences', async () => {
      for (const body of [{ message: 'no' }, { error: { code: 'bad', message: 'no' } }, { error: 'no' }, { msg: 'no' }, { message: ['no'] }]) {
        server.answer(json(400, body));
        await assertFails('serviceFailed', { status: 400, message: 'no' });
      }
    });

    it('an HTML page as refusal, without its markup', async () => {
      server.answer((_, response) => void response.writeHead(418, { 'content-type': 'text/html' }).end('<html>teapot</html>'));
      await assertFails('serviceFailed', { status: 418, message: '' });
    });

    it('an error that echoes the token does not pass it on', async () => {
      server.answer(json(400, { message: `bad token ${token} in Bearer ${token}` }));
      await assertFails('serviceFailed', { message: 'bad token sbp_… in …' });
    });
  });

  describe('the rate limit', () => {
    for (const [name, headers, seconds] of [
      ['X-RateLimit-Reset in seconds', () => ({ 'x-ratelimit-reset': '37' }), 37],
      ['Retry-After before it', () => ({ 'retry-after': '41', 'x-ratelimit-reset': '37' }), 41],
      ['a Retry-After that is a date', () => ({ 'retry-after': new Date(Date.now() + 90_000).toUTCString() }), 90],
      ['no word at all: to the end of the minute', () => ({}), 60],
    ] as const) {
      it(`is told with ${name}`, async () => {
        server.answer(json(429, { message: 'ThrottlerException: Too Many Requests' }, headers()));
        const sent = await requests(async () => {
          const error: unknown = await transport.send(list, asUser()).catch((reason: unknown) => reason);
          assert.ok(isOpsError(error, 'rateLimited'));
          assert.ok(Math.abs(error.facts.retryAfterSeconds - seconds) <= 2, String(error.facts.retryAfterSeconds));
        });
        assert.equal(sent, 1);
      });
    }

    it('is waited out by a read when it is short, and nothing else is sent meanwhile', async () => {
      const clock = new FakeClock();
      const { transport: patient } = createClient(server.origin, { clock });
      server.answer(inTurn(json(429, {}, { 'x-ratelimit-limit': '120', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '3' }), json(200, [])));
      const before = server.asked.length;
      const first = patient.send(list, asUser());
      while (clock.sleeping === 0) {
        await settle();
      }
      const second = patient.send(list, asUser());
      await clock.advance(2900);
      assert.equal(server.asked.length - before, 1);
      await clock.advance(100);
      assert.equal((await first).status, 200);
      assert.equal((await second).status, 200);
      assert.equal(server.asked.length - before, 3);
    });

    it('is not tried again by what changes something', async () => {
      server.answer(json(429, {}, { 'x-ratelimit-reset': '1' }));
      const sent = await requests(() => assertFails('rateLimited', { retryAfterSeconds: 1 }, transport.send({ ...list, method: 'POST', json: {} }, asUser())));
      assert.equal(sent, 1);
    });
  });

  describe('a service in trouble', () => {
    it('is asked three times by a read', async () => {
      server.answer(json(500, { message: 'Failed to retrieve functions' }));
      assert.equal(await requests(() => assertFails('serviceFailed', { status: 500, message: 'Failed to retrieve functions' })), 3);
    });

    it('may recover meanwhile', async () => {
      server.answer(inTurn(json(503, {}), json(502, {}), json(200, [1])));
      assert.equal((await transport.send(list, asUser())).status, 200);
    });

    it('is asked once by a write and by a tail, which has its own patience', async () => {
      server.answer(json(500, {}));
      const write = () => assertFails('serviceFailed', { status: 500 }, transport.send({ ...list, method: 'DELETE', json: ['A'] }, asUser()));
      assert.equal(await requests(write), 1);
      const tail = () => assertFails('serviceFailed', { status: 500 }, transport.send(list, { ...asUser(), priority: 'tail' }));
      assert.equal(await requests(tail), 1);
    });
  });

  describe('the connection', () => {
    it('breaks in the middle of the answer', async () => {
      const torn: Answering = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('[{"id":', () => response.destroy());
      };
      server.answer(torn);
      assert.equal(await requests(() => assertFails('badAnswer', { operation: 'list functions', problem: 'it broke off' })), 3);
    });

    it('breaks before the answer', async () => {
      server.answer((_, response) => void response.destroy());
      const sent = await requests(() => assertFails('unreachable', { host: new URL(server.origin).host }));
      assert.equal(sent, 3);
    });

    it('is refused, without a second try', async () => {
      const gone = await startAnsweringServer();
      await gone.stop();
      const { transport: lost } = createClient(gone.origin);
      await assertFails('unreachable', { host: new URL(gone.origin).host, reason: 'ECONNREFUSED' }, lost.send(list, asUser()));
    });

    for (const reason of ['ENOTFOUND', 'ENETUNREACH', 'EAI_AGAIN']) {
      it(`fails with ${reason}`, async () => {
        const offline: typeof fetch = () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('x'), { code: reason }) }));
        const clock = new FakeClock();
        const lost = createTransport({
          baseUrl: 'https://api.example.test',
          account: 'me',
          credential: { header: 'authorization', value: `Bearer ${token}` },
          version: '1',
          clock,
          governor: new Governor(clock),
          log: client.log,
          fetch: offline,
        });
        await assertFails('unreachable', { host: 'api.example.test', reason }, lost.send(list, asUser()));
      });
    }

    it('is not used when the certificate cannot be verified', async () => {
      const { privateKeyPem: key, certificatePem: cert } = issueServerCertificate(createAuthority('nobody'), { hosts: ['127.0.0.1'] });
      const tls = createTlsServer({ key, cert }, (_, response) => void response.end('[]'));
      await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
      const { transport: unsure } = createClient(`https://127.0.0.1:${(tls.address() as AddressInfo).port}`);
      try {
        await assertFails('tlsRefused', {}, unsure.send(list, asUser()));
      } finally {
        await new Promise((resolve) => tls.close(resolve));
      }
    });

    it('is never opened in the open to another machine', () => {
      assert.throws(
        () => createClient('http://api.example.test'),
        (error) => isOpsError(error, 'tlsRefused') && error.facts.reason === 'plain HTTP',
      );
    });

    it('is given up after a time', async () => {
      server.answer(() => undefined);
      await assertFails('timedOut', { operation: 'list functions', seconds: 0.05 }, transport.send({ ...list, timeoutMs: 50 }, asUser()));
    });

    it('is given up in the middle of an answer that trickles', async () => {
      server.answer((_, response) => void response.writeHead(200).write('['));
      await assertFails('timedOut', {}, transport.send({ ...list, timeoutMs: 100 }, asUser()));
    });
  });

  it('ends at once when it is cancelled, before and during the call', async () => {
    server.answer(() => undefined);
    await assertFails('cancelled', {}, transport.send(list, asUser(AbortSignal.abort())));
    const stop = new AbortController();
    const call = transport.send(list, asUser(stop.signal));
    setTimeout(() => stop.abort(), 20);
    await assertFails('cancelled', {}, call);
  });

  describe('a redirect', () => {
    it('is followed within the origin', async () => {
      server.answer((asked, response) =>
        asked.url === '/there' ? json(200, [])(asked, response) : void response.writeHead(308, { location: '/there' }).end(),
      );
      assert.equal((await transport.send(list, asUser())).status, 200);
    });

    it('does not carry the token to another host', async () => {
      const other = await startAnsweringServer();
      server.answer((_, response) => void response.writeHead(302, { location: `${other.origin}/v1/projects` }).end());
      await assertFails('serviceFailed', { status: 302 });
      assert.deepEqual(other.asked, []);
      await other.stop();
    });

    it('that goes round in circles ends', async () => {
      server.answer((_, response) => void response.writeHead(307, { location: '/again' }).end());
      assert.equal(await requests(() => assertFails('serviceFailed', { status: 307 })), 4);
    });

    it('is not followed with what changes something', async () => {
      server.answer((_, response) => void response.writeHead(307, { location: '/there' }).end());
      assert.equal(await requests(() => assertFails('serviceFailed', {}, transport.send({ ...list, method: 'POST', json: [] }, asUser()))), 1);
    });
  });

  it('refuses a token that is no header, without repeating it', () => {
    for (const bad of ['sbp_with\nbreak', 'sbp_ä', '', 'two words']) {
      assert.throws(
        () => createClient(server.origin, { token: bad }),
        (error) => isOpsError(error, 'tokenMalformed') && (bad === '' || !String(error).includes(bad)),
      );
    }
  });

  it('learns how far the service’s clock is ahead', async () => {
    server.answer(json(200, [], { date: new Date(Date.now() + 3_600_000).toUTCString() }));
    await transport.send(list, asUser());
    assert.ok(Math.abs(transport.skewMs - 3_600_000) < 3000);
    server.answer(json(200, []));
    await transport.send(list, asUser());
    assert.equal(transport.skewMs, 0);
  });

  it('writes no query, body or token to the log', async () => {
    server.answer(json(200, []));
    await transport.send({ ...list, method: 'POST', json: [{ name: 'A', value: 'hunter2' }], query: { sql: 'select 1' } }, asUser());
    const written = client.log.lines.join('\n');
    assert.match(written, /"operation":"list functions"/);
    assert.doesNotMatch(written, /hunter2|select 1|sbp_/);
  });
});
