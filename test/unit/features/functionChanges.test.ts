import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import type { Deployment } from '../../../src/core/functions/ledger.ts';
import type { TeamDeploy } from '../../../src/core/functions/sharedLedger.ts';
import { markedCommits } from '../../../src/core/functions/past.ts';
import { showChanges, type ChangesNeeds } from '../../../src/features/functions/changes.ts';
import { showFileChanges } from '../../../src/features/functions/fileChanges.ts';
import { showLedger, type LedgerReportNeeds } from '../../../src/features/functions/ledgerReport.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const shared = 'supabase/functions/_shared/log.ts';

describe('showing changes against what is live', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'one' });
    world.commit('second', { [healthIndex]: 'import "../_shared/log.ts"', [shared]: 'log' });
    world.deployElsewhere('health', { [healthIndex]: 'one' });
  });
  afterEach(() => world.ui.done());

  function show(argument?: unknown): Promise<void> {
    const { session, editors, ui, clock, tools } = world.needs();
    const commits: ChangesNeeds['commits'] = async (_connection, slug, deployed, signal) => markedCommits(acme.ref, slug, deployed, { ...world.tools(), git: world.git, management: world.management, deployments: [] }, signal);
    return showChanges({ session, editors, ui, clock, tools, commits }, async () => {
      const [deployed] = await world.management.functions(acme.ref, { signal: new AbortController().signal, priority: 'user' });
      return { slug: 'health', ...(deployed ? { deployed } : {}) };
    })(argument);
  }

  it('takes the working tree, whose files can be edited there', async () => {
    world.files.files.set(shared, 'unfinished');
    world.ui.willPick('Live ⇄ working tree');
    await show();
    assert.deepEqual(world.compared, [
      [
        'health: live v1 ⇄ working tree',
        [
          { path: shared, left: undefined, right: 'unfinished', isLocal: true },
          { path: healthIndex, left: 'one', right: 'import "../_shared/log.ts"', isLocal: true },
        ],
      ],
    ]);
  });

  it('takes HEAD or any commit that changed it, and says which is live', async () => {
    world.ui.willPick('Live ⇄ HEAD').willPick('first');
    await show();
    assert.deepEqual(world.compared.at(-1)?.[1].map(({ path, isLocal }) => [path, isLocal]), [[shared, false], [healthIndex, false]]);
    await show();
    assert.match(world.ui.lists.at(-1)?.choices.find(({ label }) => label === 'first')?.description ?? '', /^live · /);
    assert.equal(world.ui.told.at(-1)?.message, 'health: live v1 ⇄ 0000000: nothing differs.');
  });

  it('takes the commit of a row without asking', async () => {
    const commit = await world.git.head();
    await show({ node: { kind: 'commit', slug: 'health', ref: acme.ref, commit, isLive: false } });
    assert.equal(world.compared.length, 1);
  });

  describe('for one file', () => {
    const showFile = async (path: string | undefined) => {
      const { session, editors, ui, tools } = world.needs();
      const places = { entrypoint: async (_place: unknown, slug: string) => `supabase/functions/${slug}/index.ts` };
      await showFileChanges({ session, editors, ui, tools, places }, path, async () => ui.pick('Which function?', [{ label: 'health', value: { slug: 'health' } }]));
    };

    it('takes the file as it is here', async () => {
      await showFile(healthIndex);
      assert.deepEqual(world.compared, [['index.ts: live v1 of health ⇄ working tree', [{ path: healthIndex, left: 'one', right: 'import "../_shared/log.ts"', isLocal: true }]]]);
    });

    it('asks whose it is when functions share it, and says what is no part of what is live', async () => {
      world.ui.willPick('health').willPick('health');
      await showFile(shared);
      assert.equal(world.ui.told.at(-1)?.message, 'supabase/functions/_shared/log.ts is no part of health v1.');
      world.deployElsewhere('health', { [healthIndex]: 'one', [shared]: 'log' });
      await showFile(shared);
      assert.equal(world.ui.told.at(-1)?.message, 'log.ts: live v2 of health ⇄ working tree: nothing differs.');
    });

    it('needs a file of the place, and its function live', async () => {
      await assert.rejects(showFile(undefined), (error) => isOpsError(error, 'notFound'));
      await assert.rejects(showFile('supabase/functions/new/index.ts'), (error) => isOpsError(error, 'notFound'));
    });
  });

  it('needs something live', async () => {
    world.management.addProject(acme.ref);
    world.ui.willPick('Live ⇄ HEAD');
    await assert.rejects(show(), (error) => isOpsError(error, 'notFound'));
  });
});

describe('the ledger as a report', () => {
  const deployment: Deployment = {
    intent: { kind: 'intent', id: '1', at: Date.UTC(2026, 10, 20, 9), ref: acme.ref, slug: 'health', action: 'rollback', origin: { kind: 'commit', commit: '3f2a91c' }, who: '=ada|x', files: [], versionBefore: 3, reason: 'fees "broke"' },
    conclusion: { kind: 'conclusion', id: '1', at: Date.UTC(2026, 10, 20, 9), result: 'deployed', versionAfter: 4 },
  };

  async function report(format: 'Markdown' | 'CSV', team: LedgerReportNeeds['team'] = async () => []): Promise<readonly [string, string]> {
    const world = new DeployWorld();
    let shown: readonly [string, string] = ['', ''];
    world.ui.willPick(format);
    const elsewhere = { ...deployment, intent: { ...deployment.intent, ref: 'zyxwvutsrqponmlkjihg' } };
    await showLedger({ session: { connection: () => world.connection }, documents: { showReport: async (name, text) => void (shown = [name, text]) }, ui: world.ui, deployments: async () => [deployment, elsewhere], team })();
    world.ui.done();
    return shown;
  }

  it('is Markdown in which outside text makes no markup', async () => {
    const [name, text] = await report('Markdown');
    assert.equal(name, 'Deploys of acme.md');
    assert.equal(text.split('\n').at(-2), '| 2026-11-20T09:00:00.000Z | health | rollback | 3f2a91c | 3 | 4 | deployed | =ada\\|x | fees "broke" | this machine |');
  });

  const told: TeamDeploy = { id: 'b', at: Date.UTC(2026, 10, 20, 10), ref: acme.ref, slug: 'auth', action: 'deploy', commit: '9c0ffee', exact: false, who: '+bob', versionAfter: 2, reason: 'a\n| b |' };

  it('has what the team tells among it, by time, and forges no row', async () => {
    const [, text] = await report('Markdown', async () => [told]);
    assert.deepEqual(text.split('\n').slice(4, -1).map((line) => line.split(' | ')[1]), ['auth', 'health']);
    assert.equal(text.split('\n')[4], '| 2026-11-20T10:00:00.000Z | auth | deploy | not as in 9c0ffee |  | 2 | deployed | +bob | a\u240a\\| b \\| | a note of the team |');
    const [, csv] = await report('CSV', async () => [told]);
    assert.match(csv.split('\r\n')[1] ?? '', /,'\+bob,a\u240a\| b \|,a note of the team$/);
  });

  it('is shown also when the notes of the team cannot be read', async () => {
    const [, text] = await report('Markdown', async () => Promise.reject(new OpsError('gitFailed', { command: 'ls-tree', message: 'bad object' })));
    assert.equal(text.split('\n').length, 6);
  });

  it('is CSV that a spreadsheet takes for no formula', async () => {
    const [name, text] = await report('CSV');
    assert.equal(name, 'Deploys of acme.csv');
    assert.deepEqual(text.split('\r\n').slice(1), [`2026-11-20T09:00:00.000Z,health,rollback,3f2a91c,3,4,deployed,'=ada|x,"fees ""broke""",this machine`, '']);
  });
});
