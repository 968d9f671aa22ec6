import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { parseProbe } from '../../../src/core/functions/probe.ts';
import { deployWanted } from '../../../src/features/deploy/deploy.ts';
import { deployFrom } from '../../../src/features/deploy/deployFrom.ts';
import { rollBackToBefore } from '../../../src/features/deploy/rollback.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

const fault = { path: healthIndex, line: 1, column: 7, code: 'TS2322', message: 'Type ‘string’ is not ‘number’.' };

describe('before a deploy', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
  });
  afterEach(() => world.ui.done());

  const deploy = async () => {
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
  };

  it('imports that lead nowhere stop it, and all of them are shown at their lines', async () => {
    world.commit('first', { [healthIndex]: 'import "./a.ts";\nimport { b } from \'../_shared/b.ts\';\n// later\nawait import("./c.ts");\n' });
    await assert.rejects(deployWanted(world.needs(), 'health', false), (error) => isOpsError(error, 'importMissing'));
    assert.deepEqual(
      world.problems.get('deploy health')?.map(({ line, column, severity, message }) => [line, column, severity, message]),
      [
        [1, 8, 'error', 'supabase/functions/health/a.ts does not exist.'],
        [2, 19, 'error', 'supabase/functions/_shared/b.ts does not exist.'],
        [4, 14, 'warning', 'supabase/functions/health/c.ts does not exist.'],
      ],
    );
    assert.deepEqual([world.ui.plans.length, world.cli.requests.length], [0, 0]);
  });

  it('faults of types are named in the plan and shown as problems; deploying in spite of them is possible', async () => {
    world.commit('first', { [healthIndex]: 'code' });
    world.typeFaults = [fault];
    await deploy();
    assert.ok(world.plan().lines.includes('deno check finds 1 error; first health/index.ts:1: Type ‘string’ is not ‘number’.'), world.plan().lines.join('\n'));
    assert.deepEqual(world.problems.get('deploy health'), [{ ...fault, severity: 'error' }]);
    assert.equal(await world.version('health'), 1);
    world.typeFaults = [];
    await deploy();
    assert.ok(world.plan().lines.includes('deno check finds no errors.'));
    assert.deepEqual(world.problems.get('deploy health'), []);
  });

  it('a commit’s faults are no problems of the working tree', async () => {
    world.commit('first', { [healthIndex]: 'code' });
    world.typeFaults = [fault];
    world.ui.willPick('HEAD').willConsent();
    await deployFrom(world.needs(), 'health');
    assert.ok(world.plan().lines.some((line) => line.startsWith('deno check finds 1 error;')));
    assert.equal(world.problems.size, 0);
  });

  it('nothing is said without Deno; undoing does not wait for it', async () => {
    world.commit('first', { [healthIndex]: 'one' });
    await deploy();
    assert.ok(!world.plan().lines.some((line) => line.includes('deno')));
    world.commit('second', { [healthIndex]: 'two' });
    await deploy();
    assert.equal(world.checked.length, 2);
    world.ui.willConsent();
    await rollBackToBefore(world.needs(), 'health');
    assert.equal(world.checked.length, 2);
  });

  it('without Deno the modules of other hosts are asked for, and those that are not there are named', async () => {
    const map = 'supabase/functions/health/deno.json';
    const code = [
      "import 'https://esm.test/a@1.0.0';",
      "import type { T } from 'https://esm.test/types.ts';",
      "// import 'https://esm.test/comment.ts';",
      "export { b } from 'https://gone.test/b.ts';",
      "import z from 'npm:zod@3.22.0';",
      "const c = await import('https://head.test/c.ts');",
      "import d from 'd';",
    ].join('\n');
    world.commit('first', { [healthIndex]: code, [map]: '{ "imports": { "d": "https://down.test/d.ts", "e/": "https://esm.test/e/" } }' });
    world.http.on('HEAD https://esm.test/a@1.0.0', { status: 302 });
    world.http.on('HEAD https://registry.npmjs.org/zod/latest', {});
    world.http.on('HEAD https://down.test/d.ts', new OpsError('unreachable', { host: 'down.test', reason: 'no such host' }));
    world.http.on('HEAD https://head.test/c.ts', { status: 405 });
    world.http.on('GET https://head.test/c.ts', {});
    await deploy();
    const line = world.plan().lines.find((one) => one.startsWith('Imports that do not answer')) ?? '';
    assert.deepEqual(line.replace('Imports that do not answer from here: ', '').split(', ').sort(), ['https://down.test/d.ts', 'https://gone.test/b.ts (404)']);
    assert.deepEqual([...new Set(world.http.requests.map(({ url }) => url))].sort(), ['https://down.test/d.ts', 'https://esm.test/a@1.0.0', 'https://gone.test/b.ts', 'https://head.test/c.ts', 'https://registry.npmjs.org/zod/latest']);
    assert.equal(await world.version('health'), 1);
    world.http.requests.length = 0;
    world.typeFaults = [];
    await deploy();
    assert.equal(world.http.requests.length, 0);
  });

  it('a CLI that nobody knows is found before anything is asked', async () => {
    world.commit('first', { [healthIndex]: 'one' });
    world.cli.versionText = '4.0.0';
    await assert.rejects(deployWanted(world.needs(), 'health', false), (error) => isOpsError(error, 'cliUnsupported'));
    assert.equal(world.ui.plans.length, 0);
  });
});

describe('after a deploy', () => {
  let world: DeployWorld;
  beforeEach(async () => {
    world = new DeployWorld();
    world.commit('first', { [healthIndex]: 'one' });
    world.probes = ['nonsense', 'health GET /ready 204'];
    world.gateway.on('GET /functions/v1/health/ready', { status: 204 });
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
  });
  afterEach(() => world.ui.done());

  it('the check of the plan is made, and told', () => {
    assert.ok(world.plan().lines.includes('Then: GET health/ready, which must answer 204.'));
    assert.equal(world.ui.told.at(-1)?.message, 'health is deployed: version 1 is live and verified. It answers in 2 ms.');
  });

  for (const [title, answer, words] of [
    ['answers something else', { status: 500 }, 'But its check answers 500 in place of 204.'],
    ['does not answer', new OpsError('unreachable', { host: 'x.supabase.co', reason: 'ECONNRESET' }), 'But its check fails: x.supabase.co cannot be reached (ECONNRESET). Check the network and try again.'],
  ] as const) {
    it(`rolling back is offered at once when it ${title}`, async () => {
      world.commit('second', { [healthIndex]: 'two' });
      world.gateway.on('GET /functions/v1/health/ready', answer);
      world.ui.willConsent();
      await deployWanted(world.needs(), 'health', false);
      const told = world.ui.told.at(-1);
      assert.deepEqual([told?.level, told?.message, told?.actions[0]?.label], ['error', `health is deployed: version 2 is live and verified. ${words}`, 'Roll Back']);
      assert.equal(world.gateway.requests.length, 4);
    });
  }

  it('the result is told also to those who do not wait for the check', async () => {
    world.commit('second', { [healthIndex]: 'two' });
    world.gateway.on('GET /functions/v1/health/ready', new OpsError('cancelled', {}));
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.equal(world.ui.told.at(-1)?.message, 'health is deployed: version 2 is live and verified.');
  });

  it('a manual can ask for the check too; the setting comes first, and neither keeps a function paused from being so', async () => {
    world.runbookProbes = [{ slug: 'health', method: 'POST', path: '/deep', status: 202, headers: { 'X-Probe': '1' }, body: '{}', from: 'docs/OPERATIONS.md' }];
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.ok(world.plan().lines.includes('Then: GET health/ready, which must answer 204.'));
    world.probes = [];
    world.gateway.on('POST /functions/v1/health/deep', { status: 202 });
    world.ui.willConsent();
    await deployWanted(world.needs(), 'health', false);
    assert.ok(world.plan().lines.includes('Then: POST health/deep, which must answer 202. (docs/OPERATIONS.md asks for it.)'));
    const { method, headers, body } = world.gateway.requests.at(-1) ?? assert.fail();
    assert.deepEqual([method, headers, body], ['POST', { 'X-Probe': '1' }, '{}']);
    assert.match(world.ui.told.at(-1)?.message ?? '', /It answers in/);
  });

  it('a probe is read as people write it, or not at all', () => {
    assert.deepEqual(parseProbe(' health GET /?dry=1 401 '), { slug: 'health', method: 'GET', path: '/?dry=1', status: 401 });
    assert.deepEqual(parseProbe('health GET'), { slug: 'health', method: 'GET', path: '', status: 200 });
    assert.deepEqual(parseProbe('health GET / 200'), { slug: 'health', method: 'GET', path: '', status: 200 });
    assert.deepEqual(parseProbe('health GET 204')?.status, 204);
    for (const text of ['', 'health', 'health get /', 'health GET x', 'health GET / 99', 'health GET / 200 more', '../x GET /']) {
      assert.equal(parseProbe(text), undefined, text);
    }
  });
});
