/** DESIGN 5.4: a rollback leaves the repository as it was, to the byte and the nanosecond, whatever state it is in. */
import assert from 'node:assert/strict';
import { mkdir, utimes } from 'node:fs/promises';
import path from 'node:path';
import { isOpsError, type ErrorCode } from '../../src/core/errors.ts';
import { functionCommits } from '../../src/core/functions/commits.ts';
import { applyDeploy } from '../../src/core/functions/deploy.ts';
import { prepareDeploy, type DeployFrom } from '../../src/core/functions/prepare.ts';
import { findLive } from '../fakes/findLive.ts';
import { makeRepository, TestRepository } from '../fixtures/repository.ts';
import { startControlPlane, type Sandbox } from '../sandbox/controlPlane.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import { provision } from '../world/provision.ts';
import { openDeploy, signal, targetOf } from './deployWorld.ts';
import { gitState, snapshot } from './snapshot.ts';

const slug = 'health';
const index = `supabase/functions/${slug}/index.ts`;
const shared = 'supabase/functions/_shared/log.ts';
const code = 'import { log } from "../_shared/log.ts";\nDeno.serve(() => new Response(log("x")));\n';

interface World {
  readonly repository: TestRepository;
  /** The older commit. */
  readonly good: string;
}

/** Where the rollback happens, when it is not the repository's own folder. */
interface Scene {
  readonly folder?: string;
  readonly commit?: string;
  /** What is to be live afterwards at `shared`; the older commit's content when absent. */
  readonly expected?: string;
}

async function twoCommits(repository: TestRepository, prefix = ''): Promise<string> {
  const good = await repository.commit('Good', { [prefix + index]: code, [prefix + shared]: 'good\n', [`${prefix}supabase/config.toml`]: `[functions.${slug}]\nverify_jwt = false\n`, '.gitignore': 'ignored.txt\n' });
  await repository.commit('Broken', { [prefix + shared]: 'broken\n' });
  return good;
}

const states: [title: string, arrange: (world: World) => Promise<Scene>][] = [
  ['clean', async () => ({})],
  [
    'with staged, unstaged, untracked, ignored and stashed work',
    async ({ repository }) => {
      await repository.write({ [shared]: 'stashed\n' });
      repository.git('stash');
      await repository.write({ [shared]: 'staged\n', 'new.txt': 'staged', 'both.txt': 'staged' });
      repository.git('add', '-A');
      await repository.write({ [shared]: 'unstaged\n', 'both.txt': 'unstaged', 'untracked.txt': 'x', 'ignored.txt': 'x', [`supabase/functions/${slug}/untracked.ts`]: 'x' });
      repository.git('rm', '-q', '--cached', index);
      // Times that differ from the index: git would refresh it at the first look.
      await utimes(path.join(repository.folder, 'both.txt'), 1_000_000, 1_000_000);
      await utimes(path.join(repository.folder, '.gitignore'), 1_000_000, 1_000_000);
      return {};
    },
  ],
  ['on a detached HEAD', async ({ repository }) => (repository.git('checkout', '-q', '--detach', 'HEAD'), {})],
  [
    'in the middle of a rebase with a conflict',
    async ({ repository, good }) => {
      repository.git('checkout', '-q', '-b', 'topic', good);
      await repository.commit('Conflicting', { [shared]: 'theirs\n' });
      assert.throws(() => repository.git('rebase', 'main'));
      return {};
    },
  ],
  [
    'in the middle of a merge with a conflict',
    async ({ repository, good }) => {
      repository.git('checkout', '-q', '-b', 'topic', good);
      await repository.commit('Conflicting', { [shared]: 'theirs\n' });
      assert.throws(() => repository.git('merge', 'main'));
      return {};
    },
  ],
  [
    'as a shallow clone',
    async ({ repository }) => {
      const clone = new TestRepository(path.join(path.dirname(repository.folder), 'shallow'));
      repository.git('clone', '-q', '--depth=2', `file://${repository.folder}`, clone.folder);
      return { folder: clone.folder };
    },
  ],
  [
    'as a worktree',
    async ({ repository }) => {
      const folder = path.join(path.dirname(repository.folder), 'tree');
      repository.git('worktree', 'add', '-q', '-b', 'other', folder);
      return { folder };
    },
  ],
  [
    'as a submodule',
    async ({ repository }) => {
      const outer = new TestRepository(path.join(path.dirname(repository.folder), 'outer'));
      await mkdir(outer.folder);
      outer.git('init', '-q', '-b', 'main');
      outer.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', repository.folder, 'sub');
      await outer.commit('With a submodule');
      return { folder: path.join(outer.folder, 'sub') };
    },
  ],
  [
    'in a folder below the repository’s top',
    async ({ repository }) => {
      const commit = await twoCommits(repository, 'apps/api/');
      return { folder: path.join(repository.folder, 'apps/api'), commit };
    },
  ],
  [
    'with CRLF in the working tree',
    async ({ repository, good }) => {
      repository.git('config', 'core.autocrlf', 'true');
      repository.git('rm', '-q', '--cached', '-r', '.');
      repository.git('reset', '-q', '--hard');
      return { commit: good };
    },
  ],
  [
    'with links',
    async ({ repository }) => {
      repository.git('rm', '-q', shared);
      await repository.link(shared, '../../../lib/log.ts');
      const commit = await repository.commit('Linked', { 'lib/log.ts': 'linked\n' });
      await repository.commit('Changed', { 'lib/log.ts': 'changed\n' });
      return { commit, expected: 'linked\n' };
    },
  ],
  [
    'with an index that another process has locked',
    async ({ repository }) => {
      await repository.write({ '.git/index.lock': '' });
      return {};
    },
  ],
];

describe('a rollback', function () {
  this.timeout(60_000);
  let sandbox: Sandbox;

  before(() => provision('cli3'));
  beforeEach(async () => {
    sandbox = await startControlPlane({ scenario: createSmallScenario() });
  });
  afterEach(() => sandbox.stop());

  const open = (home: string, folder: string) =>
    openDeploy(targetOf(sandbox, 'cli3', folder, home));

  const deployed = (file: string) => {
    const content = sandbox.state.projects.get(sandbox.ref)?.functions.get(slug)?.files.get(file);
    return content && Buffer.from(content).toString();
  };

  for (const [title, arrange] of states) {
    it(`changes nothing of a repository ${title}`, async () => {
      await using repository = await makeRepository('untouched');
      const good = await twoCommits(repository);
      const { folder = repository.folder, commit = good, expected = 'good\n' } = await arrange({ repository, good });
      const home = path.dirname(repository.folder);
      const described = gitState(repository, folder);
      const before = await snapshot(home);

      const tools = await open(repository.folder, folder);
      const commits = await functionCommits(slug, tools, signal);
      const listed = commits.find((one) => one.commit.hash === commit) ?? assert.fail('it is not offered');
      const plan = await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: listed.commit, source: listed.source }, tools, signal);
      const named = await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(commit, signal) }, tools, signal);
      assert.deepEqual(plan, named, 'from the list or by its name');
      assert.deepEqual(await applyDeploy(plan, tools, () => {}, signal), { kind: 'deployed', version: 1 });
      const [fn] = (await tools.management.functions(sandbox.ref, { signal, priority: 'user' })).filter((one) => one.slug === slug);
      assert.ok(fn);
      const live = await findLive(fn, { ...tools, body: () => assert.fail('the ledger knows') }, signal);

      const after = await snapshot(home);
      const storage = (file: string) => file.startsWith('storage');
      assert.deepEqual(new Map([...after.files].filter(([file]) => !storage(file))), before.files);
      assert.deepEqual(gitState(repository, folder), described);
      assert.deepEqual([...after.files.keys()].filter((file) => file.startsWith('storage/staging/') || file.startsWith('storage/locks/')), []);
      assert.equal(deployed(shared), expected);
      assert.equal(live?.kind === 'commit' && live.commit.hash, commit);
    });
  }

  it('reaches back over a renamed folder, under the name of today', async () => {
    await using repository = await makeRepository('untouched');
    const good = await repository.commit('Good', { 'supabase/functions/old-health/index.ts': code, [shared]: 'good\n' });
    await repository.commit('Change', { [shared]: 'changed\n' });
    repository.git('mv', 'supabase/functions/old-health', `supabase/functions/${slug}`);
    await repository.commit('Rename');
    const before = await snapshot(repository.folder);
    const tools = await open(repository.folder, repository.folder);
    const commits = await functionCommits(slug, tools, signal);
    assert.deepEqual(commits.map((one) => [one.commit.subject, one.formerSlug]), [['Rename', undefined], ['Change', 'old-health'], ['Good', 'old-health']]);
    const { commit, formerSlug } = commits.at(-1) ?? assert.fail();
    assert.equal(commit.hash, good);
    const from: DeployFrom = { kind: 'commit', commit, ...(formerSlug === undefined ? {} : { formerSlug }) };
    const outcome = await applyDeploy(await prepareDeploy(slug, 'rollback', from, tools, signal), tools, () => {}, signal);
    assert.equal(outcome.kind, 'deployed');
    assert.deepEqual([deployed(shared), deployed('supabase/functions/old-health/index.ts')], ['good\n', code]);
    assert.deepEqual(await snapshot(repository.folder), before);
  });

  it('is looked at closely enough: a mere `git status` would be noticed', async () => {
    await using repository = await makeRepository('untouched');
    await twoCommits(repository);
    await utimes(path.join(repository.folder, '.gitignore'), 1_000_000, 1_000_000);
    const before = await snapshot(repository.folder);
    repository.git('status');
    assert.notDeepEqual(await snapshot(repository.folder), before);
  });

  const refused: [title: string, files: Record<string, string>, code: ErrorCode][] = [
    ['a commit in which the function did not exist', { 'README.md': 'x' }, 'functionMissing'],
    ['a commit that holds only Git LFS pointers', { [index]: 'import "./model.ts"', [`supabase/functions/${slug}/model.ts`]: 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n' }, 'badConfig'],
    ['a commit whose shared code is a submodule', { [index]: 'import "../_vendor/log.ts"' }, 'importMissing'],
  ];
  for (const [title, files, expected] of refused) {
    it(`refuses ${title}, and sends nothing`, async () => {
      await using repository = await makeRepository('untouched');
      await repository.write(files);
      repository.git('add', '-A');
      repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},supabase/functions/_vendor`);
      repository.git('commit', '-q', '-m', 'Bad');
      const commit = repository.git('rev-parse', 'HEAD').trim();
      await repository.commit('Now', { [index]: 'now' });
      const before = await snapshot(repository.folder);
      const tools = await open(repository.folder, repository.folder);
      const attempt = async () => applyDeploy(await prepareDeploy(slug, 'rollback', { kind: 'commit', commit: await tools.git.commit(commit, signal) }, tools, signal), tools, () => {}, signal);
      await assert.rejects(attempt(), (error) => isOpsError(error, expected));
      assert.deepEqual(await snapshot(repository.folder), before);
      assert.equal(deployed(index), undefined);
      assert.deepEqual(await tools.ledger.deployments(), []);
    });
  }
});
