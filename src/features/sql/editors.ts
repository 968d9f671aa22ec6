import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import { isOurSql, programLanguages } from '../../host/sqlDocuments.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import type { SqlNeeds } from './needs.ts';

/** No lenses in longer files: they would be a wall. */
const mostStatements = 500;

/**
 * One lens above each statement of the SQL files that belong to a place, of untitled ones, and of SQL strings in a place's programs, with
 * all that can be done behind it; every other dialect's files are left alone. Those of manuals are the Runbooks view's.
 */
export function registerSqlEditors(needs: SqlNeeds): Disposable {
  const { settings, session, transactions } = needs;
  const owned = new DisposableStore();
  const changed = owned.add(new vscode.EventEmitter<void>());
  const update = () => {
    setContextKey('sqlEditor', vscode.window.activeTextEditor !== undefined && isOurSql(vscode.window.activeTextEditor.document, { settings, session }));
    changed.fire();
  };
  owned.add(vscode.window.onDidChangeActiveTextEditor(update));
  owned.add(session.onDidChange(update));
  owned.add(settings.onDidChange(update));
  owned.add(transactions.onDidChange(() => changed.fire()));
  owned.add(
    vscode.languages.registerCodeLensProvider(
      ['sql', ...programLanguages].map((language) => ({ language })),
      { onDidChangeCodeLenses: changed.event, provideCodeLenses: async (document) => (settings.current['opsbook.sql.codeLens'] ? lensesOf(document, needs) : []) },
    ),
  );
  update();
  return owned;
}

async function lensesOf(document: vscode.TextDocument, needs: SqlNeeds): Promise<vscode.CodeLens[]> {
  const { findStatements } = await import('../../host/sqlPieces.ts');
  const statements = (await findStatements(document, needs)) ?? [];
  const title = needs.transactions.current ? `$(warning) ${l10n.t('Run in transaction')} ▾` : `$(play) ${l10n.t('Run')} ▾`;
  return statements.length > mostStatements
    ? []
    : statements.map(({ toDocument }) => {
        const offset = toDocument(0);
        const at = document.positionAt(offset);
        return new vscode.CodeLens(new vscode.Range(at, at), { command: commandId('sql.statementMenu'), title, arguments: [{ uri: document.uri.toString(), offset }] });
      });
}
