import type { CommandKey } from '../../contributions.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import { registerSqlEditors } from './editors.ts';
import type { SqlNeeds, Wanted } from './needs.ts';
import { Transactions, openTransactionKey } from './transactions.ts';
import { transactionStatus } from './transactionStatus.ts';

export function registerSql(given: Omit<SqlNeeds, 'transactions'>, marks: ErrorMarks): Disposable {
  const owned = new DisposableStore();
  const transactions = owned.add(new Transactions());
  const needs: SqlNeeds = { ...given, transactions };
  owned.add(registerSqlEditors(needs));
  owned.add(registerRuns(needs, marks));
  owned.add(registerTransactions(needs));
  return owned;
}

function registerRuns(needs: SqlNeeds, marks: ErrorMarks): Disposable {
  const owned = new DisposableStore();
  const { commands } = needs;
  /** What such a command is about is found when it is started; what it does comes with its first use. */
  const deeds = {
    register: (key: CommandKey, deed: (wanted: Wanted, argument: unknown) => Promise<unknown>) =>
      owned.add(
        commands.register(key, async (argument) => {
          const { wantedOf } = await import('./wanted.ts');
          await deed(await wantedOf(argument, needs), argument);
        }),
      ),
  };
  const run = async (wanted: Wanted) => (await import('./run.ts')).runStatements(needs, marks, wanted);
  owned.add(commands.register('sql.newQuery', async () => needs.documents.openSql('')));
  owned.add(commands.register('sql.showHistory', async () => (await import('./showHistory.ts')).showHistory(needs)));
  owned.add(commands.register('sql.runStatement', async (argument) => runOrFollow(needs, run, argument)));
  owned.add(commands.register('sql.runFile', async () => void (await run((await import('./wanted.ts')).wholeFile()))));
  deeds.register('sql.runAs', async (wanted, argument) => (await import('./runAs.ts')).runAs(needs, marks, wanted, argument));
  deeds.register('sql.compareRoles', async (wanted) => (await import('./compareRoles.ts')).compareRoles(needs, marks, wanted));
  deeds.register('sql.explain', async (wanted, argument) => {
    const { explainAs, explainStatement } = await import('./explain.ts');
    // A role that is named, or asked for.
    await (typeof argument === 'object' && argument !== null && 'as' in argument ? explainAs(needs, marks, wanted, argument) : explainStatement(needs, marks, wanted));
  });
  deeds.register('sql.statementMenu', async (wanted, argument) => (await import('./statementMenu.ts')).chooseDeed(needs, wanted, argument));
  deeds.register('sql.copyCurl', async (wanted) => (await import('./statementMenu.ts')).copyAsCurl(needs, wanted));
  owned.add(
    commands.register('sql.runInTransaction', async (argument) => {
      if (!needs.transactions.current) {
        await (await import('./transactionDeeds.ts')).beginTransaction(needs);
      }
      await commands.run('sql.runStatement', argument);
    }),
  );
  return owned;
}

/** A manual's statement has words that its reader fills in: it is run as the step that it is. */
async function runOrFollow(needs: SqlNeeds, run: (wanted: Wanted) => Promise<unknown>, argument: unknown): Promise<void> {
  const { wantedOf } = await import('./wanted.ts');
  const wanted = await wantedOf(argument, needs);
  const place = wanted.inManual && wanted.statements.length === 1 ? wanted.statements[0]?.place : undefined;
  if (place) {
    await needs.commands.run('runbooks.runStep', { uri: place.document.uri.toString(), offset: place.toDocument(0) });
  } else {
    await run(wanted);
  }
}

function registerTransactions(needs: SqlNeeds): Disposable {
  const owned = new DisposableStore();
  const { commands, session, storage, transactions } = needs;
  const deeds = async () => import('./transactionDeeds.ts');
  owned.add(transactionStatus(transactions));
  owned.add(commands.register('sql.beginTransaction', async () => (await deeds()).beginTransaction(needs)));
  owned.add(commands.register('sql.commitTransaction', async () => (await deeds()).commitTransaction(needs)));
  owned.add(commands.register('sql.rollBackTransaction', async () => (await deeds()).rollBackTransaction(needs)));
  owned.add(commands.register('sql.showTransaction', async () => (await deeds()).chooseForTransaction(needs)));
  owned.add(
    session.onDidChange(() => {
      if (transactions.current) {
        void commands.guard('leave the transaction', async () => (await deeds()).leaveTransaction(needs));
      }
    }),
  );
  if (storage.get(openTransactionKey) !== undefined) {
    void commands.guard('tell of a transaction', async () => (await deeds()).recallTransaction(needs));
  }
  return owned;
}
