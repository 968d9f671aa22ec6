import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../../src/core/errors.ts';
import type { LogQuestion } from '../../../../src/core/logs/clickhouse.ts';
import type { LogLine } from '../../../../src/core/logs/log.ts';
import { SharedReading } from '../../../../src/core/logs/sharedReading.ts';
import type { LogReadOptions } from '../../../../src/core/ports.ts';
import { logLine } from '../../../fakes/logStore.ts';

describe('questions of several tails', () => {
  let now: number;
  /** What was asked, each query by the functions in it. */
  let asked: string[];
  let answerTogether: () => Promise<void>;
  let enough: boolean;
  /** When a query may be sent. */
  let turn: Promise<void>;
  let reading: SharedReading;
  beforeEach(() => {
    now = 0;
    asked = [];
    enough = true;
    turn = Promise.resolve();
    answerTogether = async () => undefined;
    reading = new SharedReading({
      one: async (question) => (asked.push(nameOf(question)), [lineOf(question)]),
      together: async (take, signal) => {
        await turn;
        const questions = take();
        asked.push(questions.map(nameOf).join('+'));
        await answerTogether();
        assert.ok(!signal.aborted);
        return enough || questions.length === 1 ? questions.map((question) => [lineOf(question)]) : undefined;
      },
      fit: (questions) => questions.length <= 3,
      now: () => now,
    });
  });

  const nameOf = ({ filter }: LogQuestion) => filter.functionIds?.join() ?? '';
  const lineOf = (question: LogQuestion): LogLine => logLine({ time: 0, message: nameOf(question) });
  const ask = async (name: string, signal = new AbortController().signal) => {
    const options: LogReadOptions = { signal, priority: 'tail', limit: 1000, order: 'oldest' };
    return (await reading.ask({ filter: { services: ['functions'], functionIds: [name] }, window: { from: 0, to: 1 } }, options)).map(({ message }) => message);
  };

  it('that come in the same moment, or while one is under way, are one query', async () => {
    assert.deepEqual(await Promise.all([ask('a'), ask('b')]), [['a'], ['b']]);
    assert.deepEqual(await ask('a'), ['a']);
    let release: () => void = () => undefined;
    answerTogether = () => new Promise((resolve) => (release = () => resolve()));
    const first = [ask('a'), ask('b')];
    await new Promise((resolve) => setTimeout(resolve, 5));
    const later = [ask('c'), ask('d'), ask('e')];
    release();
    await Promise.all(first);
    answerTogether = async () => undefined;
    await Promise.all(later);
    assert.deepEqual(asked, ['a+b', 'a', 'a+b', 'c+d+e']);
  });

  it('that come while a query waits for its turn are in it', async () => {
    let come: () => void = () => undefined;
    turn = new Promise((resolve) => (come = resolve));
    const first = ask('a');
    await new Promise((resolve) => setTimeout(resolve, 5));
    const gone = new AbortController();
    const others = Promise.allSettled([ask('b'), ask('c', gone.signal)]);
    gone.abort();
    come();
    assert.deepEqual([await first, (await others).map(({ status }) => status), asked], [['a'], ['fulfilled', 'rejected'], ['a+b']]);
  });

  it('are as many queries as they need', async () => {
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map(async (name) => ask(name))), [['a'], ['b'], ['c'], ['d']]);
    assert.deepEqual(asked, ['a+b+c', 'd']);
  });

  it('are asked apart for a minute after a page was not enough for all', async () => {
    enough = false;
    assert.deepEqual(await Promise.all([ask('a'), ask('b')]), [['a'], ['b']]);
    now = 59_000;
    await Promise.all([ask('a'), ask('b')]);
    enough = true;
    now = 60_000;
    await Promise.all([ask('a'), ask('b')]);
    assert.deepEqual(asked, ['a+b', 'a', 'b', 'a', 'b', 'a+b']);
  });

  it('are asked apart for good where the service takes no such query, and fail together where it fails', async () => {
    answerTogether = () => Promise.reject(new OpsError('rateLimited', { operation: 'read logs', retryAfterSeconds: 5 }));
    const refused = await Promise.allSettled([ask('a'), ask('b')]);
    assert.ok(refused.every((one) => one.status === 'rejected' && isOpsError(one.reason, 'rateLimited')));
    answerTogether = () => Promise.reject(new OpsError('serviceFailed', { operation: 'read logs', status: 400, message: 'no alias in where' }));
    assert.deepEqual(await Promise.all([ask('a'), ask('b')]), [['a'], ['b']]);
    now = 1e9;
    await Promise.all([ask('a'), ask('b')]);
    assert.deepEqual(asked, ['a+b', 'a+b', 'a', 'b', 'a', 'b']);
  });

  it('leave no trace of who went, before and while it is asked', async () => {
    const gone = new AbortController();
    const waiting = ask('b', gone.signal);
    const kept = ask('a');
    gone.abort();
    await assert.rejects(waiting, (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual([await kept, asked], [['a'], ['a']]);
    await assert.rejects(ask('c', gone.signal), (error) => isOpsError(error, 'cancelled'));
    const later = new AbortController();
    answerTogether = async () => later.abort();
    const [left, stayed] = await Promise.allSettled([ask('d', later.signal), ask('e')]);
    assert.ok(left?.status === 'rejected' && stayed?.status === 'fulfilled');
  });
});
