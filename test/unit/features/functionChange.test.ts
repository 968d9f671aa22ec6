import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { reconcile } from '../../../src/core/functions/reconcile.ts';
import { changeVerifyJwt, deleteFunction } from '../../../src/features/deploy/change.ts';
import { rollBack } from '../../../src/features/deploy/rollback.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const call = { signal: new AbortController().signal, priority: 'check' } as const;

describe('deleting a function', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.management.deploy(acme.ref, 'health', new Map([[healthIndex, new TextEncoder().encode('code')]]), { verifyJwt: false });
  });
  afterEach(() => world.ui.done());

  it('asks for the project’s name, keeps the body, and brings it back as it was', async () => {
    world.ui.willConsent('acme');
    await deleteFunction(world.needs(), { node: { kind: 'function', slug: 'health' } });
    assert.equal(await world.version('health'), undefined);
    assert.deepEqual(world.plan(), {
      question: 'Delete health from acme?',
      lines: [
        'acme counts as production.',
        'Version 1 answers no call any more; callers get 404.',
        'Its files are kept on this machine: rolling back brings them back, under a new id and as version 1.',
        'Its logs and numbers stay with the id that is deleted.',
      ],
    });
    assert.equal(world.ui.told.at(-1)?.message, 'health is deleted.');
    await world.ui.press('Bring Back');
    const [command, argument] = world.ran.at(-1) ?? [];
    assert.equal(command, 'functions.rollback');
    world.ui.willConsent();
    await rollBack(world.needs(), argument);
    assert.equal(await world.live('health'), 'code');
    assert.equal(world.cli.requests.at(-1)?.verifyJwt, false);
    assert.deepEqual(await world.deeds(), ['delete health 1 → – deployed', 'rollback health – → 1 deployed']);
  });

  it('says when there will be no way back, and offers none', async () => {
    world.management.fail('functionBody', new OpsError('badAnswer', { operation: 'download', problem: 'an eszip' }));
    world.ui.willConsent('acme');
    await deleteFunction(world.needs(), 'health');
    assert.ok(world.plan().lines.some((line) => line.includes('are not kept: only the repository can bring it back')));
    assert.deepEqual(world.ui.told.at(-1)?.actions, []);
  });

  it('does nothing when the body cannot be kept', async () => {
    world.bodies.put = async () => Promise.reject(new OpsError('storageFailed', { path: 'bodies', reason: 'ENOSPC' }));
    world.ui.willConsent('acme');
    await assert.rejects(deleteFunction(world.needs(), 'health'), (error) => isOpsError(error, 'storageFailed'));
    assert.equal(await world.version('health'), 1);
  });

  it('does nothing to what somebody deployed meanwhile, and shows the plan again', async () => {
    const consent = world.ui.consent.bind(world.ui);
    world.ui.consent = async (plan) => {
      await consent(plan);
      if (world.ui.plans.length === 1) {
        world.deployElsewhere('health', { [healthIndex]: 'theirs' });
      }
    };
    // The name that was typed counts for a while: the plan is shown again, and only pressed.
    world.ui.willConsent('acme').willDismiss();
    await assert.rejects(deleteFunction(world.needs(), 'health'), (error) => isOpsError(error, 'cancelled'));
    assert.equal(await world.live('health'), 'theirs');
    assert.deepEqual(await world.deeds(), []);
  });

  it('tells what is the case when the service fails', async () => {
    world.management.fail('deleteFunction', new OpsError('serviceFailed', { operation: 'delete the function health', status: 500, message: 'oops' }));
    world.ui.willConsent('acme');
    await deleteFunction(world.needs(), 'health');
    assert.match(world.ui.told.at(-1)?.message ?? '', /status 500.*Nothing was changed\.$/);
    assert.deepEqual(await world.deeds(), ['delete health 1 → 1 unchanged']);
  });

  it('that a dying window left open is judged at the next start by what is there', async () => {
    const open = async (action: 'delete' | 'settings', verifyJwt: boolean) => world.ledger.intend({ ref: acme.ref, slug: 'health', action, origin: { kind: 'none' }, who: 'ada', versionBefore: 1, files: [], verifyJwt });
    const settle = async () => (await reconcile(acme.ref, { ...world.tools(), management: world.management, clock: world.clock }, call)).map(({ found }) => found.result);
    await open('delete', false);
    assert.deepEqual(await settle(), ['unchanged']);
    await open('settings', true);
    assert.deepEqual(await settle(), ['unchanged']);
    await world.management.updateFunction(acme.ref, 'health', { verifyJwt: true }, call);
    await open('settings', true);
    assert.deepEqual(await settle(), ['deployed']);
    await world.management.deleteFunction(acme.ref, 'health', call);
    await open('delete', false);
    assert.deepEqual(await settle(), ['deployed']);
  });
});

describe('changing whether a function asks for a token', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.deployElsewhere('health', { [healthIndex]: 'code' });
    world.files.files.set('supabase/config.toml', '[functions.health]\nverify_jwt = true\n');
  });
  afterEach(() => world.ui.done());

  it('names what becomes public and what config.toml will do at the next deploy', async () => {
    world.ui.willPick('Answer without a token').willConsent();
    await changeVerifyJwt(world.needs(), 'health');
    assert.deepEqual(world.plan().lines, [
      'acme counts as production.',
      'health will answer WITHOUT a token: anybody can call it.',
      'Its files stay as they are.',
      'config.toml says verify_jwt = true: the next deploy sets it back.',
    ]);
    const [fn] = await world.management.functions(acme.ref, call);
    assert.deepEqual([fn?.verifyJwt, fn?.version, await world.live('health')], [false, 2, 'code']);
    assert.equal(world.cli.requests.length, 0);
    assert.equal(world.ui.told.at(-1)?.message, 'health is changed: version 2 is live.');
    assert.deepEqual(await world.deeds(), ['settings health 1 → 2 deployed']);
  });

  it('tells a change that did not take', async () => {
    world.management.updateFunction = async () => ({ ...(await world.management.functions(acme.ref, call))[0] ?? assert.fail() });
    world.ui.willPick('Answer without a token').willConsent();
    await changeVerifyJwt(world.needs(), 'health');
    assert.match(world.ui.told.at(-1)?.message ?? '', /what is live is not what was meant.*Nothing was changed\.$/);
    assert.deepEqual(await world.deeds(), ['settings health 1 → 1 unchanged']);
  });
});
