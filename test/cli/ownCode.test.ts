/** Code of Opsbook's own that runs as a function: the pause, and the templates. */
import assert from 'node:assert/strict';
import { pauseSource } from '../../src/core/functions/pause.ts';
import { functionTemplates } from '../../src/core/functions/templates.ts';
import { createProjectKeys } from '../sandbox/projectKeys.ts';
import { startRuntime } from '../sandbox/runtime.ts';
import type { DeployedFunction, FunctionRuntime } from '../sandbox/types.ts';

const ref = 'abcdefghijklmnopqrst';

function deployed(slug: string, code: Uint8Array): DeployedFunction {
  const index = `supabase/functions/${slug}/index.ts`;
  return { id: `id-${slug}`, slug, name: slug, status: 'ACTIVE', version: 1, created_at: 0, updated_at: 0, verify_jwt: false, import_map: false, entrypoint_path: index, ezbr_sha256: slug, files: new Map([[index, Buffer.from(code)]]) };
}

describe('code of our own', function () {
  this.timeout(30_000);
  let runtime: FunctionRuntime;
  before(async () => {
    runtime = await startRuntime({ ref, region: 'eu-central-1', jwtSecret: createProjectKeys(ref).jwtSecret, log: () => {}, requestLimitMs: 5000 });
  });
  after(() => runtime.stop());

  async function call(fn: DeployedFunction, init: RequestInit = {}): Promise<Response> {
    return runtime.invoke(fn, new Request(`https://${ref}.supabase.test/functions/v1/${fn.slug}`, init), {});
  }

  it('answers 503 while it is paused, says when to come back, and lets preflights pass', async () => {
    const [file] = pauseSource('health', { since: 1, by: 'ada', version: 3 }).files.values();
    const fn = deployed('health', file?.content ?? assert.fail());
    const answer = await call(fn, { method: 'POST', body: '{}' });
    assert.deepEqual([answer.status, answer.headers.get('retry-after'), answer.headers.get('access-control-allow-origin'), await answer.json()], [503, '300', '*', { error: 'This function is paused.' }]);
    assert.equal((await call(fn, { method: 'OPTIONS' })).status, 204);
  });

  for (const { name, code } of functionTemplates.filter((template) => !template.code.includes('npm:'))) {
    it(`starts from the template ${name}`, async () => {
      const answer = await call(deployed(name, new TextEncoder().encode(code)), { method: 'POST', body: '{"name":"Ada","type":"x"}' });
      // Without its secret the webhook refuses whatever comes.
      assert.equal(answer.status, name === 'webhook' ? 401 : 200, await answer.text());
    });
  }
});
