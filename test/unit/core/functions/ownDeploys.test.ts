import assert from 'node:assert/strict';
import type { EdgeFunction } from '../../../../src/core/functions/edgeFunction.ts';
import type { Deployment } from '../../../../src/core/functions/ledger.ts';
import { versionGaps } from '../../../../src/core/functions/ownDeploys.ts';
import type { TeamDeploy } from '../../../../src/core/functions/sharedLedger.ts';

const live = (version: number): EdgeFunction => ({ id: 'i', slug: 'a', name: 'a', status: 'ACTIVE', version, createdAt: 0, updatedAt: 900 });

function own(at: number, versionBefore: number | undefined, versionAfter: number | undefined, result: 'deployed' | 'unknown' = 'deployed'): Deployment {
  return {
    intent: { kind: 'intent', id: String(at), at, ref: 'r', slug: 'a', action: 'deploy', origin: { kind: 'none' }, who: 'ada', files: [], ...(versionBefore === undefined ? {} : { versionBefore }) },
    conclusion: { kind: 'conclusion', id: String(at), at: at + 1, result, ...(versionAfter === undefined ? {} : { versionAfter }) },
  };
}

describe('versions that nobody here made', () => {
  it('are the gaps between own deploys, and up to what is live', () => {
    assert.deepEqual(versionGaps('a', [own(100, 3, 4), own(200, 6, 7), own(300, 7, 8)], live(9), []), [
      { from: 5, to: 6, after: 101, before: 200 },
      { from: 9, to: 9, after: 301, before: 900 },
    ]);
    assert.deepEqual(versionGaps('a', [own(100, 3, 4), own(200, 4, 5)], live(5), []), []);
    assert.deepEqual(versionGaps('b', [own(100, 3, 4)], live(9), []), []);
  });

  it('are not those that are known of a function that was deleted, or before the first deploy from here', () => {
    assert.deepEqual(versionGaps('a', [own(100, 7, undefined), own(200, undefined, 1)], live(1), []), []);
    assert.deepEqual(versionGaps('a', [own(100, 7, 8), own(200, undefined, 1)], live(1), []), []);
    assert.deepEqual(versionGaps('a', [], live(12), []), []);
  });

  it('count a deploy of ours that could not be verified as unknown, and leave out what the team tells', () => {
    assert.deepEqual(versionGaps('a', [own(100, 3, 4), own(150, 4, 5, 'unknown'), own(200, 5, 6)], undefined, []), [{ from: 5, to: 5, after: 101, before: 200 }]);
    const told = [5, 6, 8].map((versionAfter): TeamDeploy => ({ id: String(versionAfter), at: 1, ref: 'r', slug: 'a', action: 'deploy', commit: 'c', exact: true, who: 'bob', versionAfter }));
    assert.deepEqual(versionGaps('a', [own(100, 3, 4)], live(8), told), [{ from: 7, to: 7, after: 101, before: 900 }]);
    assert.deepEqual(versionGaps('a', [own(100, 3, 4)], live(6), told), []);
  });
});
