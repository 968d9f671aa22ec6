import assert from 'node:assert/strict';
import { ActiveTails, describeTail, type Tail, type TailState } from '../../../../src/core/logs/activeTails.ts';
import { acme } from '../../../fakes/connection.ts';
import { FakeLogStore } from '../../../fakes/logStore.ts';

const otherRef = 'bcdefghijklmnopqrstu';

describe('the tails of a window', () => {
  let tails: ActiveTails;
  let changes: number;
  let stopped: string[];
  beforeEach(() => {
    tails = new ActiveTails();
    changes = 0;
    stopped = [];
    tails.onDidChange(() => changes++);
  });

  function tail(key: string, ref = acme.ref, state: TailState = { kind: 'following' }): Tail {
    const reins = { stop: () => void stopped.push(`${ref} ${key}`), pause: () => {}, resume: () => {}, show: () => {}, budget: () => [], filter: async () => {} };
    return { ref, key, name: `${key} · acme`, state, filter: {}, query: { services: ['functions'] }, store: new FakeLogStore(), since: 0, reins };
  }

  it('are one for a project and a key', () => {
    assert.equal(tails.start(tail('health')), true);
    assert.equal(tails.start(tail('health')), false);
    assert.equal(tails.start(tail('auth')), true);
    assert.equal(tails.start(tail('health', otherRef)), true);
    assert.equal(changes, 3);
    assert.deepEqual(tails.all.map(({ ref, key }) => [ref, key]), [[acme.ref, 'health'], [acme.ref, 'auth'], [otherRef, 'health']]);
  });

  it('tell their state to rows, and only news is a change', () => {
    tails.start(tail('health'));
    const waiting: TailState = { kind: 'waiting', because: 'no network' };
    tails.report(acme.ref, 'health', { state: waiting });
    tails.report(acme.ref, 'health', { state: { ...waiting } });
    assert.equal(changes, 2);
    assert.deepEqual(tails.state(acme.ref, 'health'), waiting);
    assert.equal(tails.state(otherRef, 'health'), undefined);
  });

  it('report nothing once they are gone', () => {
    tails.report(acme.ref, 'health', { state: { kind: 'paused' } });
    assert.deepEqual([tails.any, changes], [false, 0]);
  });

  it('go when they end as somebody wanted', () => {
    tails.start(tail('health'));
    assert.equal(tails.any, true);
    tails.stop(acme.ref, 'health');
    assert.deepEqual(stopped, [`${acme.ref} health`]);
    tails.ended(acme.ref, 'health');
    tails.ended(acme.ref, 'health');
    assert.deepEqual([tails.any, changes], [false, 2]);
  });

  it('never go quietly: one that ended by itself says why until somebody takes note or starts it again', () => {
    tails.start(tail('health'));
    tails.ended(acme.ref, 'health', 'You are not signed in.');
    assert.deepEqual(tails.state(acme.ref, 'health'), { kind: 'failed', because: 'You are not signed in.' });
    assert.equal(tails.start(tail('health')), true);
    assert.deepEqual(tails.state(acme.ref, 'health'), { kind: 'following' });
    tails.ended(acme.ref, 'health', 'You are not signed in.');
    tails.stop(acme.ref, 'health');
    assert.equal(tails.any, false);
  });

  it('are all stopped at once', () => {
    tails.start(tail('health'));
    tails.start(tail('auth', otherRef));
    tails.stopAll();
    assert.deepEqual(stopped, [`${acme.ref} health`, `${otherRef} auth`]);
  });

  it('have words for every state', () => {
    const states: readonly TailState[] = [{ kind: 'following' }, { kind: 'paused' }, { kind: 'waiting', because: 'no network' }, { kind: 'failed', because: 'not signed in' }];
    assert.deepEqual(states.map(describeTail), ['tailing', 'tail paused', 'tail waits: no network', 'tail ended: not signed in']);
  });
});
