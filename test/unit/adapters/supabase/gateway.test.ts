import assert from 'node:assert/strict';
import { createGateway } from '../../../../src/adapters/supabase/gateway.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { PublicKeys } from '../../../../src/core/ports.ts';
import { asUser, json, startAnsweringServer, type Answering, type AnsweringServer } from './answeringServer.ts';

const keys: PublicKeys = { publishable: 'sb_publishable_x', anon: 'eyJhbGciOiJIUzI1NiJ9.e30.c2ln' };

describe('the gateway', () => {
  let server: AnsweringServer;

  before(async () => {
    server = await startAnsweringServer();
  });

  after(() => server.stop());

  const gateway = (given: PublicKeys = keys) => createGateway({ origin: server.origin, keys: given, version: '1.2.3', timeoutMs: 2000 });
  const request = (url: string, headers: Record<string, string> = {}) => ({ method: 'GET', url, headers });

  /** By the first two parts of the path. */
  function services(answers: Record<string, Answering>): Answering {
    return (asked, response) => (answers[asked.url.split('/')[1] ?? ''] ?? json(404, {}))(asked, response);
  }

  const well = { auth: json(200, { name: 'GoTrue' }), rest: json(200, {}), storage: json(200, []), realtime: json(200, { message: 'Success' }) };

  async function states(given?: PublicKeys): Promise<Record<string, string>> {
    return Object.fromEntries((await gateway(given).health(asUser())).map(({ service, state, error }) => [service, [state, error].filter(Boolean).join(': ')]));
  }

  it('sends its keys, unless the request has credentials of its own', async () => {
    server.answer(json(200, {}));
    const sent = async (own: Record<string, string>, given?: PublicKeys) => {
      await gateway(given).request(request('/functions/v1/health', own), asUser());
      const headers = server.asked.at(-1)?.headers;
      return [headers?.['apikey'], headers?.authorization];
    };
    assert.deepEqual(await sent({}), [keys.publishable, `Bearer ${keys.anon}`]);
    assert.deepEqual(await sent({}, { publishable: 'sb_publishable_x' }), ['sb_publishable_x', undefined]);
    assert.deepEqual(await sent({}, { anon: 'jwt' }), ['jwt', 'Bearer jwt']);
    assert.deepEqual(await sent({ Authorization: 'Bearer mine' }), [keys.publishable, 'Bearer mine']);
    assert.deepEqual(await sent({ ApiKey: 'mine' }), ['mine', undefined]);
    assert.deepEqual(await sent({}, {}), [undefined, undefined]);
  });

  it('sends the publishable key alone, or no key, when told to', async () => {
    server.answer(json(200, {}));
    const sent = async (key: 'publishable' | 'none', own: Record<string, string> = {}) => {
      await gateway().request({ ...request('/functions/v1/health', own), key }, asUser());
      const headers = server.asked.at(-1)?.headers;
      return [headers?.['apikey'], headers?.authorization];
    };
    assert.deepEqual(await sent('publishable'), [keys.publishable, undefined]);
    assert.deepEqual(await sent('none'), [undefined, undefined]);
    assert.deepEqual(await sent('none', { Authorization: 'Bearer mine' }), [undefined, 'Bearer mine']);
    const unknown = gateway({ anon: 'jwt' }).request({ ...request('/'), key: 'publishable' }, asUser());
    await assert.rejects(unknown, (error) => isOpsError(error, 'absent') && error.facts.reason === 'noGatewayKey');
  });

  it('sends nothing to another host', async () => {
    for (const url of ['https://example.test/', '//example.test/x', 'http://127.0.0.1:1/']) {
      await assert.rejects(gateway().request(request(url), asUser()), (error) => isOpsError(error, 'unreachable'));
    }
  });

  it('calls services healthy that answer for themselves', async () => {
    server.answer(services(well));
    const before = server.asked.length;
    assert.deepEqual(await states(), { auth: 'ok', rest: 'ok', storage: 'ok', realtime: 'ok' });
    const paths = server.asked.slice(before).map(({ url }) => url).sort();
    assert.deepEqual(paths, ['/auth/v1/health', '/realtime/v1/api/tenants/realtime-dev/health', '/rest/v1/', '/storage/v1/bucket']);
    assert.ok(server.asked.slice(before).every(({ headers }) => headers['apikey'] === keys.publishable));
    assert.deepEqual(await states({}), { auth: 'ok', rest: 'ok', storage: 'ok', realtime: 'ok' });
  });

  it('tells one that is down from one that refuses the key', async () => {
    server.answer(
      services({
        auth: json(502, { message: 'upstream is down' }),
        rest: json(401, { message: 'Invalid API key' }),
        storage: json(500, { statusCode: '500', error: 'internal', message: 'no database' }),
        realtime: (_, response) => void response.destroy(),
      }),
    );
    const found = await states();
    assert.deepEqual({ ...found, realtime: '' }, {
      auth: 'critical: status 502: upstream is down',
      rest: 'unknown: status 401: Invalid API key',
      storage: 'critical: status 500: no database',
      realtime: '',
    });
    assert.match(found['realtime'] ?? '', /^critical: ECONNRESET/);
  });

  it('asks Realtime for a sign of life where its health is closed, and believes it when it is not well', async () => {
    const realtime: Answering = (asked, response) => json(asked.url.endsWith('/ping') ? 200 : 403, {})(asked, response);
    server.answer(services({ ...well, realtime }));
    assert.equal((await states())['realtime'], 'ok');
    server.answer(services({ ...well, realtime: json(200, { data: { healthy: false, db_connected: false } }) }));
    assert.equal((await states())['realtime'], 'critical: it has no connection to the database');
  });

  it('is itself out of reach where nothing answers', async () => {
    const gone = await startAnsweringServer();
    await gone.stop();
    const unreachable = createGateway({ origin: gone.origin, keys, version: '1' });
    await assert.rejects(unreachable.health(asUser()), (error) => isOpsError(error, 'unreachable') && error.facts.reason === 'ECONNREFUSED');
  });

  it('ends at once when it is cancelled', async () => {
    server.answer(() => undefined);
    const stop = new AbortController();
    const health = gateway().health(asUser(stop.signal));
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(health, (error) => isOpsError(error, 'cancelled'));
  });
});
