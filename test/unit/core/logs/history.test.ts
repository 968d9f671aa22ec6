import assert from 'node:assert/strict';
import { readHistory } from '../../../../src/core/logs/history.ts';
import { FakeLogStore, logLine } from '../../../fakes/logStore.ts';

const hour = 3_600_000;
const options = { signal: new AbortController().signal, priority: 'user' } as const;
const filter = { services: ['functions'] } as const;

describe('the history of logs', () => {
  it('is read in pieces of less than a day, the newest first, until there is enough', async () => {
    const store = new FakeLogStore();
    for (let at = 0; at < 100; at++) {
      store.add(logLine({ time: at * hour, message: String(at) }));
    }
    const lines = await readHistory(store, filter, { from: 0, to: 100 * hour }, 30, options);
    assert.deepEqual(lines.map(({ message }) => Number(message)), Array.from({ length: 30 }, (_, at) => 70 + at));
    assert.equal(store.reads.length, 2);
    assert.ok(store.reads.every(({ window }) => window.to - window.from < 24 * hour));
  });

  it('ends where the window does', async () => {
    const store = new FakeLogStore();
    store.add(logLine({ time: 5, message: 'before' }), logLine({ time: 10, message: 'first' }), logLine({ time: 3 * 24 * hour, message: 'last' }));
    const lines = await readHistory(store, filter, { from: 10, to: 4 * 24 * hour }, 500, options);
    assert.deepEqual(lines.map(({ message }) => message), ['first', 'last']);
  });

  it('goes on within a piece that has more than a page, and loses none of a millisecond', async () => {
    const store = new FakeLogStore();
    for (let at = 0; at < 2500; at++) {
      store.add(logLine({ time: 1000 + Math.floor(at / 3), message: String(at) }));
    }
    const lines = await readHistory(store, filter, { from: 0, to: hour }, 2500, options);
    assert.equal(new Set(lines.map(({ id }) => id)).size, 2500);
    assert.deepEqual(lines.map(({ message }) => Number(message)), Array.from({ length: 2500 }, (_, at) => at));
  });

  it('is empty where there is nothing', async () => {
    assert.deepEqual(await readHistory(new FakeLogStore(), filter, { from: 0, to: 24 * hour }, 10, options), []);
  });
});
