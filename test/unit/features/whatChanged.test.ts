import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { Deployment } from '../../../src/core/functions/ledger.ts';
import { hoursOf } from '../../../src/core/functions/recentChanges.ts';
import type { Connection } from '../../../src/core/project/connection.ts';
import type { SettingsNews } from '../../../src/core/project/settingsWatch.ts';
import { showWhatChanged, type WhatChangedNeeds } from '../../../src/features/functions/whatChanged.ts';
import { errorMessage } from '../../../src/host/errorMessage.ts';
import type { ShownRun, ShownSeries } from '../../../src/host/results.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeGitHistory } from '../../fakes/gitHistory.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { FakeUi } from '../../fakes/ui.ts';

const now = Date.UTC(2026, 10, 20, 9);
const hour = 3_600_000;

describe('what changed', () => {
  let management: FakeManagementApi;
  let git: FakeGitHistory;
  let ui: FakeUi;
  let ledger: Deployment[];
  let connection: Connection;
  let rows: readonly (readonly (string | null)[])[];
  let shown: ShownRun | undefined;
  let untrusted: boolean;
  let team: WhatChangedNeeds['team'];
  let settings: SettingsNews;
  beforeEach(() => {
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    git = new FakeGitHistory();
    ui = new FakeUi();
    ledger = [];
    rows = [];
    untrusted = false;
    team = async () => [];
    settings = { changes: [], since: new Map([['auth', now - 40 * 24 * hour]]), unread: [] };
    connection = fakeConnection({ management });
  });
  afterEach(() => ui.done());

  const needs = (): WhatChangedNeeds => ({
    session: { connection: () => connection },
    ui,
    clock: new FakeClock(now),
    deployments: async () => ledger,
    team,
    lookAtSettings: async () => settings,
    history: async () => (untrusted ? Promise.reject(new OpsError('untrusted', { what: 'Reading the git history' })) : git),
    results: {
      show: async (run: ShownRun | ShownSeries) => {
        assert.ok('run' in run);
        shown = run;
        for await (const event of run.run(new AbortController().signal)) {
          rows = event.kind === 'rows' ? [...rows, ...event.rows] : rows;
        }
        return { kind: 'done', rowCount: rows.length };
      },
    },
  });

  it('is one list, newest first, of commits, deploys from here and elsewhere, migrations and secrets', async () => {
    git.add('Old', { 'supabase/functions/a/index.ts': '1' });
    git.add('elsewhere', { 'README.md': 'x' });
    const fix = git.add('Fix the fee', { 'supabase/functions/a/index.ts': '2' });
    Object.assign(await git.commit(fix), { time: now - 2 * hour });
    management.now = now - hour;
    const own = management.deploy(acme.ref, 'mint-token');
    management.now = now - 3 * hour;
    management.deploy(acme.ref, 'health');
    management.now = now - 30 * hour;
    management.deploy(acme.ref, 'quiet');
    ledger = [
      {
        intent: { kind: 'intent', id: '1', at: now - hour, ref: acme.ref, slug: 'mint-token', action: 'rollback', origin: { kind: 'commit', commit: '3f2a91c0' }, who: 'ada', files: [], versionBefore: 0 },
        conclusion: { kind: 'conclusion', id: '1', at: now - hour, result: 'deployed', versionAfter: own.version, bundleAfter: own.bundleSha256 ?? '' },
      },
    ];
    const project = management.addProject(acme.ref);
    project.functions.push(own, { ...own, slug: 'health', version: 7, bundleSha256: 'x', updatedAt: now - 3 * hour }, { ...own, slug: 'quiet', bundleSha256: 'y', updatedAt: now - 30 * hour });
    project.migrations.push({ version: '20261120040000', name: 'add_fees' }, { version: '20260101000000', name: 'old' }, { version: 'seed' });
    project.secrets.set('OPENAI_API_KEY', { value: 'x', updatedAt: now - 4 * hour }).set('SUPABASE_URL', { value: 'x', updatedAt: now });

    await showWhatChanged(needs(), { hours: 24 });
    assert.deepEqual(rows, [
      ['2026-11-20 08:00:00', 'deploy', 'Rolled back mint-token', 'v0 → v1 · 3f2a91c', 'ada'],
      ['2026-11-20 07:00:00', 'commit', 'Fix the fee', fix.slice(0, 7), 'Ada'],
      ['2026-11-20 06:00:00', 'deploy', 'health was deployed elsewhere', 'v7', null],
      ['2026-11-20 05:00:00', 'secret', 'OPENAI_API_KEY', 'set', null],
      ['2026-11-20 04:00:00', 'migration', 'add_fees', '20261120040000', null],
    ]);
    assert.deepEqual(shown?.again, { command: 'functions.showWhatChanged', argument: { hours: 24 } });
  });

  it('says what could not be read, and lists the rest', async () => {
    management.fail('secrets', new OpsError('permissionMissing', { operation: 'list secrets', account: 'me' }));
    management.now = now;
    management.deploy(acme.ref, 'health');
    untrusted = true;
    ui.willPick('In the last hour');
    await showWhatChanged(needs(), undefined);
    assert.deepEqual(rows.map(([time, kind, what]) => [time, kind, what]), [
      [null, 'commits', 'could not be read'],
      [null, 'secrets', 'could not be read'],
      ['2026-11-20 09:00:00', 'deploy', 'health was deployed elsewhere'],
    ]);
    assert.match(rows[0]?.[3] ?? '', /trusted workspace/);
  });

  it('names who deployed elsewhere where the team tells it', async () => {
    management.now = now - hour;
    const { version, bundleSha256 = '' } = management.deploy(acme.ref, 'health');
    management.deploy(acme.ref, 'auth');
    team = async () => [{ id: 'b', at: now - hour, ref: acme.ref, slug: 'health', action: 'deploy', commit: '3f2a91c0', exact: true, who: 'bob', versionAfter: version, bundleAfter: bundleSha256, reason: 'fees' }];
    await showWhatChanged(needs(), { hours: 24 });
    assert.deepEqual(rows, [
      ['2026-11-20 08:00:00', 'deploy', 'Deployed health', `v– → v${version} · 3f2a91c · told by a note · fees`, 'bob'],
      ['2026-11-20 08:00:00', 'deploy', 'auth was deployed elsewhere', 'v1', null],
    ]);
    team = async () => Promise.reject(new OpsError('gitFailed', { command: 'ls-tree', message: 'bad object' }));
    rows = [];
    await showWhatChanged(needs(), { hours: 24 });
    assert.deepEqual(rows.slice(0, 1).map(([, kind, what]) => [kind, what]), [['deploys of the team', 'could not be read']]);
  });

  it('has settings that were seen changed, and says since when changes of them are known', async () => {
    const setting = { part: 'auth', name: 'disable_signup', before: 'false', after: 'true', notBefore: now - 3 * hour, seenAt: now - hour } as const;
    const old = { ...setting, name: 'jwt_exp', seenAt: now - 30 * hour };
    const error = new OpsError('permissionMissing', { operation: 'read the settings of the network', account: 'me' });
    settings = { changes: [old, setting], since: new Map([['auth', now - 2 * hour], ['tls', now - 5 * hour]]), unread: [{ part: 'network', error }] };
    await showWhatChanged(needs(), { hours: 24 });
    assert.deepEqual(rows.map((row) => row.slice(0, 4)), [
      [null, 'settings', 'could not be read', errorMessage(error).message],
      [null, 'settings', 'known only since 2026-11-20 07:00:00', 'this machine had not looked before; the platform keeps no list'],
      ['2026-11-20 08:00:00', 'setting', 'auth: disable_signup', 'false → true · after 2026-11-20 06:00:00'],
    ]);
  });

  it('has the commits alone where there is no Management API', async () => {
    connection = fakeConnection({});
    Object.assign(await git.commit(git.add('Fix', { 'supabase/config.toml': '' })), { time: now });
    await showWhatChanged(needs(), { command: 'git log --since=yesterday' });
    assert.deepEqual(rows.map(([, kind, what]) => [kind, what]), [['commit', 'Fix']]);
  });

  for (const [command, hours] of [
    ['git log --oneline --since="24 hours ago"', 24],
    ["git log --since='2 weeks ago'", 336],
    ['git log --since=3.days.ago', 72],
    ['git log --since yesterday', 24],
    ['git log --since="an hour ago"', 1],
    ['git log --since="30 minutes"', 0.5],
    ['git log --since=2026-11-01', undefined],
    ['git log -5', undefined],
  ] as const) {
    it(`reads “${command}”`, () => assert.equal(hoursOf(command), hours));
  }
});
