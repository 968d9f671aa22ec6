import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import { convertPosition } from '../../core/sql/positions.ts';
import { splitStatements } from '../../core/sql/split.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import { isOurSql } from '../../host/sqlDocuments.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { PlacedStatement, SqlNeeds } from './needs.ts';

/** No lenses in longer files: they would be a wall. */
const mostStatements = 500;

/** *Run* and *Explain* above each statement of the SQL files that belong to a place, and of untitled ones; every other dialect's files are left alone. */
export function registerSqlEditors({ settings, session, transactions }: SqlNeeds): Disposable {
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
      { language: 'sql' },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) => {
          if (!settings.current['opsbook.sql.codeLens'] || !isOurSql(document, { settings, session })) {
            return [];
          }
          const statements = splitStatements(document.getText());
          return statements.length > mostStatements
            ? []
            : statements.flatMap(({ range }) => {
                const at = document.positionAt(range.start);
                const lens = (key: 'sql.runStatement' | 'sql.explain' | 'sql.runAs', title: string) => new vscode.CodeLens(new vscode.Range(at, at), { command: commandId(key), title, arguments: [range.start] });
                const run = transactions.current ? `$(warning) ${l10n.t('Run in transaction')}` : `$(play) ${l10n.t('Run')}`;
                return [lens('sql.runStatement', run), lens('sql.explain', l10n.t('Explain')), lens('sql.runAs', l10n.t('Run as…'))];
              });
        },
      },
    ),
  );
  update();
  return owned;
}

/** Where the grammar or the server found fault with a statement that was run; gone with the next run or edit. */
export interface ErrorMarks extends Disposable {
  clear(document: vscode.TextDocument | undefined): void;
  /** `position` counts code points of the statement from 1; without one the whole statement is marked. One that stands nowhere is not. */
  show(
    statement: PlacedStatement,
    fault: { readonly message: string; readonly position?: number; readonly sqlState?: string; readonly hint?: string },
  ): void;
}

export function createErrorMarks(): ErrorMarks {
  const owned = new DisposableStore();
  const collection = owned.add(vscode.languages.createDiagnosticCollection('opsbook'));
  owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => collection.delete(document.uri)));
  owned.add(vscode.workspace.onDidCloseTextDocument((document) => collection.delete(document.uri)));
  return {
    clear: (document) => document && collection.delete(document.uri),
    show: ({ text, place }, { message, position, sqlState, hint }) => {
      if (!place) {
        return;
      }
      const { document, start } = place;
      const at = position === undefined ? 0 : convertPosition(text, position - 1, 'codePoint', 'utf16');
      const from = document.positionAt(start + at);
      const word = document.getWordRangeAtPosition(from);
      const range = position === undefined ? new vscode.Range(document.positionAt(start), document.positionAt(start + text.length)) : new vscode.Range(from, word?.end ?? from.translate(0, 1));
      const diagnostic = new vscode.Diagnostic(range, visible([message, hint].filter(Boolean).join('\n')), vscode.DiagnosticSeverity.Error);
      diagnostic.source = 'Opsbook';
      if (sqlState !== undefined) {
        diagnostic.code = sqlState;
      }
      collection.set(document.uri, [diagnostic]);
    },
    dispose: () => owned.dispose(),
  };
}
