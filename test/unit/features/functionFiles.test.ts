import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { createPlaceFiles } from '../../../src/adapters/files/placeFiles.ts';
import { createPlaceWriter } from '../../../src/adapters/files/placeWriter.ts';
import { isOpsError } from '../../../src/core/errors.ts';
import { functionTemplates } from '../../../src/core/functions/templates.ts';
import { createFunction } from '../../../src/features/deploy/create.ts';
import { downloadFunction } from '../../../src/features/deploy/download.ts';
import { DeployWorld, healthIndex } from '../../fakes/deployWorld.ts';
import { temporaryFolder } from '../../fixtures/repository.ts';

const shared = 'supabase/functions/_shared/log.ts';
const signal = new AbortController().signal;

describe('downloading a deployed function', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
  });
  afterEach(() => world.ui.done());

  it('shows what differs, and writes only when that is asked for', async () => {
    world.files.files.set(healthIndex, 'mine');
    world.deployElsewhere('health', { [healthIndex]: 'theirs', [shared]: 'log' });
    await downloadFunction(world.needs(), 'health');
    assert.deepEqual(world.compared, [
      [
        'health: this folder ⇄ live v1',
        [
          { path: healthIndex, left: 'mine', right: 'theirs' },
          { path: shared, left: undefined, right: 'log' },
        ],
      ],
    ]);
    assert.equal(world.ui.told.at(-1)?.message, 'health v1 differs in 2 files. Nothing was written.');
    assert.deepEqual([...world.files.files.values()], ['mine']);
    world.ui.willConsent();
    await world.ui.press('Write into This Folder');
    assert.deepEqual(world.plan().lines, [`Replaced, with what is not committed in them: ${healthIndex}`, `New: ${shared}`]);
    assert.deepEqual([world.files.files.get(healthIndex), world.files.files.get(shared)], ['theirs', 'log']);
    await downloadFunction(world.needs(), 'health');
    assert.equal(world.ui.told.at(-1)?.message, 'health v1 is here already: nothing differs.');
  });

  it('writes nothing over what was edited after it was shown', async () => {
    world.files.files.set(healthIndex, 'mine');
    world.deployElsewhere('health', { [healthIndex]: 'theirs' });
    await downloadFunction(world.needs(), 'health');
    world.files.files.set(healthIndex, 'mine, and more');
    world.ui.willConsent();
    await assert.rejects(world.ui.press('Write into This Folder'), (error) => isOpsError(error, 'changedMeanwhile'));
    assert.equal(world.files.files.get(healthIndex), 'mine, and more');
  });

  it('writes nothing that lies outside supabase/functions, and nothing that steers a program', async () => {
    world.deployElsewhere('health', { [healthIndex]: 'code', '.vscode/tasks.json': 'evil', 'package.json': 'evil' });
    await downloadFunction(world.needs(), 'health');
    world.ui.willConsent();
    await world.ui.press('Write into This Folder');
    assert.ok(world.plan().lines.includes('Left out, since they lie outside supabase/functions: .vscode/tasks.json, package.json'));
    assert.deepEqual([...world.files.files.keys()], [healthIndex]);
    world.deployElsewhere('health', { [healthIndex]: 'code', 'supabase/functions/health/.env': 'evil' });
    await assert.rejects(downloadFunction(world.needs(), 'health'), (error) => isOpsError(error, 'badPath'));
  });
});

describe('a place’s files', () => {
  it('are written whole, never through a link and never outside', async () => {
    const home = await temporaryFolder('writer');
    const { mkdir, readFile, rm, writeFile } = await import('node:fs/promises');
    try {
      const folder = path.join(home, 'place');
      await mkdir(path.join(folder, 'supabase'), { recursive: true });
      await writeFile(path.join(home, 'secret.txt'), 'untouched');
      await symlink(home, path.join(folder, 'supabase/out'));
      await symlink(path.join(home, 'secret.txt'), path.join(folder, 'supabase/link.ts'));
      const writer = createPlaceWriter(folder);
      const content = new TextEncoder().encode('new');
      await writer.write(new Map([['supabase/functions/a/index.ts', content], ['supabase/link.ts', content]]));
      const read = async (file: string) => new TextDecoder().decode(await createPlaceFiles(folder).read(file, signal));
      assert.deepEqual([await read('supabase/functions/a/index.ts'), await read('supabase/link.ts')], ['new', 'new']);
      assert.equal(await readFile(path.join(home, 'secret.txt'), 'utf8'), 'untouched');
      for (const bad of ['supabase/out/x.ts', 'supabase/out/deep/x.ts', '../x.ts', '/x.ts', 'a/../../x.ts']) {
        await assert.rejects(writer.write(new Map([['fine.ts', content], [bad, content]])), (error) => isOpsError(error, 'badPath'), bad);
      }
      await assert.rejects(read('fine.ts').then((text) => text || Promise.reject(new Error('nothing'))), /nothing/);
    } finally {
      await rm(home, { recursive: true });
    }
  });
});

describe('creating a function', () => {
  let world: DeployWorld;
  beforeEach(() => {
    world = new DeployWorld();
  });
  afterEach(() => world.ui.done());

  it('writes a template and opens it; nothing is deployed', async () => {
    world.files.files.set(healthIndex, 'x');
    world.ui.willType('mint-token').willPick('JSON').willConsent();
    await createFunction(world.needs());
    assert.deepEqual(world.opened, ['supabase/functions/mint-token/index.ts']);
    assert.match(String(world.files.files.get('supabase/functions/mint-token/index.ts')), /Deno\.serve/);
    assert.equal(world.cli.requests.length, 0);
    assert.equal(world.ui.questions[0]?.check?.('health'), 'There is a function of this name.');
    assert.equal(world.ui.questions[0]?.check?.('1st'), 'A letter first, then letters, digits, - and _.');
  });

  it('adds to config.toml what a public one needs, and leaves the rest to the byte', async () => {
    world.files.files.set('supabase/config.toml', '# mine\nproject_id = "x"');
    world.ui.willType('hook').willPick('Webhook').willConsent();
    await createFunction(world.needs());
    assert.equal(world.files.files.get('supabase/config.toml'), '# mine\nproject_id = "x"\n\n[functions.hook]\nverify_jwt = false\n');
  });

  it('does not write over files that are there', async () => {
    world.files.files.set('supabase/functions/half/notes.md', 'x');
    world.ui.willType('half').willPick('JSON');
    await assert.rejects(createFunction(world.needs()), (error) => isOpsError(error, 'badPath'));
    assert.equal(world.files.files.size, 1);
  });

  for (const { name, code } of functionTemplates) {
    it(`has a template ${name} that is TypeScript`, async () => {
      const { parse } = await import('@babel/parser');
      assert.ok(parse(code, { sourceType: 'module', plugins: ['typescript'] }).program.body.length > 0);
    });
  }
});
