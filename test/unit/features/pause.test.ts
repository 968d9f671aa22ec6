import assert from 'node:assert/strict';
import { isOpsError } from '../../../src/core/errors.ts';
import { readPause, pauseSource } from '../../../src/core/functions/pause.ts';
import { pauseFunction, resumeFunction } from '../../../src/features/deploy/pause.ts';
import { restartFunction } from '../../../src/features/deploy/restart.ts';
import { acme } from '../../fakes/connection.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const shared = 'supabase/functions/_shared/log.ts';

describe('pausing a function', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
    world.deployElsewhere('health', { [healthIndex]: 'import "../_shared/log.ts"', [shared]: 'log' });
  });
  afterEach(() => world.ui.done());

  const pause = async () => {
    world.ui.willConsent();
    await pauseFunction(world.needs(), 'health');
  };

  it('records the live body, puts a 503 in its place under the same token check, and brings it back', async () => {
    world.management.deploy(acme.ref, 'health', new Map([[healthIndex, new TextEncoder().encode('open')]]), { verifyJwt: false });
    await pause();
    const code = (await world.live('health')) ?? '';
    assert.match(code, /status: 503/);
    assert.match(code, /'retry-after': '300'/);
    assert.equal(world.cli.requests.at(-1)?.verifyJwt, false);
    assert.deepEqual(world.plan().lines.slice(-3), ['Every call is answered with 503 and Retry-After until it is resumed. Replaces version 2.', 'Nothing else is changed; Resume brings the code of now back.', 'Version 2 is kept on this machine and can be brought back.']);
    assert.equal(world.ui.told.at(-1)?.message, 'health is paused: version 3 answers 503 to every call.');
    await world.ui.press('Resume');
    assert.deepEqual(world.ran.at(-1), ['functions.resume', 'health']);

    world.ui.willConsent();
    await resumeFunction(world.needs(), 'health');
    assert.equal(await world.live('health'), 'open');
    assert.deepEqual(await world.deeds(), ['pause health 2 → 3 deployed', 'resume health 3 → 4 deployed']);
  });

  it('says in the code itself since when, by whom and what is to come back, for every Opsbook of the team', async () => {
    await pause();
    const body = await world.management.functionBody(acme.ref, 'health', { signal: new AbortController().signal, priority: 'user' });
    assert.deepEqual(readPause(body), { since: world.clock.now(), by: 'ada@example.test', version: 1 });
  });

  it('does not pause twice: the pause would be recorded as the code to bring back', async () => {
    await pause();
    await assert.rejects(pauseFunction(world.needs(), 'health'), (error) => isOpsError(error, 'alreadyPaused') && error.facts.by === 'ada@example.test');
    assert.equal(await world.version('health'), 2);
  });

  it('does not pause what it could not bring back', async () => {
    world.bodies.put = async () => Promise.reject(new Error('the disk is full'));
    await assert.rejects(pauseFunction(world.needs(), 'health'), /the disk is full/);
    assert.equal(await world.version('health'), 1);
  });

  it('is resumed elsewhere only by whoever has the body; others are shown the commits', async () => {
    await pause();
    world.bodies.bodies.clear();
    await assert.rejects(resumeFunction(world.needs(), 'health'), (error) => isOpsError(error, 'bodyNotKept') && error.facts.version === 1);
  });

  it('is no pause for what looks like one', async () => {
    await assert.rejects(resumeFunction(world.needs(), 'health'), (error) => isOpsError(error, 'notPaused'));
    const forged = (first: string) => readPause({ files: new Map([[healthIndex, new TextEncoder().encode(`// Paused with Opsbook: ${first}\n`)]]) });
    assert.equal(forged('{'), undefined);
    assert.equal(forged('{"since":1e300,"by":"x","version":1}'), undefined);
    assert.equal(forged('{"since":1,"by":2,"version":1}'), undefined);
    assert.deepEqual(forged('{"since":1,"by":"x","version":1}'), { since: 1, by: 'x', version: 1 });
  });

  it('keeps an account’s name from ending the comment it stands in', () => {
    const [file] = pauseSource('health', { since: 1, by: 'a\nDeno.exit()\u2028b', version: 1 }).files.values();
    const lines = new TextDecoder().decode(file?.content).split(/[\n\r\u2028\u2029]/);
    assert.ok(!lines.some((line) => line.startsWith('Deno.exit')), lines.join('\n'));
    assert.match(lines[1] ?? '', /^const headers/);
  });
});

describe('restarting a function', () => {
  it('sends exactly what is live, never the working tree', async () => {
    const world = new DeployWorld();
    world.deployElsewhere('health', { [healthIndex]: 'import "../_shared/log.ts"', [shared]: 'log', 'supabase/functions/health/words.txt': 'static' });
    world.files.files.set(healthIndex, 'unfinished');
    world.ui.willConsent();
    await restartFunction(world.needs(), 'health');
    assert.equal(await world.version('health'), 2);
    assert.deepEqual([await world.live('health'), await world.live('health', shared), await world.live('health', 'supabase/functions/health/words.txt')], ['import "../_shared/log.ts"', 'log', 'static']);
    assert.deepEqual(await world.deeds(), ['restart health 1 → 2 deployed']);
    assert.ok(world.plan().lines.includes('Nothing differs from what is live.'));
    assert.equal(world.ui.told.at(-1)?.message, 'health is restarted: version 2 holds what was live before.');
    world.ui.done();
  });
});
