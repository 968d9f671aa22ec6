import assert from 'node:assert/strict';
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createSharedTurns, type SharedTurns, type Wish } from '../../../../src/adapters/files/sharedTurns.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeLogger } from '../../../fakes/logger.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

const start = Date.UTC(2026, 10, 20, 9, 0, 0);
const burst: Wish = { allowed: 3, gapMs: 0 };
const spaced: Wish = { allowed: 21, gapMs: 2857 };

describe('turns of several windows', () => {
  let home: string;
  let folder: string;
  let clock: FakeClock;
  let log: FakeLogger;
  let one: SharedTurns;
  let other: SharedTurns;

  const windowOf = (owner = 'me') => createSharedTurns({ folder, owner, clock, log });
  /** Seconds after the start. */
  const takes = async (window: SharedTurns, wish: Wish, budget = 'logs acme') => {
    const turn = await window.take(budget, wish);
    return turn && (turn.at - start) / 1000;
  };

  beforeEach(async () => {
    home = await temporaryFolder('turns');
    folder = path.join(home, 'log-queries');
    clock = new FakeClock(start);
    log = new FakeLogger();
    [one, other] = [windowOf(), windowOf()];
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('come at once while a minute has any, and then when the first of the minute is over', async () => {
    assert.deepEqual([await takes(one, burst), await takes(other, burst), await takes(one, burst), await takes(other, burst)], [0, 0, 0, 61]);
  });

  it('keep their distance over all windows, in the order in which they were asked for', async () => {
    assert.deepEqual([await takes(one, spaced), await takes(other, spaced), await takes(one, spaced)], [0, 2.857, 5.714]);
    assert.equal(await takes(other, { allowed: 30, gapMs: 0 }), 0, 'who keeps no distance need not wait behind those who do');
  });

  it('of another project or account are counted by themselves', async () => {
    await takes(one, { allowed: 1, gapMs: 0 });
    assert.deepEqual([await takes(other, { allowed: 1, gapMs: 0 }), await takes(other, { allowed: 1, gapMs: 0 }, 'logs other'), await takes(windowOf('you'), { allowed: 1, gapMs: 0 })], [61, 0, 0]);
  });

  it('are free again when given back', async () => {
    const turn = await one.take('logs acme', { allowed: 1, gapMs: 0 });
    await turn?.giveBack();
    assert.equal(await takes(other, { allowed: 1, gapMs: 0 }), 0);
  });

  it('tell how many were taken, whoever took them', async () => {
    await takes(one, burst);
    assert.deepEqual((await other.take('logs acme', burst))?.taken, [start, start]);
  });

  it('of a window that died within its line cost nobody else a turn', async () => {
    await takes(one, burst);
    const [file = ''] = await readdir(folder);
    await appendFile(path.join(folder, file), '\n0f3b6a52-1f0e-4b7');
    assert.equal(await takes(other, { allowed: 2, gapMs: 0 }), 0);
  });

  it('noted before the clock was set back keep nobody waiting', async () => {
    clock = new FakeClock(start + 300_000);
    await takes(windowOf(), { allowed: 1, gapMs: 0 });
    clock = new FakeClock(start);
    assert.equal(await takes(windowOf(), { allowed: 1, gapMs: 0 }), 0);
  });

  it('count on in the next file, and files that count no more are removed', async () => {
    await clock.advance(599_000);
    await takes(one, { allowed: 1, gapMs: 0 });
    await clock.advance(2000);
    assert.equal(await takes(other, { allowed: 1, gapMs: 0 }), 660);
    assert.equal((await readdir(folder)).length, 2);
    await clock.advance(600_000);
    await takes(one, burst);
    assert.equal((await readdir(folder)).length, 2);
  });

  it('are not taken where nothing can be written, which is said', async () => {
    await writeFile(folder, 'not a folder');
    assert.equal(await one.take('logs acme', burst), undefined);
    assert.equal(log.lines.length, 1);
  });
});
