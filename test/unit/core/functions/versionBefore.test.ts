import assert from 'node:assert/strict';
import type { EdgeFunction, FunctionBody } from '../../../../src/core/functions/edgeFunction.ts';
import type { DeployAction, Deployment } from '../../../../src/core/functions/ledger.ts';
import type { FunctionSource } from '../../../../src/core/functions/source.ts';
import type { MarkedCommit } from '../../../../src/core/functions/past.ts';
import { readBody } from '../../../../src/core/functions/readBody.ts';
import { versionBefore } from '../../../../src/core/functions/versionBefore.ts';
import { FakeBodyArchive } from '../../../fakes/storage.ts';

const live: EdgeFunction = { id: 'id-mint', slug: 'mint', name: 'mint', status: 'ACTIVE', version: 5, createdAt: 1, updatedAt: 2, bundleSha256: 'hash-5' };
const body = (text: string): FunctionBody => ({ files: new Map([['index.ts', new TextEncoder().encode(text)]]) });

const source: FunctionSource = { slug: 'mint', entrypoint: 'supabase/functions/mint/index.ts', staticFiles: [], disabled: false, files: new Map(), missing: [], pointers: [] };

describe('the version before', () => {
  let bodies: FakeBodyArchive;
  beforeEach(async () => {
    bodies = new FakeBodyArchive();
  });

  const keep = async (version: number, text: string, id = live.id): Promise<void> => bodies.put('r', 'mint', version, body(text), { id, bundleSha256: `hash-${version}` });
  const before = async (deployments: readonly Deployment[] = [], commits: readonly MarkedCommit[] = []) => versionBefore('r', live, { bodies, deployments, body: body('five'), commits: async () => commits });

  function done(action: DeployAction, versionBefore: number): Deployment {
    const common = { id: `${action}-${versionBefore}`, at: 1 };
    return {
      intent: { ...common, kind: 'intent', ref: 'r', slug: 'mint', action, origin: { kind: 'none' }, who: 'ada', files: [], versionBefore },
      conclusion: { ...common, kind: 'conclusion', result: 'deployed', versionAfter: versionBefore + 1 },
    };
  }

  function commit(hash: string, isLive: boolean): MarkedCommit {
    return { commit: { hash, subject: hash, author: 'ada', time: 1, refs: [] }, identity: hash, source, files: [], isLive };
  }

  it('is the body that was recorded of it', async () => {
    await keep(4, 'four');
    await keep(3, 'three');
    assert.deepEqual(await before(), { kind: 'recorded', version: 4 });
  });

  it('is none with the same files', async () => {
    await keep(4, 'five');
    await keep(3, 'three');
    assert.deepEqual(await before(), { kind: 'recorded', version: 3 });
  });

  it('is none that was rolled back from, and none that only said that the function is paused', async () => {
    await keep(4, 'four');
    await keep(3, 'paused');
    await keep(2, 'two');
    assert.deepEqual(await before([done('rollback', 4), done('pause', 2)]), { kind: 'recorded', version: 2 });
  });

  it('is the commit before the live one where no body was recorded', async () => {
    const found = await before([], [commit('newer', false), commit('live', true), commit('older', false)]);
    assert.deepEqual(found?.kind === 'commit' && found.commit.hash, 'older');
    assert.equal(await before(), undefined);
  });

  it('is no body of a function that had the name before it was deleted', async () => {
    await keep(4, 'of the one that was deleted', 'id-of-another');
    assert.equal(await before(), undefined);
    const answers = { functionBody: async () => body('fetched') };
    const anew = { ...live, id: 'id-anew', version: 4, bundleSha256: 'hash-4' };
    const { signal } = new AbortController();
    assert.deepEqual(await readBody(answers, bodies, 'r', anew, { signal, priority: 'user' }), body('fetched'));
    assert.deepEqual(await bodies.get('r', 'mint', 4, anew), body('fetched'), 'it is kept in its place');
  });
});
