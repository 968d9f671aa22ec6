/** Calling functions as the request editor does, at the sandbox's own gateway and runtime: roles, signatures, refusals, the log of a call. */
import assert from 'node:assert/strict';
import { createGateway } from '../../src/adapters/supabase/gateway.ts';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { createAccountTransport, createManagementApi } from '../../src/adapters/supabase/managementApi.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { RequestCredentials } from '../../src/core/http/credentials.ts';
import { RequestHistory } from '../../src/core/http/history.ts';
import { parseRequests } from '../../src/core/http/requestDocument.ts';
import type { Connection } from '../../src/core/project/connection.ts';
import { Answers } from '../../src/features/invoke/answers.ts';
import { sendRequest, type Exchange } from '../../src/features/invoke/send.ts';
import { createSendingConsent } from '../../src/features/invoke/sendingConsent.ts';
import { createConsent } from '../../src/host/consent.ts';
import { acme, fakeConnection } from '../fakes/connection.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { FakeSecretStore } from '../fakes/secretStore.ts';
import { FakeStorage } from '../fakes/storage.ts';
import { FakeUi } from '../fakes/ui.ts';
import { createProjectKeys } from '../sandbox/projectKeys.ts';
import { startSandbox, type Sandbox } from '../sandbox/sandbox.ts';

const hook = `
Deno.serve(async (request) => {
  const body = await request.text();
  const secret = new TextEncoder().encode('wh-secret');
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(body)));
  const expected = 'v1=' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const valid = request.headers.get('circle-signature') === expected;
  console.log(valid ? 'event processed' : 'Invalid signature');
  return Response.json({ processed: valid }, { status: valid ? 200 : 401 });
});`;

/** Says who called: the role of the JWT, and the kinds of keys that came. */
const whoami = `
Deno.serve(async (request) => {
  const bearer = request.headers.get('authorization')?.replace('Bearer ', '');
  const role = bearer?.startsWith('eyJ') ? JSON.parse(atob(bearer.split('.')[1].replaceAll('-', '+').replaceAll('_', '/'))).role : bearer ?? null;
  const { pathname, search } = new URL(request.url);
  const body = await request.text();
  console.log('called by', role, 'for', body);
  return Response.json({ role, apikey: request.headers.get('apikey')?.slice(0, 10) ?? null, method: request.method, path: pathname + search, type: request.headers.get('content-type'), body });
});`;

describe('calling functions at the sandbox', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;
  let connection: Connection;
  let reports: Map<string, string>;
  let answers: Answers;
  let ui: FakeUi;
  let secrets: FakeSecretStore;

  before(async () => {
    sandbox = await startSandbox({ postgres: false, budgets: { standard: 10_000, logs: 10_000 } });
    await Promise.all([deploy('whoami', whoami, true), deploy('hook', hook, false), deploy('broken', 'Deno.serve(() => { throw new Error("no such token"); });', false), deploy('stillborn', 'export const served = false;', false)]);
    const account = { id: 'me', name: 'me', origin: sandbox.apiUrl };
    const transport = createAccountTransport({ account, token: sandbox.token, version: '0.0.0', clock: systemClock, governor: new Governor(systemClock), log: new FakeLogger() });
    const { anon, publishable } = createProjectKeys(sandbox.ref);
    connection = fakeConnection({
      project: { ...acme, ref: sandbox.ref, environment: 'staging' },
      management: createManagementApi(transport, account),
      logs: createHostedLogStore({ transport, ref: sandbox.ref, clock: systemClock }),
      gateway: createGateway({ origin: sandbox.gatewayUrl, keys: { anon, publishable }, version: '0.0.0' }),
    });
  });
  after(() => sandbox.stop());

  beforeEach(() => {
    ui = new FakeUi();
    secrets = new FakeSecretStore();
    reports = new Map();
    const keep = (name: string, text: string) => void reports.set(name, text);
    answers = new Answers({ documents: { showReport: async (name, text) => keep(name, text), updateReport: keep }, clock: systemClock, mask: () => true });
  });
  afterEach(() => {
    answers.dispose();
    ui.done();
  });

  async function deploy(slug: string, source: string, verifyJwt: boolean): Promise<void> {
    const form = new FormData();
    const path = `supabase/functions/${slug}/index.ts`;
    form.append('file', new Blob([source]), path);
    form.append('metadata', JSON.stringify({ entrypoint_path: path, verify_jwt: verifyJwt }));
    const answer = await fetch(`${sandbox.apiUrl}/v1/projects/${sandbox.ref}/functions/deploy?slug=${slug}`, { method: 'POST', body: form, headers: { authorization: `Bearer ${sandbox.token}` } });
    assert.equal(answer.status, 201, await answer.text());
  }

  async function send(text: string): Promise<Exchange> {
    const document = parseRequests(text);
    const [request] = document.requests;
    assert.ok(request);
    const storage = new FakeStorage();
    const consent = createSendingConsent({ consent: createConsent({ ui, clock: systemClock }), clock: systemClock });
    const needs = { session: { connection: () => connection }, ui, clock: systemClock, consent, credentials: new RequestCredentials({ secrets, storage }), history: new RequestHistory(storage) };
    return sendRequest(needs, { text, document, request });
  }

  const body = ({ answer }: Exchange): unknown => JSON.parse(answer.body);
  const errorCode = ({ answer }: Exchange) => answer.headers.find(([name]) => name === 'sb-error-code')?.[1];

  it('sends what is written, as a visitor whom functions with verify_jwt let in', async () => {
    const exchange = await send('PUT /functions/v1/whoami/deep?a=%20b\nX-A: 1\n\n{"ü": [1]}');
    assert.deepEqual(body(exchange), { role: 'anon', apikey: 'sb_publish', method: 'PUT', path: '/whoami/deep?a=%20b', type: 'application/json', body: '{"ü": [1]}' });
  });

  it('sends each role’s credential', async () => {
    const { serviceRole, secret } = createProjectKeys(sandbox.ref);
    ui.willType(serviceRole);
    assert.deepEqual(body(await send('# role: service\nGET /functions/v1/whoami')), { role: 'service_role', apikey: serviceRole.slice(0, 10), method: 'GET', path: '/whoami', type: null, body: '' });
    const publishable = await send('# role: publishable\nGET /functions/v1/whoami');
    assert.deepEqual([publishable.answer.status, errorCode(publishable)], [401, 'UNAUTHORIZED_NO_AUTH_HEADER']);
    secrets = new FakeSecretStore();
    ui.willType(secret);
    const newKey = await send('# role: service\nGET /functions/v1/whoami');
    assert.deepEqual([newKey.answer.status, errorCode(newKey)], [401, 'UNAUTHORIZED_NO_AUTH_HEADER']);
    const none = await send('# role: none\nGET /functions/v1/whoami');
    assert.deepEqual([none.answer.status, errorCode(none)], [401, 'UNAUTHORIZED_NO_AUTH_HEADER']);
  });

  it('signs so that the webhook takes it', async () => {
    ui.willType('wh-secret');
    const text = '# role: none\n# sign: circle-signature: v1=<hex>\nPOST /functions/v1/hook\nContent-Type: application/json\n\n{"eventType": "payments.confirmed", "eventId": "{{$uuid}}"}';
    assert.deepEqual(body(await send(text)), { processed: true });
    const unsigned = text.replace(/^# sign.*\n/m, '').replace('Content-Type', 'circle-signature: v1=00\nContent-Type');
    assert.deepEqual([(await send(unsigned)).answer.status, ui.questions.length], [401, 1]);
  });

  it('shows the log lines of just that call', async () => {
    await send('POST /functions/v1/whoami\n\nthe call before');
    await answers.show(await send('POST /functions/v1/whoami\n\nthis very call'));
    const shown = reports.get('whoami answer.http') ?? '';
    assert.match(shown, /### Log of execution [0-9a-f-]{36}\n/);
    assert.match(shown, /called by anon for this very call/);
    assert.match(shown, /POST \| 200/);
  });

  it('shows why a call failed, and what the function said', async () => {
    await answers.show(await send('POST /functions/v1/broken\n\n{}'));
    assert.match(reports.get('broken answer.http') ?? '', /HTTP\/1\.1 500[^]*### Log of execution[^]*no such token/);
    await answers.show(await send('POST /functions/v1/stillborn\n\n{}'));
    const shown = reports.get('stillborn answer.http') ?? '';
    assert.match(shown, /# BOOT_ERROR: the function did not start/);
    assert.match(shown, /### Log of stillborn at that time[^]*serves no requests/);
  });

  it('says of a function that is not there', async () => {
    await answers.show(await send('GET /functions/v1/nothing'));
    assert.match(reports.get('nothing answer.http') ?? '', /# NOT_FOUND: [^]*# The deployed function nothing does not exist/);
  });
});
