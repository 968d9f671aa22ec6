import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { gather } from '../../../src/core/sql/result.ts';
import { SqlHistory, type SqlRun } from '../../../src/core/sql/history.ts';
import { splitStatements } from '../../../src/core/sql/split.ts';
import { explainAs, explainStatement } from '../../../src/features/sql/explain.ts';
import type { SqlNeeds, Wanted } from '../../../src/features/sql/needs.ts';
import { runAs } from '../../../src/features/sql/runAs.ts';
import { runStatements, sayWhatIsUnknown } from '../../../src/features/sql/run.ts';
import { showHistory } from '../../../src/features/sql/showHistory.ts';
import { chooseDeed, copyAsCurl } from '../../../src/features/sql/statementMenu.ts';
import { Transactions } from '../../../src/features/sql/transactions.ts';
import { createConsent } from '../../../src/host/consent.ts';
import type { ErrorMarks } from '../../../src/host/errorMarks.ts';
import type { RunEnd, ShownRun, ShownSeries } from '../../../src/host/results.ts';
import { FakeClock, settle } from '../../fakes/clock.ts';
import { fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase } from '../../fakes/database.ts';
import { FakeManagementApi } from '../../fakes/managementApi.ts';
import { FakeJournal } from '../../fakes/journal.ts';
import { sessionOf } from '../../fakes/session.ts';
import { FakeSettings } from '../../fakes/settings.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const grammar = createSqlGrammar({ workerPath: '' });

describe('running and explaining SQL from the editor', () => {
  let ui: FakeUi;
  let database: FakeDatabase;
  /** What was shown, oldest first; each part was read to its end. */
  let shown: (ShownSeries & { ends: unknown[] })[];
  let storage: FakeStorage;
  let journal: FakeJournal;
  let marked: { text: string; position: number | undefined }[];
  let underlined: string[];

  beforeEach(() => {
    ui = new FakeUi();
    database = new FakeDatabase().answer('', { columns: ['a'], rows: [['1']] });
    shown = [];
    marked = [];
    underlined = [];
    storage = new FakeStorage();
    journal = new FakeJournal();
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
    const settings = new FakeSettings({ 'opsbook.sql.rowLimit': 500, 'opsbook.sql.timeoutSeconds': 30, 'opsbook.sql.secretParameters': ['Pin'] });
    return {
      session: await sessionOf(connection),
      commands: undefined as unknown as SqlNeeds['commands'],
      consent: createConsent({ ui, clock: new FakeClock() }),
      results: { show },
      documents: { showReport: async () => {}, openSql: async () => {} },
      settings,
      grammar,
      library: undefined as unknown as SqlNeeds['library'],
      storage,
      ui,
      clock: new FakeClock(),
      history: new SqlHistory({ journal: async () => journal, clock: new FakeClock(), failed: (error) => assert.fail(String(error)) }),
      transactions: new Transactions(),
    };
  }

  const marks: ErrorMarks = {
    clear: () => {},
    dispose: () => {},
    show: ({ text }, { position }, { start, end }) => {
      marked.push({ text, position });
      underlined.push(text.slice(start, end));
    },
  };
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

  it('says of several statements what became of the others when one does not come to its end', async () => {
    const said = (): unknown => shown.at(-1)?.parts.map(({ whenStopped }) => whenStopped);
    ui.willPick('Run…').willConsent();
    await run('insert into t values (1); select 1; update t set a = 2 where a = 1; select x; select 2; select 3');
    assert.deepEqual((said() as unknown[])[3], ['The 2 statements before it that write have taken effect, each by itself.', 'The 2 statements behind it were not run.']);
    assert.deepEqual((said() as unknown[])[0], ['The 5 statements behind it were not run.']);
    await run('select 1; select x');
    assert.deepEqual(said(), [['The statement behind it was not run.'], []]);
    ui.willPick('Try and roll back').willConsent();
    await run('insert into t values (1); select x');
    assert.deepEqual(said(), [['The statement behind it was not run.'], []]);
    await run('select 1');
    assert.deepEqual(said(), [undefined]);
  });

  it('asks for each parameter once, and binds it everywhere', async () => {
    ui.willType('7');
    await run('select :id; select 1 where 2 > :id');
    assert.deepEqual(database.requests.map(({ values }) => values), [['7'], ['7']]);
  });

  it('asks with the type that the server infers and the value of last time, and takes null', async () => {
    database.infers('from t', 'int8', 'text');
    ui.willType('7').willType('');
    await run('select * from t where id = $1 and name = $2');
    ui.willType('\\N').willType('x');
    await run('select * from t where id = $1 and name = $2');
    assert.deepEqual(database.requests.map(({ values }) => values), [['7', ''], [null, 'x']]);
    assert.match(ui.questions[0]?.prompt ?? '', /^int8\. Sent as a bound parameter/);
    assert.equal(ui.questions[2]?.value, '7');
    assert.equal(ui.questions[0]?.check?.(''), 'A value of type int8 is not empty; \\N is null.');
    assert.equal(ui.questions[1]?.check?.(''), undefined);
  });

  it('says over a way that does not tell that the type is not known', async () => {
    ui.willType('');
    await run('select * from t where id = :id');
    assert.match(ui.questions[0]?.prompt ?? '', /Type not known/);
  });

  it('takes values of secrets unseen and keeps them nowhere', async () => {
    for (let time = 0; time < 2; time++) {
      ui.willType('hunter2').willType('4711');
      await run('select 1 from t where a = :new_password and b = :pin');
      assert.deepEqual(new Set(database.requests.at(-1)?.values), new Set(['4711', 'hunter2']));
    }
    assert.deepEqual(ui.questions.map(({ secret, value }) => [secret, value]), [[true, ''], [true, ''], [true, ''], [true, '']]);
    assert.ok(!JSON.stringify([...storage.values]).includes('hunter2') && !JSON.stringify([...storage.values]).includes('4711'));
  });

  it('puts names in quoted, and only then knows what the statement does', async () => {
    ui.willType('pg_notify').willType('public.Orders').willType('1').willPick('Run…').willConsent();
    await run("select {{fn}}('a', 'b') from {{table}} where a = :a");
    assert.deepEqual(sent(), [[`select "pg_notify"('a', 'b') from "public"."Orders" where a = $1`, 'write', false]]);
    assert.match(ui.plans[0]?.detail[0] ?? '', /pg_notify/);
    assert.match(ui.questions[0]?.prompt ?? '', /quoted name/);
    database.answer('orders', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 24 }));
    ui.willType('orders');
    await run('select * from {{table}} where x = 1');
    assert.deepEqual(marked.at(-1), { text: 'select * from "orders" where x = 1', position: 24 });
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

  it('offers behind the lens what can be done with a statement, and asks for no way to run it twice', async () => {
    const done: unknown[] = [];
    const menu = async (text: string, way: Partial<Parameters<typeof fakeConnection>[0]> = {}): Promise<string[]> => {
      const given = await needs();
      const session = await sessionOf(fakeConnection({ database, ...way }));
      const commands = { run: async (key: string, argument: unknown) => void done.push([key, argument]) } as unknown as SqlNeeds['commands'];
      await chooseDeed({ ...given, session, commands }, wanted(text), { uri: 'file:///a.sql', offset: 3 });
      return ui.lists.at(-1)?.choices.map(({ label }) => label) ?? [];
    };
    ui.willPick('Run');
    assert.deepEqual(await menu('select 1'), ['Run', 'Explain', 'Explain as…', 'Run as…', 'Compare roles', 'Begin a Transaction and Run…', 'Copy as curl']);
    ui.willPick('Try and roll back');
    assert.deepEqual(await menu('delete from t'), ['Run…', 'Try and roll back', 'Run read-only anyway', 'Explain', 'Explain as…', 'Run as…', 'Compare roles', 'Begin a Transaction and Run…', 'Copy as curl']);
    assert.deepEqual(done, [['sql.runStatement', { uri: 'file:///a.sql', offset: 3 }], ['sql.runStatement', { uri: 'file:///a.sql', offset: 3, mode: 'tried' }]]);
    database.capabilities = { ...database.capabilities, transactions: false };
    ui.willPick('Explain as…');
    await menu('select 1');
    assert.deepEqual(done.at(-1), ['sql.explain', { uri: 'file:///a.sql', offset: 3, as: 'ask' }]);
    ui.willPick('Copy as curl');
    await menu('selct 1');
    assert.deepEqual(ui.lists.at(-1)?.choices.slice(-2).map(({ description }) => description), ['needs a database connection string', 'needs the Management API']);
    ui.willConsent();
    await runStatements(await needs(), marks, { ...wanted('delete from t'), mode: 'tried' });
    assert.deepEqual(sent(), [['delete from t', 'write', true]]);
  });

  it('asks again when what was chosen for a statement is no way to run what it became', async () => {
    ui.willPick('Run…').willConsent();
    await runStatements(await needs(), marks, { ...wanted("select pg_notify('a', 'b')"), mode: 'tried' });
    assert.deepEqual(sent(), [["select pg_notify('a', 'b')", 'write', false]]);
  });

  it('copies a statement as curl without the token, where there is a Management API', async () => {
    const account = { id: 'me', name: 'me', origin: 'https://api.example.test' };
    const session = await sessionOf(fakeConnection({ database, account, management: new FakeManagementApi() }));
    await copyAsCurl({ ...(await needs()), session }, wanted('select 1; select 2'));
    assert.equal(ui.copied[0]?.split('https://api.example.test/v1/projects/abcdefghijklmnopqrst/database/query').length, 3);
    assert.ok(ui.copied[0]?.includes('$SUPABASE_ACCESS_TOKEN'));
    await assert.rejects(copyAsCurl(await needs(), wanted('select 1')), (error) => isOpsError(error, 'absent'));
  });

  it('stops at the statement that fails, and marks it', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 8 }));
    const end = await run('select 1; select x; select 3');
    assert.deepEqual([end.kind, marked, database.requests.length], ['failed', [{ text: 'select x', position: 8 }], 2]);
  });

  it('marks all of the name or the operator at which the server stopped; all of the statement where it names no place', async () => {
    const ends: readonly [sql: string, position: number | undefined, place: string][] = [
      ["select '🙂', o.totl from orders o", 13, 'o.totl'],
      ['select id <=> now() from orders', 11, '<=>'],
      ['select "Tot al" from orders', 8, '"Tot al"'],
      ['select 1 from orders where id = 2', undefined, 'select 1 from orders where id = 2'],
    ];
    for (const [sql, position, place] of ends) {
      database.answer(sql, new OpsError('queryFailed', { sqlState: '42703', message: 'no', ...(position === undefined ? {} : { position }) }));
      await run(sql);
      assert.equal(underlined.at(-1), place);
    }
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

  it('says so when the connection was lost, offers to connect again, and runs nothing again', async () => {
    database.answer('delete', new OpsError('connectionLost', { host: 'db' })).answer('select a', new OpsError('connectionLost', { host: 'db' }));
    ui.willPick('Run…').willConsent();
    await run('delete from t where id = 1');
    assert.match(ui.told.at(-1)?.message ?? '', /Whether a statement that was running took effect is not known/);
    await ui.press('Reconnect');
    assert.deepEqual(database.requests.slice(1).map(({ text, mode }) => [text, mode]), [['select 1', 'read']]);
    assert.match(ui.told.at(-1)?.message ?? '', /Nothing was run again/);
    await run('select a from t');
    assert.match(ui.told.at(-1)?.message ?? '', /only read; it is not run again by itself/);
  });

  it('says of a way that cannot cancel that the server may go on', async () => {
    const given = await needs();
    sayWhatIsUnknown(given, database, { kind: 'cancelled' }, { reads: true });
    assert.equal(ui.told.length, 0);
    database.capabilities = { ...database.capabilities, cancels: false };
    sayWhatIsUnknown(given, database, { kind: 'cancelled' }, { reads: true });
    assert.match(ui.told.at(-1)?.message ?? '', /server may still be running it/);
  });

  it('keeps nothing of statements with credentials', async () => {
    ui.willPick('Run…').willConsent();
    await run("alter role r password 'x'");
    assert.equal(shown[0]?.again, undefined);
  });

  const kept = async (): Promise<SqlRun[]> => {
    await settle();
    return (await journal.read()) as SqlRun[];
  };

  it('keeps how each run ended, and what is needed to run it again', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x' }));
    ui.willType('7').willPick('Try and roll back').willConsent();
    await run("select :id; delete from t; select x");
    const runs = await kept();
    assert.deepEqual(
      runs.map(({ statement, mode, outcome, rows, problem, project, values }) => [statement, mode, outcome, rows, problem, project, values]),
      [
        ['select :id', 'read', 'done', 1, undefined, 'acme', { id: '7' }],
        ['delete from t', 'tried', 'done', 1, undefined, 'acme', {}],
        ['select x', 'read', 'failed', undefined, '42703 no x', 'acme', {}],
      ],
    );
  });

  it('keeps neither values of secrets nor what the server says of them, nor statements that hold one', async () => {
    database.answer('from t', new OpsError('queryFailed', { sqlState: '22P02', message: 'invalid input syntax: "hunter2"' }));
    ui.willType('hunter2').willType('a@b.test');
    await run('select * from t where api_key = :k and email = :email');
    ui.willPick('Run…').willConsent();
    await run("alter role r password 'hunter2'");
    await run("select * from users where password = 'hunter2'");
    const runs = await kept();
    assert.deepEqual(runs.map(({ statement, problem, values }) => [statement, problem, values]), [
      ['select * from t where api_key = :k and email = :email', '22P02', { email: 'a@b.test' }],
      [undefined, undefined, {}],
      [undefined, undefined, {}],
    ]);
    assert.ok(!JSON.stringify([journal.lines, [...storage.values], shown.map(({ again }) => again)]).includes('hunter2'));
  });

  it('shows the history to be searched, and opens, runs again, or clears', async () => {
    await run('select 1');
    ui.willType('7');
    await run('select :id');
    await kept();
    const opened: string[] = [];
    const ran: unknown[] = [];
    const commands = { run: async (key: string, argument: unknown) => void ran.push([key, argument]) } as unknown as SqlNeeds['commands'];
    const show = async (): Promise<void> => showHistory({ ...(await needs()), commands, documents: { showReport: async () => {}, openSql: async (text) => void opened.push(text) } });
    ui.willPick('select 1').willPick('Open in Editor');
    await show();
    assert.deepEqual(opened, ['select 1']);
    assert.match(ui.lists[0]?.choices[0]?.detail ?? '', /acme · 1 row · \d+ ms/);
    await storage.set('parameter id', 'other');
    ui.willPick('select :id').willPick('Run Again on acme');
    await show();
    assert.deepEqual([ran, storage.get('parameter id')], [[['sql.runStatement', { statement: 'select :id', title: 'SQL history' }]], '7']);
    ui.willPick('Clear History…').willConsent();
    await show();
    assert.deepEqual(journal.lines, []);
  });

  it('keeps no history when the person wants none', async () => {
    const given = await needs();
    await runStatements({ ...given, settings: new FakeSettings({ 'opsbook.sql.history': false }) }, marks, wanted('select 1'));
    assert.deepEqual(await kept(), []);
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
      assert.deepEqual([shown[0]?.as, shown[0]?.title, shown[0]?.tab], ['AS authenticated, ana@example.test', 'a.sql (as authenticated)', 'file:///a.sql']);
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

    it('shows the plan of an EXPLAIN, as every run of one does', async () => {
      await as('explain analyze select 1', { as: { role: 'anon' } });
      const sent = database.requests.at(-1);
      assert.deepEqual([sent?.text, sent?.mode, sent?.as?.role, shown[0]?.parts[0]?.shows, shown[0]?.as], ['explain (analyze, format json) select 1', 'read', 'anon', 'plan', 'AS anon']);
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

  describe('explained as a role', () => {
    const explainedAs = async (text: string, argument: unknown = { as: 'ask' }): Promise<RunEnd> => explainAs(await needs(), marks, wanted(text), argument);

    it('shows the plan that the role has, says so before all else, and is explained again as the same', async () => {
      ui.willPick('anon');
      await explainedAs('select 1');
      assert.deepEqual(database.requests.map(({ text, mode, as }) => [text, mode, as?.role]), [['explain (analyze, buffers, verbose, format json) select 1', 'read', 'anon']]);
      assert.deepEqual([shown[0]?.parts[0]?.shows, shown[0]?.as, shown[0]?.title, shown[0]?.tab], ['plan', 'AS anon', 'a.sql (as anon)', 'file:///a.sql']);
      assert.deepEqual(shown[0]?.again, { command: 'sql.explain', argument: { statement: 'select 1', title: 'a.sql', tab: 'file:///a.sql', as: { role: 'anon' } } });
      await explainedAs('select 1', shown[0]?.again?.argument);
      assert.equal(database.requests.at(-1)?.as?.role, 'anon');
      assert.deepEqual((await kept()).map(({ as }) => as), ['anon', 'anon']);
    });

    it('runs what writes only to be rolled back, on consent that names the role', async () => {
      ui.willPick('service_role').willPick('Run, roll back and explain…').willConsent();
      await explainedAs('delete from t');
      assert.deepEqual(database.requests.map(({ mode, rolledBack, as }) => [mode, rolledBack, as?.role]), [['write', true, 'service_role']]);
      assert.equal(ui.plans[0]?.detail[0], 'It runs as service_role.');
    });

    it('asks nobody where no plan can be had as a role', async () => {
      database.capabilities = { ...database.capabilities, asRoles: 'queries' };
      await assert.rejects(explainedAs('select 1'), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noDatabaseConnection');
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

  it('draws the plan of an EXPLAIN that was written, however it is started, and leaves another format as it is', async () => {
    await run('explain select 1; explain (format text) select 2; select 3');
    assert.deepEqual(database.requests.map(({ text }) => text), ['explain (format json) select 1', 'explain (format text) select 2', 'select 3']);
    assert.deepEqual(shown[0]?.parts.map(({ statement, shows }) => [statement, shows]), [['explain select 1', 'plan'], ['explain (format text) select 2', undefined], ['select 3', undefined]]);
    await explain('explain (costs off) select 4');
    assert.deepEqual([database.requests.at(-1)?.text, shown[1]?.parts[0]?.shows, shown[1]?.again?.command], ['explain (format json, costs off) select 4', 'plan', 'sql.runStatement']);
    assert.deepEqual((await kept()).map(({ statement }) => statement), ['explain select 1', 'explain (format text) select 2', 'select 3', 'explain (costs off) select 4']);
  });

  it('rolls back what an EXPLAIN ANALYZE does, whatever stands beside it, and never lets it write for good', async () => {
    ui.willPick('Try and roll back').willConsent();
    await run('explain analyze delete from t');
    assert.deepEqual(ui.lists.at(-1)?.choices.map(({ label }) => label), ['Try and roll back', 'Run read-only anyway']);
    ui.willPick('Run…').willConsent();
    await run('insert into t values (1); explain analyze update t set a = 1 where b = 2');
    assert.deepEqual(sent(), [
      ['explain (analyze, format json) delete from t', 'write', true],
      ['insert into t values (1)', 'write', false],
      ['explain (analyze, format json) update t set a = 1 where b = 2', 'write', true],
    ]);
    database.capabilities = { ...database.capabilities, rollsBack: false };
    ui.willPick('Run…');
    await assert.rejects(run('insert into t values (1); explain analyze delete from t'), (error) => isOpsError(error, 'absent'));
    assert.equal(database.requests.length, 3);
  });

  it('marks the place of an error in an EXPLAIN as it is written', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 39 }));
    await run('explain analyze select x');
    assert.deepEqual(marked, [{ text: 'explain analyze select x', position: 24 }]);
  });

  it('marks the place of an error in the statement, not in what stands before it', async () => {
    database.answer('select x', new OpsError('queryFailed', { sqlState: '42703', message: 'no x', position: 56 }));
    await explain('select x');
    assert.deepEqual(marked, [{ text: 'select x', position: 7 }]);
  });
});
