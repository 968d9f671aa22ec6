import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createScenario } from './scenario/scenario.ts';
import type { BuiltScenario } from './scenario/scenario.ts';

const run = promisify(execFile);
const now = Date.UTC(2026, 10, 20, 16, 0);

describe('scenario', () => {
  let folder: string;
  let scenario: BuiltScenario;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-scenario-'));
    scenario = await createScenario(path.join(folder, 'acme'), { now });
  });

  after(() => rm(folder, { recursive: true, force: true }));

  async function git(...args: string[]): Promise<string> {
    const env = { PATH: process.env['PATH'] ?? '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: devNull };
    return (await run('git', args, { cwd: scenario.workspace, env, maxBuffer: 1 << 24 })).stdout.trim();
  }

  const hashOf = (name: string): string => scenario.commits.find((commit) => commit.name === name)?.hash ?? `no commit ${name}`;

  async function commitsTouching(...paths: string[]): Promise<string[]> {
    const hashes = (await git('log', '--reverse', '--format=%H', '--', ...paths)).split('\n');
    return hashes.map((hash) => scenario.commits.find((commit) => commit.hash === hash)?.name ?? hash);
  }

  describe('workspace', () => {
    it('is a sound repository with a clean tree, two authors and two tags', async () => {
      await git('fsck', '--strict', '--full');
      assert.equal(await git('status', '--porcelain'), '');
      assert.equal(await git('symbolic-ref', 'HEAD'), 'refs/heads/main');
      assert.equal(await git('rev-list', '--count', 'HEAD'), '19');
      assert.equal((await git('log', '--format=%an')).split('\n').filter((name, index, all) => all.indexOf(name) === index).length, 2);
      assert.equal(await git('tag', '--list'), 'v1.0.0\nv1.1.0');
      assert.equal(await git('rev-parse', 'v1.0.0^{commit}'), hashOf('06-rename-webhook'));
      assert.equal(await git('rev-parse', 'v1.1.0^{commit}'), hashOf('12-rate-limits'));
    });

    it('has the same hashes every time', async () => {
      const again = await createScenario(path.join(folder, 'again'), { now: now + 1_000_000 });
      assert.deepEqual(again.commits, scenario.commits);
      assert.equal(await git('rev-parse', 'HEAD'), hashOf('19-minting-advice'));
      const later = await createScenario(path.join(folder, 'later'), { now, historyEnd: now });
      assert.notEqual(later.commits.at(-1)?.hash, scenario.commits.at(-1)?.hash);
      assert.equal(later.commits.at(-1)?.time, now / 1000);
    });

    it('shows for each function the commits that changed it', async () => {
      assert.deepEqual(await commitsTouching('supabase/functions/mint-token'), ['02-tokens', '09-wallet-checks', '18-fees-per-tier']);
      assert.deepEqual(await commitsTouching('supabase/functions/generate-image'), [
        '03-images', '11-image-styles', '15-moderate-prompts', '16-image-timing',
      ]);
      assert.deepEqual(await commitsTouching('supabase/functions/monitor-keywords'), ['13-keywords']);
      assert.deepEqual(await commitsTouching('supabase/functions/health'), ['01-health-and-auth', '05-request-ids']);
      const renamed = await git('log', '--follow', '--format=%H', '--', 'supabase/functions/payments-circle-webhook/index.ts');
      assert.deepEqual(renamed.split('\n').reverse(), ['04-circle-webhook', '06-rename-webhook', '14-webhook-signatures'].map(hashOf));
    });

    it('keeps what belongs to one machine out of the history', async () => {
      assert.equal(await readFile(path.join(scenario.workspace, 'supabase/.temp/project-ref'), 'utf8'), scenario.ref);
      assert.equal(existsSync(path.join(scenario.workspace, 'supabase/functions/.env')), true);
      const tracked = await git('ls-files');
      assert.doesNotMatch(tracked, /\.temp|functions\/\.env$/m);
      assert.equal(existsSync(path.join(scenario.workspace, 'scripts')), false, 'the three scripts are absent on purpose');
    });

    it('takes other ports for the local stack', async () => {
      const moved = await createScenario(path.join(folder, 'moved'), { now, ports: { api: 40001, db: 40002 } });
      const config = await readFile(path.join(moved.workspace, 'supabase/config.toml'), 'utf8');
      assert.match(config, /^\[api\]\nenabled = true\nport = 40001$/m);
      assert.match(config, /^\[db\]\nport = 40002$/m);
    });
  });

  describe('deployed functions', () => {
    const deployed = (slug: string) => scenario.functions.find((fn) => fn.slug === slug) ?? assert.fail(`${slug} is not deployed`);

    /** Whether each file of the deployed body is in the commit's tree with the same bytes. */
    async function matches(slug: string, commit: string): Promise<boolean> {
      const listing = await git('ls-tree', '-r', commit);
      const blobs = new Map(listing.split('\n').map((line) => [line.split('\t')[1], line.split(/\s/)[2]]));
      for (const [file, content] of deployed(slug).files) {
        const hashing = run('git', ['hash-object', '--stdin'], { cwd: scenario.workspace });
        hashing.child.stdin?.end(content);
        if ((await hashing).stdout.trim() !== blobs.get(file)) {
          return false;
        }
      }
      return true;
    }

    it('equal the trees of the commits that they come from', async () => {
      for (const [slug, commit] of [
        ['mint-token', 'HEAD'],
        ['health', 'HEAD'],
        ['auth', 'HEAD'],
        ['payments-circle-webhook', 'HEAD'],
        ['test-email-integration', 'HEAD'],
        ['generate-valuation-pdf', 'HEAD'],
        ['generate-image', hashOf('11-image-styles')],
      ] as const) {
        assert.equal(await matches(slug, commit), true, slug);
      }
      assert.equal(await matches('mint-token', hashOf('17-pending-migrations')), false);
      assert.equal(await matches('generate-image', hashOf('15-moderate-prompts')), false);
    });

    it('hold the entrypoint, what it imports, and the import map', () => {
      assert.deepEqual([...deployed('mint-token').files.keys()], [
        'supabase/functions/_shared/cors.ts',
        'supabase/functions/_shared/db.ts',
        'supabase/functions/_shared/fees.ts',
        'supabase/functions/_shared/log.ts',
        'supabase/functions/_shared/wallet.ts',
        'supabase/functions/mint-token/index.ts',
      ]);
      const image = deployed('generate-image');
      assert.equal(image.import_map_path, 'supabase/functions/generate-image/deno.json');
      assert.deepEqual([...image.files.keys()], [
        'supabase/functions/_shared/cors.ts',
        'supabase/functions/_shared/log.ts',
        'supabase/functions/generate-image/deno.json',
        'supabase/functions/generate-image/index.ts',
        'supabase/functions/generate-image/placeholder.ts',
      ]);
    });

    it('differ from the repository where a team would have to look', async () => {
      assert.equal(deployed('mint-token').version, 12);
      assert.equal(scenario.functions.some((fn) => fn.slug === 'monitor-keywords'), false);
      for (const { hash, name } of scenario.commits) {
        assert.equal(await matches('upload-metadata', hash), false, name);
        assert.equal(await matches('legacy-export', hash), false, name);
      }
    });
  });
});
