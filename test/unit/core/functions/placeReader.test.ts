import assert from 'node:assert/strict';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { PlaceReader } from '../../../../src/core/functions/placeReader.ts';
import type { Place } from '../../../../src/core/project/project.ts';
import { FakePlaceFiles } from '../../../fakes/placeFiles.ts';

const shop: Place = { id: 'file:///work/shop', name: 'shop', folder: '/work/shop' };
const { signal } = new AbortController();

function reader(files: Readonly<Record<string, string>>): PlaceReader {
  return new PlaceReader({ filesOf: () => new FakePlaceFiles(files), toml: tomlReader });
}

describe('what the code of a place says', () => {
  it('is nothing without a place', async () => {
    const places = reader({ 'supabase/functions/health/index.ts': '' });
    assert.deepEqual(await places.functions(undefined, signal), []);
    assert.deepEqual(await places.scripts(undefined, signal), []);
    assert.deepEqual(await places.secretReads(undefined, signal), { reads: [], complete: false });
  });

  it('names functions by their folders and by config.toml', async () => {
    const places = reader({
      'supabase/functions/health/index.ts': '',
      'supabase/functions/_shared/db.ts': '',
      'supabase/functions/notes/README.md': '',
      'supabase/config.toml': '[functions.renamed]\nentrypoint = "./functions/old/main.ts"\n',
    });
    assert.deepEqual(await places.functions(shop, signal), ['health', 'renamed']);
  });

  it('names the key of a config.toml that is wrong, and lists nothing by guesswork', async () => {
    const places = reader({ 'supabase/functions/health/index.ts': '', 'supabase/config.toml': '[functions.health]\nverify_jwt = "no"\n' });
    await assert.rejects(places.functions(shop, signal), (error) => isOpsError(error, 'badConfig') && error.facts.problem.includes('functions.health.verify_jwt'));
  });

  it('finds an entrypoint where config.toml puts it, else by convention', async () => {
    const places = reader({ 'supabase/config.toml': '[functions.renamed]\nentrypoint = "./functions/old/main.ts"\n[functions.outside]\nentrypoint = "../../etc/passwd"\n' });
    assert.equal(await places.entrypoint(shop, 'renamed', signal), 'supabase/functions/old/main.ts');
    assert.equal(await places.entrypoint(shop, 'health', signal), 'supabase/functions/health/index.ts');
    assert.equal(await places.entrypoint(shop, 'outside', signal), 'supabase/functions/outside/index.ts');
  });

  it('lists the scripts that a manual may name', async () => {
    assert.deepEqual(await reader({ 'scripts/deploy.sh': '', 'src/x.ts': '' }).scripts(shop, signal), ['scripts/deploy.sh']);
  });

  it('finds where secrets are read, in shared code too, and in nothing that is no code', async () => {
    const { reads, complete } = await reader({
      'supabase/functions/auth/index.ts': "const secret = Deno.env.get('JWT_SECRET');",
      'supabase/functions/_shared/mail.mts': "Deno.env.get('SMTP_URL')",
      'supabase/functions/auth/README.md': "Deno.env.get('NOT_CODE')",
      'src/app.ts': "Deno.env.get('NOT_A_FUNCTION')",
    }).secretReads(shop, signal);
    assert.deepEqual(reads, [
      { name: 'SMTP_URL', path: 'supabase/functions/_shared/mail.mts', offset: 14 },
      { name: 'JWT_SECRET', path: 'supabase/functions/auth/index.ts', offset: 29 },
    ]);
    assert.equal(complete, true);
  });

  it('is not complete where code makes up a name, and where there is no code', async () => {
    assert.equal((await reader({ 'supabase/functions/a/index.ts': 'Deno.env.get(name)' }).secretReads(shop, signal)).complete, false);
    assert.equal((await reader({}).secretReads(shop, signal)).complete, false);
  });
});
