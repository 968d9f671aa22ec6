import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { OpsError, isCancelled, isOpsError } from '../../../../src/core/errors.ts';
import { RequestCredentials } from '../../../../src/core/http/credentials.ts';
import { RequestHistory } from '../../../../src/core/http/history.ts';
import { parseRequests } from '../../../../src/core/http/requestDocument.ts';
import type { GatewayRequest } from '../../../../src/core/ports.ts';
import type { Project } from '../../../../src/core/project/project.ts';
import { sentAgain } from '../../../../src/features/invoke/requests.ts';
import { sendRequest, type Exchange } from '../../../../src/features/invoke/send.ts';
import { createSendingConsent } from '../../../../src/features/invoke/sendingConsent.ts';
import { createConsent } from '../../../../src/host/consent.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { acme, fakeConnection } from '../../../fakes/connection.ts';
import { FakeGateway } from '../../../fakes/gateway.ts';
import { FakeSecretStore } from '../../../fakes/secretStore.ts';
import { FakeStorage } from '../../../fakes/storage.ts';
import { FakeUi } from '../../../fakes/ui.ts';

const preview: Project = { ...acme, environment: 'preview' };

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

describe('sending a request', () => {
  let ui: FakeUi;
  let gateway: FakeGateway;
  let clock: FakeClock;
  let secrets: FakeSecretStore;
  let storage: FakeStorage;
  let project: Project;

  beforeEach(() => {
    ui = new FakeUi();
    gateway = new FakeGateway();
    clock = new FakeClock();
    secrets = new FakeSecretStore();
    storage = new FakeStorage();
    project = preview;
  });

  afterEach(() => ui.done());

  function createNeeds() {
    return {
      session: { connection: () => fakeConnection({ project, gateway, clock }) },
      ui,
      clock,
      consent: createSendingConsent({ consent: createConsent({ ui, clock }), clock }),
      credentials: new RequestCredentials({ secrets, storage }),
      history: new RequestHistory(storage),
    };
  }

  /** One window: its consent is remembered from one sending to the next. */
  function opened() {
    const needs = createNeeds();
    return async (text: string, values?: Record<string, string>): Promise<Exchange> => {
      const document = parseRequests(text);
      const [request] = document.requests;
      assert.ok(request);
      return sendRequest(needs, { text, document, request, ...(values ? { values } : {}) });
    };
  }

  const send = async (text: string) => opened()(text);
  const last = (): GatewayRequest => gateway.requests.at(-1) ?? assert.fail('nothing was sent');

  async function refused(text: string, pattern: RegExp): Promise<void> {
    await assert.rejects(send(text), (error) => isOpsError(error, 'notSent') && pattern.test(error.facts.because));
    assert.deepEqual(gateway.requests, []);
  }

  it('goes as written, as a visitor, with time enough', async () => {
    gateway.on('POST /functions/v1/mint', { status: 201, body: 'ok' });
    const { answer, role, request } = await send('POST /functions/v1/mint\nX-A: 1\n\n{"b": 2}');
    assert.deepEqual(last(), { method: 'POST', url: '/functions/v1/mint', headers: { 'X-A': '1', 'content-type': 'application/json' }, body: '{"b": 2}', timeoutMs: 410_000 });
    assert.deepEqual([answer.status, role, request.url], [201, 'anon', '/functions/v1/mint']);
  });

  it('takes the publishable key alone, or no key, as the role says', async () => {
    await send('# role: publishable\nGET /a');
    assert.equal(last().key, 'publishable');
    await send('# role: none\nGET /a');
    assert.equal(last().key, 'none');
  });

  it('asks for the service key once, and keeps it in secret storage alone', async () => {
    ui.willType('  sb_secret_abc ');
    await send('# role: service\nGET /a');
    assert.deepEqual(last().headers, { apikey: 'sb_secret_abc' });
    assert.equal(ui.questions[0]?.secret, true);
    await send('# role: service\nGET /b');
    assert.deepEqual(last().headers, { apikey: 'sb_secret_abc' });
    assert.ok(![...storage.values.values()].some((text) => text.includes('sb_secret')));
    assert.deepEqual([...secrets.values.values()], ['sb_secret_abc']);
  });

  it('asks again for a user whose JWT has expired meanwhile', async () => {
    const first = jwt({ role: 'authenticated', exp: clock.now() / 1000 + 60 });
    const second = jwt({ role: 'authenticated', exp: clock.now() / 1000 + 7200 });
    ui.willType(first);
    await send('# role: user\nGET /a');
    await clock.advance(3_600_000);
    ui.willType(second);
    await send('# role: user\nGET /a');
    assert.deepEqual(last().headers, { authorization: `Bearer ${second}` });
  });

  it('does not take a public key for a service key', async () => {
    ui.willType('sb_publishable_abc');
    await assert.rejects(send('# role: service\nGET /a'), /public key/);
    await assert.rejects(async () => ui.done(), /public key/);
    ui = new FakeUi();
  });

  it('lets a header of its own be stronger than the role', async () => {
    ui.willType('partner-key').willType('sb_secret_abc');
    await send('# role: service\nGET /a\nAPIKEY: {{secret partner}}');
    assert.deepEqual(last().headers, { APIKEY: 'partner-key' });
  });

  it('asks for variables with the value they had last, and for secrets each into its own place', async () => {
    ui.willType('7').willType('s3cret');
    await send('GET /a/{{id}}?k={{secret k}}');
    assert.equal(last().url, '/a/7?k=s3cret');
    ui.willType('8');
    const { request } = await send('GET /a/{{id}}?k={{secret k}}');
    assert.equal(ui.questions.at(-1)?.value, '7');
    assert.equal(last().url, '/a/8?k=s3cret');
    assert.equal(request.url, '/a/8?k=***');
    assert.ok(![...storage.values.values()].some((text) => text.includes('s3cret')));
    assert.ok(ui.progressed.every(({ title }) => !title.includes('s3cret')));
  });

  it('signs the body as it is sent', async () => {
    ui.willType('wh-secret');
    await send('# role: none\n# sign: circle-signature: v1=<hex>\nPOST /functions/v1/hook\ncircle-signature: v1=an_old_one\n\n{"at": {{$timestamp}}}');
    const { headers, body } = last();
    assert.equal(body, `{"at": ${Math.floor(clock.now() / 1000)}}`);
    assert.equal(headers['circle-signature'], `v1=${createHmac('sha256', 'wh-secret').update(body).digest('hex')}`);
    assert.match(ui.questions[0]?.prompt ?? '', /circle-signature/);
  });

  it('signs with the same time that the header tells', async () => {
    ui.willType('k');
    await send('# sign: S: t={{$timestamp}},<hex>\n# sign-payload: {{$timestamp}}.<body>\nPOST /a\nX-Time: {{$timestamp}}\n\nx');
    const { headers } = last();
    assert.equal(headers['S'], `t=${headers['X-Time']},${createHmac('sha256', 'k').update(`${headers['X-Time']}.x`).digest('hex')}`);
  });

  it('refuses what cannot be meant, and says why', async () => {
    await refused('GET /a\nno header', /no header/);
    await refused('# role: root\nGET /a', /role/);
    await refused('GET https://elsewhere.test/functions/v1/a', /elsewhere\.test/);
    await refused('GET /a\nAuthorization: Bearer eyJhbGciOi.eyJzdWIi.c2ln', /eyJ….*secret storage/);
    await refused('POST /a\n\n{"key": "sb_secret_abc"}', /sb_secret_…/);
  });

  it('takes the project’s own address', async () => {
    await send(`GET ${gateway.origin}/functions/v1/a`);
    assert.equal(last().url, `${gateway.origin}/functions/v1/a`);
  });

  it('ends when a question is dismissed', async () => {
    ui.willDismiss();
    await assert.rejects(send('GET /a/{{id}}'), (error) => isCancelled(error));
    assert.deepEqual([gateway.requests, new RequestHistory(storage).entries], [[], []]);
  });

  describe('on production', () => {
    beforeEach(() => {
      project = acme;
    });

    it('needs no word for what HTTP calls safe', async () => {
      const sendHere = opened();
      for (const method of ['GET', 'HEAD', 'OPTIONS']) {
        await sendHere(`${method} /functions/v1/a`);
      }
      assert.deepEqual(ui.plans, []);
    });

    it('is shown once before it acts, and again only when it is another', async () => {
      const sendHere = opened();
      ui.willConsent();
      await sendHere('POST /functions/v1/a\n\n{"id": "{{$uuid}}"}');
      await sendHere('POST /functions/v1/a\n\n{"id": "{{$uuid}}"}');
      assert.equal(ui.plans.length, 1);
      assert.match(ui.plans[0]?.question ?? '', /POST \/functions\/v1\/a on acme/);
      ui.willConsent().willConsent();
      await sendHere('POST /functions/v1/a\n\n{"id": "other"}');
      await sendHere('# role: none\nPOST /functions/v1/a\n\n{"id": "{{$uuid}}"}');
      await clock.advance(15 * 60_000);
      ui.willConsent();
      await sendHere('POST /functions/v1/a\n\n{"id": "{{$uuid}}"}');
      assert.equal(ui.plans.length, 4);
      assert.equal(gateway.requests.length, 5);
    });

    it('is shown with the service key whatever the method', async () => {
      ui.willType('sb_secret_abc').willConsent();
      await send('# role: service\nGET /functions/v1/a');
      assert.match(ui.plans[0]?.detail.join('\n') ?? '', /row-level security/);
    });

    it('is not sent when the plan is declined, and shows no secret in it', async () => {
      ui.willType('s3cret').willDismiss();
      await assert.rejects(send('POST /functions/v1/a\n\n{"k": "{{secret k}}"}'), (error) => isCancelled(error));
      assert.deepEqual(gateway.requests, []);
      assert.ok(!JSON.stringify(ui.plans).includes('s3cret'));
    });
  });

  it('is in the history, and can be sent again from there', async () => {
    const needs = createNeeds();
    gateway.on('POST /functions/v1/a/7', { status: 500, timings: { firstByte: 3, total: 41.6 } });
    ui.willType('7').willType('k3y');
    const text = '@base = /functions/v1\n### first\nGET /x\n### second\n# role: none\nPOST {{base}}/a/{{id}}\nX-Key: {{secret k}}\n\n{"password": "hunter2"}\n';
    const document = parseRequests(text);
    const request = document.requests[1] ?? assert.fail();
    await sendRequest(needs, { text, document, request });
    const [entry] = needs.history.entries;
    assert.ok(entry);
    assert.deepEqual([entry.method, entry.url, entry.role, entry.status, entry.durationMs, entry.values], ['POST', '/functions/v1/a/7', 'none', 500, 42, { id: '7' }]);
    assert.ok(!/hunter2|k3y/.test([...storage.values.values()].join()));
    ui.willType('hunter3');
    await sendRequest(needs, sentAgain(entry));
    assert.deepEqual(last(), { method: 'POST', url: '/functions/v1/a/7', headers: { 'X-Key': 'k3y', 'content-type': 'application/json' }, body: '{"password": "hunter3"}', key: 'none', timeoutMs: 410_000 });
  });

  it('tells of a failure without the credential in its address', async () => {
    for (const code of ['timedOut', 'badAnswer'] as const) {
      const operation = 'GET https://abc.supabase.test/a/s3cret';
      gateway.on('GET /a/s3cret', code === 'timedOut' ? new OpsError(code, { operation, seconds: 1 }) : new OpsError(code, { operation, problem: 'it broke off' }));
      secrets.values.set(`request ${gateway.origin} k`, 's3cret');
      await assert.rejects(send('GET /a/{{secret k}}'), (error) => isOpsError(error, code) && error.facts.operation === 'GET /a/***');
    }
  });

  it('is in the history when it may have arrived, and not when it cannot have', async () => {
    gateway.on('POST /a', new OpsError('timedOut', { operation: 'POST', seconds: 1 }));
    await assert.rejects(send('POST /a'), (error) => isOpsError(error, 'timedOut'));
    gateway.on('POST /b', new OpsError('unreachable', { host: 'x', reason: 'ENOTFOUND' }));
    await assert.rejects(send('POST /b'), (error) => isOpsError(error, 'unreachable'));
    const { entries } = new RequestHistory(storage);
    assert.deepEqual(entries.map(({ url, status }) => [url, status]), [['/a', undefined]]);
  });
});
