import assert from 'node:assert/strict';
import { digest } from '../../../../src/adapters/files/digest.ts';
import { tomlReader } from '../../../../src/adapters/files/toml.ts';
import { blobId } from '../../../../src/core/functions/blobId.ts';
import { Ledger, type LedgerOrigin } from '../../../../src/core/functions/ledger.ts';
import type { EdgeFunction, FunctionBody } from '../../../../src/core/functions/edgeFunction.ts';
import { findLive } from '../../../fakes/findLive.ts';
import { FakeGitHistory } from '../../../fakes/gitHistory.ts';
import { FakeJournal } from '../../../fakes/journal.ts';

const signal = new AbortController().signal;
const index = 'supabase/functions/a/index.ts';
const log = 'supabase/functions/_shared/log.ts';
const importing = 'import "../_shared/log.ts"\n';
const fn: EdgeFunction = { id: 'i', slug: 'a', name: 'a', status: 'ACTIVE', version: 7, createdAt: 1, updatedAt: 2, bundleSha256: 'abc' };

const bodyOf = (files: Readonly<Record<string, string>>, entrypoint?: string): FunctionBody => ({
  ...(entrypoint === undefined ? {} : { entrypoint }),
  files: new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)])),
});

async function live(git: FakeGitHistory, body: FunctionBody | undefined, ledger = new Ledger(new FakeJournal(), { now: () => 1 }), asked = fn): Promise<string> {
  const found = await findLive(asked, { git, toml: tomlReader, ledger, digest, body: async () => body ?? assert.fail('the body was not to be fetched') }, signal);
  switch (found?.kind) {
    case 'commit':
      return [found.commit.subject, found.evidence, `behind ${found.behind}`, ...(found.alike > 0 ? [`alike ${found.alike}`] : []), ...found.unlike.map(({ path, how }) => `${how} of ${path.slice('supabase/functions/'.length)}`), ...(found.jwtDiffers ? ['JWT differs'] : [])].join(', ');
    case 'unknown':
      return `unknown, ${found.evidence}: ${found.differing.join(' ')}`;
    default:
      return found?.kind ?? 'no commits';
  }
}

/** Version 7 was deployed from here: the function's own file and the shared one. */
async function deployedFrom(origin: LedgerOrigin, text: string): Promise<Ledger> {
  const ledger = new Ledger(new FakeJournal(), { now: () => 1 });
  const id = (content: string) => blobId(new TextEncoder().encode(content), digest);
  const entry = await ledger.intend({ ref: 'r', slug: 'a', action: 'deploy', origin, who: 'ada', files: [[index, id(importing), true], [log, id(text), true]] });
  await ledger.conclude(entry, { result: 'deployed', versionAfter: 7, bundleAfter: 'abc' });
  return ledger;
}

function history(): FakeGitHistory {
  const git = new FakeGitHistory();
  git.add('first', { [index]: importing, [log]: 'one\n', 'supabase/functions/a/deno.json': '{}' });
  git.add('second', { [log]: 'two\n' });
  git.add('elsewhere', { 'README.md': 'x' });
  git.add('third', { [log]: 'three\n' });
  return git;
}

describe('the search for live commits', () => {
  it('blobId is git’s own', () => {
    assert.equal(blobId(new TextEncoder().encode('hello\n'), digest), 'ce013625030ba8dba906f756967f9e9ca394464a');
  });

  it('finds HEAD and commits behind it, by the deployed files', async () => {
    assert.equal(await live(history(), bodyOf({ [index]: importing, [log]: 'three\n' }, index)), 'third, body, behind 0');
    assert.equal(await live(history(), bodyOf({ [index]: importing, [log]: 'two\n' }, index)), 'second, body, behind 1');
    assert.equal(await live(history(), bodyOf({ [index]: importing, [log]: 'one\n', 'supabase/functions/a/deno.json': '{}' }, index)), 'first, body, behind 2');
  });

  it('finds a commit whose files a partial clone does not hold, by their ids', async () => {
    const git = history();
    git.lose('{}');
    git.lose('two\n');
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: 'two\n' }, index)), 'second, body, behind 1');
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: 'three\n' }, index)), 'third, body, behind 0');
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: 'four\n' }, index)), 'unknown, body: supabase/functions/_shared/log.ts');
  });

  it('takes the service’s paths as they come', async () => {
    const bodies = [
      bodyOf({ 'functions/a/index.ts': importing, 'functions/_shared/log.ts': 'two\n' }, 'functions/a/index.ts'),
      bodyOf({ 'a/index.ts': importing, '_shared/log.ts': 'two\n' }, 'a/index.ts'),
      bodyOf({ [index]: importing, [log]: 'two\n' }),
    ];
    for (const body of bodies) {
      assert.equal(await live(history(), body), 'second, body, behind 1');
    }
  });

  it('is not fooled by files that are the same without what they import', async () => {
    assert.equal(await live(history(), bodyOf({ [index]: importing }, index)), 'unknown, body: ');
  });

  it('allows for more than is needed: what the CLI finds in comments is live too', async () => {
    const git = history();
    git.add('commented', { [index]: `${importing}// import "../_shared/unused.ts"\n`, 'supabase/functions/_shared/unused.ts': 'x' });
    const body = bodyOf({ [index]: `${importing}// import "../_shared/unused.ts"\n`, [log]: 'three\n', 'supabase/functions/_shared/unused.ts': 'x' }, index);
    assert.equal(await live(git, body), 'commented, body, behind 0');
  });

  it('says so when line endings are all that differs', async () => {
    assert.equal(await live(history(), bodyOf({ [index]: importing.replace('\n', '\r\n'), [log]: 'two\r\n' }, index)), 'second, body, behind 1, lineEndings of a/index.ts, lineEndings of _shared/log.ts');
    const git = new FakeGitHistory();
    git.add('with CRLF', { [index]: 'a\r\nb\r\n' });
    assert.equal(await live(git, bodyOf({ [index]: 'a\nb\n' }, index)), 'with CRLF, body, behind 0, lineEndings of a/index.ts');
  });

  it('takes the newest of commits that are alike, and says so', async () => {
    const git = history();
    git.add('reverted', { [log]: 'two\n' });
    git.add('fourth', { [log]: 'four\n' });
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: 'two\n' }, index)), 'reverted, body, behind 1, alike 1');
  });

  it('looks at other branches when HEAD’s history has it not', async () => {
    const git = history();
    git.add('on a branch', { [log]: 'branch\n' }, { on: 'elsewhere' });
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: 'branch\n' }, index)), 'on a branch, body, behind undefined');
  });

  it('names the files that no commit has', async () => {
    assert.equal(await live(history(), bodyOf({ [index]: importing, [log]: 'by hand\n', 'supabase/functions/a/extra.ts': '' }, index)), `unknown, body: ${log} supabase/functions/a/extra.ts`);
  });

  it('knows a function that the repository never had, and a repository without commits', async () => {
    const git = new FakeGitHistory();
    assert.equal(await live(git, undefined), 'no commits');
    git.add('other', { 'supabase/functions/b/index.ts': '' });
    assert.equal(await live(git, bodyOf({ [index]: 'x' }, index)), 'notInRepository');
  });

  it('follows links of the repository', async () => {
    const git = new FakeGitHistory();
    git.add('linked', { [index]: 'import "./log.ts"', [log]: 'one\n' }, { links: { 'supabase/functions/a/log.ts': '../_shared/log.ts' } });
    assert.equal(await live(git, bodyOf({ [index]: 'import "./log.ts"', 'supabase/functions/a/log.ts': 'one\n' }, index)), 'linked, body, behind 0');
    assert.match(await live(git, bodyOf({ [index]: 'import "./log.ts"', 'supabase/functions/a/log.ts': 'two\n' }, index)), /^unknown/);
  });

  it('finds a function that has been renamed since it was deployed', async () => {
    const git = new FakeGitHistory();
    git.add('old name', { 'supabase/functions/before/index.ts': importing, [log]: 'one\n' });
    git.add('renamed', { 'supabase/functions/before/index.ts': null, [index]: importing });
    assert.equal(await live(git, bodyOf({ 'supabase/functions/before/index.ts': importing, [log]: 'one\n' }, 'supabase/functions/before/index.ts')), 'old name, body, behind 1');
  });

  it('says so when white space is all that differs, as a formatter leaves it', async () => {
    const git = new FakeGitHistory();
    const code = (body: string) => `export default function (name: string) {\n  return ${body};\n}\n`;
    git.add('first', { [index]: importing, [log]: code('name') });
    git.add('second', { [log]: code("'two'") });
    git.add('third', { [log]: code("'three'") });
    const formatted = (body: string) => code(body).replaceAll('\n  ', '\n\t\t').trimEnd();
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: formatted("'two'") }, index)), 'second, body, behind 1, whiteSpace of _shared/log.ts');
    assert.equal(await live(git, bodyOf({ [index]: `\ufeff${importing}`, [log]: formatted("'three'") }, index)), 'third, body, behind 0, whiteSpace of a/index.ts, whiteSpace of _shared/log.ts');
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: formatted("'four'") }, index)), `unknown, body: ${log}`);
  });

  it('takes the commit whose settings are live too, and says so when there is none', async () => {
    const config = (section: string) => ({ 'supabase/config.toml': `# ${section}\n[functions.a]\n${section}\n[functions.b]\nverify_jwt = true\n` });
    const git = new FakeGitHistory();
    git.add('open', { [index]: 'x', ...config('verify_jwt = false') });
    git.add('a comment', { 'supabase/config.toml': `# y\n${config('verify_jwt = false')['supabase/config.toml']}` });
    git.add('closed', config('verify_jwt = true'));
    git.add('import map', { 'supabase/functions/b/index.ts': 'y' });
    const body = bodyOf({ [index]: 'x' }, index);
    assert.equal(await live(git, body, undefined, { ...fn, verifyJwt: true }), 'closed, body, behind 0, alike 1');
    assert.equal(await live(git, body, undefined, { ...fn, verifyJwt: false }), 'open, body, behind 1');
    git.add('said nothing', { 'supabase/config.toml': null, [index]: 'z' });
    assert.equal(await live(git, body, undefined, { ...fn, verifyJwt: true }), 'closed, body, behind 1, alike 1');
    const never = new FakeGitHistory();
    never.add('open', { [index]: 'x', ...config('verify_jwt = false') });
    assert.equal(await live(never, body, undefined, { ...fn, verifyJwt: true }), 'open, body, behind 0, JWT differs');
  });

  it('counts what a link leads to as the function’s own', async () => {
    const git = new FakeGitHistory();
    git.add('linked', { [index]: 'import "./log.ts"', 'lib/log.ts': 'one\n' }, { links: { 'supabase/functions/a/log.ts': '../../../lib/log.ts' } });
    git.add('elsewhere', { 'lib/other.ts': 'x' });
    git.add('changed', { 'lib/log.ts': 'two\n' });
    const linked = (text: string) => bodyOf({ [index]: 'import "./log.ts"', 'supabase/functions/a/log.ts': text }, index);
    assert.equal(await live(git, linked('two\n')), 'changed, body, behind 0');
    assert.equal(await live(git, linked('one\n')), 'linked, body, behind 1');
  });

  it('sees what is imported from outside supabase/', async () => {
    const git = new FakeGitHistory('apps/api');
    const outer = 'apps/api/lib/log.ts';
    git.add('first', { [`apps/api/${index}`]: 'import "../../../lib/log.ts"', [outer]: 'one\n' });
    git.add('second', { [outer]: 'two\n' });
    const body = (text: string) => bodyOf({ [index]: 'import "../../../lib/log.ts"', 'lib/log.ts': text }, index);
    assert.equal(await live(git, body('two\n')), 'second, body, behind 0');
    assert.equal(await live(git, body('one\n')), 'first, body, behind 1');
    assert.equal(await live(git, bodyOf({ [index]: 'import "../../../lib/log.ts"', 'lib/log.ts': 'two\n', '../../etc/passwd': 'x' }, index)), 'unknown, body: ../../etc/passwd');
  });

  it('takes the ledger’s commit where no branch leads to it any more', async () => {
    const git = history();
    const lost = git.add('lost', { [log]: 'lost\n' }, { on: 'nowhere' });
    assert.equal(await live(git, undefined, await deployedFrom({ kind: 'commit', commit: lost }, 'lost\n')), 'lost, ledger, behind undefined');
  });

  it('asks the body when the ledger knows files that no commit has: git converts line endings', async () => {
    const files = { [index]: importing.replace('\n', '\r\n'), [log]: 'two\r\n' };
    assert.equal(await live(history(), bodyOf(files, index), await deployedFrom({ kind: 'workingTree', clean: true, commit: '2'.padStart(40, '0') }, 'two\r\n')), 'second, body, behind 1, lineEndings of a/index.ts, lineEndings of _shared/log.ts');
  });

  it('needs no body when the ledger knows the version and the bundle', async () => {
    const ledger = new Ledger(new FakeJournal(), { now: () => 1 });
    const id = (text: string) => blobId(new TextEncoder().encode(text), digest);
    const entry = await ledger.intend({ ref: 'r', slug: 'a', action: 'deploy', origin: { kind: 'commit', commit: '1' }, who: 'ada', files: [[index, id(importing), true], [log, id('two\n'), true]] });
    await ledger.conclude(entry, { result: 'deployed', versionAfter: 7, bundleAfter: 'abc' });
    assert.equal(await live(history(), undefined, ledger), 'second, ledger, behind 1');
    await ledger.conclude(await ledger.intend({ ref: 'r', slug: 'a', action: 'deploy', origin: { kind: 'commit', commit: '1' }, who: 'ada', files: [[index, id('x'), true]] }), { result: 'deployed', versionAfter: 8, bundleAfter: 'abc' });
    assert.equal(await live(history(), undefined, ledger), 'second, ledger, behind 1');
  });

  it('reads many commits in a few questions', async () => {
    const git = new FakeGitHistory('apps/api');
    for (let number = 0; number < 300; number++) {
      git.add(`c${number}`, { [`apps/api/${index}`]: importing, [`apps/api/${log}`]: `${number}\n` });
    }
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: '4\n' }, index)), 'c4, body, behind 295');
    assert.deepEqual(git.calls, ['head', 'changesUpTo', 'blobs', 'commits']);
    git.calls.length = 0;
    assert.equal(await live(git, bodyOf({ [index]: importing, [log]: '299\n' }, index)), 'c299, body, behind 0');
    assert.deepEqual(git.calls, ['head', 'changesUpTo', 'commits']);
  });
});
