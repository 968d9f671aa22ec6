import assert from 'node:assert/strict';
import { findDeployedFile, type DeployedFileNeeds } from '../../../../src/core/functions/deployedFile.ts';
import type { EdgeFunction } from '../../../../src/core/functions/edgeFunction.ts';
import { Ledger } from '../../../../src/core/functions/ledger.ts';
import { FakeClock } from '../../../fakes/clock.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';
import { FakeJournal } from '../../../fakes/journal.ts';
import { FakeBodyArchive } from '../../../fakes/storage.ts';

const signal = new AbortController().signal;
const deployed: EdgeFunction = { id: 'id-mint', slug: 'mint', name: 'mint', status: 'ACTIVE', version: 12, createdAt: 1, updatedAt: 2 };
const index = 'supabase/functions/mint/index.ts';
const files = (text: string) => new Map([[index, new TextEncoder().encode(text)]]);

describe('a file as it was deployed', () => {
  let bodies: FakeBodyArchive;
  let ledger: Ledger;
  let git: FakeGitHistory;
  let fetched: number;

  beforeEach(() => {
    bodies = new FakeBodyArchive();
    ledger = new Ledger(new FakeJournal(), new FakeClock());
    git = new FakeGitHistory();
    fetched = 0;
  });

  function find(path: string, version?: number, change: Partial<DeployedFileNeeds> = {}) {
    const body = async () => {
      fetched++;
      return { entrypoint: index, files: files('live') };
    };
    return findDeployedFile({ path, ...(version === undefined ? {} : { version }) }, { ref: 'r', deployed, body, past: { bodies, ledger, git }, ...change }, signal);
  }

  it('comes from the live body for the live version, and where no version is known', async () => {
    assert.deepEqual(await find(index, 12), { path: index, text: 'live', version: 12 });
    assert.deepEqual(await find('index.ts'), { path: index, text: 'live', version: 12 });
    assert.equal(fetched, 2);
  });

  it('comes from a kept body for a version before', async () => {
    await bodies.put('r', 'mint', 11, { entrypoint: index, files: files('kept') }, deployed);
    assert.deepEqual(await find(index, 11), { path: index, text: 'kept', version: 11 });
    assert.equal(fetched, 0);
  });

  it('comes from git’s objects where an own deploy made the version', async () => {
    git.add('first', { [index]: 'committed' });
    const [entry] = await git.tree((await git.head())?.hash ?? '', []);
    assert.ok(entry);
    const id = await ledger.intend({ ref: 'r', slug: 'mint', action: 'deploy', origin: { kind: 'commit', commit: 'c' }, who: 'me', files: [[index, entry.oid, true]] });
    await ledger.conclude(id, { result: 'deployed', versionAfter: 10 });
    assert.deepEqual(await find(index, 10), { path: index, text: 'committed', version: 10 });
    assert.equal(await find(index, 10, { past: { bodies, ledger } }), undefined, 'without git');
  });

  it('is not known for a version that nobody kept, nor when git never had it', async () => {
    assert.equal(await find(index, 9), undefined);
    assert.equal(await find(index, 9, { past: undefined } as object), undefined);
    const id = await ledger.intend({ ref: 'r', slug: 'mint', action: 'deploy', origin: { kind: 'workingTree', clean: false }, who: 'me', files: [[index, '0'.repeat(40), true]] });
    await ledger.conclude(id, { result: 'deployed', versionAfter: 9 });
    assert.equal(await find(index, 9), undefined);
    assert.equal(await find('other.ts', 12), undefined);
  });
});
