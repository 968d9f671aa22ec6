import assert from 'node:assert/strict';
import { Governor, type GovernedCall } from '../../../../src/adapters/supabase/governor.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import type { Priority } from '../../../../src/core/ports.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';

const second = 1000;
const minute = 60 * second;

describe('the governor', () => {
  let clock: FakeClock;
  let governor: Governor;
  let started: string[];
  let failed: { name: string; seconds: number }[];
  let finish: (() => void)[];

  beforeEach(() => {
    clock = new FakeClock();
    governor = new Governor(clock);
    started = [];
    failed = [];
    finish = [];
  });

  function call(priority: Priority, more: Partial<GovernedCall> = {}): GovernedCall {
    return { scope: 'abc', budget: 'standard', priority, operation: 'list functions', ...more };
  }

  /** Starts a call that is answered at once, or only by {@link finish}. */
  function send(name: string, of: GovernedCall, { hangs = false, signal = new AbortController().signal } = {}): void {
    const work = async () => {
      started.push(name);
      await (hangs ? new Promise<void>((resolve) => finish.push(resolve)) : Promise.resolve());
    };
    governor.run(of, work, signal).catch((error: unknown) => {
      failed.push({ name, seconds: isOpsError(error, 'rateLimited') ? error.facts.retryAfterSeconds : -1 });
    });
  }

  async function sendMany(count: number, of: GovernedCall): Promise<void> {
    for (let at = 0; at < count; at++) {
      send(`${of.priority} ${at}`, of);
      await settle();
    }
  }

  it('lets calls through at once', async () => {
    await sendMany(20, call('view'));
    assert.equal(started.length, 20);
  });

  it('never lets more than eight be under way', async () => {
    for (let at = 0; at < 12; at++) {
      send(String(at), call('user'), { hangs: true });
    }
    await settle();
    assert.equal(started.length, 8);
    finish[0]?.();
    await settle();
    assert.equal(started.length, 9);
  });

  it('keeps two places free for what the user presses', async () => {
    for (let at = 0; at < 12; at++) {
      send(`view ${at}`, call('view'), { hangs: true });
    }
    send('tail', call('tail'));
    send('user', call('user'));
    await settle();
    assert.deepEqual(started.filter((name) => name.startsWith('view')).length, 6);
    assert.ok(started.includes('user'));
    assert.ok(!started.includes('tail'));
  });

  it('serves the more urgent first, equals in their order', async () => {
    governor.observe(call('user'), { refusedForSeconds: 10 });
    for (const [name, priority] of [['t', 'tail'], ['c', 'check'], ['v1', 'view'], ['v2', 'view'], ['u', 'user']] as const) {
      send(name, call(priority));
    }
    await clock.advance(9 * second);
    assert.deepEqual(started, []);
    await clock.advance(second);
    assert.deepEqual(started, ['u', 'v1', 'v2', 'c', 't']);
  });

  it('stays within 120 a minute without a word of the service, and leaves the last of them to the user', async () => {
    await sendMany(130, call('view'));
    assert.equal(started.length, 108);
    assert.deepEqual(failed[0], { name: 'view 108', seconds: 60 });
    await sendMany(20, call('user'));
    assert.equal(started.length, 120);
    await clock.advance(minute);
    await sendMany(5, call('view'));
    assert.equal(started.length, 125);
  });

  it('follows the headers, also where other windows use up the same budget', async () => {
    send('first', call('view'));
    await settle();
    governor.observe(call('view'), { limit: 120, remaining: 1, resetSeconds: 8 });
    send('view', call('view'));
    send('user', call('user'));
    send('user too', call('user'));
    await settle();
    assert.deepEqual(started, ['first', 'user']);
    await clock.advance(8 * second);
    assert.deepEqual(started, ['first', 'user', 'user too', 'view']);
  });

  it('does not take a budget for fresh that an answer on its way spoke of', async () => {
    await sendMany(100, call('view'));
    governor.observe(call('view'), { limit: 120, remaining: 119, resetSeconds: 59 });
    await sendMany(10, call('view'));
    assert.equal(started.length, 108);
  });

  it('waits out a refusal when it is short, and tells at once when it is long', async () => {
    governor.observe(call('user'), { refusedForSeconds: 12 });
    send('short', call('user'));
    await clock.advance(12 * second);
    assert.deepEqual(started, ['short']);
    governor.observe(call('user'), { refusedForSeconds: 40 });
    send('long', call('user'));
    send('check', call('check'));
    await settle();
    assert.deepEqual(failed, [{ name: 'long', seconds: 40 }]);
    await clock.advance(40 * second);
    assert.deepEqual(started, ['short', 'check']);
  });

  it('spreads tails over the minute, and no tail holds a user up', async () => {
    const tail = call('tail', { budget: 'logs' });
    await sendMany(30, tail);
    assert.equal(started.length, 1);
    send('user', call('user', { budget: 'logs' }));
    await settle();
    assert.deepEqual(started, ['tail 0', 'user']);
    await clock.advance(minute);
    const tails = started.filter((name) => name.startsWith('tail')).length;
    assert.ok(tails >= 20 && tails <= 22, `${tails} tails in a minute of 30 queries`);
  });

  it('counts log queries apart, and every project apart', async () => {
    await sendMany(108, call('view'));
    await sendMany(3, call('view', { budget: 'logs' }));
    await sendMany(3, call('view', { scope: 'other' }));
    assert.equal(started.length, 114);
    assert.deepEqual(failed, []);
  });

  it('forgets a call that is cancelled while it waits', async () => {
    const stop = new AbortController();
    governor.observe(call('user'), { refusedForSeconds: 10 });
    send('cancelled', call('user'), { signal: stop.signal });
    await settle();
    stop.abort();
    await settle();
    await clock.advance(minute);
    assert.deepEqual(started, []);
    assert.deepEqual(failed, [{ name: 'cancelled', seconds: -1 }]);
    assert.equal(clock.sleeping, 0);
  });

  it('gives the place back when a call fails', async () => {
    for (let at = 0; at < 20; at++) {
      await assert.rejects(governor.run(call('view'), () => Promise.reject(new Error('torn')), new AbortController().signal), /torn/);
    }
    send('after', call('view'));
    await settle();
    assert.deepEqual(started, ['after']);
  });

  it('does not wait for hours after the clock was set back', async () => {
    await sendMany(120, call('user'));
    clock.set(-3 * 60 * minute);
    await sendMany(1, call('user'));
    assert.equal(started.length, 121);
  });

  it('waits by turns when the budget is tiny', async () => {
    governor.observe(call('view'), { limit: 1, remaining: 1, resetSeconds: 10 });
    send('a', call('view'));
    send('b', call('view'));
    await settle();
    assert.deepEqual(started, ['a']);
    await clock.advance(10 * second);
    assert.deepEqual(started, ['a', 'b']);
  });

  describe('among other windows', () => {
    /** Milliseconds from now to the next turn. */
    let away: number[];
    let givenBack: number;

    beforeEach(() => {
      away = [];
      givenBack = 0;
      governor = new Governor(clock, {
        take: async () => {
          const at = clock.now() + (away.shift() ?? 0);
          return { at, taken: [clock.now() - second, at], giveBack: async () => void givenBack++ };
        },
      });
    });

    const logs = (priority: Priority) => call(priority, { budget: 'logs' });

    it('waits for its turn with log queries, and with nothing else', async () => {
      away = [7 * second];
      send('tail', logs('tail'));
      send('list', call('view'));
      await settle();
      assert.deepEqual(started, ['list']);
      await clock.advance(7 * second);
      assert.deepEqual(started, ['list', 'tail']);
    });

    it('tells rather than lets a user wait long, and gives the turn back', async () => {
      away = [40 * second];
      send('read', logs('user'));
      await settle();
      assert.deepEqual([started, failed, givenBack], [[], [{ name: 'read', seconds: 40 }], 1]);
    });

    it('gives the turn back of whom nobody waits for any more', async () => {
      away = [7 * second];
      const stop = new AbortController();
      send('tail', logs('tail'), { signal: stop.signal });
      await settle();
      stop.abort();
      await settle();
      assert.deepEqual([started, failed.length, givenBack], [[], 1, 1]);
    });

    it('takes another turn when the machine slept through its own', async () => {
      away = [7 * second, 3 * second];
      send('tail', logs('tail'));
      await settle();
      await clock.suspend(minute);
      assert.deepEqual([started, givenBack], [[], 1]);
      await clock.advance(3 * second);
      assert.deepEqual(started, ['tail']);
    });

    it('counts what other windows asked', async () => {
      send('read', logs('user'));
      await settle();
      assert.equal(governor.used(logs('user'))?.used, 2);
    });

    it('goes by itself where the windows cannot hear of each other', async () => {
      governor = new Governor(clock, { take: async () => undefined });
      send('read', logs('user'));
      await settle();
      assert.deepEqual(started, ['read']);
    });
  });
});
