import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import type { LogFilter } from '../../../../src/core/logs/log.ts';
import { LogTail } from '../../../../src/core/logs/tail.ts';
import type { TailEvent } from '../../../../src/core/logs/tailEvent.ts';
import type { LogStore } from '../../../../src/core/ports.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const filter: LogFilter = { services: ['functions'] };

describe('a log tail', () => {
  let clock: FakeClock;
  let store: FakeLogStore;
  let stop: AbortController;
  let events: TailEvent[];
  let ended: Promise<void>;

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeLogStore();
    stop = new AbortController();
    events = [];
  });

  afterEach(async () => {
    stop.abort();
    await ended;
  });

  async function follow(lookBackMs = 10 * minute): Promise<void> {
    const tail = new LogTail({ store, clock });
    ended = (async () => {
      for await (const event of tail.follow(filter, { lookBackMs }, stop.signal)) {
        events.push(event);
      }
    })();
    await settle();
  }

  const messages = () => events.flatMap((event) => (event.kind === 'lines' ? event.lines.map(({ message }) => message) : []));
  const kinds = () => events.map(({ kind }) => kind);

  it('begins with the lines of the past and goes on with those that come', async () => {
    store.add(logLine({ time: clock.now() - 20 * minute, message: 'too old' }));
    store.add(logLine({ time: clock.now() - 5 * minute, message: 'before' }));
    await follow();
    store.add(logLine({ time: clock.now() + 500, message: 'after' }));
    await clock.advance(2 * second);
    assert.deepEqual(messages(), ['before', 'after']);
    assert.deepEqual(kinds(), ['following', 'lines', 'lines']);
  });

  it('gives a line once, however often the overlap shows it or the service repeats it', async () => {
    const line = logLine({ time: clock.now() - second, message: 'once' });
    store.add(line, { ...line });
    await follow();
    await clock.advance(30 * second);
    assert.ok(store.reads.length > 5);
    assert.deepEqual(messages(), ['once']);
  });

  it('gives a line once although the clocks differ by a fraction of a millisecond', async () => {
    const fractional: LogStore = {
      skewMs: 0.5,
      // The hosted endpoint is asked for whole milliseconds around the window.
      read: async (asked, { from, to }, options) => store.read(asked, { from: Math.floor(from), to: Math.ceil(to) }, options),
    };
    ended = (async () => {
      for await (const event of new LogTail({ store: fractional, clock }).follow(filter, { lookBackMs: 10 * minute }, stop.signal)) {
        events.push(event);
      }
    })();
    await settle();
    for (let at = 0; at < 200; at++) {
      store.add(logLine({ time: clock.now(), message: String(at) }));
      await clock.advance(second);
    }
    await clock.advance(3 * minute);
    assert.equal(messages().length, 200);
  });

  it('finds rows that arrive up to a minute late', async () => {
    await follow();
    await clock.advance(5 * minute);
    store.add(logLine({ time: clock.now() - 45 * second, message: 'late' }));
    await clock.advance(15 * second);
    assert.deepEqual(messages(), ['late']);
  });

  it('asks every two seconds while lines come, and ever less often while none do', async () => {
    await follow();
    await clock.advance(5 * minute);
    const idle = store.reads.length;
    await clock.advance(minute);
    assert.equal(store.reads.length - idle, 4);
    for (let at = 0; at < 30; at++) {
      store.add(logLine({ time: clock.now() }));
      await clock.advance(2 * second);
    }
    assert.ok(store.reads.length - idle - 4 >= 23, 'it quickens when lines come');
    assert.equal(messages().length, 30);
  });

  it('reads page after page, and says so when it had to skip', async () => {
    await follow();
    const start = clock.now();
    for (let at = 0; at < 7500; at++) {
      store.add(logLine({ time: start + at / 10, message: String(at) }));
    }
    await clock.advance(2 * second);
    const gap = events.find((event) => event.kind === 'gap');
    assert.deepEqual(gap, { kind: 'gap', from: start + 499.9, to: start + 650, because: 'tooManyLines' });
    assert.deepEqual(kinds(), ['following', 'lines', 'gap', 'lines']);
    assert.deepEqual(messages(), Array.from({ length: 7500 }, (_, at) => String(at)).filter((_, at) => at < 5000 || at >= 6500));
  });

  it('loses nothing when five pages are enough', async () => {
    await follow();
    for (let at = 0; at < 4800; at++) {
      store.add(logLine({ time: clock.now(), message: String(at) }));
    }
    await clock.advance(2 * second);
    assert.equal(messages().length, 4800);
    assert.ok(!kinds().includes('gap'));
  });

  it('reads each line about twice while lines crowd, and still finds what arrives late', async () => {
    await follow();
    const begun = clock.now();
    const expected: string[] = [];
    for (let tick = 0; tick < 120; tick++) {
      for (let at = 0; at < 120; at++) {
        // One in sixty is half a minute late.
        const message = `${tick}/${at}`;
        store.add(logLine({ time: clock.now() - (at % 60 === 0 ? 30 * second : 0), message }));
        expected.push(message);
      }
      await clock.advance(2 * second);
    }
    await clock.advance(2 * minute);
    assert.deepEqual(messages().sort(), expected.sort());
    assert.ok(!kinds().includes('gap'), JSON.stringify(events.find(({ kind }) => kind === 'gap')));
    const crowded = store.reads.filter(({ window }) => window.from > begun + 2 * minute && window.from < begun + 4 * minute);
    assert.ok(crowded.length < 200, `${crowded.length} queries in two minutes`);
  });

  it('starts with the newest lines when the past has too many', async () => {
    for (let at = 0; at < 1500; at++) {
      store.add(logLine({ time: clock.now() - 1500 + at, message: String(at) }));
    }
    await follow();
    assert.deepEqual(kinds(), ['following', 'gap', 'lines']);
    assert.equal(messages()[0], '500');
    assert.equal(messages().at(-1), '1499');
  });

  it('waits as long as the rate limit says, and says that it waits', async () => {
    const error = new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 37 });
    store.failNext(error);
    await follow();
    assert.deepEqual(events, [{ kind: 'waiting', error, retryInMs: 37 * second }]);
    await clock.advance(36 * second);
    assert.equal(store.reads.length, 0);
    await clock.advance(second);
    assert.deepEqual(kinds(), ['waiting', 'following']);
  });

  it('asks ever less often while the service is down, and misses nothing of the time between', async () => {
    await follow();
    const down = new OpsError('unreachable', { host: 'api.example.com', reason: 'ENETUNREACH' });
    store.failNext(...Array.from({ length: 8 }, () => down));
    await clock.advance(2 * second);
    store.add(logLine({ time: clock.now(), message: 'while it was down' }));
    await clock.advance(6 * minute);
    const waits = events.flatMap((event) => (event.kind === 'waiting' ? [event.retryInMs / second] : []));
    assert.deepEqual(waits, [2, 4, 8, 16, 32, 60, 60, 60]);
    assert.deepEqual(messages(), ['while it was down']);
  });

  for (const error of [
    new OpsError('serviceFailed', { operation: 'read logs', status: 500, message: '' }),
    new OpsError('serviceFailed', { operation: 'read logs', status: 200, message: 'backend timeout' }),
    new OpsError('allowanceExhausted', { operation: 'read logs', message: '' }),
    new OpsError('badAnswer', { operation: 'read logs', problem: 'it broke off' }),
    new OpsError('timedOut', { operation: 'read logs', seconds: 30 }),
  ]) {
    it(`goes on after ${error.code} ${JSON.stringify(error.facts)}`, async () => {
      store.failNext(error);
      await follow();
      await clock.advance(5 * minute);
      assert.deepEqual(kinds(), ['waiting', 'following']);
    });
  }

  for (const error of [
    new OpsError('tokenRejected', { account: 'me', origin: 'https://api.example.com' }),
    new OpsError('permissionMissing', { operation: 'read logs', account: 'me' }),
    new OpsError('serviceFailed', { operation: 'read logs', status: 400, message: 'bad SQL' }),
  ]) {
    it(`stops with a word on ${error.code}`, async () => {
      store.failNext(error);
      await follow();
      await ended;
      assert.deepEqual(events, [{ kind: 'stopped', error }]);
    });
  }

  it('marks the gap after a sleep of more than a day', async () => {
    await follow();
    const fellAsleep = clock.now();
    store.add(logLine({ time: clock.now() + 29 * hour, message: 'this morning' }));
    await clock.suspend(30 * hour);
    await clock.advance(15 * second);
    const gap = events.find((event) => event.kind === 'gap');
    assert.ok(gap?.kind === 'gap' && gap.because === 'tooLongAgo');
    assert.ok(Math.abs(gap.from - fellAsleep) < 10 * second);
    assert.deepEqual(messages(), ['this morning']);
    assert.ok(store.reads.every(({ window }) => window.to - window.from <= 24 * hour));
  });

  it('needs no gap after a night', async () => {
    await follow();
    store.add(logLine({ time: clock.now() + 4 * hour, message: 'at night' }));
    await clock.suspend(9 * hour);
    await clock.advance(15 * second);
    assert.deepEqual(messages(), ['at night']);
    assert.ok(!kinds().includes('gap'));
  });

  for (const [name, skewMs] of [
    ['slow', 3 * hour],
    ['fast', -3 * hour],
  ] as const) {
    it(`shows the right past although our clock is ${name}`, async () => {
      store.trueSkewMs = skewMs;
      const serviceTime = clock.now() + skewMs;
      store.add(logLine({ time: serviceTime - 20 * minute, message: 'too old' }), logLine({ time: serviceTime - minute, message: 'recent' }));
      store.add(logLine({ time: clock.now() - minute, message: 'of our own idea of the time' }));
      await follow();
      store.add(logLine({ time: serviceTime + second, message: 'new' }));
      await clock.advance(5 * second);
      assert.deepEqual(messages(), ['recent', 'new']);
    });
  }

  it('keeps its place when our clock is set forward by days', async () => {
    await follow();
    store.add(logLine({ time: clock.now() + second, message: 'at the old time' }));
    store.trueSkewMs = -50 * hour;
    clock.set(50 * hour);
    await clock.advance(15 * second);
    assert.deepEqual(messages(), ['at the old time']);
    assert.ok(!kinds().includes('gap'));
  });

  it('keeps its place when our clock is set back', async () => {
    await follow();
    await clock.advance(minute);
    store.trueSkewMs = 2 * hour;
    clock.set(-2 * hour);
    store.add(logLine({ time: clock.now() + 2 * hour, message: 'after the change' }));
    await clock.advance(20 * second);
    assert.deepEqual(messages(), ['after the change']);
  });

  it('ends without a word when it is stopped, also while it waits', async () => {
    store.failNext(new OpsError('unreachable', { host: 'api.example.com', reason: 'ECONNREFUSED' }));
    await follow();
    stop.abort();
    await ended;
    assert.deepEqual(kinds(), ['waiting']);
    assert.equal(clock.sleeping, 0);
  });
});
