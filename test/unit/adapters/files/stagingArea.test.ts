import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createStagingArea } from '../../../../src/adapters/files/stagingArea.ts';
import { thisProcess, type Owner } from '../../../../src/adapters/files/owner.ts';
import { noteProgram } from '../../../../src/adapters/process/leftBehind.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

const content = (text: string) => new TextEncoder().encode(text);

describe('StagingArea', () => {
  let folder: string;
  beforeEach(async () => {
    folder = path.join(await temporaryFolder('staging'), 'trees');
  });
  afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

  it('lays out a private tree and removes it, also when its use fails', async () => {
    const area = createStagingArea(folder);
    const files = new Map([
      ['supabase/functions/a/index.ts', content('one')],
      ['supabase/functions/_shared/b.ts', content('two')],
    ]);
    const seen = await area.withTree(files, async (tree) => {
      const modes = await Promise.all([tree, path.join(tree, 'supabase'), path.join(tree, 'supabase/functions/a/index.ts')].map(async (file) => (await stat(file)).mode & 0o777));
      assert.deepEqual(await readdir(tree), ['supabase']);
      return { modes, text: await readFile(path.join(tree, 'supabase/functions/_shared/b.ts'), 'utf8') };
    });
    assert.deepEqual(seen, { modes: [0o700, 0o700, 0o600], text: 'two' });
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(
      area.withTree(files, () => Promise.reject(new Error('use failed'))),
      /use failed/,
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('refuses every path that could leave the tree or mean a device, before it writes anything', async () => {
    const area = createStagingArea(folder);
    const bad = ['../x', 'a/../../x', '/etc/x', 'C:/x', 'C:x', 'a\\b', 'a/./b', 'a//b', '', 'a/', 'nul', 'a/CON.ts', 'com1', 'x\0y', 'x\ny', 'a/ts.', 'a ', 'file:stream'];
    for (const name of bad) {
      await assert.rejects(area.withTree(new Map([[name, content('')]]), () => Promise.resolve()), (error) => isOpsError(error, 'badPath'), name);
    }
    const colliding = new Map([
      ['a/Index.ts', content('1')],
      ['a/index.ts', content('2')],
    ]);
    await assert.rejects(area.withTree(colliding, () => Promise.resolve()), (error) => isOpsError(error, 'badPath'));
    await assert.rejects(stat(folder), /ENOENT/);
  });

  it('sweeps what a killed process left, and nothing of a living one', async () => {
    const module = pathToFileURL(path.resolve('src/adapters/files/stagingArea.ts')).href;
    const script = `const { createStagingArea } = await import(${JSON.stringify(module)});
      await createStagingArea(${JSON.stringify(folder)}).withTree(new Map([['a', new Uint8Array()]]), () => { process.kill(process.pid, 'SIGKILL'); });`;
    const killed = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
    assert.equal(killed.signal, 'SIGKILL', killed.stderr.toString());
    assert.equal((await readdir(folder)).length, 1);

    const area = createStagingArea(folder);
    await area.withTree(new Map(), async (tree) => {
      await area.sweep();
      assert.deepEqual(await readdir(folder), [path.basename(path.dirname(tree))]);
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it('ends the program that a killed process left running in its tree, and no other with the same number', async () => {
    const running = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const own = thisProcess();
    const arrange = async (name: string, change: (program: Owner) => Owner) => {
      const tree = path.join(folder, `stage-${name}`, 'tree');
      await mkdir(tree, { recursive: true });
      await writeFile(path.join(tree, '..', 'owner.json'), JSON.stringify({ ...own, started: `${own.started} earlier` }));
      noteProgram(tree, running.pid);
      const noted = path.join(tree, 'program.json');
      await writeFile(noted, JSON.stringify(change(JSON.parse(await readFile(noted, 'utf8')) as Owner)));
    };
    await arrange('another', (program) => ({ ...program, started: `${program.started} earlier` }));
    await createStagingArea(folder).sweep();
    assert.equal(running.exitCode ?? running.signalCode, null);
    await arrange('own', (program) => program);
    const ended = once(running, 'exit');
    await createStagingArea(folder).sweep();
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    assert.deepEqual(await readdir(folder), []);
  });

  it('takes a process id that was given out again for a dead owner, another machine’s for a living one', async () => {
    const own = thisProcess();
    const owners = { again: { ...own, started: `${own.started} earlier` }, elsewhere: { ...own, host: 'elsewhere', pid: 2 ** 22 + 1 } };
    for (const [name, owner] of Object.entries(owners)) {
      await mkdir(path.join(folder, `stage-${name}`), { recursive: true });
      await writeFile(path.join(folder, `stage-${name}`, 'owner.json'), JSON.stringify(owner));
    }
    // Without an owner: too young to judge, and old.
    await mkdir(path.join(folder, 'stage-young'));
    await mkdir(path.join(folder, 'stage-old'));
    await utimes(path.join(folder, 'stage-old'), 1, 1);
    await mkdir(path.join(folder, 'not-ours'));
    await createStagingArea(folder).sweep();
    assert.deepEqual(await readdir(folder), ['not-ours', 'stage-elsewhere', 'stage-young']);
  });

  it('says when its folder cannot be written, and has nothing to sweep where there is none', async () => {
    await createStagingArea(folder).sweep();
    await writeFile(folder, 'a file in the way');
    await assert.rejects(createStagingArea(folder).withTree(new Map(), () => Promise.resolve()), (error) => isOpsError(error, 'storageFailed') && error.facts.path === folder);
  });
});
