import * as vscode from 'vscode';
import type { TextRange } from '../core/runbook/document.ts';
import { DisposableStore, type Disposable } from '../util/dispose.ts';
import { Emitter, type Event } from '../util/event.ts';
import { visible } from '../util/visible.ts';

/** Where the grammar or the server found fault with a statement that was run: one in a document, gone with the next run or edit. */
export interface ErrorMarks extends Disposable {
  clear(document: vscode.TextDocument | undefined): void;
  /** `range` is one of the statement's text; one that stands in no document, or in one that was changed since, is not marked. The words are outside text. */
  show(
    statement: { readonly text: string; readonly place?: { readonly document: vscode.TextDocument; readonly version: number; readonly toDocument: (offset: number) => number } },
    fault: { readonly message: string; readonly position?: number; readonly sqlState?: string; readonly hint?: string },
    range: TextRange,
  ): void;
}

/** For whoever marks the same. */
export interface MarkedErrors {
  rangeIn(document: vscode.TextDocument): vscode.Range | undefined;
  /** A document has another one, or none any more; of what goes with an edit nobody is told. */
  readonly onDidChange: Event<vscode.TextDocument>;
}

export function createErrorMarks(): ErrorMarks & MarkedErrors {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<vscode.TextDocument>());
  const collection = owned.add(vscode.languages.createDiagnosticCollection('opsbook'));
  owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => collection.delete(document.uri)));
  owned.add(vscode.workspace.onDidCloseTextDocument((document) => collection.delete(document.uri)));
  return {
    clear: (document) => {
      if (document !== undefined && collection.has(document.uri)) {
        collection.delete(document.uri);
        changed.fire(document);
      }
    },
    show: ({ place }, { message, sqlState, hint }, { start, end }) => {
      if (place === undefined || place.document.version !== place.version) {
        return;
      }
      const { document, toDocument } = place;
      const range = new vscode.Range(document.positionAt(toDocument(start)), document.positionAt(toDocument(end)));
      const diagnostic = new vscode.Diagnostic(range, visible([message, hint].filter(Boolean).join('\n')), vscode.DiagnosticSeverity.Error);
      diagnostic.source = 'Opsbook';
      if (sqlState !== undefined) {
        diagnostic.code = sqlState;
      }
      collection.set(document.uri, [diagnostic]);
      changed.fire(document);
    },
    rangeIn: ({ uri }) => collection.get(uri)?.[0]?.range,
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}
