import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { ofShownProject } from '../../../src/host/shownProject.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { sessionOf, TestSession } from '../../fakes/session.ts';

const offline = new OpsError('unreachable', { host: 'api.supabase.com', reason: 'ENOTFOUND' });
const beta = fakeConnection({ project: { ...acme, ref: 'bcdefghijklmnopqrstu', name: 'beta' } });

/** Answers, or fails, when it is told to. */
function later<T>() {
  let answer: (value: T) => void = () => {};
  let fail: (error: Error) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  return { ask: () => promise, answer, fail };
}

describe('what a view lists of the project shown', () => {
  it('is what was asked for', async () => {
    const connection = fakeConnection();
    const session = await sessionOf(connection);
    assert.deepEqual(await ofShownProject(session, async (asked) => [asked.project.name]), ['acme']);
  });

  it('is nothing without a project: the welcome text says why', async () => {
    const { session } = new TestSession();
    for (const problem of [undefined, offline, new OpsError('tokenRejected', { account: 'me', origin: 'https://api.supabase.com' })]) {
      const world = new TestSession();
      world.problem = problem;
      const shown = problem ? await world.show(fakeConnection()) : session;
      assert.notEqual(shown.state.kind, 'connected');
      assert.deepEqual(await ofShownProject(shown, () => assert.fail('nothing is asked')), []);
    }
  });

  it('is not the late answer of another project', async () => {
    const world = new TestSession();
    const session = await world.show(fakeConnection());
    const { ask, answer } = later<string[]>();
    const listing = ofShownProject(session, ask);
    await world.show(beta);
    answer(['of acme']);
    assert.deepEqual(await listing, []);
  });

  it('is not the late failure of another project either', async () => {
    const world = new TestSession();
    const session = await world.show(fakeConnection());
    const { ask, fail } = later<string[]>();
    const listing = ofShownProject(session, ask);
    await world.show(beta);
    fail(offline);
    assert.deepEqual(await listing, []);
  });

  it('is the failure where there is one', async () => {
    const session = await sessionOf(fakeConnection());
    await assert.rejects(ofShownProject(session, () => Promise.reject(offline)), (error) => error === offline);
  });

  it('never ends as an empty list because it took too long', async () => {
    const session = await sessionOf(fakeConnection());
    await assert.rejects(
      ofShownProject(session, () => Promise.reject(new OpsError('cancelled', {}))),
      (error) => isOpsError(error, 'timedOut') && error.facts.seconds === 60,
    );
  });
});
