import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { deployArguments } from '../../../../src/adapters/cli/deployArguments.ts';
import { findCli, workspaceCli } from '../../../../src/adapters/cli/findCli.ts';
import { Lines, presentable, reasonOf } from '../../../../src/adapters/cli/output.ts';
import { createSupabaseCli, type CliVersions, type SupabaseCliNeeds } from '../../../../src/adapters/cli/supabaseCli.ts';
import { createStagingArea } from '../../../../src/adapters/files/stagingArea.ts';
import { isOpsError, type ErrorCode } from '../../../../src/core/errors.ts';
import { temporaryFolder } from '../../../fixtures/repository.ts';

const ref = 'abcdefghijklmnopqrst';
const token = `sbp_${'0'.repeat(40)}`;
const signal = new AbortController().signal;
/** Resolves when the process is gone, or dead and not yet fetched by its parent. */
async function ended(pid: number): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
    if (state.slice(state.lastIndexOf(')') + 2).startsWith('Z')) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(`process ${pid} still runs`);
}

const fails = (code: ErrorCode) => (error: unknown) => isOpsError(error, code) || assert.fail(String(error));

/** Programs that stand in for the CLI: what Opsbook does around it, not what it does itself, is looked at here. */
describe('SupabaseCli', () => {
  let home: string;
  beforeEach(async () => {
    home = await temporaryFolder('cli');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function program(script: string): Promise<string> {
    const file = path.join(home, 'supabase');
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  }

  function open(find: () => Promise<string>, environment: NodeJS.ProcessEnv = process.env) {
    return createSupabaseCli(needs(find, environment));
  }

  function needs(find: () => Promise<string>, environment: NodeJS.ProcessEnv = process.env): SupabaseCliNeeds {
    return {
      find,
      staging: createStagingArea(path.join(home, 'staging')),
      account: async () => ({ token, apiUrl: 'https://api.test', dashboardUrl: 'https://dash.test', projectHost: 'test' }),
      forbiddenFolders: [path.join(home, 'workspace')],
      environment,
      isTrusted: () => true,
    };
  }

  const deploy = (cli: ReturnType<typeof open>, onLine: (line: string) => void = () => {}, ending = signal) =>
    cli.deployFunction({ tree: '/tree', ref, slug: 'health', verifyJwt: false }, onLine, ending);

  it('asks for the program and its version once', async () => {
    const file = await program(`echo asked >> ${home}/log; echo "supabase 2.122.1"`);
    let finds = 0;
    const cli = open(async () => (finds++, file));
    assert.deepEqual(await Promise.all([cli.version(signal), cli.version(signal)]), [{ text: '2.122.1', major: 2 }, { text: '2.122.1', major: 2 }]);
    await cli.version(signal);
    assert.deepEqual([finds, await readFile(path.join(home, 'log'), 'utf8')], [1, 'asked\n']);
  });

  it('asks again once the file is another one, and after a deploy that failed', async () => {
    const versions: CliVersions = new Map();
    const asks = async (told: string) => program(`[ "$1" = --version ] && { echo asked >> ${home}/log; echo ${told}; exit; }; exit 1`);
    const open = async (file: string) => createSupabaseCli({ ...needs(async () => file), versions }).version(signal);
    await asks('2.122.1');
    const file = path.join(home, 'supabase');
    assert.deepEqual([(await open(file)).major, (await open(file)).major], [2, 2]);
    await rm(file);
    await asks('3.1.0');
    assert.equal((await open(file)).major, 3);
    assert.equal(await readFile(path.join(home, 'log'), 'utf8'), 'asked\nasked\n');
    await assert.rejects(deploy(createSupabaseCli({ ...needs(async () => file), versions })), fails('cliFailed'));
    await open(file);
    assert.equal(await readFile(path.join(home, 'log'), 'utf8'), 'asked\nasked\nasked\n');
  });

  it('serves functions until it is stopped, with the lines of both streams as they come', async () => {
    const file = await program(`[ "$1" = --version ] && { echo 3.1.0; exit; }
      pwd > ${home}/seen; echo "$*" >> ${home}/seen; echo "token $SUPABASE_ACCESS_TOKEN" >> ${home}/seen
      echo "[Info] hello"; echo "serving the request" >&2; sleep 60`);
    const stop = new AbortController();
    const lines: string[] = [];
    const ended = open(async () => file).serveFunctions('/acme', (line) => void (lines.push(line) === 2 && stop.abort()), stop.signal);
    await assert.rejects(ended, fails('cancelled'));
    assert.deepEqual(lines.sort(), ['[Info] hello', 'serving the request']);
    assert.match(await readFile(path.join(home, 'seen'), 'utf8'), /\/tree\/current\nfunctions serve --workdir \/acme --agent no\ntoken \n$/);
  });

  it('says with the CLI’s own words why serving ended', async () => {
    const file = await program(`[ "$1" = --version ] && { echo 3.1.0; exit; }
      echo "failed to inspect container: Cannot connect to the Docker daemon" >&2; exit 1`);
    await assert.rejects(open(async () => file).serveFunctions('/acme', () => undefined, signal), (error) => isOpsError(error, 'cliFailed') && error.facts.exitCode === 1 && /Docker daemon/.test(error.facts.message));
  });

  it('gives the child an empty folder, a profile of the account, and nothing of the editor’s environment', async () => {
    const file = await program(`[ "$1" = --version ] && { echo 3.1.0; exit; }
      { pwd; ls -A . "$HOME"; echo "args $*"; cat "$SUPABASE_PROFILE"; echo "home $SUPABASE_HOME"; env; } > ${home}/seen`);
    const workspace = path.join(home, 'workspace');
    await mkdir(path.join(workspace, 'bin'), { recursive: true });
    const hostile = { SUPABASE_ACCESS_TOKEN: 'other', SUPABASE_PROFILE: './evil.yaml', HTTPS_PROXY: 'http://evil', https_proxy: 'http://evil', NODE_OPTIONS: '--require ./evil.js', LD_PRELOAD: './evil.so', BASH_ENV: './evil.sh', CURSOR_TRACE_ID: '1' };
    await deploy(open(async () => file, { ...hostile, PATH: [`${workspace}/bin`, '.', process.env['PATH']].join(path.delimiter) }));
    const seen = await readFile(path.join(home, 'seen'), 'utf8');
    assert.match(seen, new RegExp(`^${home}/staging/stage-\\w+/tree/current\\n\\.:\\n\\n${home}/staging/stage-\\w+/tree/home:\\nargs `));
    assert.match(seen, /name: "opsbook"\napi_url: "https:\/\/api\.test"\ndashboard_url: "https:\/\/dash\.test"\nproject_host: "test"\n/);
    assert.match(seen, /^args functions deploy health --remote=abcdefghijklmnopqrst --yes --use-api --no-verify-jwt --workdir \/tree --output-format json --agent no$/m);
    assert.doesNotMatch(seen, /evil|CURSOR|LD_PRELOAD|^SUPABASE_ACCESS_TOKEN=other/m);
    for (const line of [`SUPABASE_ACCESS_TOKEN=${token}`, 'NODE_TLS_REJECT_UNAUTHORIZED=1', 'HTTPS_PROXY=', 'https_proxy=', `PATH=${process.env['PATH']}`]) {
      assert.ok(seen.split('\n').includes(line), line);
    }
    assert.ok(!seen.slice(seen.indexOf('args'), seen.indexOf('name:')).includes(token));
    assert.deepEqual(await readdir(path.join(home, 'staging')), []);
  });

  it('streams lines, masked and visible, and gives the CLI’s own reason', async () => {
    const file = await program(`[ "$1" = --version ] && { echo 3.1.0; exit; }
      printf 'Uploading\\r\\ntoken %s\\nkey sb_secret_abcdef' "$SUPABASE_ACCESS_TOKEN" >&2
      printf '\\033[31m' >&2
      printf '{"_tag":"Error","error":{"code":"X","message":"no\\\\u001b right for %s","suggestion":"Ask."}}' "$SUPABASE_ACCESS_TOKEN"
      exit 1`);
    const lines: string[] = [];
    await assert.rejects(deploy(open(async () => file), (line) => lines.push(line)), (error) => {
      assert.ok(isOpsError(error, 'cliFailed'));
      assert.deepEqual(error.facts, { command: 'supabase functions deploy health', exitCode: 1, message: 'no␛ right for sbp_…\nAsk.' });
      return true;
    });
    assert.deepEqual(lines, ['Uploading', 'token sbp_…', 'key sb_secret_…␛[31m']);
  });

  for (const [title, parent] of [
    ['neither wants to end', `trap '' TERM`],
    ['it ends and leaves a stubborn child behind', `trap 'exit 1' TERM`],
  ] as const) {
    it(`ends the program and everything it started when it is cancelled, also when ${title}`, async () => {
      const file = await program(`[ "$1" = --version ] && { echo 3.1.0; exit; }
        ${parent}
        sh -c 'trap "" TERM; echo $$ > ${home}/grandchild; while :; do sleep 0.1; done' > /dev/null 2>&1 &
        while [ ! -s ${home}/grandchild ]; do sleep 0.05; done
        echo started >&2
        while :; do sleep 0.1; done`);
      const abort = new AbortController();
      const lines: string[] = [];
      const onLine = (line: string) => {
        lines.push(line);
        abort.abort();
      };
      await assert.rejects(deploy(open(async () => file), onLine, abort.signal), fails('cancelled'));
      assert.deepEqual([lines[0], lines.at(-1)?.slice(0, 10)], ['started', 'Cancelled:']);
      await ended(Number(await readFile(path.join(home, 'grandchild'), 'utf8')));
      assert.deepEqual(await readdir(path.join(home, 'staging')), []);
    });
  }

  it('says what is wrong: no CLI, one of another major, one that is none, no trust', async () => {
    await assert.rejects(deploy(open(() => findCli({ searchPath: '', forbiddenFolders: [] }))), fails('cliMissing'));
    await assert.rejects(deploy(open(async () => path.join(home, 'gone'))), fails('cliMissing'));
    await assert.rejects(deploy(open(async () => program('echo 4.0.0-beta.1'))), (error) => isOpsError(error, 'cliUnsupported') && error.facts.version === '4.0.0-beta.1');
    await assert.rejects(deploy(open(async () => program('echo hello; exit 3'))), (error) => isOpsError(error, 'cliFailed') && error.facts.exitCode === 3);
    const cli = createSupabaseCli({
      find: () => assert.fail('not even looked for'),
      staging: createStagingArea(home),
      account: () => assert.fail(),
      forbiddenFolders: [],
      environment: {},
      isTrusted: () => false,
    });
    await assert.rejects(deploy(cli), fails('untrusted'));
  });

  it('tries again after a failure, and lets one who waits go without the others', async () => {
    let found = await program('exit 1');
    const cli = open(async () => found);
    await assert.rejects(cli.version(signal), fails('cliFailed'));
    found = await program('sleep 0.3; echo 2.1.0');
    const abort = new AbortController();
    const both = [cli.version(abort.signal), cli.version(signal)] as const;
    abort.abort();
    await assert.rejects(both[0], fails('cancelled'));
    assert.equal((await both[1]).major, 2);
  });
});

describe('findCli', () => {
  it('never takes the workspace’s own without consent to that very file', async () => {
    const home = await temporaryFolder('find-cli');
    const workspace = path.join(home, 'workspace');
    const bin = path.join(workspace, 'node_modules', '.bin');
    await mkdir(bin, { recursive: true });
    await mkdir(path.join(home, 'bin'));
    const own = path.join(bin, 'supabase');
    for (const file of [own, path.join(home, 'bin', 'real')]) {
      await writeFile(file, '#!/bin/sh\n');
      await chmod(file, 0o755);
    }
    const search = { searchPath: bin, forbiddenFolders: [workspace] };
    await assert.rejects(findCli(search), fails('cliMissing'));
    await assert.rejects(findCli({ ...search, setting: own }), fails('cliMissing'));
    assert.equal(await workspaceCli([home, workspace]), own);
    assert.equal(await findCli({ ...search, consented: [own] }), own);
    await assert.rejects(findCli({ ...search, consented: [path.join(bin, 'other')] }), fails('cliMissing'));
    await symlink(own, path.join(home, 'bin', 'supabase'));
    await assert.rejects(findCli({ ...search, searchPath: path.join(home, 'bin') }), fails('cliMissing'));
    await rm(path.join(home, 'bin', 'supabase'));
    await symlink(path.join(home, 'bin', 'real'), path.join(home, 'bin', 'supabase'));
    assert.equal(await findCli({ ...search, searchPath: `.${path.delimiter}${path.join(home, 'bin')}` }), path.join(home, 'bin', 'supabase'));
    await assert.rejects(findCli({ ...search, searchPath: path.join(home, 'bin'), setting: path.join(home, 'gone') }), fails('cliMissing'));
    await rm(home, { recursive: true });
  });
});

describe('deployArguments', () => {
  const request = { tree: '/t', ref, slug: 'a', verifyJwt: undefined };
  it('spells the target as the major wants it, and refuses what is no slug, no ref and no known major', () => {
    assert.deepEqual(deployArguments({ text: '2.122.1', major: 2 }, request), ['functions', 'deploy', 'a', '--project-ref', ref, '--use-api', '--workdir', '/t', '--output-format', 'json', '--agent', 'no']);
    assert.throws(() => deployArguments({ text: '1.9.0', major: 1 }, request), fails('cliUnsupported'));
    assert.throws(() => deployArguments({ text: '3.1.0', major: 3 }, { ...request, slug: '--prune' }), fails('badPath'));
    assert.throws(() => deployArguments({ text: '3.1.0', major: 3 }, { ...request, ref: 'main' }), fails('projectNotFound'));
  });
});

describe('CLI output', () => {
  it('is split into lines wherever its chunks end', () => {
    const lines: string[] = [];
    const splitter = new Lines((line) => lines.push(line));
    ['a', 'b\nc\r', '\n\nd'].forEach((chunk) => splitter.feed(chunk));
    splitter.end();
    splitter.end();
    assert.deepEqual(lines, ['ab', 'c', '', 'd']);
  });

  it('gives a reason also without JSON, and never the token', () => {
    assert.equal(reasonOf('not json', ['1', '2', '', '3', '4', '5', '6']), '2\n3\n4\n5\n6');
    assert.equal(reasonOf('{"_tag":"Error"}', ['last words']), 'last words');
    assert.equal(presentable('Bearer odd-token\u202e', 'odd-token'), 'Bearer sbp_…\\u{202e}');
  });
});
