import * as vscode from 'vscode';
import type { Clock, Logger } from '../../core/ports.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import type { LanguageServer } from './languageServer.ts';
import { requestFor, type RequestNeeds } from './request.ts';
import { ServerChecks, type ServerCheckNeeds } from './serverChecks.ts';
import { languages } from './sources.ts';

export interface SeenNeeds extends RequestNeeds {
  readonly languageServer: LanguageServer;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Has the server asked about what can be seen in editors, as it is typed and scrolled to. */
export function checkSeenStatements(needs: SeenNeeds, answered: (document: vscode.TextDocument) => void): Disposable {
  const owned = new DisposableStore();
  const checks = owned.add(new ServerChecks<vscode.TextDocument>({ ...needs, answered, seen: async (document) => seenOf(document, needs) }));
  const schedule = (document: vscode.TextDocument) => void (languages.includes(document.languageId) && checks.schedule(document));
  const everything = () => vscode.window.visibleTextEditors.forEach(({ document }) => schedule(document));
  owned.add(vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => contentChanges.length > 0 && schedule(document)));
  owned.add(vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => schedule(textEditor.document)));
  owned.add(vscode.window.onDidChangeVisibleTextEditors(everything));
  for (const event of [needs.session.onDidChange, needs.settings.onDidChange, needs.library.onDidChange, needs.files.onDidChange, needs.languageServer.onDidChange, needs.catalogs.onDidChange]) {
    owned.add(event(everything));
  }
  return owned;
}

async function seenOf(document: vscode.TextDocument, needs: SeenNeeds): ReturnType<ServerCheckNeeds<vscode.TextDocument>['seen']> {
  const { settings, languageServer } = needs;
  const editors = vscode.window.visibleTextEditors.filter((editor) => editor.document === document);
  const yields = settings.current['opsbook.sql.yieldToLanguageServer'] && languageServer.dutiesIn(document)?.marks({ alsoIn: ['typecheck'] }) === true;
  // What an untrusted folder holds is sent nowhere by itself.
  const asked = editors.length === 0 || yields || !vscode.workspace.isTrusted ? undefined : await requestFor(document, needs);
  if (asked === undefined || document.isClosed) {
    return undefined;
  }
  const { request } = asked;
  // Only in a file of SQL do its places count as in the document.
  return document.languageId === 'sql' ? { request, within: editors.flatMap(({ visibleRanges }) => visibleRanges.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }))) } : { request };
}
