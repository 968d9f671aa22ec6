import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { createErrorMarks, registerSqlEditors } from './editors.ts';
import type { SqlNeeds } from './needs.ts';
import { Transactions, openTransactionKey } from './transactions.ts';
import { transactionStatus } from './transactionStatus.ts';
import { wantedOf, wholeFile } from './wanted.ts';

export function registerSql(given: Omit<SqlNeeds, 'transactions'>): Disposable {
  const owned = new DisposableStore();
  const { commands } = given;
  const transactions = owned.add(new Transactions());
  const needs: SqlNeeds = { ...given, transactions };
  const marks = owned.add(createErrorMarks());
  owned.add(registerSqlEditors(needs));
  owned.add(registerTransactions(needs));
  owned.add(commands.register('sql.newQuery', newQuery));
  owned.add(
    commands.register('sql.runStatement', async (argument) => {
      const { runStatements } = await import('./run.ts');
      await runStatements(needs, marks, wantedOf(argument));
    }),
  );
  owned.add(
    commands.register('sql.runFile', async () => {
      const { runStatements } = await import('./run.ts');
      await runStatements(needs, marks, wholeFile());
    }),
  );
  owned.add(
    commands.register('sql.runAs', async (argument) => {
      const { runAs } = await import('./runAs.ts');
      await runAs(needs, marks, wantedOf(argument), argument);
    }),
  );
  owned.add(
    commands.register('sql.compareRoles', async (argument) => {
      const { compareRoles } = await import('./compareRoles.ts');
      await compareRoles(needs, marks, wantedOf(argument));
    }),
  );
  owned.add(
    commands.register('sql.explain', async (argument) => {
      const { explainStatement } = await import('./explain.ts');
      await explainStatement(needs, marks, wantedOf(argument));
    }),
  );
  return owned;
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

async function newQuery(): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'sql', content: '' }));
}
