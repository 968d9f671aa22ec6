import assert from 'node:assert/strict';
import { lazily } from '../../../src/util/lazily.ts';

class Counter {
  private count = 0;

  next(step: number): number {
    this.count += step;
    return this.count;
  }

  async later(): Promise<number> {
    return this.count;
  }
}

describe('an object that is loaded lazily', () => {
  it('is loaded once, with its first call, and keeps its state', async () => {
    let loads = 0;
    const counter = lazily(async () => {
      loads++;
      return new Counter();
    });
    assert.equal(loads, 0);
    assert.deepEqual(await Promise.all([counter.next(1), counter.next(2)]), [1, 3]);
    assert.equal(await counter.later(), 3);
    assert.equal(loads, 1);
  });

  it('may be awaited itself without being loaded', async () => {
    const counter = lazily((): Promise<Counter> => Promise.reject(new Error('it was loaded')));
    assert.equal(await Promise.resolve(counter), counter);
  });

  it('is asked for again when it could not be loaded', async () => {
    let fails = true;
    const counter = lazily(async () => {
      if (fails) {
        throw new Error('not there yet');
      }
      return new Counter();
    });
    await assert.rejects(counter.next(1), /not there yet/);
    fails = false;
    assert.equal(await counter.next(1), 1);
  });
});
