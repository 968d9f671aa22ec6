import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundlingFailure } from './bundle.ts';
import { startLogEngine } from './clickhouse.ts';
import { startPostgres } from './postgres.ts';
import { packageFolder, provision } from '../world/provision.ts';
import { skipFor } from '../world/skip.ts';
import { freePort } from './engines/postgresServer.ts';
import { spawnTethered } from './engines/tethered.ts';
import { createScenario } from './scenario/scenario.ts';
import type { BuiltScenario } from './scenario/scenario.ts';
import type { LogEngine, LogRow, PostgresEngine, SqlAnswer } from './types.ts';

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

    it('can all be bundled', () => {
      for (const fn of scenario.functions) {
        const { files, entrypoint_path: entrypoint, import_map_path: importMap } = fn;
        const root = `/tmp/user_fn_${scenario.ref}_${fn.id}_${fn.version}/source/`;
        assert.equal(bundlingFailure({ files, entrypoint, root, importMap }), undefined, fn.slug);
      }
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

  describe('functions in Deno', function () {
    this.timeout(60_000);
    let deno: string;
    const environment = (more: Record<string, string> = {}): Record<string, string> => ({
      DENO_DIR: path.join(folder, 'deno'),
      DENO_NO_UPDATE_CHECK: '1',
      NO_COLOR: '1',
      ...more,
    });

    before(async () => {
      await provision('deno');
      deno = path.join(packageFolder('deno'), process.platform === 'win32' ? 'deno.exe' : 'deno');
    });

    it('pass the type check', async () => {
      const slugs = (await git('ls-files', 'supabase/functions/*/index.ts')).split('\n').map((file) => path.basename(path.dirname(file)));
      assert.equal(slugs.length, 9);
      const mapped = slugs.filter((slug) => existsSync(path.join(scenario.workspace, 'supabase/functions', slug, 'deno.json')));
      const check = (slugs: string[], ...options: string[]): Promise<unknown> =>
        run(deno, ['check', '--quiet', ...options, ...slugs.map((slug) => `supabase/functions/${slug}/index.ts`)], {
          cwd: scenario.workspace,
          env: environment(),
        });
      await check(slugs.filter((slug) => !mapped.includes(slug)));
      for (const slug of mapped) {
        await check([slug], '--config', `supabase/functions/${slug}/deno.json`);
      }
    });

    /** What `mint-token` of the checked-out folder answers to a plain GET, and what it printed meanwhile. */
    async function callMintToken(directory: string): Promise<{ status: number; body: string; printed: string }> {
      const port = await freePort();
      const child = spawnTethered(deno, ['run', '--allow-net=127.0.0.1', '--allow-env', 'supabase/functions/mint-token/index.ts'], {
        endSignal: 'TERM',
        directory,
        environment: environment({ DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`, SOLANA_RPC_URL: 'https://rpc.acme.test' }),
      });
      let printed = '';
      const listening = new Promise<void>((resolve) => {
        for (const stream of [child.process.stdout, child.process.stderr]) {
          stream?.on('data', (chunk: Buffer) => {
            printed += chunk.toString('utf8');
            if (printed.includes('Listening')) {
              resolve();
            }
          });
        }
      });
      try {
        await Promise.race([listening, child.exited.then((code) => assert.fail(`Deno ended with ${code}: ${printed}`))]);
        const answer = await fetch(`http://127.0.0.1:${port}/`);
        return { status: answer.status, body: await answer.text(), printed };
      } finally {
        await child.end();
      }
    }

    it('mint-token throws as deployed, where the logs say it does', async () => {
      const { status, printed } = await callMintToken(scenario.workspace);
      assert.equal(status, 500);
      assert.match(printed, /TypeError: Cannot read properties of undefined \(reading 'lamports'\)\n.*fees\.ts:10:21\)\n.*index\.ts:27:15/);
    });

    it('mint-token works one commit before', async () => {
      const before = path.join(folder, 'before');
      await git('clone', '--quiet', '--template=', scenario.workspace, before);
      await run('git', ['checkout', '--quiet', hashOf('17-pending-migrations')], { cwd: before });
      const { status, body } = await callMintToken(before);
      assert.deepEqual([status, body], [200, '{"ready":true}']);
    });
  });

  describe('database', function () {
    this.timeout(60_000);
    let engine: PostgresEngine;

    before(async () => {
      engine = await startPostgres({ sql: scenario.sql });
    });

    after(() => engine.stop());

    const ask = (sql: string): Promise<SqlAnswer> => engine.query(sql, { readOnly: false });

    async function rows(sql: string): Promise<Record<string, unknown>[]> {
      const answer = await ask(sql);
      return 'rows' in answer ? answer.rows : assert.fail(`${answer.failure.sqlState} ${answer.failure.message}: ${sql}`);
    }

    async function value(expression: string): Promise<unknown> {
      return (await rows(`select ${expression} as value`))[0]?.['value'];
    }

    it('has the tables of the manuals, owned by postgres and filled', async () => {
      const tables = [
        'tokens', 'conversations', 'conversation_sessions', 'conversation_messages', 'memory_contexts', 'rate_limits',
        'webhook_logs', 'api_call_logs', 'eliza_activity_log', 'public_tokens', 'security_events', 'idempotency_keys',
      ];
      for (const table of tables) {
        assert.ok(Number(await value(`(select count(*) from public.${table})`)) > 100, table);
      }
      assert.deepEqual(await rows(`select distinct tableowner from pg_tables where schemaname = 'public'`), [{ tableowner: 'postgres' }]);
      assert.equal((await rows('select * from system_health_summary')).length, 1);
    });

    it('records the applied migrations and leaves two pending that can be applied', async () => {
      assert.deepEqual(
        await rows('select version, name from supabase_migrations.schema_migrations order by version'),
        scenario.migrations,
      );
      const applied = new Set(scenario.migrations.map(({ version, name }) => `${version}_${name}.sql`));
      const folderOfMigrations = path.join(scenario.workspace, 'supabase/migrations');
      const pending = (await git('ls-files', 'supabase/migrations')).split('\n').map((file) => path.basename(file)).filter((file) => !applied.has(file));
      assert.equal(pending.length, 2);
      const sql = pending.map((file) => readFileSync(path.join(folderOfMigrations, file), 'utf8')).join('\n');
      assert.ok('rows' in (await ask(`begin; ${sql}; rollback`)));
    });

    it('has what the clean-ups of the manuals delete, and rows that they keep', async () => {
      for (const [table, old] of [
        ['webhook_logs', `created_at < now() - interval '30 days'`],
        ['conversation_sessions', `not is_active and updated_at < now() - interval '90 days'`],
        ['public_tokens', 'expires_at < now()'],
        ['idempotency_keys', 'expires_at < now()'],
      ] as const) {
        const [counts] = await rows(`select count(*) filter (where ${old}) as old, count(*) filter (where not (${old})) as kept from ${table}`);
        assert.ok(Number(counts?.['old']) > 50 && Number(counts?.['kept']) > 50, `${table} ${JSON.stringify(counts)}`);
      }
    });

    it('shows slow statements, a missing index, dead rows and unused and doubled indexes', async () => {
      const slow = await rows(`select query from extensions.pg_stat_statements where mean_exec_time > 500 and userid = 'postgres'::regrole`);
      assert.equal(slow.length, 2);
      const [messages] = await rows(`select seq_scan, seq_tup_read, n_live_tup from pg_stat_user_tables where relname = 'conversation_messages'`);
      assert.ok(Number(messages?.['seq_scan']) >= 40, JSON.stringify(messages));
      assert.equal(messages?.['n_live_tup'], 16000);
      assert.equal(await value(`(select n_dead_tup from pg_stat_user_tables where relname = 'eliza_activity_log')`), 6000);
      assert.equal(await value(`(select idx_scan from pg_stat_user_indexes where indexrelname = 'idx_tokens_symbol')`), 0);
      const doubled = await rows(`select array_agg(indexrelid::regclass::text order by indexrelid) as pair from pg_index
        where indrelid = 'public.webhook_logs'::regclass group by indkey::text having count(*) > 1`);
      assert.deepEqual(doubled, [{ pair: ['idx_webhook_logs_created_at', 'idx_webhook_logs_created'] }]);
      assert.deepEqual(await rows('select indexrelid::regclass::text as name from pg_index where not indisvalid'), [
        { name: 'idx_conversations_created_at' },
      ]);
    });

    it('has holes in its security: tables without row-level security, a definer without search_path', async () => {
      assert.deepEqual(
        (await rows(`select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and not relrowsecurity order by 1`))
          .map((row) => row['relname']),
        ['eliza_activity_log', 'legacy_import', 'rate_limits', 'webhook_logs'],
      );
      assert.deepEqual(
        await rows(`select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef and proconfig is null`),
        [{ proname: 'ensure_profile' }],
      );
      assert.ok(Number(await value(`(select count(*) from security_events where severity = 'high')`)) > 10);
    });

    it('has buckets with and without policies, old objects and large ones', async () => {
      assert.deepEqual(await rows('select name, public from storage.buckets order by name'), [
        { name: 'PDF Valuation Reports', public: false },
        { name: 'chat-attachments', public: false },
        { name: 'token-images', public: true },
      ]);
      const policies = String(await value(`(select string_agg(coalesce(qual, with_check), ' ') from pg_policies where schemaname = 'storage')`));
      assert.match(policies, /PDF Valuation Reports/);
      assert.doesNotMatch(policies, /chat-attachments/);
      assert.ok(Number(await value(`(select count(*) from storage.objects where (metadata ->> 'size')::bigint > 5 * 1024 * 1024)`)) > 5);
      assert.ok(Number(await value(`(select count(*) from storage.objects where created_at < now() - interval '1 year')`)) > 5);
    });

    it('has users with sessions, scheduled jobs that failed, and requests that wait', async () => {
      assert.equal(await value('(select count(distinct user_id) from auth.sessions)'), 240);
      assert.ok(Number(await value(`(select count(*) from cron.job_run_details where status = 'failed')`)) > 5);
      assert.equal(await value('(select count(*) from net.http_request_queue)'), 4);
      assert.ok(Number(await value('(select count(*) from net._http_response where timed_out)')) > 5);
    });

    it('answers the team\'s own checks: one beyond its limit, one within', async () => {
      const manual = readFileSync(path.join(scenario.workspace, 'docs/OPERATIONS.md'), 'utf8');
      const checks = [...manual.matchAll(/^```sql title=.*\n([^`]+)/gm)].map(([, sql = '']) => sql);
      assert.equal(checks.length, 2);
      const [failed, ended] = await Promise.all(checks.map(async (sql) => Object.values((await rows(sql))[0] ?? {})[0]));
      assert.ok(Number(failed) > 2 && Number(failed) <= 20, String(failed));
      assert.ok(Number(ended) > 0 && Number(ended) <= 1000, String(ended));
    });

    describe('answers the statements of the manuals', () => {
      const steps = seedStatements();

      if (steps.length === 0) {
        it('each as its remark says', function () {
          skipFor(this, 'needs ../shared');
        });
      }
      for (const { place, command, operation, remark } of steps) {
        it(`${place} ${command.slice(0, 70)}`, async () => {
          const expected = /as written (\w{5})\b/.exec(remark)?.[1] ?? expectedFailure(command);
          // `ask` is one implicit transaction otherwise; a write must not change what the next test sees.
          const answer = await ask(operation === 'sql.read' ? command : `begin; ${command}; rollback`);
          assert.equal('failure' in answer ? answer.failure.sqlState : undefined, expected);
          if ('rows' in answer && operation === 'sql.read' && !/placeholder/.test(remark)) {
            assert.ok(answer.rows.length > 0, 'the scenario should make this say something');
          }
        });
      }
    });
  });

  describe('logs', function () {
    this.timeout(60_000);
    let history: LogRow[];
    const idOf = (slug: string): string => scenario.functions.find((fn) => fn.slug === slug)?.id ?? assert.fail(slug);
    const hoursAgo = (row: LogRow): number => (now - row.timestamp) / 3_600_000;
    const of = (source: string, fits: (row: LogRow) => boolean = () => true): LogRow[] =>
      history.filter((row) => row.source === source && fits(row));

    before(() => {
      history = [...scenario.logs(now)];
    });

    it('are the same for the same end, in order, and unlike in their ids', () => {
      assert.deepEqual([...scenario.logs(now)], history);
      assert.ok(history.every((row, index) => row.timestamp <= now && row.timestamp >= (history[index - 1]?.timestamp ?? 0)));
      assert.equal(new Set(history.map((row) => row.id)).size, history.length);
      assert.ok(history.length > 20_000 && history.length < 50_000, String(history.length));
      assert.ok(hoursAgo(history[0] ?? assert.fail()) > 119);
    });

    it('grow denser towards the end', () => {
      const perHour = (from: number, to: number): number =>
        history.filter((row) => hoursAgo(row) <= from && hoursAgo(row) > to).length / (from - to);
      assert.ok(perHour(1, 0) > 2 * perHour(6, 1) && perHour(6, 1) > 2 * perHour(48, 24));
    });

    it('show mint-token breaking with its deploy forty minutes ago', () => {
      const calls = of('function_edge_logs', (row) => row.log_attributes['function_id'] === idOf('mint-token'));
      const failures = calls.filter((row) => row.log_attributes['version'] === '12');
      assert.ok(failures.length > 50 && failures.every((row) => row.log_attributes['response.status_code'] === '500'));
      assert.ok(failures.every((row) => hoursAgo(row) < 41 / 60));
      const share = (from: number, to: number): number => {
        const within = calls.filter((row) => hoursAgo(row) <= from && hoursAgo(row) > to);
        return within.filter((row) => row.log_attributes['response.status_code'] === '500').length / within.length;
      };
      assert.equal(share(48, 1), 0);
      assert.ok(share(40 / 60, 12 / 60) > 0.02 && share(40 / 60, 12 / 60) < 0.14, String(share(40 / 60, 12 / 60)));
      assert.ok(share(11 / 60, 0) > 0.9);
      const printed = of('function_logs', (row) => row.event_message.startsWith('TypeError'));
      assert.equal(printed.length, failures.length);
      assert.match(printed[0]?.event_message ?? '', /at feeFor \(file:.*\/_shared\/fees\.ts:10:21\)\n.*mint-token\/index\.ts:27:15$/);
    });

    it('leave health without a fault', () => {
      const calls = of('function_edge_logs', (row) => row.log_attributes['function_id'] === idOf('health'));
      assert.ok(calls.length > 500 && calls.every((row) => row.log_attributes['response.status_code'] === '200'));
    });

    it('carry the keys of the hosted logs', () => {
      const keys = (source: string): string[] => Object.keys(of(source)[0]?.log_attributes ?? {});
      for (const [source, wanted] of Object.entries({
        function_edge_logs: [
          'function_id', 'execution_id', 'execution_time_ms', 'deployment_id', 'version', 'project_ref', 'request.method',
          'request.pathname', 'request.url', 'request.host', 'request.protocol', 'response.status_code',
        ],
        function_logs: [
          'event_type', 'function_id', 'execution_id', 'deployment_id', 'level', 'project_ref', 'region', 'timestamp', 'version',
        ],
        postgres_logs: ['parsed.error_severity', 'parsed.sql_state_code', 'parsed.user_name', 'parsed.application_name', 'identifier'],
        edge_logs: ['request.method', 'request.path', 'request.search', 'request.cf.country', 'response.status_code', 'response.origin_time'],
        auth_logs: ['level', 'status', 'path', 'msg'],
      })) {
        assert.deepEqual(wanted.filter((key) => !keys(source).includes(key)), [], source);
      }
      for (const { log_attributes: { deployment_id: id, project_ref: ref, function_id: fn, version } } of of('function_logs')) {
        assert.equal(id, `${ref}_${fn}_${version}`);
      }
    });

    it('have in the last day what the manuals filter for', () => {
      const found = (source: string, words: RegExp, slug?: string): number =>
        of(source, (row) => hoursAgo(row) < 24 && words.test(row.event_message)
          && (slug === undefined || row.log_attributes['function_id'] === idOf(slug))).length;
      assert.ok(found('function_logs', /Invalid/, 'payments-circle-webhook') > 5);
      assert.ok(found('function_logs', /failed/, 'auth') > 5);
      assert.ok(found('postgres_logs', /duration/) > 5);
      assert.ok(found('postgres_logs', /security_events/) > 1);
      assert.ok(of('postgres_logs', (row) => row.log_attributes['parsed.error_severity'] === 'ERROR').length > 50);
      assert.ok(of('auth_logs', (row) => row.log_attributes['level'] === 'error' && hoursAgo(row) < 24).length > 1);
      assert.equal(found('function_logs', /execution time|Duration/), 0, 'no function prints these words');
      for (const status of ['401', '429', '500', '503', '504']) {
        assert.ok(of('edge_logs', (row) => row.log_attributes['response.status_code'] === status).length > 0, status);
      }
    });

    describe('in ClickHouse', () => {
      let engine: LogEngine;

      before(async () => {
        engine = await startLogEngine();
        await engine.insert(history);
      });

      after(() => engine.stop());

      it('give the error rates of the last hour for all functions in one query', async () => {
        const answer = await engine.query(
          `select log_attributes['function_id'] as function_id, count(distinct id) as requests_count,
             count(distinct case when toInt32OrZero(log_attributes['response.status_code']) >= 500 then id end) as server_err_count
           from logs where source = 'function_edge_logs' and log_attributes['function_id'] != '' group by function_id limit 100`,
          { from: now - 3_600_000, to: now },
        );
        const rows = 'result' in answer ? answer.result : assert.fail(answer.error);
        const worst = rows.reduce((a, b) => (Number(a['server_err_count']) > Number(b['server_err_count']) ? a : b));
        assert.equal(worst['function_id'], idOf('mint-token'));
        assert.ok(Number(worst['server_err_count']) / Number(worst['requests_count']) > 0.05);
      });
    });
  });
});

interface SeedStatement {
  /** Manual and line, e.g. `001:98`. */
  place: string;
  command: string;
  operation: string;
  remark: string;
}

/** The SQL of the five manuals with what is known about it; none when the shared papers are not beside the repository. */
function seedStatements(): SeedStatement[] {
  const file = path.resolve(import.meta.dirname, '../../../shared/seed-steps.tsv');
  if (!existsSync(file)) {
    return [];
  }
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => line.split('\t'));
  return lines
    .filter(([, , language, , operation = '']) => language === 'sql' && operation.startsWith('sql.'))
    .map(([seed, line, , command = '', operation = '', , , remark = '']) => ({
      place: `${seed}:${line}`,
      command: command.replace(/;$/, ''),
      operation: operation.replace(/\{.*/, ''),
      remark,
    }));
}

/** What no remark gives as a code: a table that is a placeholder, and a server file that only superusers may write. */
function expectedFailure(command: string): string | undefined {
  if (command.startsWith('COPY')) {
    return '42501';
  }
  return command.includes('public.table_name') ? '42P01' : undefined;
}
