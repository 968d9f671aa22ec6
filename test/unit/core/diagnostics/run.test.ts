import assert from 'node:assert/strict';
import { loadMarkdownGrammar } from '../../../../src/adapters/text/markdown.ts';
import { diagnose, runDiagnostic, verdictOfFailure } from '../../../../src/core/diagnostics/run.ts';
import { OpsError, isCancelled, isOpsError } from '../../../../src/core/errors.ts';
import type { CallOptions } from '../../../../src/core/ports.ts';
import type { Step } from '../../../../src/core/runbook/document.ts';
import { parseDocument } from '../../../../src/core/runbook/parseDocument.ts';
import { gather } from '../../../../src/core/sql/result.ts';
import { fakeConnection } from '../../../fakes/connection.ts';
import { FakeDatabase } from '../../../fakes/database.ts';

const options = (priority: CallOptions['priority'] = 'user', signal = new AbortController().signal): CallOptions => ({ signal, priority });

describe('a diagnostic', () => {
  let database: FakeDatabase;
  beforeEach(() => {
    database = new FakeDatabase();
  });

  async function step(code: string, limits = 'warn="ratio < 99%" critical="ratio < 95%"'): Promise<Step> {
    const document = parseDocument('file:///x.md', `# Cache\n\n\`\`\`sql ${limits}\n${code}\n\`\`\`\n`, await loadMarkdownGrammar());
    const [found] = document.sections.flatMap(({ steps }) => steps);
    assert.ok(found);
    return found;
  }

  async function verdict(code: string, limits?: string) {
    return (await diagnose(await step(code, limits), fakeConnection({ database }), options())).verdict;
  }

  for (const [cell, state] of [
    ['99.6', 'ok'],
    ['98.2', 'warn'],
    ['90', 'critical'],
    [null, 'unknown'],
  ] as const) {
    it(`is ${state} where the number is ${cell ?? 'null'}`, async () => {
      database.answer('select ratio', { columns: ['ratio'], rows: [[cell]] });
      assert.equal((await verdict('select ratio from cache')).state, state);
    });
  }

  it('is one read without its semicolon, whatever the text is', async () => {
    database.answer('', { columns: ['ratio'], rows: [['99.6']] });
    await verdict('-- how often\nselect ratio from cache;\n');
    await verdict('delete from cache');
    assert.deepEqual(
      database.requests.map(({ text, mode, values, background }) => ({ text, mode, values, background })),
      ['select ratio from cache', 'delete from cache'].map((text) => ({ text, mode: 'read', values: [], background: false })),
    );
  });

  it('that nobody pressed for has little time and waits for no lock', async () => {
    database.answer('', { columns: ['ratio'], rows: [] });
    const connection = fakeConnection({ database });
    for (const priority of ['user', 'check'] as const) {
      await gather(runDiagnostic(await step('select 1'), connection, options(priority)));
    }
    assert.deepEqual(database.requests.map(({ background, timeoutMs }) => [background, timeoutMs]), [[false, 30_000], [true, 2000]]);
  });

  for (const [code, count] of [
    ['select 1; select 2', 2],
    ['-- nothing yet', 0],
  ] as const) {
    it(`is not run when it holds ${count} statements: nobody would see which was judged`, async () => {
      await assert.rejects(verdict(code), (error) => isOpsError(error, 'badDocument') && error.facts.problem.includes(String(count)));
      assert.deepEqual(database.requests, []);
    });
  }

  it('says why there is no way to the database', async () => {
    const { title } = await step('select 1');
    await assert.rejects(diagnose(await step('select 1'), fakeConnection(), options()), (error) => isOpsError(error, 'absent') && error.facts.what === title && error.facts.reason === 'noDatabaseConnection');
  });

  for (const [sqlState, message] of [
    ['42501', 'permission denied for view pg_stat_statements'],
    ['42P01', 'relation "cron.job" does not exist'],
    ['3F000', 'schema "cron" does not exist'],
    ['55000', 'pg_stat_statements must be loaded via shared_preload_libraries'],
  ] as const) {
    it(`is unknown, never good and never an error, where the database cannot answer it (${sqlState})`, async () => {
      database.answer('select', new OpsError('queryFailed', { sqlState, message }));
      assert.deepEqual(await verdict('select 1'), { state: 'unknown', summary: message, rows: [] });
    });
  }

  for (const error of [new OpsError('queryFailed', { sqlState: '42601', message: 'syntax error' }), new OpsError('connectionLost', { host: 'db' }), new OpsError('unreachable', { host: 'db', reason: 'ECONNREFUSED' })]) {
    it(`fails with ${error.code} ${error.message.slice(-30)}`, async () => {
      database.answer('select', error);
      await assert.rejects(verdict('select 1'), (thrown) => thrown === error);
      assert.equal(verdictOfFailure(await step('select 1'), error), undefined);
    });
  }

  it('says what it needs where its fence does, whether the query failed or gave nothing', async () => {
    const limits = 'warn="ratio < 99%" needs="the role pg_monitor"';
    database.answer('select ratio', { columns: ['ratio'], rows: [[null]] });
    database.answer('select gone', new OpsError('queryFailed', { sqlState: '42P01', message: 'no such relation' }));
    assert.equal((await verdict('select ratio', limits)).summary, 'needs the role pg_monitor (ratio is null)');
    assert.equal((await verdict('select gone', limits)).summary, 'needs the role pg_monitor (no such relation)');
  });

  it('ends when it is cancelled, and is no verdict', async () => {
    database.answer('select', { columns: ['ratio'], rows: [] }).hold();
    const controller = new AbortController();
    const running = diagnose(await step('select 1'), fakeConnection({ database }), options('user', controller.signal));
    controller.abort();
    await assert.rejects(running, isCancelled);
  });
});
