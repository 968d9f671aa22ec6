import * as vscode from 'vscode';
import { schemes } from '../../contributions.ts';
import type { TokenType } from '../../core/http/tokens.ts';
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
  owned.add(registerColours());
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

/** Requests and answers have no grammar of their own; where another extension brings one, these colours stand upon it. */
function registerColours(): Disposable {
  const legend = new vscode.SemanticTokensLegend([...tokenTypes]);
  return vscode.languages.registerDocumentSemanticTokensProvider(
    coloured,
    {
      provideDocumentSemanticTokens: async (document) => {
        const { tokensOf } = await import('../../core/http/tokens.ts');
        const builder = new vscode.SemanticTokensBuilder(legend);
        for (const { line, start, end, type } of tokensOf(document.getText())) {
          builder.push(new vscode.Range(line, start, line, end), type);
        }
        return builder.build();
      },
    },
    legend,
  );
}

const tokenTypes: readonly TokenType[] = ['comment', 'keyword', 'string', 'type', 'number', 'variable'];

const coloured: vscode.DocumentSelector = [{ scheme: schemes.request }, { language: 'opsbook-answer' }, { language: 'http', pattern: '**/supabase/requests/*.http' }];
