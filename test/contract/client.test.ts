/** Our own client against the sandbox: every call of it fits the published contract, and what comes back is what is there. */
import assert from 'node:assert/strict';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { createAccountTransport, createManagementApi } from '../../src/adapters/supabase/managementApi.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { isOpsError, type ErrorCode } from '../../src/core/errors.ts';
import { settingsParts } from '../../src/core/project/settings.ts';
import { logSources, type LogFilter, type LogService } from '../../src/core/logs/log.ts';
import { LogTail } from '../../src/core/logs/tail.ts';
import type { TailEvent } from '../../src/core/logs/tailEvent.ts';
import type { CallOptions, Clock, Logger, LogStore, ManagementApi } from '../../src/core/ports.ts';
import { startLogEngine } from '../sandbox/clickhouse.ts';
import { startControlPlane, type ControlPlaneOptions, type Sandbox } from '../sandbox/controlPlane.ts';
import { startPostgres } from '../sandbox/postgres.ts';
import { createSmallScenario } from '../sandbox/smallScenario.ts';
import type { LogEngine, LogRow } from '../sandbox/types.ts';
import { loadContract, watchContract, type Watch } from './contract.ts';

const contract = loadContract();
const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const options: CallOptions = { signal: new AbortController().signal, priority: 'user' };
/** Pauses between attempts are a hundredth of what they are. */
const hasty: Clock = { now: () => systemClock.now(), sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 100, signal) };

/** Time itself runs a hundred times as fast. */
const fast: Clock = { ...hasty, now: () => systemClock.now() * 100 };

function connect(sandbox: Sandbox, token = sandbox.token, clock = hasty): { api: ManagementApi; logs: LogStore } {
  const account = { id: 'me', name: 'me', origin: sandbox.apiUrl };
  const transport = createAccountTransport({ account, token, version: '0.0.0', clock, governor: new Governor(clock), log: silent });
  return { api: createManagementApi(transport, account), logs: createHostedLogStore({ transport, ref: sandbox.ref, clock }) };
}

async function assertFails(code: ErrorCode, facts: object, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isOpsError(error, code), `expected ${code}, got ${String(error)}`);
  assert.deepEqual({ ...error.facts, ...facts }, error.facts);
}

describe('the client at the sandbox', () => {
  let sandbox: Sandbox;
  let watch: Watch | undefined;
  let api: ManagementApi;

  async function start(more: Partial<ControlPlaneOptions> = {}): Promise<void> {
    sandbox = await startControlPlane({ scenario: createSmallScenario(), ...more });
    watch = contract && watchContract(sandbox, contract);
    api = connect(sandbox).api;
  }

  beforeEach(() => start());

  afterEach(async () => {
    await sandbox.stop();
    assert.deepEqual(watch?.faults ?? [], []);
  });

  it('reads and changes everything that it knows of', async () => {
    const { ref } = sandbox;
    assert.equal((await api.profile(options)).username, 'owner');
    assert.deepEqual(await api.organizations(options), [{ slug: 'acme-org', name: 'Acme' }]);
    assert.ok((await api.projects(options)).some((project) => project.ref === ref));
    assert.equal((await api.project(ref, options)).name, 'acme');
    assert.deepEqual((await api.branches(ref, options)).map(({ name, parentRef }) => [name, parentRef]), [['try-limits', ref]]);
    assert.ok((await api.health(ref, options)).every(({ state }) => state === 'ok'));
    assert.deepEqual((await api.functions(ref, options)).map(({ slug }) => slug), ['hello', 'greet']);
    assert.equal((await api.functionBody(ref, 'greet', options)).files.size, 3);
    assert.deepEqual(((fn) => [fn.slug, fn.verifyJwt])(await api.updateFunction(ref, 'greet', { verifyJwt: true }, options)), ['greet', true]);
    await api.deleteFunction(ref, 'greet', options);
    await assertFails('notFound', { what: 'The function greet' }, api.deleteFunction(ref, 'greet', options));
    await assertFails('notFound', { what: 'The function greet' }, api.updateFunction(ref, 'greet', { verifyJwt: true }, options));
    await api.setSecrets(ref, [{ name: 'NEW_ONE', value: 'x' }], options);
    await api.unsetSecrets(ref, ['WEBHOOK_SECRET'], options);
    const names = (await api.secrets(ref, options)).map(({ name }) => name).filter((name) => !name.startsWith('SUPABASE_'));
    assert.deepEqual(names.sort(), ['NEW_ONE', 'OPENAI_API_KEY']);
    assert.deepEqual(await api.migrations(ref, options), [{ version: '20260105080000', name: 'create_notes' }]);
    assert.equal((await api.backups(ref, options))[0]?.status, 'COMPLETED');
    const keys = await api.publicKeys(ref, options);
    assert.ok(keys.publishable?.startsWith('sb_publishable_') && keys.anon?.startsWith('eyJ'));
    assert.equal((await api.pooler(ref, options))?.port, 6543);
    const { auth, dataApi, ...settings } = Object.fromEntries(await Promise.all(settingsParts.filter((part) => part !== 'database').map(async (part) => [part, await api.settings(ref, part, options)] as const)));
    assert.deepEqual([auth?.['site_url'], auth?.['smtp_pass'], dataApi?.['max_rows'], dataApi?.['jwt_secret']], ['https://acme.example', '(set)', '1000', '(set)']);
    assert.equal(settings['network']?.['config.dbAllowedCidrs'], '["0.0.0.0/0"]');
    assert.equal(settings['tls']?.['currentConfig.database'], 'true');
    const { smtp_pass, external_google_secret } = sandbox.state.projects.get(ref)?.settings.auth ?? {};
    assert.ok([smtp_pass, external_google_secret].every((secret) => typeof secret === 'string' && !JSON.stringify({ auth, dataApi }).includes(secret)));
  });

  it('reads where the database of a preview branch is, and knows a password that is not told', async () => {
    const branch = sandbox.state.branches.find(({ is_default }) => !is_default)?.project_ref ?? '';
    const password = sandbox.state.projects.get(branch)?.keys.databasePassword;
    assert.deepEqual(await api.branchDatabase(branch, options), { host: `db.${branch}.supabase.test`, port: 5432, user: 'postgres', password, database: 'postgres' });
    for (const hidden of ['', '******']) {
      Object.assign(sandbox.state.projects.get(branch)?.keys ?? {}, { databasePassword: hidden });
      assert.equal(await api.branchDatabase(branch, options), undefined);
    }
  });

  it('tells a wrong token from one that lacks a permission, and a project of others from none', async () => {
    const { ref } = sandbox;
    const { account: _, ...rejected } = { account: '', origin: sandbox.apiUrl };
    await assertFails('tokenRejected', rejected, connect(sandbox, sandbox.tokens.revoked).api.projects(options));
    const scoped = connect(sandbox, sandbox.tokens.without('edge_functions_secrets_read')).api;
    await assertFails('permissionMissing', { operation: 'list secrets' }, scoped.secrets(ref, options));
    assert.equal((await scoped.functions(ref, options)).length, 2);
    await assertFails('projectNotFound', { ref: 'zzzzzzzzzzzzzzzzzzzz' }, api.project('zzzzzzzzzzzzzzzzzzzz', options));
    await assertFails('permissionMissing', {}, connect(sandbox, sandbox.tokens.stranger).api.project(ref, options));
    await assertFails('notFound', { what: 'The function nothing' }, api.functionBody(ref, 'nothing', options));
  });

  it('reads the advisors, and knows what was not looked at from what is well', async function () {
    this.timeout(60_000);
    const postgres = await startPostgres({ sql: ['create table public.notes (id int); alter table public.notes owner to postgres'] });
    try {
      await sandbox.stop();
      await start({ engines: { postgres } });
      const { ref } = sandbox;
      const [finding] = await api.advisors(ref, 'security', options);
      assert.deepEqual([finding?.kind, finding?.name, finding?.level, finding?.object], ['security', 'rls_disabled_in_public', 'error', { schema: 'public', name: 'notes', type: 'table' }]);
      assert.deepEqual((await api.advisors(ref, 'performance', options)).map(({ name }) => name), ['no_primary_key']);
      await assertFails('permissionMissing', { operation: 'read the security advisor' }, connect(sandbox, sandbox.tokens.without('advisors_read')).api.advisors(ref, 'security', options));
    } finally {
      await postgres.stop();
    }
    await assertFails('serviceFailed', { status: 500 }, connect(sandbox).api.advisors(sandbox.ref, 'security', options));
  });

  it('survives what goes wrong for a moment', async () => {
    const endpoint = 'GET /v1/projects/{ref}/functions';
    for (const fault of [{ kind: 'status', status: 503 }, { kind: 'torn', afterBytes: 20 }, { kind: 'torn' }, { kind: 'slow', chunkBytes: 200, everyMs: 1 }] as const) {
      sandbox.faults.add(endpoint, fault, 1);
      assert.equal((await api.functions(sandbox.ref, options)).length, 2, fault.kind);
    }
  });

  it('says what went wrong for good', async () => {
    const list = () => api.functions(sandbox.ref, options);
    const endpoint = 'GET /v1/projects/{ref}/functions';
    const mend = [sandbox.faults.add(endpoint, { kind: 'notJson' })];
    await assertFails('badAnswer', { problem: 'it is not JSON (text/html)' }, list());
    mend.pop()?.();
    mend.push(sandbox.faults.add(endpoint, { kind: 'half' }));
    await assertFails('badAnswer', { problem: 'its JSON is cut short or damaged' }, list());
    mend.pop()?.();
    sandbox.faults.add(endpoint, { kind: 'status', status: 429, resetSeconds: 33 });
    await assertFails('rateLimited', { operation: 'list functions', retryAfterSeconds: 33 }, list());
  });

  it('learns a budget that is smaller than the published one', async () => {
    await sandbox.stop();
    await start({ budgets: { standard: 12 } });
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => api.functions(sandbox.ref, options)));
    assert.ok(asked.some(({ status }) => status === 'rejected'));
    assert.ok(asked.filter(({ status }) => status === 'fulfilled').length >= 10);
    assert.ok(sandbox.exchanges.filter(({ answer }) => answer.status === 429).length <= 8, 'only calls that were on their way at once');
  });
});

describe('log queries at the sandbox', () => {
  const now = Date.UTC(2026, 10, 20, 12, 0, 30);
  const window = { from: now - 3_600_000, to: now };
  const all = Object.keys(logSources) as LogService[];
  let engine: LogEngine;
  let sandbox: Sandbox;
  let watch: Watch | undefined;
  let logs: LogStore;
  let made = 0;

  function row(source: string, secondsAgo: number, message: string, attributes: Record<string, string> = {}): LogRow {
    made++;
    return { id: `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`, timestamp: now - secondsAgo * 1000, event_message: message, severity_text: '', source, log_attributes: attributes };
  }

  before(async function () {
    this.timeout(60_000);
    engine = await startLogEngine();
    await engine.insert([
      row('function_logs', 50, 'plain', { level: 'info', function_id: 'f', execution_id: 'e', version: '3', region: 'eu-central-1' }),
      row('function_logs', 40, "it's 100 % \\ broken", { level: 'error', function_id: 'f' }),
      row('function_logs', 30, 'careful', { level: 'warning', function_id: 'g' }),
      row('function_edge_logs', 20, 'POST | 500', { function_id: 'f', 'response.status_code': '500', 'request.method': 'POST', 'request.pathname': '/f', execution_time_ms: '640' }),
      row('function_edge_logs', 19, 'POST | 200', { function_id: 'f', 'response.status_code': '200', execution_time_ms: '40' }),
      row('postgres_logs', 10, 'deadlock detected', { 'parsed.error_severity': 'FATAL' }),
      row('auth_logs', 9, '{"msg":"login"}', { level: 'info', status: '429', path: '/token', msg: 'login' }),
      row('storage_logs', 8, 'stored', {}),
      row('edge_logs', 1, 'newest', { 'response.status_code': '404', 'request.path': '/rest/v1/x', 'response.origin_time': '7' }),
    ]);
  });

  beforeEach(async () => {
    sandbox = await startControlPlane({ scenario: createSmallScenario(), engines: { logs: engine } });
    watch = contract && watchContract(sandbox, contract);
    logs = connect(sandbox).logs;
  });

  afterEach(async () => {
    await sandbox.stop();
    assert.deepEqual(watch?.faults ?? [], []);
  });

  after(() => engine.stop());

  async function messages(filter: Partial<LogFilter>, more: object = {}): Promise<string[]> {
    const lines = await logs.read({ services: all, ...filter }, window, { ...options, limit: 100, order: 'newest', ...more });
    return lines.map(({ message }) => message);
  }

  it('read every source, up to the newest line', async () => {
    const found = await messages({});
    assert.equal(found.length, 9);
    assert.equal(found.at(-1), 'newest');
    const [plain] = await logs.read({ services: ['functions'] }, window, { ...options, limit: 1, order: 'oldest' });
    assert.deepEqual({ ...plain, id: '' }, {
      id: '',
      time: now - 50_000,
      service: 'functions',
      level: 'info',
      message: 'plain',
      functionId: 'f',
      executionId: 'e',
      version: '3',
      region: 'eu-central-1',
    });
  });

  it('tell levels as the line itself does', async () => {
    const lines = await logs.read({ services: all }, window, { ...options, limit: 100, order: 'newest' });
    assert.deepEqual(Object.fromEntries(lines.map(({ message, level }) => [message, level])), {
      plain: 'info',
      "it's 100 % \\ broken": 'error',
      careful: 'warn',
      'POST | 500': 'error',
      'POST | 200': 'info',
      'deadlock detected': 'error',
      '{"msg":"login"}': 'warn',
      stored: 'info',
      newest: 'warn',
    });
    for (const level of ['error', 'warn', 'info'] as const) {
      assert.deepEqual(await messages({ levels: [level] }), lines.filter((line) => line.level === level).map(({ message }) => message));
    }
  });

  it('filter by function, text and both', async () => {
    assert.deepEqual(await messages({ services: ['functions', 'invocations'], functionIds: ['g'] }), ['careful']);
    assert.deepEqual(await messages({ services: ['functions', 'postgres'], functionIds: ['g'] }), ['careful', 'deadlock detected']);
    for (const text of ["IT'S", '\\ BROKEN', '100 %', "'; drop", '\\']) {
      assert.deepEqual(await messages({ text }), text === "'; drop" ? [] : ["it's 100 % \\ broken"], text);
    }
    assert.deepEqual(await messages({ services: [] }), []);
  });

  it('go on after a line, page by page, to the same lines', async () => {
    const whole = await messages({});
    const pages: string[] = [];
    let after: { time: number; id: string } | undefined;
    do {
      const page = await logs.read({ services: all }, window, { ...options, limit: 2, order: 'oldest', ...(after ? { after } : {}) });
      pages.push(...page.map(({ message }) => message));
      after = page.at(-1);
    } while (after);
    assert.deepEqual(pages, whole);
    assert.deepEqual(await messages({}, { limit: 3 }), whole.slice(-3));
  });

  it('keep to the exact window', async () => {
    const exact = { from: now - 40_000, to: now - 20_000 };
    const lines = await logs.read({ services: all }, exact, { ...options, limit: 100, order: 'newest' });
    assert.deepEqual(lines.map(({ message }) => message), ["it's 100 % \\ broken", 'careful']);
    assert.ok((await logs.read({ services: all }, { from: now - 86_400_000, to: now }, { ...options, limit: 5, order: 'newest' })).length === 5);
  });

  it('count invocations of all functions in one query', async () => {
    const before = sandbox.exchanges.length;
    const statistics = await logs.functionStatistics?.(window, options);
    assert.equal(sandbox.exchanges.length - before, 1);
    const [found] = statistics?.get('f') ?? [];
    assert.deepEqual([statistics?.size, found?.requests, found?.errors], [1, 2, 1]);
    assert.ok(found?.p95Ms !== undefined && found.p95Ms > 600 && found.p95Ms <= 640);
  });

  it('fail when the allowance is used up', async () => {
    const project = sandbox.state.projects.get(sandbox.ref);
    assert.ok(project);
    project.logAllowanceUsedUp = true;
    await assertFails('allowanceExhausted', { operation: 'read logs' }, messages({}));
  });

  it('follow rows that arrive, each once', async () => {
    const stop = new AbortController();
    const clock: Clock = { now: () => now + 5000, sleep: (_, signal) => systemClock.sleep(20, signal) };
    const { logs: quick } = connect(sandbox, sandbox.token, fast);
    const tail = new LogTail({ store: { skewMs: 0, read: (...question) => quick.read(...question) }, clock });
    const events: TailEvent[] = [];
    for await (const event of tail.follow({ services: ['functions'], functionIds: ['t'] }, { lookBackMs: 60_000 }, stop.signal)) {
      events.push(event);
      const lines = events.flatMap((one) => (one.kind === 'lines' ? one.lines : []));
      if (lines.length < 3) {
        await engine.insert([row('function_logs', -lines.length, `tail ${lines.length}`, { function_id: 't' })]);
      } else {
        stop.abort();
      }
    }
    assert.deepEqual(events.flatMap((event) => (event.kind === 'lines' ? event.lines.map(({ message }) => message) : [event.kind])), ['following', 'tail 0', 'tail 1', 'tail 2']);
  });
});
