import assert from 'node:assert/strict';
import { RequestHistory, type SentRequest } from '../../../../src/core/http/history.ts';
import { FakeStorage } from '../../../fakes/storage.ts';

const sent = (change: Partial<SentRequest> = {}): Omit<SentRequest, 'id'> => ({
  time: 1,
  ref: 'abc',
  project: 'acme',
  method: 'POST',
  url: '/functions/v1/a',
  role: 'anon',
  text: 'POST /functions/v1/a\n\n{}\n',
  values: {},
  status: 200,
  durationMs: 12,
  ...change,
});

describe('the history of requests', () => {
  let storage: FakeStorage;
  let history: RequestHistory;

  beforeEach(() => {
    storage = new FakeStorage();
    history = new RequestHistory(storage);
  });

  it('has the newest first, and each request once', async () => {
    await history.add(sent({ time: 1 }));
    await history.add(sent({ time: 2, text: 'GET /b\n' }));
    await history.add(sent({ time: 3, status: 500 }));
    await history.add(sent({ time: 4, role: 'service' }));
    assert.deepEqual(history.entries.map(({ time, status }) => [time, status]), [[4, 200], [3, 500], [2, 200]]);
    await history.clear();
    assert.deepEqual(history.entries, []);
  });

  it('keeps fifty, and none that is huge', async () => {
    for (let time = 0; time < 60; time++) {
      await history.add(sent({ time, text: `GET /${time}\n` }));
    }
    await history.add(sent({ time: 99, text: `POST /a\n\n${'x'.repeat(60_000)}` }));
    assert.deepEqual([history.entries.length, history.entries[0]?.time, history.entries.at(-1)?.time], [50, 59, 10]);
  });

  it('holds no credential, wherever one stood', async () => {
    await history.add(
      sent({
        text: 'POST /a?x={{x}}\nAuthorization: Bearer opaque-credential\nX: sb_secret_inheader\n\n{"user": "ada", "password": "hunter2", "note": "eyJhbGciOi.eyJzdWIi.c2ln"}',
        url: '/a?token=t0ps3cret',
        values: { token: 't0ps3cret', x: '1' },
      }),
    );
    await history.remember('apiToken', 'remembered-credential');
    await history.remember('key', 'sb_secret_remembered');
    await history.remember('plain', 'kept');
    const kept = [...storage.values.values()].join('\n');
    assert.doesNotMatch(kept, /opaque-credential|inheader|hunter2|c2ln|t0ps3cret|remembered/);
    assert.match(kept, /ada/);
    const [entry] = history.entries;
    assert.match(entry?.text ?? '', /"password": "\{\{secret password\}\}"/);
    assert.deepEqual([entry?.values, entry?.url], [{ x: '1' }, '/a']);
    assert.deepEqual([history.lastValue('plain'), history.lastValue('apiToken'), history.lastValue('key')], ['kept', undefined, undefined]);
  });
});
