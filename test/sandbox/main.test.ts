import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../world/until.ts';

describe('npm run sandbox', function () {
  this.timeout(30_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-main-'));
    // Postgres, which refuses to run as root, has to reach what lies in it.
    await chmod(folder, 0o755);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  function start(): ChildProcess {
    // Everything it makes goes to a folder of this test, where what it leaves is seen.
    return spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts')], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  async function firstLine(child: ChildProcess): Promise<Record<string, string>> {
    assert.ok(child.stdout !== null);
    const lines = createInterface({ input: child.stdout });
    const [line] = (await Promise.race([once(lines, 'line'), once(lines, 'close')])) as [string | undefined];
    assert.ok(line !== undefined, 'it ended without a word');
    return JSON.parse(line) as Record<string, string>;
  }

  it('says in one line of JSON where everything is, and leaves nothing behind', async () => {
    const child = start();
    const told = await firstLine(child);
    assert.deepEqual(Object.keys(told), [
      'apiUrl', 'gatewayUrl', 'token', 'ref', 'profilePath', 'databaseUrl', 'caPath', 'workspace', 'hosts',
    ]);
    const { apiUrl = '', gatewayUrl = '', token = '', ref = '', profilePath = '', caPath = '', workspace = '' } = told;
    assert.match(token, /^sbp_[0-9a-f]{40}$/);
    for (const file of [profilePath, caPath, path.join(workspace, '.git')]) {
      assert.ok(existsSync(file), file);
    }
    const health = await fetch(`${apiUrl}/v1/projects/${ref}/health?services=db,auth,rest,storage,realtime`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const services = (await health.json()) as { name: string; healthy: boolean }[];
    assert.deepEqual(services.map(({ healthy }) => healthy), [true, true, true, true, true], JSON.stringify(services));
    assert.equal((await fetch(`${gatewayUrl}/functions/v1/health`)).status, 200);
    child.kill('SIGINT');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.deepEqual(await readdir(folder), []);
  });

  it('leaves nothing behind when it is stopped while it starts', async () => {
    const child = start();
    await until('something was begun', async () => (await readdir(folder)).length > 0);
    child.kill('SIGTERM');
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    assert.deepEqual(await readdir(folder), []);
  });
});
