import assert from 'node:assert/strict';
import { OpsError } from '../../../../src/core/errors.ts';
import type { LogFilter } from '../../../../src/core/logs/log.ts';
import { LogTail } from '../../../../src/core/logs/tail.ts';
import type { TailEvent, TailOptions } from '../../../../src/core/logs/tailEvent.ts';
import { TailControl } from '../../../../src/core/logs/tailControl.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const filter: LogFilter = { services: ['functions'] };
const errors: LogFilter = { ...filter, levels: ['error'] };

describe('a tail with reins', () => {
  let clock: FakeClock;
  let store: FakeLogStore;
  let control: TailControl;
  let stop: AbortController;
  let events: TailEvent[];
  let ended: Promise<void>;

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeLogStore();
    control = new TailControl();
    stop = new AbortController();
    events = [];
  });

  afterEach(async () => {
    stop.abort();
    await ended;
    assert.equal(clock.sleeping, 0);
  });

  async function follow(options: Partial<TailOptions> = {}): Promise<void> {
    ended = (async () => {
      for await (const event of new LogTail({ store, clock }).follow(filter, { lookBackMs: 10 * minute, control, ...options }, stop.signal)) {
        events.push(event);
      }
    })();
    await settle();
  }

  /** What a channel would show. */
  function shown(): string[] {
    let lines: string[] = [];
    for (const event of events) {
      lines = event.kind === 'reread' ? [] : event.kind === 'lines' ? [...lines, ...event.lines.map(({ message }) => message)] : lines;
    }
    return lines;
  }
  const kinds = () => events.map(({ kind }) => kind);

  it('asks nothing while it is paused, and then goes on where it stopped', async () => {
    store.add(logLine({ time: clock.now() - second, message: 'before' }));
    await follow();
    control.pause();
    await settle();
    const { length } = store.reads;
    store.add(logLine({ time: clock.now() + minute, message: 'meanwhile' }));
    await clock.advance(3 * hour);
    assert.equal(store.reads.length, length);
    assert.deepEqual(kinds(), ['following', 'lines', 'paused']);
    control.resume();
    await settle();
    assert.deepEqual(kinds().slice(3), ['following', 'lines'], 'at once, without waiting for the next poll');
    assert.deepEqual(shown(), ['before', 'meanwhile']);
  });

  it('is paused before its first answer as well', async () => {
    control.pause();
    await follow();
    await clock.advance(hour);
    assert.deepEqual([kinds(), store.reads.length], [['paused'], 0]);
  });

  it('shows with another filter the same span from its beginning, and goes on from there', async () => {
    store.add(logLine({ time: clock.now() - 11 * minute, level: 'error', message: 'too old' }));
    store.add(logLine({ time: clock.now() - 9 * minute, level: 'error', message: 'bad' }));
    store.add(logLine({ time: clock.now() - 8 * minute, message: 'good' }));
    await follow();
    await clock.advance(5 * minute);
    store.add(logLine({ time: clock.now(), level: 'error', message: 'worse' }));
    control.reread({ filter: errors });
    await settle();
    assert.deepEqual(shown(), ['bad', 'worse']);
    store.add(logLine({ time: clock.now() + second, message: 'good again' }), logLine({ time: clock.now() + second, level: 'error', message: 'worst' }));
    await clock.advance(2 * second);
    assert.deepEqual(shown(), ['bad', 'worse', 'worst']);
    control.reread({ filter });
    await settle();
    assert.deepEqual(shown(), ['bad', 'good', 'worse', 'good again', 'worst']);
  });

  it('says what it reads again, and keeps what was shown until it can', async () => {
    store.add(logLine({ time: clock.now() - minute, level: 'error', message: 'bad' }), logLine({ time: clock.now() - minute, message: 'good' }));
    await follow();
    const from = clock.now() - 10 * minute;
    store.failNext(new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 30 }));
    control.reread({ filter: errors });
    await settle();
    assert.deepEqual(kinds(), ['following', 'lines', 'waiting']);
    assert.deepEqual(shown(), ['bad', 'good']);
    await clock.advance(30 * second);
    assert.deepEqual(events.slice(3, 5), [{ kind: 'following' }, { kind: 'reread', filter: errors, span: { from } }]);
    assert.deepEqual(shown(), ['bad']);
  });

  it('takes the last of several filters, also when one comes while it reads', async () => {
    await follow();
    store.add(logLine({ time: clock.now(), level: 'error', message: 'bad' }), logLine({ time: clock.now(), level: 'warn', message: 'odd' }));
    control.reread({ filter: { ...filter, text: 'nothing' } });
    control.reread({ filter: errors });
    await Promise.resolve();
    control.reread({ filter: { ...filter, levels: ['warn'] } });
    await settle();
    await settle();
    assert.deepEqual(shown(), ['odd']);
    assert.equal(events.filter(({ kind }) => kind === 'reread').length, 1);
  });

  it('reads the past once with another filter while it is paused, and stays so', async () => {
    store.add(logLine({ time: clock.now() - minute, level: 'error', message: 'bad' }));
    await follow();
    control.pause();
    await settle();
    control.reread({ filter: errors });
    await settle();
    const { length } = store.reads;
    await clock.advance(hour);
    assert.deepEqual(kinds(), ['following', 'lines', 'paused', 'following', 'reread', 'lines', 'paused']);
    assert.equal(store.reads.length, length);
  });

  it('reads more than a day in pieces of a day, the newest first, and then follows', async () => {
    for (const days of [0.1, 1.5, 6.9, 7.1]) {
      store.add(logLine({ time: clock.now() - days * 24 * hour, message: String(days) }));
    }
    await follow({ lookBackMs: 7 * 24 * hour });
    await settle();
    assert.deepEqual(shown(), ['6.9', '1.5', '0.1']);
    assert.ok(store.reads.length >= 7);
    assert.ok(store.reads.every((read, at) => at === 0 || read.window.to <= (store.reads[at - 1]?.window.from ?? 0)), 'newest first');
    store.add(logLine({ time: clock.now() + second, message: 'new' }));
    await clock.advance(2 * second);
    assert.equal(shown().at(-1), 'new');
  });

  it('shows as many lines of the past as asked for, the newest, and says that there are more', async () => {
    for (let at = 0; at < 3000; at++) {
      store.add(logLine({ time: clock.now() - 3000 + at, message: String(at) }));
    }
    await follow({ lines: 50 });
    assert.deepEqual([shown().length, shown()[0]], [50, '2950']);
    assert.ok(kinds().includes('gap'));
    control.reread({ filter, lines: 2500 });
    await settle();
    await settle();
    assert.deepEqual([shown().length, shown()[0], shown().at(-1)], [2500, '500', '2999']);
  });

  it('ends at the end of its span', async () => {
    store.add(logLine({ time: clock.now() - 5 * minute, message: 'within' }), logLine({ time: clock.now() - minute, message: 'after' }));
    await follow({ until: clock.now() - 2 * minute });
    await ended;
    assert.deepEqual(shown(), ['within']);
    assert.equal(kinds().at(-1), 'ended');
  });

  it('follows to an end that lies ahead', async () => {
    await follow({ until: clock.now() + minute });
    store.add(logLine({ time: clock.now() + 30 * second, message: 'within' }), logLine({ time: clock.now() + 61 * second, message: 'after' }));
    await clock.advance(2 * minute);
    await ended;
    assert.deepEqual(shown(), ['within']);
    assert.equal(kinds().at(-1), 'ended');
  });
});
