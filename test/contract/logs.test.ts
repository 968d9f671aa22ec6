/** Filters, counts and tails on the sandbox's ClickHouse, behind the rules and the faults of the hosted endpoint. */
import assert from 'node:assert/strict';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { createAccountTransport } from '../../src/adapters/supabase/managementApi.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { lineConditions, readFilter } from '../../src/core/logs/filterText.ts';
import type { LogLine } from '../../src/core/logs/log.ts';
import { readErrors } from '../../src/core/logs/readErrors.ts';
import { allServices } from '../../src/core/logs/services.ts';
import { LogTail } from '../../src/core/logs/tail.ts';
import type { TailEvent } from '../../src/core/logs/tailEvent.ts';
import { TailControl } from '../../src/core/logs/tailControl.ts';
import type { CallOptions, Clock, LogStore } from '../../src/core/ports.ts';
import { FakeLogger } from '../fakes/logger.ts';
import { startLogEngine } from '../sandbox/clickhouse.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import type { Fault } from '../sandbox/faults.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { LogEngine, LogRow } from '../sandbox/types.ts';
import { until } from '../world/until.ts';

const options: CallOptions = { signal: new AbortController().signal, priority: 'user' };
/** Time itself runs a hundred times as fast for whoever waits, so that a minute's reset is over in a moment. */
const fast: Clock = { now: () => systemClock.now() * 100, sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 100, signal) };
const logsEndpoint = 'GET /v1/projects/{ref}/analytics/endpoints/logs';

describe('log filters and tails on ClickHouse', function () {
  this.timeout(60_000);
  const now = Date.now();
  const window = { from: now - 60_000, to: now + 60_000 };
  let engine: LogEngine;
  let sandbox: Sandbox;
  let logs: LogStore;
  let serial = 0;

  function row(source: string, secondsAgo: number, message: string, attributes: Record<string, string>): LogRow {
    return { id: `row-${String(serial++).padStart(5, '0')}`, timestamp: now - secondsAgo * 1000, source, event_message: message, severity_text: 'INFO', log_attributes: attributes };
  }
  const printed = (secondsAgo: number, message: string, version: string, level = 'log') => row('function_logs', secondsAgo, message, { function_id: 'f', execution_id: `e-${version}`, version, level });
  const called = (secondsAgo: number, status: string, version: string, more: Record<string, string> = {}) =>
    row('function_edge_logs', secondsAgo, `POST | ${status}`, { function_id: 'f', version, 'response.status_code': status, 'request.pathname': '/functions/v1/mint', execution_time_ms: '5', ...more });

  before(async () => {
    engine = await startLogEngine();
    await engine.insert([
      printed(50, 'request timed out after 30 s', '11', 'error'),
      printed(49, 'request Timed Out\nafter 31 s', '12', 'error'),
      printed(48, 'no such token "abc"', '12', 'error'),
      printed(47, 'no such token "xyz"', '12', 'error'),
      printed(46, 'fine', '11'),
      called(45, '200', '11'),
      called(44, '546', '12', { 'response.headers.sb_error_code': 'WORKER_LIMIT' }),
      called(43, '401', '12'),
      row('edge_logs', 42, 'GET | 404 | /REST/v1/tokens', { 'response.status_code': '404', 'request.path': '/REST/v1/tokens' }),
      row('postgres_logs', 41, 'deadlock detected', { 'parsed.error_severity': 'ERROR' }),
    ]);
  });

  beforeEach(async () => {
    sandbox = await startControlPlane({ scenario: createSmallScenario(), engines: { logs: engine } });
    const account = { id: 'me', name: 'me', origin: sandbox.apiUrl };
    const transport = createAccountTransport({ account, token: sandbox.token, version: '0.0.0', clock: fast, governor: new Governor(fast), log: new FakeLogger() });
    const store = createHostedLogStore({ transport, ref: sandbox.ref, clock: fast });
    // The clock of the test is no clock of the day: skew would be nonsense.
    logs = { skewMs: 0, read: store.read.bind(store), messageCounts: store.messageCounts?.bind(store), versionsSeen: store.versionsSeen?.bind(store) } as LogStore;
  });

  afterEach(() => sandbox.stop());
  after(() => engine.stop());

  const cases: [typed: string, found: string[]][] = [
    ['/timed out/i', ['request timed out after 30 s', 'request Timed Out\nafter 31 s']],
    ['/^request T.*s$/', ['request Timed Out\nafter 31 s']],
    ['/no such token "(abc|x\\w+)"/', ['no such token "abc"', 'no such token "xyz"']],
    ['/it\'s \\\\ broken/', []],
    ['status=5xx', ['POST | 546']],
    ['status=4xx', ['POST | 401', 'GET | 404 | /REST/v1/tokens']],
    ['status=401,500-599', ['POST | 546', 'POST | 401']],
    ['path=/rest', ['GET | 404 | /REST/v1/tokens']],
    ['execution_id=e-11', ['request timed out after 30 s', 'fine']],
    ['version=11', ['request timed out after 30 s', 'fine', 'POST | 200']],
    ['version=12 level=error token', ['no such token "abc"', 'no such token "xyz"']],
  ];
  it('answer several tails by few queries, each by its own filter', async () => {
    const asked = () => sandbox.exchanges.filter(({ route }) => route?.endsWith('/endpoints/logs')).length;
    const tail = { signal: options.signal, priority: 'tail', limit: 1000, order: 'oldest' } as const;
    const filters = [{ services: ['postgres'] }, ...cases.slice(0, 8).map(([typed]) => {
      const reading = readFilter(typed);
      assert.ok(reading.kind === 'filter', typed);
      return { services: allServices, ...lineConditions(reading.filter) };
    })] as const;
    const answers = await Promise.all([...filters.map(async (filter) => logs.read({ ...filter }, window, tail)), logs.read({ services: ['functions'], levels: ['error'] }, { from: now - 49_500, to: now - 47_500 }, tail)]);
    assert.deepEqual(answers.map((lines) => lines.map(({ message }) => message)), [['deadlock detected'], ...cases.slice(0, 8).map(([, found]) => found), ['request Timed Out\nafter 31 s', 'no such token "abc"']]);
    assert.ok(asked() <= 4, `${asked()} queries`);
    const before = asked();
    const functions = await Promise.all(['f', 'g', 'h'].map(async (id) => logs.read({ services: ['functions', 'invocations'], functionIds: [id] }, window, tail)));
    assert.deepEqual([functions.map(({ length }) => length), asked() - before], [[8, 0, 0], 1]);
  });

  for (const [typed, found] of cases) {
    it(`the server finds what ${typed} asks for`, async () => {
      const reading = readFilter(typed);
      assert.ok(reading.kind === 'filter');
      const lines = await logs.read({ services: allServices, ...lineConditions(reading.filter) }, window, { ...options, limit: 100, order: 'newest' });
      assert.deepEqual(lines.map(({ message }) => message), found);
    });
  }

  it('gives the platform’s own code of a failed call', async () => {
    const [line] = await logs.read({ services: ['invocations'], statuses: [{ from: 546, to: 546 }] }, window, { ...options, limit: 10, order: 'newest' });
    assert.equal(line?.errorCode, 'WORKER_LIMIT');
  });

  it('counts errors in groups, with the versions in which they occur, by two queries', async () => {
    const before = sandbox.exchanges.length;
    const { groups, complete } = await readErrors(logs, { services: allServices }, window, options);
    assert.equal(sandbox.exchanges.length - before, 2);
    assert.equal(complete, true);
    assert.deepEqual(
      groups.map(({ fingerprint, status, count, versions, newSince, first, last }) => [fingerprint, status, count, versions.join(), newSince, now - first, now - last]).sort(),
      [
        ['POST | <n>', 546, 1, '12', '12', 44_000, 44_000],
        ['deadlock detected', undefined, 1, '', undefined, 41_000, 41_000],
        ['no such token "…"', undefined, 2, '12', '12', 48_000, 47_000],
        ['request Timed Out', undefined, 1, '12', '12', 49_000, 49_000],
        ['request timed out after <n> s', undefined, 1, '11', undefined, 50_000, 50_000],
      ],
    );
  });

  describe('a tail with faults', () => {
    let stop: AbortController;
    let control: TailControl;
    let events: TailEvent[];
    let ended: Promise<void>;
    let lines: LogLine[];

    beforeEach(() => {
      stop = new AbortController();
      control = new TailControl();
      events = [];
      lines = [];
    });

    afterEach(async () => {
      stop.abort();
      await ended;
    });

    function follow(): void {
      // The day's own clock for windows, and a hundredth of each rest.
      const clock: Clock = { now: () => systemClock.now(), sleep: fast.sleep };
      ended = (async () => {
        for await (const event of new LogTail({ store: logs, clock }).follow({ services: ['functions'], functionIds: ['t'] }, { lookBackMs: 300_000, control }, stop.signal)) {
          events.push(event);
          lines.push(...(event.kind === 'lines' ? event.lines : []));
        }
      })();
    }
    const told = (id: string, secondsAgo: number, message: string): LogRow => ({ ...row('function_logs', 0, message, { function_id: 't', level: 'log' }), id, timestamp: Date.now() - secondsAgo * 1000 });

    it('loses nothing and shows nothing twice, whatever goes wrong on the way, and says that it waits', async () => {
      await engine.insert([told('a-1', 10, 'first')]);
      follow();
      await until('the first line is there', () => lines.length === 1);
      const waits = () => events.flatMap((event) => (event.kind === 'waiting' ? [event.error.code] : []));
      const faults: Fault[] = [{ kind: 'status', status: 429, resetSeconds: 3 }, { kind: 'torn', afterBytes: 40 }, { kind: 'half' }, { kind: 'notJson' }, { kind: 'status', status: 500 }, { kind: 'status', status: 402 }];
      for (const [index, fault] of faults.entries()) {
        sandbox.faults.add(logsEndpoint, fault, 1);
        await until(`it waits because of ${fault.kind}`, () => waits().length > index, 20_000);
      }
      assert.deepEqual(waits(), ['rateLimited', 'badAnswer', 'badAnswer', 'badAnswer', 'serviceFailed', 'allowanceExhausted']);
      // Late, out of order and twice, while nothing can be read.
      await engine.insert([told('a-3', 1, 'third'), told('a-2', 30, 'late'), told('a-3', 1, 'third')]);
      await until('the lines after the faults are there', () => lines.length >= 3, 30_000);
      await engine.insert([told('a-4', 0, 'fourth')]);
      await until('it goes on', () => lines.length >= 4, 30_000);
      assert.deepEqual(lines.map(({ message }) => message).sort(), ['first', 'fourth', 'late', 'third']);
    });

    it('asks nothing while paused, and reads the past again with another filter', async () => {
      await engine.insert([told('b-1', 200, 'kept'), told('b-2', 200, 'dropped')]);
      follow();
      await until('lines are there', () => lines.some(({ id }) => id === 'b-2'));
      control.pause();
      await until('it is paused', () => events.at(-1)?.kind === 'paused');
      const { length } = sandbox.exchanges;
      await systemClock.sleep(300, stop.signal);
      assert.equal(sandbox.exchanges.length, length);
      lines = [];
      control.reread({ filter: { services: ['functions'], functionIds: ['t'], text: 'kept' } });
      await until('the past was read again', () => lines.length > 0);
      assert.deepEqual(lines.map(({ id }) => id), ['b-1']);
    });
  });
});
