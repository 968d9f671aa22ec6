import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { createErrorMarks, registerSqlEditors } from './editors.ts';
import type { SqlNeeds } from './needs.ts';
import { wantedOf, wholeFile } from './wanted.ts';

export type { SqlNeeds } from './needs.ts';

export function registerSql(needs: SqlNeeds): Disposable {
  const owned = new DisposableStore();
  const { commands } = needs;
  const marks = owned.add(createErrorMarks());
  owned.add(registerSqlEditors(needs.settings, needs.session));
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
    commands.register('sql.explain', async (argument) => {
      const { explainStatement } = await import('./explain.ts');
      await explainStatement(needs, marks, wantedOf(argument));
    }),
  );
  return owned;
}

async function newQuery(): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'sql', content: '' }));
}
