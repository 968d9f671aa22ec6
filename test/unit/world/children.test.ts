import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../../build.ts';
import { startChild } from '../../world/children.ts';
import { until } from '../../world/until.ts';

const sleeper = ['/bin/sh', '-c', 'sleep 60 & echo grandchild $!; wait'];

describe('a program that tests start', () => {
  const options = { cwd: tmpdir(), environment: process.env };

  it('ends with all it has started', async () => {
    const child = startChild(sleeper, options);
    const [, pid] = await child.says(/grandchild (\d+)/, 5000);
    assert.ok(lives(Number(pid)));
    await child.stop();
    await until('the grandchild is gone', () => !lives(Number(pid)));
  });

  it('is given the time to end by itself', async () => {
    const child = startChild(['/bin/sh', '-c', "trap 'sleep 0.2; echo tidied; exit 3' TERM; echo ready; while :; do sleep 0.05; done"], options);
    await child.says(/ready/, 5000);
    await child.stop();
    assert.match(child.output(), /tidied/);
    assert.equal(await child.exit, 3);
  });

  it('ends when this process is killed', async () => {
    const children = JSON.stringify(path.join(root, 'test', 'world', 'children.ts'));
    const source = `
      import { startChild } from ${children};
      const child = startChild(${JSON.stringify(sleeper)}, { cwd: '/', environment: process.env });
      console.log((await child.says(/grandchild (\\d+)/, 5000))[1]);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    assert.ok(lives(Number(said)));
    parent.kill('SIGKILL');
    await until('the grandchild is gone', () => !lives(Number(said)));
  });

  it('tells what it printed when it ends before it is ready', async () => {
    const child = startChild(['/bin/sh', '-c', 'echo no room >&2; exit 1'], options);
    await assert.rejects(child.says(/ready/, 5000), /ended before.*no room/s);
  });
});

/** A process that has ended but whose parent has not asked yet is no more, too. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
