import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { gather } from '../../../src/core/sql/result.ts';
import { splitStatements } from '../../../src/core/sql/split.ts';
import { explainStatement } from '../../../src/features/sql/explain.ts';
import type { SqlNeeds, Wanted } from '../../../src/features/sql/needs.ts';
import { runAs } from '../../../src/features/sql/runAs.ts';
import { runStatements } from '../../../src/features/sql/run.ts';
import { Transactions } from '../../../src/features/sql/transactions.ts';
import { createConsent } from '../../../src/host/consent.ts';
import type { RunEnd, ShownRun, ShownSeries } from '../../../src/host/results.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { sessionOf } from '../../fakes/session.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const grammar = createSqlGrammar({ workerPath: '' });

describe('running and explaining SQL from the editor', () => {
  let ui: FakeUi;
  let database: FakeDatabase;
  /** What was shown, oldest first; each part was read to its end. */
  let shown: (ShownSeries & { ends: unknown[] })[];
  let marked: { text: string; position: number | undefined }[];

  beforeEach(() => {
    ui = new FakeUi();
    database = new FakeDatabase().answer('', { columns: ['a'], rows: [['1']] });
    shown = [];
    marked = [];
  });
  afterEach(() => ui.done());

  async function needs(): Promise<SqlNeeds> {
    const connection = fakeConnection({ database });
    const show = async (run: ShownRun | ShownSeries): Promise<RunEnd> => {
      const series: ShownSeries = 'parts' in run ? run : { ...run, parts: [run] };
      const ends: unknown[] = [];
      shown.push({ ...series, ends });
      for (const [part, each] of series.parts.entries()) {
        try {
          ends.push((await gather(each.run(new AbortController().signal))).rows);
        } catch (error) {
          assert.ok(isOpsError(error));
          return { kind: 'failed', error, part };
        }
      }
      return { kind: 'done', rowCount: 1 };
    };
    const settings = { current: { 'opsbook.sql.rowLimit': 500, 'opsbook.sql.timeoutSeconds': 30 } } as unknown as SqlNeeds['settings'];
    return {
      session: await sessionOf(connection),
      commands: undefined as unknown as SqlNeeds['commands'],
      consent: createConsent({ ui, clock: new FakeClock() }),
      results: { show },
      documents: { showReport: async () => {} },
      settings,
      grammar,
      storage: new FakeStorage(),
      ui,
      clock: new FakeClock(),
      transactions: new Transactions(),
    };
  }

  const marks = { clear: () => {}, dispose: () => {}, show: ({ text }: { text: string }, { position }: { position?: number }) => void marked.push({ text, position }) };
  const wanted = (text: string): Wanted => ({ statements: splitStatements(text), title: 'a.sql', tab: 'file:///a.sql' });
  const run = async (text: string): Promise<RunEnd> => runStatements(await needs(), marks, wanted(text));
  const explain = async (text: string): Promise<RunEnd> => explainStatement(await needs(), marks, wanted(text));
  const sent = (): unknown[] => database.requests.map(({ text, mode, rolledBack }) => [text, mode, rolledBack ?? false]);

  it('shows each statement as a result of its own, in the tab of the document', async () => {
    await run('select 1; select 2');
    assert.deepEqual(sent(), [['select 1', 'read', false], ['select 2', 'read', false]]);
    const [series] = shown;
    assert.deepEqual([series?.tab, series?.title, series?.parts.length, series?.again], ['file:///a.sql', 'a.sql', 2, { command: 'sql.runStatement', argument: { statement: 'select 1;\nselect 2', title: 'a.sql', tab: 'file:///a.sql' } }]);
    assert.equal(database.requests[0]?.rowLimit, 500);
    const whole = series?.parts[0]?.runWhole?.(new AbortController().signal);
    assert.ok(whole);
    await gather(whole);
    assert.equal(database.requests.at(-1)?.rowLimit, 2_000_000_000);
  });

  it('asks for each parameter once, and binds it everywhere', async () => {
    ui.willType('7');
    await run('select :id; select 1 where 2 > :id');
    assert.deepEqual(database.requests.map(({ values }) => values), [['7'], ['7']]);
  });

  it('runs what writes on consent, and holds what reads to reading', async () => {
    ui.willPick('Run…').willConsent();
    await run("select 1; update t set a = 1 where b = 2; insert into t values ('x')");
    assert.deepEqual(sent().map((each) => (each as unknown[])[1]), ['read', 'write', 'write']);
    assert.match(ui.lists[0]?.title ?? '', /^2 of 3 statements do more than read\.$/);
    assert.deepEqual(ui.plans[0]?.detail.slice(0, 2), ['It updates rows of t.', 'It inserts into t.']);
    assert.deepEqual(shown[0]?.parts.map(({ runWhole }) => runWhole !== undefined), [true, false, false]);
  });

  it('tries what writes and rolls it back, where the way can', async () => {
    ui.willPick('Try and roll back').willConsent();
    await run('delete from t');
    assert.deepEqual(sent(), [['delete from t', 'write', true]]);
    assert.match(shown[0]?.target ?? '', / · rolled back$/);
    database.capabilities = { ...database.capabilities, rollsBack: false };
    ui.willPick('Run read-only anyway');
    await run('delete from t');
    assert.deepEqual(ui.lists.at(-1)?.choices.map(({ label }) => label), ['Run…', 'Run read-only anyway']);
  });

  it('stops at the statement that fails, and marks it', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 8 }));
    const end = await run('select 1; select x; select 3');
    assert.deepEqual([end.kind, marked, database.requests.length], ['failed', [{ text: 'select x', position: 8 }], 2]);
  });

  it('says of what cannot run in a transaction that it runs alone, and offers no other way', async () => {
    ui.willPick('Run…').willConsent();
    await run('create index concurrently on t (a)');
    assert.deepEqual(sent(), [['create index concurrently on t (a)', 'write', false]]);
    assert.ok(!ui.lists[0]?.choices.some(({ label }) => label === 'Try and roll back'));
    assert.match(ui.plans[0]?.detail.join('\n') ?? '', /cannot run inside a transaction, so it runs alone/);
    database.capabilities = { ...database.capabilities, outsideTransaction: false };
    await assert.rejects(run('vacuum t'), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noDatabaseConnection');
  });

  it('keeps nothing of statements with credentials', async () => {
    ui.willPick('Run…').willConsent();
    await run("alter role r password 'x'");
    assert.equal(shown[0]?.again, undefined);
  });

  it('sends nothing when a statement is none, or controls the transaction', async () => {
    await assert.rejects(run('select 1; selec 2'), (error) => isOpsError(error, 'sqlSyntax'));
    assert.equal(marked[0]?.text, 'selec 2');
    await assert.rejects(run('select 1; savepoint a'), (error) => isOpsError(error, 'notReadOnly'));
    await assert.rejects(run('set local role anon'), (error) => isOpsError(error, 'notReadOnly') && /only in an open transaction/.test(error.facts.because));
    await assert.rejects(run('-- nothing'), (error) => isOpsError(error, 'notFound'));
    assert.deepEqual(database.requests, []);
  });

  describe('as a role', () => {
    const ana = ['0000000a-0000-0000-0000-000000000000', 'ana@example.test', null, '{"plan": "pro"}', '{}', 'false'];
    const as = async (text: string, argument?: unknown): Promise<void> => runAs(await needs(), marks, wanted(text), argument);
    beforeEach(() => database.answer('from auth.users', { columns: ['id', 'email', 'phone', 'app_metadata', 'user_metadata', 'is_anonymous'], rows: [ana] }));

    it('runs as a user with the claims of a token, and says so before all else', async () => {
      ui.willPick('A user…').willPick('ana@example.test');
      await as('select 1');
      const sent = database.requests.at(-1);
      assert.deepEqual([sent?.mode, sent?.as?.role, sent?.as?.claims['sub'], sent?.as?.claims['app_metadata']], ['read', 'authenticated', ana[0], { plan: 'pro' }]);
      assert.match(shown[0]?.target ?? '', /^AS authenticated, ana@example\.test · acme/);
      assert.deepEqual(shown[0]?.again, { command: 'sql.runAs', argument: { statement: 'select 1', title: 'a.sql', tab: 'file:///a.sql', as: { role: 'authenticated', user: ana[0] } } });
    });

    it('runs again as the same user, with the claims of today, and not as one that is gone', async () => {
      await as('select 1', { as: { role: 'authenticated', user: ana[0] } });
      assert.equal(database.requests.at(-1)?.as?.claims['email'], 'ana@example.test');
      await assert.rejects(as('select 1', { as: { role: 'authenticated', user: 'gone' } }), (error) => isOpsError(error, 'notFound'));
    });

    it('takes other claims, which are kept nowhere', async () => {
      ui.willPick('A user with other claims…').willPick('ana@example.test').willType('{"sub": "x", "tenant": 7}');
      await as('select 1');
      assert.deepEqual(database.requests.at(-1)?.as, { role: 'authenticated', claims: { sub: 'x', tenant: 7 } });
      assert.equal(shown[0]?.again, undefined);
      assert.equal(ui.questions[0]?.check?.('[1]'), 'Enter a JSON object.');
    });

    it('asks for an id where the users cannot be read', async () => {
      database.answer('from auth.users', new OpsError('queryFailed', { sqlState: '42501', message: 'permission denied for schema auth' }));
      ui.willPick('A user…').willType('0000000B-0000-0000-0000-000000000000');
      await as('select 1');
      assert.equal(database.requests.at(-1)?.as?.claims['sub'], '0000000b-0000-0000-0000-000000000000');
    });

    it('writes on consent, which names the role', async () => {
      ui.willPick('anon').willPick('Run…').willConsent();
      await as('update t set a = 1 where b = 2');
      assert.deepEqual([database.requests.at(-1)?.mode, database.requests.at(-1)?.as], ['write', { role: 'anon', claims: { role: 'anon' } }]);
      assert.equal(ui.plans[0]?.detail[0], 'It runs as anon.');
    });

    it('sends nothing that a role cannot run, or that would leave it', async () => {
      for (const [text, code] of [['vacuum t', 'notReadOnly'], ['reset role', 'notReadOnly'], ['set role postgres', 'notReadOnly']] as const) {
        ui.willPick('service_role');
        await assert.rejects(as(text), (error) => isOpsError(error, code), text);
      }
      database.capabilities = { ...database.capabilities, asRoles: 'queries' };
      for (const text of ['delete from t', 'select $1']) {
        ui.willPick('service_role');
        await assert.rejects(as(text), (error) => isOpsError(error, 'absent'), text);
      }
      assert.deepEqual(database.requests, []);
    });
  });

  it('explains what reads with what really happens', async () => {
    await explain('select 1');
    assert.deepEqual(sent(), [['explain (analyze, buffers, verbose, format json) select 1', 'read', false]]);
    assert.equal(shown[0]?.parts[0]?.shows, 'plan');
    assert.equal(shown[0]?.again?.command, 'sql.explain');
  });

  it('explains what writes without running it, or in a transaction that is rolled back', async () => {
    ui.willPick('Explain without running it');
    await explain('delete from t');
    ui.willPick('Run, roll back and explain…').willConsent();
    await explain('delete from t');
    assert.deepEqual(sent(), [
      ['explain (verbose, format json) delete from t', 'read', false],
      ['explain (analyze, buffers, verbose, format json) delete from t', 'write', true],
    ]);
    assert.match(ui.plans[0]?.detail.join(' ') ?? '', /Sequences keep their new values/);
    database.capabilities = { ...database.capabilities, rollsBack: false };
    await explain('delete from t');
    assert.equal(database.requests.at(-1)?.text, 'explain (verbose, format json) delete from t');
  });

  it('never runs for a plan what a rollback does not undo, and explains only what has a plan', async () => {
    await explain("select pg_notify('a', 'b')");
    assert.deepEqual(sent(), [["explain (verbose, format json) select pg_notify('a', 'b')", 'read', false]]);
    await assert.rejects(explain('create table t (a int)'), (error) => isOpsError(error, 'notFound'));
    await assert.rejects(explain('select 1; select 2'), (error) => isOpsError(error, 'notFound'));
  });

  it('marks the place of an error in the statement, not in what stands before it', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 56 }));
    await explain('select x');
    assert.deepEqual(marked, [{ text: 'select x', position: 7 }]);
  });
});
