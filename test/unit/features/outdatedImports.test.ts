import assert from 'node:assert/strict';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { findPins, isBreaking, renew, renewed } from '../../../src/core/functions/pins.ts';
import { showOutdatedImports } from '../../../src/features/deploy/outdatedImports.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';

describe('pins of packages', () => {
  it('are found in code and import maps, however the package is served', () => {
    const text = `import { createClient } from 'npm:@supabase/supabase-js@2.39.0';
import x from "https://esm.sh/@supabase/supabase-js@2?target=deno";
import { serve } from "https://deno.land/std@0.168.0/http/server.ts";
import oak from "https://deno.land/x/oak@v12.6.1/mod.ts";
import "jsr:@std/assert@^1.0.0/equals";
import "npm:zod"; import "./local@1.0.0.ts"; const mail = "me@1.example";
{ "imports": { "lodash": "npm:lodash@~4.17.1" } }`;
    assert.deepEqual(
      findPins(text).map(({ registry, name, version }) => `${registry} ${name} ${version}`),
      ['npm @supabase/supabase-js 2.39.0', 'npm @supabase/supabase-js 2', 'deno.land std 0.168.0', 'deno.land oak v12.6.1', 'jsr @std/assert ^1.0.0', 'npm lodash ~4.17.1'],
    );
    for (const { version, offset } of findPins(text)) {
      assert.equal(text.slice(offset, offset + version.length), version);
    }
  });

  for (const [pinned, latest, expected] of [
    ['2.39.0', '2.119.0', '2.119.0'],
    ['2', '2.119.0', undefined],
    ['2', '3.0.1', '3'],
    ['^2.39.0', '2.119.0', undefined],
    ['^2.39.0', '3.1.0', '^3.1.0'],
    ['^0.2.0', '0.3.1', '^0.3.1'],
    ['^0.2.0', '0.2.9', undefined],
    ['~4.17.1', '4.17.21', undefined],
    ['~4.17.1', '4.18.0', '~4.18.0'],
    ['v12.6.1', 'v17.1.0', 'v17.1.0'],
    ['3.0.0', '2.9.9', undefined],
    ['2.10.0', '2.9.9', undefined],
    ['1.0.0-beta.1', '1.0.0', undefined],
    ['1.0.0', '', undefined],
  ] as const) {
    it(`${pinned} with ${latest === '' ? 'nothing' : latest} out ${expected === undefined ? 'stays' : `becomes ${expected}`}`, () => assert.equal(renewed(pinned, latest), expected));
  }

  it('are replaced where they stand, whatever their length', () => {
    const text = 'import "npm:a@1.0.0"; import "npm:b@9.9.9";';
    const [a, b] = findPins(text);
    assert.ok(a && b);
    assert.equal(renew(text, [{ pin: a, version: '10.0.0' }, { pin: b, version: '10' }]), 'import "npm:a@10.0.0"; import "npm:b@10";');
    assert.deepEqual([isBreaking('1.2.3', '2.0.0'), isBreaking('1.2.3', '1.3.0'), isBreaking('0.1.0', '0.2.0'), isBreaking('^v1', 'v1')], [true, false, true, false]);
  });
});

describe('outdated imports', () => {
  let world: DeployWorld;
  const map = 'supabase/functions/health/deno.json';
  beforeEach(() => {
    world = new DeployWorld();
    world.files.files.set(healthIndex, 'import "npm:@supabase/supabase-js@2.39.0";\nimport "jsr:@std/assert@1.0.0";\nimport "npm:private@1.0.0";\n');
    world.files.files.set(map, '{ "imports": { "supabase": "npm:@supabase/supabase-js@2.39.0", "zod": "npm:zod@3.0.0" } }');
    world.http.on('GET https://registry.npmjs.org/@supabase%2fsupabase-js/latest', { body: '{"version":"2.119.0"}' });
    world.http.on('GET https://registry.npmjs.org/zod/latest', { body: '{"version":"4.1.0"}' });
    world.http.on('GET https://registry.npmjs.org/private/latest', { status: 404 });
    world.http.on('GET https://jsr.io/@std/assert/meta.json', new OpsError('unreachable', { host: 'jsr.io', reason: 'ENOTFOUND' }));
  });
  afterEach(() => world.ui.done());

  it('are asked for once each, shown as a diff, and written when that is asked for', async () => {
    world.ui.willPickMany('npm:@supabase/supabase-js');
    await showOutdatedImports(world.needs());
    assert.equal(world.http.requests.length, 4);
    const offered = world.ui.lists[0]?.choices as readonly { label: string; description?: string; detail?: string; picked?: boolean }[];
    assert.deepEqual(offered.map(({ label, description, detail, picked }) => [label, description, detail, picked]), [
      ['npm:@supabase/supabase-js', '2.39.0 → 2.119.0', 'health/deno.json, health/index.ts', true],
      ['npm:zod', '3.0.0 → 4.1.0', 'may need changes of code · health/deno.json', false],
    ]);
    assert.deepEqual(world.ui.told.map(({ message }) => message), ['Not found out: jsr:@std/assert, npm:private', 'Nothing was written. Deploy or check the functions after it is.']);
    assert.match(world.compared[0]?.[1].find(({ path }) => path === map)?.right ?? '', /supabase-js@2\.119\.0.*zod@3\.0\.0/);
    assert.match(String(world.files.files.get(healthIndex)), /2\.39\.0/);
    await world.ui.press('Write into This Folder');
    assert.match(String(world.files.files.get(healthIndex)), /supabase-js@2\.119\.0/);
    assert.match(String(world.files.files.get(map)), /supabase-js@2\.119\.0.*zod@3\.0\.0/);
  });

  it('are not written over edits of meanwhile', async () => {
    world.ui.willPickMany('npm:zod');
    await showOutdatedImports(world.needs());
    world.files.files.set(map, '{}');
    await assert.rejects(world.ui.press('Write into This Folder'), (error) => isOpsError(error, 'changedMeanwhile') && error.facts.files[0] === map);
    assert.equal(world.files.files.get(map), '{}');
  });

  it('may be none', async () => {
    world.files.files.clear();
    await showOutdatedImports(world.needs());
    world.files.files.set(healthIndex, 'import "npm:zod@4.1.0";');
    await showOutdatedImports(world.needs());
    assert.deepEqual(world.ui.told.map(({ message }) => message), ['The functions of this folder name no package with a version.', 'None of the packages is behind: 1 looked at.']);
  });
});
