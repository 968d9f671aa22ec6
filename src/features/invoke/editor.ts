import * as vscode from 'vscode';
import { schemes } from '../../contributions.ts';
import type { Session } from '../../core/project/session.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { isRequestDocument, selector } from './documents.ts';

/** What can be done with a request stands above it, and what is wrong with it is a problem. */
export function registerEditor(session: Session): Disposable {
  const owned = new DisposableStore();
  const changed = owned.add(new vscode.EventEmitter<void>());
  owned.add(session.onDidChange(() => changed.fire()));
  owned.add(
    vscode.languages.registerCodeLensProvider(selector, {
      onDidChangeCodeLenses: changed.event,
      provideCodeLenses: async (document) => {
        const { answerLenses, requestLenses } = await import('./marks.ts');
        return isRequestDocument(document) ? requestLenses(document, session) : document.uri.scheme === schemes.document ? answerLenses(document) : [];
      },
    }),
  );
  owned.add(registerProblems());
  owned.add(vscode.languages.registerCodeActionsProvider(selector, { provideCodeActions: async (document, _range, { diagnostics }) => (await import('./marks.ts')).credentialFixes(document, diagnostics) }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }));
  return owned;
}

function registerProblems(): Disposable {
  const owned = new DisposableStore();
  const problems = owned.add(vscode.languages.createDiagnosticCollection('opsbook.requests'));
  const look = async (document: vscode.TextDocument) => {
    if (isRequestDocument(document)) {
      const { problemsOf } = await import('./marks.ts');
      if (!document.isClosed) {
        problems.set(document.uri, problemsOf(document));
      }
    }
  };
  vscode.workspace.textDocuments.forEach((document) => void look(document));
  owned.add(vscode.workspace.onDidOpenTextDocument((document) => void look(document)));
  owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => void look(document)));
  owned.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => problems.delete(uri)));
  return owned;
}
