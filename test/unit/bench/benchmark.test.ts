import assert from 'node:assert/strict';
import { digestOf, measurePairs, median, p90, type Side } from '../../bench/benchmark.ts';

describe('a comparison of two sides', () => {
  const calls: string[] = [];

  /** Gives its values one after another, and says what it did. */
  function side(name: string, values: readonly number[], work: (run: number) => string[] = () => ['this', 'that']): Side {
    let run = 0;
    return {
      name,
      run: async () => {
        calls.push(name);
        const value = values[run] ?? NaN;
        return { value, work: work(run++) };
      },
    };
  }

  beforeEach(() => calls.splice(0));

  it('leaves the first pair out, and lets each side begin in turn', async () => {
    const samples = await measurePairs({ ours: side('ours', [100, 1, 2]), rival: side('rival', [200, 10, 20]) }, () => {}, 2);
    assert.deepEqual(samples, { ours: [1, 2], rival: [10, 20], sum: digestOf(['that', 'this']) });
    assert.deepEqual(calls, ['ours', 'rival', 'rival', 'ours', 'ours', 'rival']);
  });

  it('ends when one side did other work, at whichever run', async () => {
    const ours = side('ours', [1, 1, 1]);
    const rival = side('rival', [1, 1, 1], (run) => (run === 2 ? ['that', 'more'] : ['that', 'this']));
    await assert.rejects(measurePairs({ ours, rival }, () => {}, 2), /rival did other work than what it is compared with: 2 items, not 2; only here \[more\], only there \[this\]/);
  });

  it('knows the middle and the worse of its samples', () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.equal(p90([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), 10);
  });

  it('sums work up without regard to its order, and never nothing', () => {
    assert.equal(digestOf(['b', 'a']), digestOf(['a', 'b']));
    assert.notEqual(digestOf(['a']), digestOf(['a', 'b']));
    assert.throws(() => digestOf([]), /nothing to compare/);
  });
});
