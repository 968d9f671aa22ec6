import assert from 'node:assert/strict';
import { createSqlGrammar } from '../../../src/adapters/sql/grammar.ts';
import { OpsError, isOpsError } from '../../../src/core/errors.ts';
import { SqlHistory } from '../../../src/core/sql/history.ts';
import { gather } from '../../../src/core/sql/result.ts';
import { splitStatements } from '../../../src/core/sql/split.ts';
import { explainStatement } from '../../../src/features/sql/explain.ts';
import type { SqlNeeds } from '../../../src/features/sql/needs.ts';
import { runStatements } from '../../../src/features/sql/run.ts';
import { beginTransaction, chooseForTransaction, commitTransaction, leaveTransaction, recallTransaction, rollBackTransaction } from '../../../src/features/sql/transactionDeeds.ts';
import { Transactions, openTransactionKey } from '../../../src/features/sql/transactions.ts';
import { createConsent } from '../../../src/host/consent.ts';
import type { RunEnd, ShownRun, ShownSeries } from '../../../src/host/results.ts';
import { FakeClock, settle } from '../../fakes/clock.ts';
import { acme, fakeConnection } from '../../fakes/connection.ts';
import { FakeDatabase, type FakeTransaction } from '../../fakes/database.ts';
import { FakeJournal } from '../../fakes/journal.ts';
import { TestSession } from '../../fakes/session.ts';
import { FakeSettings } from '../../fakes/settings.ts';
import { FakeStorage } from '../../fakes/storage.ts';
import { FakeUi } from '../../fakes/ui.ts';

const grammar = createSqlGrammar({ workerPath: '' });
const minute = 60_000;

describe('a transaction that a person holds open', () => {
  let ui: FakeUi;
  let database: FakeDatabase;
  let clock: FakeClock;
  let storage: FakeStorage;
  let session: TestSession;
  let needs: SqlNeeds;
  let wholes: ShownSeries['parts'][number]['runWhole'][];
  let shown: { title: string; tab: string | undefined; target: string; notices: string[]; end: string }[];

  beforeEach(async () => {
    ui = new FakeUi();
    clock = new FakeClock();
    storage = new FakeStorage();
    database = new FakeDatabase().answer('', { columns: ['a'], rows: [['1'], ['2']] }).answer('update', { changed: 3, command: 'UPDATE' }).answer('delete', { changed: 40, command: 'DELETE' }).answer('wrong', new OpsError('queryFailed', { sqlState: '42703', message: 'no x' }));
    session = new TestSession();
    const journal = new FakeJournal();
    shown = [];
    wholes = [];
    const show = async (run: ShownRun | ShownSeries): Promise<RunEnd> => {
      const parts = 'parts' in run ? run.parts : [run];
      const seen = { title: run.title, tab: run.tab, target: run.target, notices: [] as string[], end: 'done' };
      shown.push(seen);
      wholes.push(...parts.map(({ runWhole }) => runWhole));
      for (const [part, each] of parts.entries()) {
        try {
          for await (const event of each.run(new AbortController().signal)) {
            seen.notices.push(...(event.kind === 'notice' ? [event.notice.message] : []));
          }
        } catch (error) {
          assert.ok(isOpsError(error));
          seen.end = error.code;
          return { kind: 'failed', error, part };
        }
      }
      return { kind: 'done', rowCount: 1 };
    };
    needs = {
      session: await session.show(fakeConnection({ database })),
      commands: undefined as unknown as SqlNeeds['commands'],
      consent: createConsent({ ui, clock }),
      results: { show },
      documents: { showReport: async () => {}, openSql: async () => {} },
      settings: new FakeSettings({ 'opsbook.sql.transactionMinutes': 10 }),
      grammar,
      library: undefined as unknown as SqlNeeds['library'],
      storage,
      ui,
      clock,
      history: new SqlHistory({ journal: async () => journal, clock, failed: (error) => assert.fail(String(error)) }),
      transactions: new Transactions(),
    };
  });
  afterEach(() => ui.done());

  const marks = { clear: () => {}, dispose: () => {}, show: () => {} };
  const run = async (text: string): Promise<RunEnd> => runStatements(needs, marks, { statements: splitStatements(text), title: 'a.sql', tab: 'file:///a.sql' });
  const begin = async (): Promise<FakeTransaction> => {
    ui.willConsent();
    await beginTransaction(needs);
    return held();
  };
  const held = (): FakeTransaction => {
    const transaction = database.transactions.at(-1);
    assert.ok(transaction);
    return transaction;
  };
  const said = (): string[] => ui.told.map(({ message }) => message);

  it('is begun on consent, with its limit said, and a little longer at the server', async () => {
    const transaction = await begin();
    assert.match(ui.plans[0]?.detail.join('\n') ?? '', /stay locked for others .* rolled back after 10 minutes/);
    assert.equal(transaction.idleMs, 10.5 * minute);
    await assert.rejects(beginTransaction(needs), (error) => isOpsError(error, 'transactionOpen'));
    ui.willDismiss();
    await rollBackTransaction(needs);
    await settle();
    await assert.rejects(beginTransaction(needs), (error) => isOpsError(error, 'cancelled'));
    assert.equal(database.transactions.length, 1);
  });

  it('takes runs and plans without asking for each, and says so where they are shown', async () => {
    const transaction = await begin();
    await run("update t set a = 1 where b = 2; select * from t");
    await explainStatement(needs, marks, { statements: splitStatements('select * from t'), title: 'a.sql', tab: 'file:///a.sql' });
    assert.deepEqual(transaction.requests.map(({ text, mode }) => [text, mode]), [
      ['update t set a = 1 where b = 2', 'write'],
      ['select * from t', 'read'],
      ['explain (analyze, buffers, verbose, format json) select * from t', 'read'],
    ]);
    assert.deepEqual(shown.map(({ title, tab }) => [title, tab]), [['a.sql (in transaction)', 'file:///a.sql'], ['a.sql (in transaction)', 'file:///a.sql']]);
    assert.match(shown[0]?.target ?? '', /in the open transaction, not committed when it ran$/);
    assert.deepEqual(needs.transactions.current?.done, [{ statement: 'update t set a = 1 where b = 2', risk: 'writes', why: 'updates rows of t', rows: 3 }]);
    ui.willConsent();
    await commitTransaction(needs);
    assert.equal(transaction.state, 'committed');
    assert.deepEqual(ui.plans.at(-1)?.detail[0], 'updates rows of t: 3 rows — update t set a = 1 where b = 2');
    await settle();
    assert.equal(said().at(-1), 'Committed on acme: 1 change, 3 rows.');
    await run('select 1');
    assert.equal(shown.at(-1)?.title, 'a.sql');
    assert.equal(transaction.requests.length, 3);
    const runs = await needs.history.runs();
    assert.deepEqual(runs.map(({ statement, mode, outcome }) => [statement, mode, outcome]).filter(([, mode]) => mode === 'held').sort(), [
      ['commit', 'held', 'done'],
      ['explain (analyze, buffers, verbose, format json) select * from t', 'held', 'done'],
      ['select * from t', 'held', 'done'],
      ['update t set a = 1 where b = 2', 'held', 'done'],
    ]);
    // All rows of what was read in it can be fetched no more, and not from elsewhere.
    assert.ok(wholes[1]);
    await assert.rejects(gather(wholes[1](new AbortController().signal)), (error) => isOpsError(error, 'notFound'));
  });

  it('knows the functions that were made in it', async () => {
    const transaction = await begin();
    database.answer('pg_proc', { columns: ['schema', 'name', 'volatility'], rows: [['public', 'mine', 'v']] });
    await run('select mine()');
    assert.deepEqual(transaction.requests.map(({ mode }) => mode), ['read', 'write']);
  });

  it('asks for the name before what destroys is committed, and keeps open what is not agreed to', async () => {
    const transaction = await begin();
    await run('delete from orders');
    ui.willDismiss();
    await assert.rejects(commitTransaction(needs), (error) => isOpsError(error, 'cancelled'));
    assert.equal(transaction.state, 'open');
    ui.willConsent('acme');
    await commitTransaction(needs);
    assert.equal(transaction.state, 'committed');
  });

  it('is not committed while a statement runs in it', async () => {
    const transaction = await begin();
    const release = database.hold();
    const running = run('update t set a = 1 where b = 2');
    await settle();
    await assert.rejects(commitTransaction(needs), (error) => isOpsError(error, 'notSent'));
    release();
    await running;
    ui.willConsent();
    await commitTransaction(needs);
    assert.equal(transaction.state, 'committed');
  });

  it('asks nothing to commit what only read', async () => {
    const transaction = await begin();
    await run('select 1');
    await commitTransaction(needs);
    assert.equal(transaction.state, 'committed');
  });

  it('asks for what a rollback does not undo, and refuses what no transaction takes', async () => {
    const transaction = await begin();
    ui.willConsent();
    await run("select pg_notify('a', 'b')");
    assert.match(ui.plans.at(-1)?.detail.join('\n') ?? '', /not undone by rolling back/);
    await run('set local role anon');
    await assert.rejects(run('vacuum t'), (error) => isOpsError(error, 'notInTransaction'));
    await assert.rejects(run('set role anon'), (error) => isOpsError(error, 'notReadOnly'));
    await assert.rejects(run('savepoint a'), (error) => isOpsError(error, 'notReadOnly'));
    assert.deepEqual(transaction.requests.map(({ text }) => text), ["select pg_notify('a', 'b')", 'set local role anon']);
  });

  it('goes on after a statement that failed, and says that', async () => {
    const transaction = await begin();
    await run('update t set a = 1 where b = 2');
    await run('select wrong');
    assert.deepEqual(shown.at(-1)?.notices, ['Only this statement was taken back. The transaction is still open, with 1 change in it.']);
    assert.equal(transaction.state, 'open');
  });

  it('is rolled back when its time is up, a minute after that was said', async () => {
    const transaction = await begin();
    await run('update t set a = 1 where b = 2');
    await clock.advance(9 * minute);
    assert.match(said().at(-1) ?? '', /rolled back in one minute: 1 change, 3 rows/);
    await clock.advance(minute - 1);
    assert.equal(transaction.state, 'open');
    await clock.advance(1);
    assert.equal(transaction.state, 'rolledBack');
    assert.match(said().at(-1) ?? '', /time of the transaction on acme was up.* 1 change, 3 rows, nothing of which took effect/);
    assert.equal(needs.transactions.current, undefined);
    assert.equal(clock.sleeping, 0);
  });

  it('may be kept open, from the warning or the list', async () => {
    const transaction = await begin();
    await clock.advance(9 * minute);
    await ui.press('Keep Open');
    await clock.advance(9 * minute);
    assert.equal(transaction.state, 'open');
    ui.willPick('Keep Open');
    await chooseForTransaction(needs);
    await clock.advance(9 * minute);
    ui.willPick('Roll Back');
    await chooseForTransaction(needs);
    assert.equal(transaction.state, 'rolledBack');
    await ui.press('Keep Open');
  });

  it('is rolled back when its project is left', async () => {
    const transaction = await begin();
    await run('update t set a = 1 where b = 2');
    const other = new FakeDatabase().answer('', { columns: ['a'], rows: [] });
    await session.show(fakeConnection({ project: { ...acme, ref: 'b'.repeat(20), name: 'other' }, database: other }));
    // Before anybody had time to roll back, nothing that is meant for the other project gets into it.
    await run('select 1');
    assert.deepEqual([transaction.requests.length, other.requests.length], [1, 1]);
    await leaveTransaction(needs);
    await settle();
    assert.equal(transaction.state, 'rolledBack');
    assert.match(said().at(-1) ?? '', /on acme was rolled back, because its connection was left: 1 change/);
  });

  it('says so when the server ended it, or the commit was refused', async () => {
    (await begin()).lose('terminating connection due to idle-in-transaction timeout');
    await settle();
    assert.match(said().at(-1) ?? '', /idle-in-transaction timeout.*nothing of it took effect/);
    assert.equal(needs.transactions.current, undefined);
    const transaction = await begin();
    transaction.refuses = new OpsError('queryFailed', { sqlState: '23503', message: 'violates foreign key' });
    await commitTransaction(needs);
    await settle();
    assert.match(said().at(-1) ?? '', /commit was refused, and all of it was rolled back \(no changes\): violates foreign key/);
  });

  it('asks the server what became of a commit that was not answered', async () => {
    const transaction = await begin();
    transaction.refuses = new OpsError('commitUnknown', { host: 'db', transactionId: '4711' });
    await run('update t set a = 1 where b = 2');
    ui.willConsent();
    await commitTransaction(needs);
    await settle();
    assert.match(said().at(-1) ?? '', /Whether it was is not known/);
    for (const [outcome, words] of [['in progress', /still at it/], ['committed', /was committed/], ['aborted', /nothing of it took effect/]] as const) {
      database.answer('pg_xact_status', { columns: ['outcome'], rows: [[outcome]] });
      await ui.press('Ask the Server');
      assert.match(said().at(-1) ?? '', words);
    }
    assert.deepEqual(database.requests.at(-1)?.values, ['4711']);
  });

  it('is remembered for the next window when this one goes, and forgotten when it ended', async () => {
    const transaction = await begin();
    await run('update t set a = 1 where b = 2');
    needs.transactions.dispose();
    await settle();
    assert.equal(transaction.state, 'rolledBack');
    assert.deepEqual(said(), []);
    await recallTransaction(needs);
    assert.match(said().at(-1) ?? '', /window was closed while a transaction was open on acme.* 1 change did not take effect/);
    await recallTransaction(needs);
    assert.equal(said().length, 1);
    await begin();
    await rollBackTransaction(needs);
    await settle();
    assert.equal(storage.get(openTransactionKey), undefined);
  });

  it('is absent over a way that holds none, with the reason', async () => {
    database.capabilities = { ...database.capabilities, transactions: false };
    await assert.rejects(beginTransaction(needs), (error) => isOpsError(error, 'absent') && error.facts.reason === 'noDatabaseConnection');
    await assert.rejects(commitTransaction(needs), (error) => isOpsError(error, 'notFound'));
  });

  describe('by a script', () => {
    it('begins and commits as the script says', async () => {
      ui.willConsent().willConsent();
      await run("begin; update t set a = 1 where b = 2; select * from t; commit");
      assert.deepEqual(held().requests.map(({ text }) => text), ['update t set a = 1 where b = 2', 'select * from t']);
      assert.equal(held().state, 'committed');
    });

    it('rolls back as the script says, and each may stand alone', async () => {
      ui.willConsent();
      await run('begin; delete from t; rollback');
      assert.equal(held().state, 'rolledBack');
      await settle();
      ui.willConsent();
      await run('start transaction');
      await run('delete from t');
      ui.willConsent('acme');
      await run('end');
      assert.equal(held().state, 'committed');
      await assert.rejects(run('commit'), (error) => isOpsError(error, 'notFound'));
    });

    it('stops at what fails, commits nothing, and stays open to be decided', async () => {
      ui.willConsent();
      await run('begin; update t set a = 1 where b = 2; select wrong; delete from t; commit');
      assert.equal(held().state, 'open');
      assert.deepEqual(held().requests.map(({ text }) => text), ['update t set a = 1 where b = 2', 'select wrong']);
      assert.match(said().at(-1) ?? '', /did not come to its end/);
      await ui.press('Roll Back');
      assert.equal(held().state, 'rolledBack');
    });

    it('is refused when control stands in its middle, before anything is sent', async () => {
      await assert.rejects(run('update t set a = 1 where b = 2; commit; select 1'), (error) => isOpsError(error, 'notReadOnly'));
      await assert.rejects(run('begin; update t set a = 1 where b = 2; commit; select 1'), (error) => isOpsError(error, 'notReadOnly'));
      await assert.rejects(run('begin isolation level serializable; select 1; commit'), (error) => isOpsError(error));
      assert.deepEqual(database.requests, []);
      assert.deepEqual(database.transactions, []);
    });
  });
});
