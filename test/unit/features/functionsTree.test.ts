import assert from 'node:assert/strict';
import { OpsError } from '../../../src/core/errors.ts';
import type { EdgeFunction } from '../../../src/core/functions/edgeFunction.ts';
import type { DeployAction, Deployment, Intent } from '../../../src/core/functions/ledger.ts';
import type { Live } from '../../../src/core/functions/live.ts';
import { LiveCommits, type LiveAnswer } from '../../../src/core/functions/liveCommits.ts';
import { ActiveTails, type TailState } from '../../../src/core/logs/activeTails.ts';
import type { FunctionStatistics } from '../../../src/core/logs/log.ts';
import type { TeamDeploy } from '../../../src/core/functions/sharedLedger.ts';
import type { Commit } from '../../../src/core/ports.ts';
import type { SecretRead } from '../../../src/core/secrets/secretMap.ts';
import { functionRow } from '../../../src/features/functions/functionRow.ts';
import { listFunctions, type FunctionsNeeds } from '../../../src/features/functions/list.ts';
import type { FunctionNode } from '../../../src/features/functions/nodes.ts';
import { commitRow, deploymentRow } from '../../../src/features/functions/pastRows.ts';
import { functionsTree } from '../../../src/features/functions/tree.ts';
import { FakeClock, settle } from '../../fakes/clock.ts';
import { acme, fakeConnection, type FakeWays } from '../../fakes/connection.ts';
import { FakeLogStore, logLine } from '../../fakes/logStore.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { TestSession } from '../../fakes/session.ts';

const now = Date.UTC(2026, 10, 20, 9);
const hour = 3_600_000;

const deployed: EdgeFunction = { id: 'id-1', slug: 'mint-token', name: 'mint-token', status: 'ACTIVE', version: 12, createdAt: now - 90 * 24 * hour, updatedAt: now - 3 * hour, verifyJwt: true };
const node: FunctionNode = { kind: 'function', slug: 'mint-token', ref: acme.ref, deployed, local: true, missingSecrets: [] };
const commit: Commit = { hash: '3f2a91c'.padEnd(40, '0'), subject: 'Mint with a fee', author: 'Ada', time: now - 2 * hour, refs: ['main', 'v1.2'] };

const statistics = (requests: number, errors: number, p95Ms?: number): FunctionStatistics => ({ functionId: 'id-1', requests, errors, ...(p95Ms === undefined ? {} : { p95Ms }) });

function liveAt(behind: number | undefined, uncommitted: string[] = []): LiveAnswer {
  return {
    kind: 'known',
    knowledge: { live: { kind: 'commit', commit, evidence: 'ledger', alike: 0, unlike: [], jwtDiffers: false, ...(behind === undefined ? {} : { behind }) }, uncommitted },
  };
}

/** What was done from here and went through, three hours ago. */
function deployment(action: DeployAction, versionAfter: number, change: Partial<Intent> = {}): Deployment {
  return {
    intent: { kind: 'intent', id: `${action}-${versionAfter}`, at: now - 3 * hour, ref: acme.ref, slug: 'health', action, origin: { kind: 'none' }, who: 'ada', files: [], versionBefore: versionAfter - 1, ...change },
    conclusion: { kind: 'conclusion', id: `${action}-${versionAfter}`, at: now - 3 * hour, result: 'deployed', versionAfter, bundleAfter: `sha256-of-health-${versionAfter}` },
  };
}

function row(change: Partial<FunctionNode> = {}, tail?: TailState) {
  return functionRow({ ...node, ...change }, tail, now);
}

describe('the row of a function', () => {
  it('tells what is deployed, since when, and what a click and the menus take it for', () => {
    const { tooltip, ...rest } = row();
    assert.deepEqual(rest, {
      id: 'function/mint-token',
      kind: 'function',
      label: 'mint-token',
      description: 'v12 · 3 h ago',
      icon: { name: 'pass', state: 'ok' },
      states: ['deployed', 'running', 'local'],
      expandable: 'collapsed',
      click: 'functions.openSource',
    });
    assert.deepEqual(tooltip, ['mint-token', 'Version 12, ACTIVE', 'Deployed 2026-11-20T06:00:00.000Z', 'Asks for a JWT']);
  });

  it('has everything of a bad morning in the order of its weight', () => {
    assert.equal(row({ live: liveAt(2), statistics: statistics(1000, 72, 640.4), missingSecrets: ['OPENAI_API_KEY'] }, { kind: 'following' }).description, 'v12 · 7.2 % errors · tailing · 3f2a91c, 2 behind · p95 640 ms · missing OPENAI_API_KEY · 3 h ago');
  });

  it('of one that is only in the repository says so, and offers nothing that takes a deployed one', () => {
    const local: FunctionNode = { kind: 'function', slug: 'new', ref: acme.ref, local: true, missingSecrets: [] };
    const { description, icon, states, tooltip } = functionRow(local, undefined, now);
    assert.deepEqual({ description, icon, states, tooltip }, { description: 'not deployed', icon: { name: 'circle-outline' }, states: ['local'], tooltip: ['new', 'In the repository, not deployed'] });
  });

  it('of one that is only deployed says so, and unfolds to what was done to it', () => {
    const { description, states, expandable, tooltip } = row({ local: false });
    assert.deepEqual({ description, states, expandable }, { description: 'v12 · not in the repository · 3 h ago', states: ['deployed', 'running'], expandable: 'collapsed' });
    assert.ok(tooltip?.includes('Deployed, not in the repository'));
  });

  for (const [status, name, state] of [
    ['THROTTLED', 'warning', 'warn'],
    ['REMOVED', 'error', 'critical'],
    ['SOMETHING_NEW', 'question', 'unknown'],
    ['constructor', 'question', 'unknown'],
  ] as const) {
    it(`shows the platform’s state ${status} as ${state}, in words too`, () => {
      const { icon, description } = row({ deployed: { ...deployed, status } });
      assert.deepEqual(icon, { name, state });
      assert.match(description ?? '', new RegExp(status.toLowerCase()));
    });
  }

  for (const [requests, errors, state, words] of [
    [1000, 0, 'ok', '0 % errors'],
    [1000, 10, 'ok', '1.0 % errors'],
    [1000, 11, 'warn', '1.1 % errors'],
    [1000, 50, 'warn', '5.0 % errors'],
    [1000, 51, 'critical', '5.1 % errors'],
  ] as const) {
    it(`is ${state} at ${errors} errors of ${requests} requests`, () => {
      const { icon, description } = row({ statistics: statistics(requests, errors) });
      assert.equal(icon?.state, state);
      assert.match(description ?? '', new RegExp(words));
    });
  }

  it('says that a function answers without a JWT', () => {
    assert.equal(row({ deployed: { ...deployed, verifyJwt: false } }).description, 'v12 · no JWT · 3 h ago');
  });

  it('says nothing of errors of a function that nobody called', () => {
    assert.equal(row({ statistics: statistics(0, 0) }).description, 'v12 · 3 h ago');
  });

  const known = (live: Live): LiveAnswer => ({ kind: 'known', knowledge: { live, uncommitted: [] } });
  const answers: readonly (readonly [string, LiveAnswer, string])[] = [
    ['the newest commit', liveAt(0), 'live = HEAD'],
    ['an older commit', liveAt(3), '3f2a91c, 3 behind'],
    ['a commit of another branch', liveAt(undefined), '3f2a91c, another branch'],
    ['the newest commit while work is unfinished', liveAt(0, ['index.ts']), 'live = HEAD · working tree differs'],
    ['what no commit holds', known({ kind: 'unknown', evidence: 'ledger', differing: ['index.ts'] }), 'matches no commit'],
    ['what is not in the repository', known({ kind: 'notInRepository' }), 'not in the repository'],
  ];
  for (const [what, live, words] of answers) {
    it(`names ${what}`, () => {
      assert.equal(row({ live }).description, `v12 · ${words} · 3 h ago`);
    });
  }

  it('says in its tooltip what keeps the live commit from being known', () => {
    assert.ok(row({ live: { kind: 'looking' } }).tooltip?.includes('Looking for the live commit…'));
    const failed = row({ live: { kind: 'failed', error: new OpsError('gitFailed', { command: 'log', message: 'bad object' }) } });
    assert.ok(failed.tooltip?.some((line) => line.startsWith('The live commit could not be looked up: git log failed: bad object')));
    assert.equal(failed.description, 'v12 · 3 h ago');
  });

  it('says why its tail waits', () => {
    const { description, states } = row({}, { kind: 'waiting', because: 'api.supabase.com cannot be reached' });
    assert.equal(description, 'v12 · tail waits: api.supabase.com cannot be reached · 3 h ago');
    assert.deepEqual(states?.slice(0, 4), ['deployed', 'running', 'local', 'tailing']);
  });

  it('warns of one that answers without a token', () => {
    assert.ok(row({ deployed: { ...deployed, verifyJwt: false } }).tooltip?.includes('Answers without a JWT'));
  });

  it('shows control characters of outside text, in one line each', () => {
    const forged = 'x\u202e\n\u001b';
    const { label, description, tooltip } = functionRow({ ...node, slug: forged, deployed: { ...deployed, name: forged, status: forged }, missingSecrets: [forged] }, { kind: 'waiting', because: forged }, now);
    for (const text of [label, description ?? '', ...(tooltip ?? [])]) {
      assert.doesNotMatch(text, /[\u0000-\u001f\u202e]/);
    }
    assert.equal(label, 'x\\u{202e}␊␛');
  });
});

describe('the row of a commit', () => {
  it('tells which one is live, and compares at a click', () => {
    const { tooltip, ...rest } = commitRow({ kind: 'commit', slug: 'mint-token', ref: acme.ref, commit, isLive: true }, now);
    assert.deepEqual(rest, {
      id: `function/mint-token/commit/${commit.hash}`,
      kind: 'commit',
      label: 'Mint with a fee',
      description: 'live · 3f2a91c · 2 h · main · v1.2',
      icon: { name: 'git-commit', state: 'ok' },
      states: ['live'],
      click: 'functions.showChanges',
    });
    assert.deepEqual(tooltip, ['Mint with a fee', 'Ada', '2026-11-20T07:00:00.000Z', commit.hash]);
  });

  it('says until when it was live', () => {
    const { description } = commitRow({ kind: 'commit', slug: 'mint-token', ref: acme.ref, commit, isLive: false, liveUntil: now - hour }, now);
    assert.equal(description, 'was live until 1 h ago · 3f2a91c · 2 h · main · v1.2');
  });

  it('does not let a subject forge anything', () => {
    const { label } = commitRow({ kind: 'commit', slug: 'mint-token', ref: acme.ref, commit: { ...commit, subject: 'fix\u001b[8m\u202e' }, isLive: false }, now);
    assert.equal(label, 'fix␛[8m\\u{202e}');
  });
});

describe('the row of what was done from here', () => {
  it('tells what, from which commit, when and by whom', () => {
    const { label, description, icon } = deploymentRow({ kind: 'deployment', slug: 'health', ref: acme.ref, deployment: deployment('rollback', 13, { origin: { kind: 'commit', commit: commit.hash } }) }, now);
    assert.deepEqual([label, description, icon], ['Rolled back: v12 → v13', '3f2a91c · 3 h · ada', { name: 'cloud-upload' }]);
  });

  it('tells an end that nobody saw from one that was verified', () => {
    const { intent, conclusion } = deployment('deploy', 2, { origin: { kind: 'recorded', version: 1 } });
    const description = (known: Deployment) => deploymentRow({ kind: 'deployment', slug: 'health', ref: acme.ref, deployment: known }, now).description;
    assert.equal(description({ intent }), 'not ended · body of v1 · 3 h · ada');
    assert.ok(conclusion);
    assert.match(description({ intent, conclusion: { ...conclusion, result: 'unknown' } }) ?? '', /^not verified · /);
    assert.match(description({ intent, conclusion: { ...conclusion, result: 'unchanged' } }) ?? '', /^nothing changed · /);
  });
});

describe('the list of functions', () => {
  let management: FakeManagementApi;
  let logs: FakeLogStore;
  let local: string[];
  let reads: SecretRead[];
  let ledger: Deployment[];
  let team: TeamDeploy[];
  const places = { functions: async () => local, secretReads: async () => ({ reads, complete: true }) };
  const list = (ways: FakeWays = { management, logs, clock: new FakeClock(now) }) => listFunctions({ places, deployments: async () => ledger, team: async () => team }, fakeConnection(ways), new AbortController().signal);
  beforeEach(() => {
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    logs = new FakeLogStore();
    local = [];
    reads = [];
    ledger = [];
    team = [];
  });

  it('has what is deployed and what is in the repository, by name, each once', async () => {
    management.deploy(acme.ref, 'health');
    management.deploy(acme.ref, 'auth');
    local = ['health', 'new'];
    assert.deepEqual((await list()).map((fn) => [fn.slug, fn.deployed?.version, fn.local]), [['auth', 1, false], ['health', 1, true], ['new', undefined, true]]);
  });

  it('knows the numbers of the last hour by the function’s id', async () => {
    const fn = management.deploy(acme.ref, 'health');
    management.deploy(acme.ref, 'auth');
    logs.add(logLine({ time: now - 60_000, service: 'invocations', functionId: fn.id, status: 500 }));
    assert.deepEqual((await list()).map(({ slug, statistics: counted }) => [slug, counted?.errors]), [['auth', undefined], ['health', 1]]);
  });

  it('counts what a replaced version did wrong against that version, so that undoing a deploy is seen', async () => {
    const fn = management.deploy(acme.ref, 'health');
    const failing = logLine({ time: now - 60_000, service: 'invocations', functionId: fn.id, version: String(fn.version), status: 500 });
    logs.add(failing);
    const shown = async () => functionRow((await list())[0] ?? assert.fail(), undefined, now);
    assert.deepEqual([(await shown()).icon?.state, (await shown()).description?.includes('100.0 % errors')], ['critical', true]);
    management.deploy(acme.ref, 'health');
    const after = await shown();
    assert.deepEqual([after.icon?.state, after.description?.includes('no calls yet')], ['ok', true]);
    assert.ok(after.tooltip?.includes('Before, as version 1: 1 requests, 1 answered with 5xx'));
    logs.add({ ...failing, id: 'z', version: '2', status: 200 });
    assert.match((await shown()).description ?? '', / 0 % errors /);
  });

  it('knows what a function’s own code reads and nobody set, once', async () => {
    management.deploy(acme.ref, 'health');
    management.deploy(acme.ref, 'auth');
    await management.setSecrets(acme.ref, [{ name: 'JWT_SECRET', value: 'x' }], { signal: new AbortController().signal, priority: 'user' });
    const path = 'supabase/functions/auth/index.ts';
    reads = [{ name: 'JWT_SECRET', path, offset: 0 }, { name: 'SMTP', path, offset: 9 }, { name: 'SMTP', path, offset: 19 }, { name: 'OTHER', path: 'supabase/functions/_shared/db.ts', offset: 0 }];
    assert.deepEqual((await list()).map(({ slug, missingSecrets }) => [slug, missingSecrets]), [['auth', ['SMTP']], ['health', []]]);
  });

  it('knows who paused a function, and that somebody else deployed since', async () => {
    management.deploy(acme.ref, 'health');
    const facts = async () => (await list()).map(({ paused, elsewhere }) => [paused, elsewhere]);
    assert.deepEqual(await facts(), [[undefined, false]]);
    ledger = [deployment('pause', 1)];
    const [paused] = await list();
    assert.ok(paused);
    assert.deepEqual([paused.paused, paused.elsewhere], [{ since: now - 3 * hour, by: 'ada' }, false]);
    const shown = functionRow(paused, undefined, now);
    assert.match(shown.description ?? '', /^v1 · paused 3 h ago by ada · /);
    assert.deepEqual([shown.icon, shown.states], [{ name: 'debug-pause', state: 'warn' }, ['deployed', 'paused']]);
    management.deploy(acme.ref, 'health');
    assert.deepEqual(await facts(), [[undefined, true]]);
    const [elsewhere] = await list();
    assert.match((elsewhere && functionRow(elsewhere, undefined, now).description) ?? '', / · deployed elsewhere · /);
    const { version, bundleSha256 = '' } = elsewhere?.deployed ?? assert.fail();
    const note: TeamDeploy = { id: 'b', at: now - hour, ref: acme.ref, slug: 'health', action: 'deploy', commit: commit.hash, exact: true, who: 'bob\n', versionAfter: version, bundleAfter: bundleSha256, reason: 'fees' };
    team = [{ ...note, bundleAfter: 'of another body' }];
    assert.match(functionRow((await list())[0] ?? assert.fail(), undefined, now).description ?? '', / · deployed elsewhere · /);
    team = [note];
    const named = functionRow((await list())[0] ?? assert.fail(), undefined, now);
    assert.match(named.description ?? '', / · deployed by bob\u240a · /);
    assert.ok(named.tooltip?.includes('A note of the team says: deployed by bob\u240a at 2026-11-20T08:00:00.000Z from 3f2a91c · fees'));
  });

  it('is there without the numbers and the secrets that a token may not read', async () => {
    management.deploy(acme.ref, 'health');
    management.fail('secrets', new OpsError('permissionMissing', { operation: 'list secrets', account: 'me' }));
    logs.failNext(new OpsError('permissionMissing', { operation: 'read logs', account: 'me' }));
    assert.deepEqual((await list()).map(({ slug, missingSecrets }) => [slug, missingSecrets]), [['health', []]]);
  });

  it('fails when the functions cannot be listed, and is no empty list', async () => {
    local = ['health'];
    const denied = new OpsError('permissionMissing', { operation: 'list functions', account: 'me' });
    management.fail('functions', denied);
    await assert.rejects(list(), (error) => error === denied);
  });

  it('has the local ones where there is no Management API', async () => {
    local = ['health'];
    assert.deepEqual((await list({})).map(({ slug }) => slug), ['health']);
  });

  it('asks each list once, all at the same time', async () => {
    await list();
    assert.deepEqual(management.calls.map(({ method }) => method).sort(), ['functions', 'secrets']);
  });

  it('holds ten thousand functions, each with its row', async () => {
    const { functions } = management.addProject(acme.ref);
    for (let index = 0; index < 10_000; index++) {
      const slug = `fn-${String((index * 7919) % 10_000).padStart(5, '0')}`;
      functions.push({ ...deployed, id: `id-${slug}`, slug, name: slug });
    }
    local = functions.filter((_, index) => index % 2 === 0).map(({ slug }) => slug);
    const nodes = await list();
    const rows = nodes.map((fn) => functionRow(fn, undefined, now));
    assert.equal(rows.length, 10_000);
    assert.equal(new Set(rows.map(({ id }) => id)).size, 10_000);
    assert.deepEqual([rows[0]?.label, rows[9999]?.label], ['fn-00000', 'fn-09999']);
    assert.equal(rows.filter(({ states }) => states?.includes('local')).length, 5000);
  });
});

describe('the view of functions', () => {
  let world: TestSession;
  let management: FakeManagementApi;
  let needs: FunctionsNeeds;
  let changes: number;
  beforeEach(() => {
    world = new TestSession();
    management = new FakeManagementApi();
    management.addProject(acme.ref);
    management.deploy(acme.ref, 'health');
    needs = {
      session: world.session,
      tails: new ActiveTails(),
      clock: new FakeClock(now),
      places: { functions: async () => ['health'], secretReads: async () => ({ reads: [], complete: true }) },
      live: new LiveCommits({ tools: () => Promise.reject(new OpsError('untrusted', { what: 'Reading the history' })) }),
      commits: async () => [{ commit, identity: '', source: { slug: 'health', entrypoint: '', staticFiles: [], disabled: false, files: new Map(), missing: [], pointers: [] }, files: [], isLive: false }],
      deployments: async () => [deployment('pause', 12)],
      team: async () => [],
    };
    changes = 0;
  });

  function tree() {
    const made = functionsTree(needs);
    made.onDidChange(() => changes++);
    return made;
  }

  it('lists functions, and unfolds one to the commits that changed it and what was done to it', async () => {
    await world.show(fakeConnection({ management }));
    const view = tree();
    const [health] = await view.children(undefined);
    assert.ok(health);
    assert.equal(view.row(health).label, 'health');
    const [changed, done, ...more] = await view.children(health);
    assert.ok(changed && done);
    assert.equal(view.row(changed).label, 'Mint with a fee');
    assert.equal(view.row(done).label, 'Paused: v11 → v12');
    assert.deepEqual([more, await view.children(changed), await view.children(done)], [[], [], []]);
  });

  it('puts what the team tells among what was done from here, by time, as what it is', async () => {
    const note: TeamDeploy = { id: 'b', at: now - hour, ref: acme.ref, slug: 'health', action: 'rollback', commit: commit.hash, exact: false, who: 'bob', versionBefore: 12, versionAfter: 13, reason: 'fees' };
    needs = { ...needs, commits: async () => [], team: async () => [{ ...note, slug: 'auth' }, { ...note, id: 'a', at: now - 4 * hour }, note] };
    await world.show(fakeConnection({ management }));
    const view = tree();
    const [health] = await view.children(undefined);
    const rows = (await view.children(health ?? assert.fail())).map((known) => view.row(known));
    assert.deepEqual(rows.map(({ label, states, icon }) => [label, states, icon?.name]), [['Rolled back: v12 → v13', undefined, 'organization'], ['Paused: v11 → v12', ['own'], 'cloud-upload'], ['Rolled back: v12 → v13', undefined, 'organization'], ['No commit here touched it', undefined, 'info']]);
    assert.equal(rows[0]?.description, 'fees · 1 h · bob');
    assert.ok(rows[0]?.tooltip?.includes('Told by a note of the team'));
    needs = { ...needs, team: async () => Promise.reject(new OpsError('gitFailed', { command: 'ls-tree', message: 'bad object' })) };
    assert.deepEqual((await tree().children(health)).map(({ kind }) => kind), ['deployment', 'noCommits']);
  });

  it('has what fails first, then the others by name', async () => {
    for (const slug of ['auth', 'mint-token', 'upload']) {
      management.deploy(acme.ref, slug);
    }
    const idOf = async (slug: string) => (await management.functions(acme.ref, { signal: AbortSignal.timeout(1000), priority: 'view' })).find((fn) => fn.slug === slug)?.id ?? '';
    const logs = new FakeLogStore();
    for (const [slug, failures] of [['auth', 0], ['upload', 2], ['mint-token', 23]] as const) {
      const functionId = await idOf(slug);
      logs.add(...Array.from({ length: 100 }, (_, call) => logLine({ time: now - 60_000 + call, service: 'invocations', functionId, status: call < failures ? 500 : 200 })));
    }
    await world.show(fakeConnection({ management, logs, clock: new FakeClock(now) }));
    needs = { ...needs, deployments: async () => [] };
    const view = tree();
    assert.deepEqual((await view.children(undefined)).map((each) => view.row(each).label), ['mint-token', 'upload', 'auth', 'health']);
  });

  it('shows versions that came from elsewhere between what was done from here', async () => {
    needs = { ...needs, commits: async () => [], deployments: async () => [deployment('deploy', 3, { at: now - 5 * hour }), deployment('deploy', 6, { id: 'later' })] };
    management.addProject(acme.ref).functions.push({ ...deployed, slug: 'health', version: 6 });
    await world.show(fakeConnection({ management }));
    const view = tree();
    const [health] = await view.children(undefined);
    const rows = (await view.children(health ?? assert.fail())).map((known) => view.row(known));
    assert.deepEqual(rows.map(({ label }) => label), ['Deployed: v5 → v6', 'Deployed elsewhere: v4 – v5', 'Deployed: v2 → v3', 'No commit here touched it']);
    assert.equal(rows[1]?.description, 'between 3 h and 3 h ago');
  });

  it('begins with tails that no other row shows, with their state', async () => {
    await world.show(fakeConnection({ management }));
    const view = tree();
    const reins = { stop: () => {}, pause: () => {}, resume: () => {}, show: () => {}, budget: () => [], filter: async () => {} };
    const start = (key: string, ref = acme.ref, name = key) => needs.tails.start({ ref, key, name, state: { kind: 'following' }, filter: {}, query: { services: ['functions'] }, store: new FakeLogStore(), since: 0, reins });
    start('*', acme.ref, 'all functions · acme');
    start('health');
    start('service postgres');
    start('service *', acme.ref, 'everything · acme');
    start('*', 'bcdefghijklmnopqrstu');
    needs.tails.ended(acme.ref, 'service *', 'no allowance left');
    const rows = (await view.children(undefined)).map((node) => view.row(node));
    assert.deepEqual(rows.map(({ label, description, states, click }) => [label, description, states, click]).slice(0, 2), [
      ['all functions · acme', 'tailing', ['tailing', 'tailActive'], 'logs.showTail'],
      ['everything · acme', 'tail ended: no allowance left', ['tailing'], 'logs.showTail'],
    ]);
    assert.deepEqual(rows.slice(2).map(({ label }) => label), ['health']);
    assert.equal(changes > 0, true);
    needs.tails.stopAll();
  });

  it('says why there are no commits: of what is not in the folder, and without a history', async () => {
    management.addProject(acme.ref).functions.push({ ...deployed, slug: 'stranger', version: 3 });
    needs = { ...needs, commits: async () => undefined, deployments: async () => [] };
    await world.show(fakeConnection({ management }));
    const view = tree();
    const stranger = (await view.children(undefined)).find((node) => node.kind === 'function' && node.slug === 'stranger') ?? assert.fail();
    assert.equal(view.row(stranger).expandable, 'collapsed');
    assert.deepEqual((await view.children(stranger)).map((node) => view.row(node).label), ['No history here']);
  });

  it('is empty without a project', async () => {
    assert.deepEqual(await tree().children(undefined), []);
  });

  it('asks again when another project is shown, and at a refresh', async () => {
    const session = await world.show(fakeConnection({ management }));
    tree();
    await session.refresh();
    assert.ok(changes > 0);
    const before = changes;
    await world.show(fakeConnection({ management }));
    assert.ok(changes > before);
  });

  it('shows a new version after it was forgotten by a deploy', async () => {
    const connection = fakeConnection({ management });
    const session = await world.show(connection);
    const view = tree();
    await view.children(undefined);
    management.deploy(acme.ref, 'health');
    session.forget(connection, 'functions');
    const [health] = await view.children(undefined);
    assert.ok(health);
    assert.match(view.row(health).description ?? '', /^v2/);
  });

  it('leaves no rejection unheard when the history may not be read', async () => {
    await world.show(fakeConnection({ management, place: { id: 'file:///work/shop', name: 'shop', folder: '/work/shop' } }));
    const [health] = await tree().children(undefined);
    await settle();
    assert.ok(health?.kind === 'function' && health.live === undefined);
  });
});
