import assert from 'node:assert/strict';
import type { Deployment, Intent } from '../../../../src/core/functions/ledger.ts';
import { deployerOf, shareDeploys, teamDeploys } from '../../../../src/core/functions/sharedLedger.ts';
import { FakeNotes } from '../../../fakes/notes.ts';

const signal = new AbortController().signal;
const place = 'file:///shop';
const ref = 'abcdefghijklmnopqrst';
const head = 'f'.repeat(40);

function deployment(id: string, change: Partial<Intent> = {}, end: Partial<NonNullable<Deployment['conclusion']>> = {}): Deployment {
  return {
    intent: { kind: 'intent', id, at: 1000, ref, slug: 'health', action: 'deploy', origin: { kind: 'commit', commit: 'a'.repeat(40) }, who: 'ada@example.test', place, shared: true, files: [['supabase/functions/health/index.ts', 'b'.repeat(40), true]], ...change },
    conclusion: { kind: 'conclusion', id, at: 2000, result: 'deployed', versionAfter: 3, bundleAfter: 'sha', ...end },
  };
}

describe('deploys as notes on their commits', () => {
  let notes: FakeNotes;
  beforeEach(() => {
    notes = new FakeNotes();
  });
  const share = (...deployments: Deployment[]) => shareDeploys(place, deployments, { notes, git: { head: async () => ({ hash: head, subject: '', author: '', time: 0, refs: [] }) } }, signal);
  const told = () => teamDeploys(notes.own, ref, []);

  it('tell who, what and why, and neither files nor paths nor credentials', async () => {
    assert.equal(await share(deployment('1', { versionBefore: 2, reason: 'key sb_secret_abcdefgh was wrong' })), 2);
    assert.deepEqual(told(), [{ id: '1', at: 2000, ref, slug: 'health', action: 'deploy', commit: 'a'.repeat(40), exact: true, who: 'ada@example.test', versionBefore: 2, versionAfter: 3, bundleAfter: 'sha', reason: 'key sb_secret_… was wrong' }]);
    assert.doesNotMatch([...notes.own.values()].flat().join(), /abcdefgh was|index\.ts|shop|bbbb/);
  });

  it('are written once, and a reason that comes later is added', async () => {
    const first = deployment('1');
    await share(first);
    assert.equal(await share(first), 0);
    assert.equal(await share({ ...first, explained: { kind: 'reason', id: '1', at: 3000, reason: 'because' } }), 1);
    assert.equal(await share({ ...first, explained: { kind: 'reason', id: '1', at: 4000, reason: 'of that' } }), 1);
    assert.deepEqual(told().map(({ id, reason }) => [id, reason]), [['1', 'of that']]);
  });

  it('are none of deploys that failed, were not to be shared, or came from elsewhere', async () => {
    const { shared: _, ...own } = deployment('2').intent;
    assert.equal(await share(deployment('1', {}, { result: 'unknown' }), { ...deployment('2'), intent: own }, deployment('3', { place: 'file:///other' }), { intent: deployment('4').intent }), 0);
  });

  it('stand on the commit that was sent, else where the person stood, and say which', async () => {
    const older = 'c'.repeat(40);
    await share(
      deployment('clean', { origin: { kind: 'workingTree', commit: older, clean: true } }),
      deployment('dirty', { origin: { kind: 'workingTree', commit: older, clean: false } }, { versionAfter: 7 }),
      deployment('back', { at: 1001, action: 'rollback', origin: { kind: 'recorded', version: 7 } }, { versionAfter: 8 }),
      deployment('farther', { at: 1002, action: 'rollback', origin: { kind: 'recorded', version: 1 } }),
      deployment('gone', { action: 'delete', origin: { kind: 'none' } }),
    );
    assert.deepEqual(Object.fromEntries(told().map(({ id, commit, exact }) => [id, [commit, exact]])), {
      clean: [older, true],
      dirty: [older, false],
      back: [older, false],
      farther: [head, false],
      gone: [head, false],
    });
  });

  it('of others are outside text: what is of another shape is passed over', () => {
    const good = { opsbook: 1, id: 'x', at: 5, ref, slug: 'health', action: 'deploy', exact: true, who: 'bob' };
    const bad = [
      '',
      'not json',
      '[]',
      'null',
      ...[{ opsbook: 2 }, { id: 7 }, { id: 'x'.repeat(65) }, { at: '5' }, { at: 1e300 }, { ref: 'z' }, { slug: '../x' }, { slug: 'a b' }, { action: 'constructor' }, { action: undefined }, { who: undefined }, { who: 'x'.repeat(300) }].map((change) => JSON.stringify({ ...good, id: JSON.stringify(change).slice(0, 60), ...change })),
    ];
    const strange = { ...good, id: 'strange', at: 6, versionBefore: '2', versionAfter: 1.5, bundleAfter: 'x'.repeat(300), exact: 'yes' };
    const read = teamDeploys(new Map([['a', [...bad, JSON.stringify(good), JSON.stringify(strange), JSON.stringify({ opsbook: 1, id: 'x', at: 9, reason: 'x'.repeat(3000) })]]]), ref, []);
    assert.deepEqual(read, [
      { id: 'x', at: 5, ref, slug: 'health', action: 'deploy', commit: 'a', exact: true, who: 'bob' },
      { id: 'strange', at: 6, ref, slug: 'health', action: 'deploy', commit: 'a', exact: false, who: 'bob' },
    ]);
  });

  it('leave out what this machine knows better, and name who made what is live', async () => {
    const own = deployment('1');
    await share(own, deployment('2', { who: 'bob' }, { versionAfter: 4, bundleAfter: 'next' }));
    const team = teamDeploys(notes.own, ref, [own]);
    assert.deepEqual(team.map(({ id }) => id), ['2']);
    assert.equal(deployerOf({ slug: 'health', version: 4, bundleSha256: 'next' }, team)?.who, 'bob');
    assert.equal(deployerOf({ slug: 'health', version: 4, bundleSha256: 'other' }, team), undefined);
    assert.equal(deployerOf({ slug: 'health', version: 4 }, team), undefined);
  });
});
