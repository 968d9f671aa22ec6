/** SAFETY 1–4: nothing of a hostile repository runs and the token goes to the account's origin alone; and each attack works without the rule. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { isOpsError } from '../../src/core/errors.ts';
import { functionCommits } from '../../src/core/functions/commits.ts';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy } from '../../src/core/functions/prepare.ts';
import { findCli } from '../../src/adapters/cli/findCli.ts';
import { findGit } from '../../src/adapters/git/findGit.ts';
import { createGitHistory } from '../../src/adapters/git/gitHistory.ts';
import { findLive } from '../fakes/findLive.ts';
import { makeRepository } from '../fixtures/repository.ts';
import { startControlPlane } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';
import { startCapture } from './capture.ts';
import { nativeCli, openDeploy, signal, targetOf, type CliMajor, type Target } from './deployWorld.ts';
import { HostileRepository, entrypoint, shared, slug } from './hostileRepository.ts';

const run = promisify(execFile);
const searchPath = process.env['PATH'] ?? '';

/** The editor was started in the hostile folder, by a shell that had loaded its settings. */
function hostileEnvironment(folder: string, captureUrl: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: [folder, path.join(folder, 'bin'), path.join(folder, 'node_modules', '.bin'), '.', '', searchPath].join(path.delimiter),
    SUPABASE_PROFILE: path.join(folder, 'evil.yaml'),
    HTTP_PROXY: captureUrl,
    HTTPS_PROXY: captureUrl,
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    GIT_EXTERNAL_DIFF: path.join(folder, 'evil'),
    GIT_PAGER: path.join(folder, 'evil'),
    GIT_DIR: '/nowhere',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.fsmonitor',
    GIT_CONFIG_VALUE_0: path.join(folder, 'evil'),
  };
}

for (const major of ['cli2', 'cli3'] as const) {
  describe(`a hostile repository and ${major}`, function () {
    this.timeout(120_000);
    before(() => provision(major));

    it('runs nothing and learns nothing while a function is deployed, rolled back and looked at', async () => {
      await using repository = await makeRepository('hostile');
      await using capture = await startCapture();
      const hostile = new HostileRepository(repository);
      await hostile.build(capture.url);
      const sandbox = await startControlPlane({ scenario: createSmallScenario() });
      try {
        const target = targetOf(sandbox, major, repository.folder);
        await hostile.forget();
        const tools = await openDeploy(target, hostileEnvironment(repository.folder, capture.url));
        const lines: string[] = [];
        const apply = async (plan: Awaited<ReturnType<typeof prepareDeploy>>) => applyDeploy(plan, tools, (event) => event.kind === 'output' && lines.push(event.line), signal);

        assert.equal((await apply(await prepareDeploy(slug, 'deploy', { kind: 'workingTree' }, tools, signal))).kind, 'deployed');
        const commits = await functionCommits(slug, tools, signal);
        const good = commits.find(({ commit }) => commit.hash === hostile.good);
        assert.ok(good);
        assert.deepEqual(await apply(await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: good.commit }, tools, signal)), { kind: 'deployed', version: 2 });
        const [fn] = (await tools.management.functions(sandbox.ref, { signal, priority: 'user' })).filter((one) => one.slug === slug);
        assert.ok(fn);
        const live = await findLive(fn, { ...tools, body: () => tools.management.functionBody(sandbox.ref, slug, { signal, priority: 'user' }) }, signal);
        assert.deepEqual([live?.kind === 'commit' && live.commit.hash, live?.kind === 'commit' && live.behind], [hostile.good, 1]);

        assert.equal(await hostile.ran(), '');
        assert.deepEqual(capture.heard, []);
        assert.ok(sandbox.exchanges.length > 5 && sandbox.exchanges.every(({ call }) => call.headers['authorization'] === `Bearer ${sandbox.token}`));
        assert.ok(lines.length > 0 && !lines.join('\n').includes(sandbox.token));
        const deployed = sandbox.state.projects.get(sandbox.ref)?.functions.get(slug);
        assert.deepEqual([...(deployed?.files.keys() ?? [])].toSorted(), [shared, entrypoint].toSorted());
      } finally {
        await sandbox.stop();
      }
    });

    it('sends the token through no proxy, and not to a server whose certificate is not verified', async () => {
      await using repository = await makeRepository('hostile');
      await using capture = await startCapture();
      await new HostileRepository(repository).build(capture.url);
      const token = `sbp_${'ab'.repeat(20)}`;
      const target: Target = { apiUrl: capture.secureUrl, ref: 'abcdefghijklmnopqrst', token, program: nativeCli(major), folder: repository.folder, storage: path.join(path.dirname(repository.folder), 'storage') };
      const { cli, staging } = await openDeploy(target, hostileEnvironment(repository.folder, capture.url));
      // A tree as hostile as it could get, were it not for what `collectFunction` refuses.
      const files = new Map(Object.entries({ [entrypoint]: '', '.env': environmentFile(capture.url), 'supabase/.env': environmentFile(capture.url), 'evil.yaml': `api_url: ${capture.url}` }).map(([name, text]) => [name, new TextEncoder().encode(text)]));
      const short = AbortSignal.timeout(5_000);
      await assert.rejects(staging.withTree(files, (tree) => cli.deployFunction({ tree, ref: target.ref, slug, verifyJwt: true }, () => {}, short)), (error) => isOpsError(error, 'cliFailed', 'cancelled'));
      assert.deepEqual([...new Set(capture.heard)], ['TLS connection']);
    });

    it('would get the token by its profile, were the CLI run in it', async () => {
      await using repository = await makeRepository('hostile');
      await using capture = await startCapture();
      await new HostileRepository(repository).build(capture.url);
      const token = `sbp_${'cd'.repeat(20)}`;
      await unguarded(major, repository.folder, { SUPABASE_ACCESS_TOKEN: token });
      assert.ok(capture.heard.includes(`Bearer ${token}`), capture.heard.join('\n'));
    });

    it('would get the token by its proxy, were the profile alone set', async () => {
      await using repository = await makeRepository('hostile');
      await using capture = await startCapture(['api.opsbook.test']);
      await new HostileRepository(repository).build(capture.url);
      const token = `sbp_${'ef'.repeat(20)}`;
      const profile = path.join(path.dirname(repository.folder), 'profile.yaml');
      await writeFile(profile, 'name: good\napi_url: https://api.opsbook.test\ndashboard_url: https://api.opsbook.test\nproject_host: opsbook.test\n');
      await unguarded(major, repository.folder, { SUPABASE_ACCESS_TOKEN: token, SUPABASE_PROFILE: profile });
      assert.ok(capture.heard.includes(`Bearer ${token}`), capture.heard.join('\n'));
    });
  });
}

function environmentFile(captureUrl: string): string {
  return `SUPABASE_PROFILE=./evil.yaml\nHTTPS_PROXY=${captureUrl}\nHTTP_PROXY=${captureUrl}\nNODE_TLS_REJECT_UNAUTHORIZED=0\n`;
}

/** The CLI as a terminal in the workspace runs it. Whether it succeeds does not matter. */
async function unguarded(major: CliMajor, cwd: string, environment: Record<string, string>): Promise<void> {
  const home = await mkdtemp(path.join(path.dirname(cwd), 'home-'));
  const env = { PATH: searchPath, HOME: home, SUPABASE_NO_KEYRING: '1', SUPABASE_TELEMETRY_DISABLED: '1', SUPABASE_API_MAX_RETRIES: '0', ...environment };
  const args = ['functions', 'list', '--project-ref', 'abcdefghijklmnopqrst', '--output-format', 'json'];
  await run(nativeCli(major), args, { cwd, env, timeout: 30_000 }).catch(() => undefined);
}

describe('a hostile repository and git', function () {
  this.timeout(60_000);

  it('runs nothing while its history is read, lazily fetched objects and signatures included', async () => {
    await using repository = await makeRepository('hostile');
    const hostile = new HostileRepository(repository);
    await hostile.build('http://127.0.0.1:9');
    const environment = hostileEnvironment(repository.folder, 'http://127.0.0.1:9');
    const forbiddenFolders = [repository.folder];
    const program = await findGit({ searchPath: environment['PATH'] ?? '', forbiddenFolders });
    await hostile.forget();
    const git = await createGitHistory({ program, folder: path.join(repository.folder, 'supabase'), forbiddenFolders, environment, isTrusted: () => true }, signal);
    const head = await git.head(signal);
    assert.equal(git.prefix, 'supabase');
    assert.ok(head);
    await git.commit(hostile.good, signal);
    assert.equal((await git.commitsTouching([shared], 10, signal)).length, 2);
    assert.equal((await git.changesUpTo(head.hash, [shared], 10, signal)).length, 2);
    await git.changesElsewhere(hostile.good, [shared], 10, signal);
    await git.commits([head.hash, hostile.good], signal);
    await assert.rejects(git.changesUpTo('1'.repeat(40), [shared], 10, signal), (error) => isOpsError(error, 'commitNotFound'));
    const entries = await git.tree(head.hash, ['supabase'], signal);
    await git.trees([head.hash, hostile.good], ['supabase'], signal);
    await git.blobs(entries.map((entry) => entry.oid), signal);
    assert.equal((await git.blobs(['1'.repeat(40)], signal)).size, 0);
    await assert.rejects(git.tree('1'.repeat(40), ['x'], signal));
    assert.equal(await hostile.ran(), '');
  });

  const attacks: [title: string, args: string[], ran: RegExp][] = [
    ['status starts the file system monitor', ['status'], /^evil /m],
    ['ls-files starts the file system monitor', ['ls-files', '--modified'], /^evil /m],
    ['checkout starts hooks and filters', ['checkout', '-q', 'HEAD~1'], /^evil |^hooks\/post-checkout/m],
    ['worktree add starts hooks and filters', ['worktree', 'add', '-q', '--detach', '../other'], /^evil |^hooks\/post-checkout/m],
    ['archive starts filters', ['archive', '-o', '../a.tar', 'HEAD'], /^evil /m],
    ['log checks signatures with the program it names', ['log', '-1'], /^evil .*--verify/m],
    ['a missing object is fetched through the command it names', ['-c', 'log.showSignature=false', 'cat-file', '-p', '1'.repeat(40)], /^evil /m],
  ];
  for (const [title, args, ran] of attacks) {
    it(`would run its code: ${title}`, async () => {
      await using repository = await makeRepository('hostile');
      const hostile = new HostileRepository(repository);
      await hostile.build('http://127.0.0.1:9');
      await hostile.forget();
      await run('git', args, { cwd: repository.folder, env: { ...repository.environment(), PATH: searchPath } }).catch(() => undefined);
      assert.match(await hostile.ran(), ran);
    });
  }

  it('is passed over where programs are looked for', async () => {
    await using repository = await makeRepository('hostile');
    const hostile = new HostileRepository(repository);
    await hostile.build('http://127.0.0.1:9');
    const environment = hostileEnvironment(repository.folder, 'http://127.0.0.1:9');
    const elsewhere = path.join(path.dirname(repository.folder), 'bin');
    await mkdir(elsewhere);
    await writeFile(path.join(elsewhere, 'supabase'), '#!/bin/sh\n', { mode: 0o755 });
    const search = { searchPath: `${environment['PATH']}${path.delimiter}${elsewhere}`, forbiddenFolders: [repository.folder] };
    assert.equal(path.dirname(await findCli(search)), elsewhere);
    assert.equal(await findCli({ ...search, forbiddenFolders: [] }), path.join(repository.folder, 'bin', 'supabase'));
    assert.ok(!(await findGit(search)).startsWith(repository.folder));
    assert.equal(await findGit({ ...search, forbiddenFolders: [] }), path.join(repository.folder, 'git'));
  });
});
