import assert from 'node:assert/strict';
import { Governor } from '../../../../src/adapters/supabase/governor.ts';
import { createTransport } from '../../../../src/adapters/supabase/http.ts';
import { createHostedLogStore, createLegacyLogStore } from '../../../../src/adapters/supabase/logStore.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import type { LogFilter } from '../../../../src/core/logs/log.ts';
import type { LogReadOptions, LogStore } from '../../../../src/core/ports.ts';
import { asUser, createClient, hastyClock, json, RecordingLogger, ref, startAnsweringServer, type AnsweringServer } from './answeringServer.ts';

const filter: LogFilter = { services: ['functions'] };
const window = { from: Date.UTC(2026, 10, 20, 9, 0, 30), to: Date.UTC(2026, 10, 20, 9, 10, 10) };
const newest: LogReadOptions = { ...asUser(), limit: 100, order: 'newest' };
const row = (id: string, ts: number, more: object = {}) => ({ id, ts_ms: String(ts), source: 'function_logs', level: 'info', event_message: `message ${id}`, ...more });

describe('log stores', () => {
  let server: AnsweringServer;
  let hosted: LogStore;
  let legacy: LogStore;

  before(async () => {
    server = await startAnsweringServer();
  });

  beforeEach(() => {
    hosted = createHostedLogStore({ transport: createClient(server.origin).transport, ref, clock: hastyClock });
    legacy = createLegacyLogStore({
      transport: createTransport({
        baseUrl: server.origin,
        account: 'Logflare',
        credential: { header: 'x-api-key', value: 'private-key' },
        version: '1',
        clock: hastyClock,
        governor: new Governor(hastyClock),
        log: new RecordingLogger(),
      }),
    });
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

  function lastQuery(): URLSearchParams {
    return new URL(server.asked.at(-1)?.url ?? '', server.origin).searchParams;
  }

  describe('of a hosted project', () => {
    it('ask for whole minutes around the window and for the window itself in SQL', async () => {
      server.answer(json(200, { result: [] }));
      assert.deepEqual(await hosted.read(filter, window, newest), []);
      assert.equal(server.asked.at(-1)?.url.split('?')[0], `/v1/projects/${ref}/analytics/endpoints/logs`);
      const query = lastQuery();
      assert.equal(query.get('iso_timestamp_start'), '2026-11-20T09:00:00.000Z');
      assert.equal(query.get('iso_timestamp_end'), '2026-11-20T09:11:00.000Z');
      assert.match(query.get('sql') ?? '', new RegExp(`>= ${window.from} and .* < ${window.to}`));
    });

    it('never ask for more than a day', async () => {
      server.answer(json(200, { result: [] }));
      await hosted.read(filter, { from: window.to - 86_400_000, to: window.to }, newest);
      const [start, end] = ['iso_timestamp_start', 'iso_timestamp_end'].map((name) => Date.parse(lastQuery().get(name) ?? ''));
      assert.equal((end ?? 0) - (start ?? 0), 86_400_000);
    });

    it('give the oldest line first, whichever were asked for', async () => {
      server.answer(json(200, { result: [row('b', 2), { not: 'a line' }, row('a', 1)] }));
      assert.deepEqual((await hosted.read(filter, window, newest)).map(({ id }) => id), ['a', 'b']);
      server.answer(json(200, { result: [row('a', 1), row('b', 2)] }));
      assert.deepEqual((await hosted.read(filter, window, { ...newest, order: 'oldest' })).map(({ id }) => id), ['a', 'b']);
    });

    const errors: readonly (readonly [unknown, ErrorCode, object])[] = [
      ['Restricted wildcard (*) in a result column', 'serviceFailed', { status: 200, message: 'Restricted wildcard (*) in a result column' }],
      [{ code: 500, errors: [], message: 'Query timed out', status: 'INTERNAL' }, 'serviceFailed', { status: 500, message: 'Query timed out' }],
      [{ code: 429, errors: [], message: 'slow down', status: 'X' }, 'rateLimited', { retryAfterSeconds: 60 }],
      [{ code: 402, errors: [], message: 'used up', status: 'X' }, 'allowanceExhausted', { message: 'used up' }],
    ];
    for (const [error, code, facts] of errors) {
      it(`take status 200 with ${JSON.stringify(error)} for the ${code} that it is`, async () => {
        server.answer(json(200, { result: null, error }));
        await assertFails(code, { operation: 'read logs', ...facts }, hosted.read(filter, window, newest));
      });
    }

    it('never take an answer without a result for an empty one', async () => {
      server.answer(json(200, {}));
      await assertFails('badAnswer', { problem: 'result is missing' }, hosted.read(filter, window, newest));
      server.answer(json(200, { result: ['row'] }));
      await assertFails('badAnswer', { problem: 'result[0] is not an object' }, hosted.read(filter, window, newest));
    });

    it('count the invocations of all functions in one query', async () => {
      server.answer(json(200, { result: [{ function_id: 'f', version: '11', requests: '9', errors: '9', p95_ms: 1 }, { function_id: 'f', version: '12', requests: '200', errors: '14', p95_ms: 640.25 }, { function_id: 'g', version: '', requests: 3, errors: 0, p95_ms: null }] }));
      const before = server.asked.length;
      const statistics = await hosted.functionStatistics?.(window, asUser());
      assert.deepEqual([...(statistics?.values() ?? [])], [
        [{ functionId: 'f', version: '11', requests: 9, errors: 9, p95Ms: 1 }, { functionId: 'f', version: '12', requests: 200, errors: 14, p95Ms: 640.25 }],
        [{ functionId: 'g', requests: 3, errors: 0 }],
      ]);
      assert.equal(server.asked.length - before, 1);
    });

    it('count on where one answer cannot hold all functions', async () => {
      server.answer((asked, response) => {
        const sql = new URL(asked.url, server.origin).searchParams.get('sql') ?? '';
        const first = sql.includes("!= '' and toUnix") ? 0 : 1000;
        const rows = Array.from({ length: first === 0 ? 1000 : 200 }, (_, at) => ({ function_id: `id-${String(first + at).padStart(5, '0')}`, version: '7', requests: 1, errors: 0 }));
        json(200, { result: rows })(asked, response);
      });
      assert.equal((await hosted.functionStatistics?.(window, asUser()))?.size, 1200);
      assert.match(lastQuery().get('sql') ?? '', /> 'id-00999' or log_attributes\['function_id'\] = 'id-00999' and log_attributes\['version'\] > '7'/);
    });
  });

  describe('of a stack of one’s own', () => {
    it('ask Logflare per service with its key, and merge by time', async () => {
      server.answer((asked, response) => {
        const sql = new URL(asked.url, server.origin).searchParams.get('sql') ?? '';
        const result = sql.includes('from postgres_logs')
          ? [{ id: 'p', timestamp: window.from * 1000 + 2000, event_message: 'deadlock', level: 'ERROR' }]
          : [
              { id: 'late', timestamp: window.to * 1000, event_message: 'outside' },
              { id: 'f2', timestamp: window.from * 1000 + 3000, event_message: 'two' },
              { id: 'f1', timestamp: window.from * 1000 + 1000, event_message: 'one' },
            ];
        json(200, { result })(asked, response);
      });
      const lines = await legacy.read({ services: ['functions', 'postgres'] }, window, newest);
      assert.deepEqual(lines.map(({ id, level }) => `${id} ${level}`), ['f1 info', 'p error', 'f2 info']);
      const asked = server.asked.at(-1);
      assert.equal(asked?.headers['x-api-key'], 'private-key');
      assert.equal(asked?.headers.authorization, undefined);
      assert.match(asked?.url ?? '', /^\/api\/endpoints\/query\/logs\.all\?project=default&/);
    });

    it('continue after a line, and keep to the limit', async () => {
      const rows = [1, 2, 3, 4].map((at) => ({ id: `f${at}`, timestamp: (window.from + at) * 1000, event_message: 'x' }));
      server.answer(json(200, { result: rows }));
      const lines = await legacy.read(filter, window, { ...newest, order: 'oldest', limit: 2, after: { time: window.from + 1, id: 'f1' } });
      assert.deepEqual(lines.map(({ id }) => id), ['f2', 'f3']);
      assert.equal(lastQuery().get('iso_timestamp_start'), new Date(window.from + 1).toISOString());
    });
  });

  describe('of a stack of one’s own, with more rows than a page holds', () => {
    /** Answers as the endpoint does: rows of the window asked for, at most as many as the SQL says. */
    function answerFrom(rows: readonly { readonly id: string; readonly timestamp: number }[]): void {
      server.answer((asked, response) => {
        const query = new URL(asked.url, server.origin).searchParams;
        const [start, end] = ['iso_timestamp_start', 'iso_timestamp_end'].map((name) => Date.parse(query.get(name) ?? '') * 1000);
        const [, order, limit] = /order by timestamp (asc|desc) limit (\d+)$/.exec(query.get('sql') ?? '') ?? [];
        const within = rows.filter(({ timestamp }) => timestamp >= (start ?? 0) && timestamp < (end ?? 0));
        const sorted = within.sort((a, b) => (order === 'asc' ? a.timestamp - b.timestamp : b.timestamp - a.timestamp));
        json(200, { result: sorted.slice(0, Number(limit)) })(asked, response);
      });
    }
    const rare = Array.from({ length: 3500 }, (_, at) => ({ id: `f${at}`, timestamp: (window.from + at * 100) * 1000, event_message: 'x', level: at % 1000 === 7 ? 'error' : 'info' }));

    for (const order of ['oldest', 'newest'] as const) {
      it(`find the ${order} lines that are told apart afterwards, however rare`, async () => {
        answerFrom(rare);
        const lines = await legacy.read({ ...filter, levels: ['error'] }, window, { ...newest, order });
        assert.deepEqual(lines.map(({ id }) => id), ['f7', 'f1007', 'f2007', 'f3007']);
      });
    }

    it('fill a page after a line although its own millisecond comes again', async () => {
      answerFrom(Array.from({ length: 10 }, (_, at) => ({ id: `f${at}`, timestamp: (window.from + (at < 4 ? 0 : at)) * 1000, event_message: 'x' })));
      const lines = await legacy.read(filter, window, { ...newest, order: 'oldest', limit: 5, after: { time: window.from, id: 'f2' } });
      assert.deepEqual(lines.map(({ id }) => id), ['f3', 'f4', 'f5', 'f6', 'f7']);
    });
  });
});
