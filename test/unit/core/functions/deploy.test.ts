import assert from 'node:assert/strict';
import { digest } from '../../../../src/adapters/files/digest.ts';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { OpsError, isOpsError, throwIfCancelled } from '../../../../src/core/errors.ts';
import { applyDeploy, deployLock, type DeployEvent, type DeployNeeds } from '../../../../src/core/functions/deploy.ts';
import { Ledger } from '../../../../src/core/functions/ledger.ts';
import type { DeployPlan } from '../../../../src/core/functions/plan.ts';
import { ownLive } from '../../../../src/core/functions/ownDeploys.ts';
import { prepareDeploy, type DeployFrom } from '../../../../src/core/functions/prepare.ts';
import { reconcile } from '../../../../src/core/functions/reconcile.ts';
import type { Clock, Logger } from '../../../../src/core/ports.ts';
import { FakeFunctionService } from '../../../fakes/functionService.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';
import { FakeJournal } from '../../../fakes/journal.ts';
import { FakePlaceFiles } from '../../../fakes/placeFiles.ts';
import { FakeStagingArea } from '../../../fakes/stagingArea.ts';
import { FakeBodyArchive, FakeLocks } from '../../../fakes/storage.ts';
import { FakeSupabaseCli } from '../../../fakes/supabaseCli.ts';

const ref = 'abcdefghijklmnopqrst';
const signal = new AbortController().signal;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
/** Sleeps take no time here. */
const clock: Clock = { now: () => 1000, sleep: async (_, ending) => throwIfCancelled(ending) };
const index = 'supabase/functions/health/index.ts';
const shared = 'supabase/functions/_shared/log.ts';

/** A place with a history of two commits, the older one live. */
class World {
  readonly service = new FakeFunctionService();
  readonly staging = new FakeStagingArea();
  readonly cli = new FakeSupabaseCli(this.service, this.staging);
  readonly locks = new FakeLocks();
  readonly journal = new FakeJournal();
  readonly ledger = new Ledger(this.journal, clock);
  readonly bodies = new FakeBodyArchive();
  readonly git = new FakeGitHistory();
  readonly files: FakePlaceFiles;
  readonly events: DeployEvent[] = [];

  constructor() {
    const good = { [index]: 'import "../_shared/log.ts"; Deno.env.get("OLD_KEY")', [shared]: 'good', 'supabase/config.toml': '[functions.health]\nverify_jwt = false' };
    this.git.add('Good', good);
    this.git.add('Broken', { [shared]: 'broken', [index]: 'import "../_shared/log.ts"; Deno.env.get("NEW_KEY")' });
    this.files = new FakePlaceFiles({ ...good, [index]: 'import "../_shared/log.ts"; Deno.env.get("NEW_KEY")', [shared]: 'broken' });
    this.service.secretNames = ['NEW_KEY'];
  }

  async from(subject: string): Promise<DeployFrom> {
    const commit = (await this.git.commitsTouching(['supabase'], 10)).find((one) => one.subject === subject);
    assert.ok(commit);
    return { kind: 'commit', commit };
  }

  async plan(from: DeployFrom | string, action: 'deploy' | 'rollback' = 'deploy'): Promise<DeployPlan> {
    const project = { kind: 'hosted', ref, name: 'acme', environment: 'production' } as const;
    const needs = { project, management: this.service, files: this.files, git: this.git, bodies: this.bodies, toml: tomlReader };
    return prepareDeploy('health', action, typeof from === 'string' ? await this.from(from) : from, needs, signal);
  }

  needs(): DeployNeeds {
    return { management: this.service, cli: this.cli, staging: this.staging, locks: this.locks, ledger: this.ledger, bodies: this.bodies, digest, clock, log: silent, who: 'ada@example.test' };
  }

  apply(plan: DeployPlan, ending: AbortSignal = signal) {
    return applyDeploy(plan, this.needs(), (event) => this.events.push(event), ending);
  }

  text(path: string): string | undefined {
    const content = this.service.live(ref, 'health')?.body.files.get(path);
    return content && new TextDecoder().decode(content);
  }

  async conclusions() {
    return (await this.ledger.deployments()).map(({ intent, conclusion }) => [intent.action, intent.origin.kind, conclusion?.result, conclusion?.versionAfter]);
  }
}

describe('deploying', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('makes a commit live, verifies it and writes it down', async () => {
    const outcome = await world.apply(await world.plan('Broken'));
    assert.deepEqual(outcome, { kind: 'deployed', version: 1 });
    assert.equal(world.text(shared), 'broken');
    assert.equal(world.service.live(ref, 'health')?.fn.verifyJwt, false);
    assert.deepEqual(await world.conclusions(), [['deploy', 'commit', 'deployed', 1]]);
    assert.deepEqual(world.events.map((event) => (event.kind === 'step' ? event.step : event.line)), ['checking', 'staging', 'sending', 'Uploading asset (health)', 'verifying']);
    assert.equal(world.staging.left.size + world.locks.held.size, 0);
    const { fn } = world.service.live(ref, 'health') ?? assert.fail();
    assert.equal(ownLive(fn, await world.ledger.deployments())?.intent.who, 'ada@example.test');
    assert.equal(ownLive({ ...fn, version: fn.version + 1 }, await world.ledger.deployments()), undefined);
  });

  it('plans: what changes, what becomes public, what is missing, what cannot be undone', async () => {
    await world.apply(await world.plan('Broken'));
    const plan = await world.plan('Good', 'rollback');
    assert.deepEqual(plan.changes, { changed: [index, shared], added: [], removed: [] });
    assert.deepEqual(plan.missingSecrets, ['OLD_KEY']);
    assert.deepEqual(plan.verifyJwt, { before: false, after: false, becomesPublic: false });
    assert.deepEqual(plan.irreversible, [{ kind: 'liveBodyReplaced', version: 1, kept: true }, { kind: 'secretsStay' }, { kind: 'requestsServed' }]);
    world.service.deploy(ref, 'health', { entrypoint: index, files: new Map() }, true);
    assert.equal((await world.plan('Good', 'rollback')).verifyJwt.becomesPublic, true);
    world.service.failure = undefined;
    world.files.files.set(shared, 'broken\r\nlines');
    assert.deepEqual((await world.plan({ kind: 'workingTree' })).uncommitted, [shared]);
  });

  it('rolls back to a commit, and then to the body that this replaced', async () => {
    await world.apply(await world.plan('Broken'));
    assert.deepEqual(await world.apply(await world.plan('Good', 'rollback')), { kind: 'deployed', version: 2 });
    assert.equal(world.text(shared), 'good');
    assert.deepEqual(await world.bodies.versions(ref, 'health'), [1]);
    assert.deepEqual(await world.apply(await world.plan({ kind: 'recorded', version: 1 }, 'rollback')), { kind: 'deployed', version: 3 });
    assert.equal(world.text(shared), 'broken');
    await assert.rejects(world.plan({ kind: 'recorded', version: 9 }), (error) => isOpsError(error, 'bodyNotKept'));
  });

  it('does not apply a plan that somebody’s deploy has made stale', async () => {
    await world.apply(await world.plan('Good'));
    const plan = await world.plan('Broken');
    world.service.deploy(ref, 'health', { entrypoint: index, files: new Map([[index, new TextEncoder().encode('theirs')]]) });
    const outcome = await world.apply(plan);
    assert.deepEqual([outcome.kind, outcome.kind === 'stale' && outcome.live?.version], ['stale', 2]);
    assert.equal(world.text(index), 'theirs');
    world.service.remove(ref, 'health');
    assert.deepEqual(await world.apply(plan), { kind: 'stale' });
    assert.equal((await world.conclusions()).length, 1);
  });

  it('runs once per function at a time', async () => {
    const plan = await world.plan('Good');
    const release = await world.locks.tryAcquire(deployLock(ref, 'health'));
    await assert.rejects(world.apply(plan), (error) => isOpsError(error, 'deployRunning'));
    await release?.();
    assert.equal((await world.apply(plan)).kind, 'deployed');
  });

  it('sends nothing when a module is missing', async () => {
    world.git.add('Torn', { [shared]: null });
    const plan = await world.plan('Torn');
    await assert.rejects(world.apply(plan), (error) => isOpsError(error, 'importMissing') && error.facts.path === shared);
    assert.deepEqual([world.cli.requests.length, world.journal.lines.length], [0, 0]);
  });

  it('sends nothing when the ledger cannot be written', async () => {
    world.journal.refuses = 'EROFS';
    await assert.rejects(world.apply(await world.plan('Good')), (error) => isOpsError(error, 'storageFailed'));
    assert.deepEqual([world.cli.requests.length, world.locks.held.size], [0, 0]);
  });

  for (const [title, uploads, state, result] of [
    ['before anything arrived', false, 'unchanged', 'unchanged'],
    ['after it arrived', true, 'asMeant', 'deployed'],
  ] as const) {
    it(`tells the truth about a cancel ${title}`, async () => {
      const abort = new AbortController();
      world.cli.intercept = async (upload) => {
        if (uploads) {
          upload();
        }
        abort.abort();
      };
      const outcome = await world.apply(await world.plan('Good'), abort.signal);
      assert.deepEqual([outcome.kind, 'state' in outcome && outcome.state.kind], ['cancelled', state]);
      assert.deepEqual((await world.conclusions())[0]?.[2], result);
      assert.equal(world.staging.left.size, 0);
    });
  }

  it('tells what is live after a failure, or that nobody could look', async () => {
    const refused = new OpsError('cliFailed', { command: 'supabase functions deploy', exitCode: 1, message: 'no' });
    world.cli.intercept = () => Promise.reject(refused);
    const failed = await world.apply(await world.plan('Good'));
    assert.deepEqual(failed, { kind: 'failed', error: refused, state: { kind: 'unchanged', problem: 'the function is not deployed' } });
    const plan = await world.plan('Good');
    world.cli.intercept = async (upload) => {
      upload();
      world.service.failure = new OpsError('unreachable', { host: 'api.test', reason: 'ENOTFOUND' });
    };
    const unseen = await world.apply(plan);
    assert.deepEqual([unseen.kind, 'state' in unseen && unseen.state], ['failed', { kind: 'unseen', problem: 'unreachable' }]);
    assert.deepEqual((await world.conclusions()).map(([, , result]) => result), ['unchanged', 'unknown']);
  });

  it('notices that something else is live than what was meant', async () => {
    world.cli.intercept = async () => {
      world.service.deploy(ref, 'health', { entrypoint: index, files: new Map([[index, new TextEncoder().encode('theirs')]]) });
    };
    const outcome = await world.apply(await world.plan('Good'));
    assert.ok(outcome.kind === 'failed' && isOpsError(outcome.error, 'deployUnverified'));
    assert.deepEqual(outcome.state, { ...outcome.state, kind: 'other', problem: `version 1 differs in ${index}, ${shared}` });
  });

  it('takes a version that did not move for a failure, though the CLI was content', async () => {
    world.cli.intercept = async () => {};
    const outcome = await world.apply(await world.plan('Good'));
    assert.ok(outcome.kind === 'failed' && isOpsError(outcome.error, 'deployUnverified'));
  });
});

describe('reconciling after a crash', () => {
  const call = { signal, priority: 'view' } as const;

  /** Everything up to the point where the window dies: an intent without a conclusion. */
  async function crash(world: World, uploads: boolean): Promise<void> {
    const plan = await world.plan('Good');
    world.cli.intercept = async (upload) => {
      if (uploads) {
        upload();
      }
    };
    await world.apply(plan);
    world.journal.lines.splice(1);
  }

  for (const [uploads, result] of [
    [true, 'deployed'],
    [false, 'unchanged'],
  ] as const) {
    it(`finds ${result} by what is live`, async () => {
      const world = new World();
      await crash(world, uploads);
      assert.equal((await world.ledger.open()).length, 1);
      const [settled] = await reconcile(ref, world.needs(), call);
      assert.equal(settled?.found.result, result);
      assert.deepEqual(await world.ledger.open(), []);
      assert.deepEqual(await reconcile(ref, world.needs(), call), []);
    });
  }

  it('looks twice before it says that a young deploy changed nothing: the service may still be at it', async () => {
    const world = new World();
    await crash(world, false);
    const slow: Clock = { now: () => 2000, sleep: async () => void world.service.deploy(ref, 'health', { entrypoint: index, files: world.staging.seen.at(-1) ?? new Map() }) };
    assert.equal((await reconcile(ref, { ...world.needs(), clock: slow }, call))[0]?.found.versionAfter, 1);
    const old = new World();
    await crash(old, false);
    const never: Clock = { now: () => 1000 + 60 * 60_000, sleep: () => assert.fail('it is an hour old') };
    assert.equal((await reconcile(ref, { ...old.needs(), clock: never }, call))[0]?.found.result, 'unchanged');
  });

  it('says unknown when somebody else’s body is live', async () => {
    const world = new World();
    await crash(world, false);
    world.service.deploy(ref, 'health', { entrypoint: index, files: new Map([[index, new TextEncoder().encode('theirs')]]) });
    assert.equal((await reconcile(ref, world.needs(), call))[0]?.found.result, 'unknown');
  });

  it('leaves a deploy to the window that is still at it, and other projects alone', async () => {
    const world = new World();
    await crash(world, true);
    const release = await world.locks.tryAcquire(deployLock(ref, 'health'));
    assert.deepEqual(await reconcile(ref, world.needs(), call), []);
    await release?.();
    assert.deepEqual(await reconcile('zzzzzzzzzzzzzzzzzzzz', world.needs(), call), []);
    assert.equal((await world.ledger.open()).length, 1);
  });

  it('passes over entries it does not know', async () => {
    const world = new World();
    world.journal.lines.push('{"kind":"from the future","id":"1","at":1}', 'torn', '7', '{"kind":"conclusion","id":"nobody","at":1,"result":"deployed"}');
    assert.deepEqual(await world.ledger.deployments(), []);
  });
});
