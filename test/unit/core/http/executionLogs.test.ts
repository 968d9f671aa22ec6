import assert from 'node:assert/strict';
import { OpsError, isCancelled } from '../../../../src/core/errors.ts';
import { followCall, readCall, type Call, type CallLog } from '../../../../src/core/http/executionLogs.ts';
import { FakeClock, settle } from '../../../fakes/clock.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';

const signal = new AbortController().signal;

describe('the log of one call', () => {
  let clock: FakeClock;
  let store: FakeLogStore;
  let call: Call;

  beforeEach(() => {
    clock = new FakeClock();
    store = new FakeLogStore();
    call = { functionId: 'fn', executionId: 'exec', sentAt: clock.now(), answeredAt: clock.now() + 100 };
  });

  const line = (after: number, message: string, more: object = {}) => logLine({ time: call.sentAt + after, functionId: 'fn', executionId: 'exec', message, ...more });

  /** Follows on the fake clock; `during` runs as time goes by. */
  async function follow(during: (second: number) => void = () => undefined): Promise<CallLog[]> {
    const logs: CallLog[] = [];
    let ended = false;
    const following = (async () => {
      for await (const log of followCall({ store, clock }, call, signal)) {
        logs.push(log);
      }
      ended = true;
    })();
    for (let second = 0; second < 60 && !ended; second++) {
      during(second);
      await clock.advance(1000);
      await settle();
    }
    await following;
    return logs;
  }

  const messages = (log: CallLog | undefined) => log?.lines.map(({ message }) => message);

  it('is complete when the request’s own line is there and nothing new came with the next question', async () => {
    const logs = await follow((second) => {
      if (second === 1) {
        store.add(line(-200, 'booted'), line(90, 'POST | 500', { service: 'invocations' }));
      } else if (second === 3) {
        store.add(line(50, 'failed to mint'));
      }
    });
    assert.deepEqual(messages(logs.at(-1)), ['booted', 'failed to mint', 'POST | 500']);
    assert.deepEqual(logs.map(({ state, by }) => `${state} ${by}`).at(-1), 'complete execution');
    assert.ok(logs.length < 6 && logs.slice(0, -1).every(({ state }) => state === 'waiting'));
  });

  it('holds the lines of that execution since the request alone', async () => {
    store.add(line(-60_000, 'an earlier request of the same worker'), line(10, 'mine'), line(20, 'other', { executionId: 'other' }), line(30, 'another function', { functionId: 'fn2' }));
    store.add(line(40, 'request', { service: 'invocations' }), line(50, 'request of somebody else', { service: 'invocations' }));
    const last = (await follow()).at(-1);
    assert.deepEqual(messages(last), ['mine', 'request', 'request of somebody else']);
    assert.equal(last?.requests, 2);
  });

  it('is the function’s lines at that time when no execution is known', async () => {
    const { executionId: _, ...refused } = call;
    call = refused;
    store.add(logLine({ time: call.sentAt + 10, functionId: 'fn', service: 'invocations', message: 'POST | 401' }), line(60_000, 'long after'));
    const logs = await follow();
    assert.deepEqual([messages(logs.at(-1)), logs.at(-1)?.by, logs.at(-1)?.state], [['POST | 401'], 'time', 'complete']);
  });

  it('falls back to the time when no line ever names the execution', async () => {
    store.add(line(10, 'unnamed', { executionId: 'renamed by the platform' }));
    const logs = await follow();
    assert.deepEqual(logs.slice(0, -1).map(({ lines }) => lines.length), [0, 0, 0, 0, 0]);
    assert.deepEqual([messages(logs.at(-1)), logs.at(-1)?.by, logs.at(-1)?.state], [['unnamed'], 'time', 'ended']);
  });

  it('ends with nothing when nothing comes, within the minute’s questions', async () => {
    const last = (await follow()).at(-1);
    assert.deepEqual([last?.lines, last?.by, last?.state], [[], 'execution', 'ended']);
    assert.ok(store.reads.length <= 8);
  });

  it('looks where the service’s clock says', async () => {
    store.trueSkewMs = 3_600_000;
    store.add(line(3_600_000, 'mine'), line(3_600_090, 'request', { service: 'invocations' }));
    assert.deepEqual(messages((await follow()).at(-1)), ['mine', 'request']);
  });

  it('goes on after what may pass, and ends with what stays', async () => {
    store.failNext(new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 3 }));
    store.add(line(10, 'mine'), line(20, 'request', { service: 'invocations' }));
    const logs = await follow();
    assert.equal(logs[0]?.error?.code, 'rateLimited');
    assert.deepEqual(messages(logs.at(-1)), ['mine', 'request']);
    store.failNext(new OpsError('permissionMissing', { operation: 'read logs', account: 'me' }));
    call = { ...call, sentAt: clock.now(), answeredAt: clock.now() };
    const refused = await follow();
    assert.deepEqual(refused.map(({ error, state }) => [error?.code, state]), [['permissionMissing', 'ended']]);
  });

  it('can be read once more, later', async () => {
    store.add(line(10, 'mine'));
    assert.deepEqual(messages(await readCall({ store, clock }, call, signal)), ['mine']);
  });

  it('is given up with its signal', async () => {
    const controller = new AbortController();
    const following = followCall({ store, clock }, call, controller.signal).next();
    await settle();
    controller.abort();
    await assert.rejects(following, (error) => isCancelled(error));
    assert.equal(clock.sleeping, 0);
  });
});
