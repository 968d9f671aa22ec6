/** What an editor shows of requests and answers: lenses, problems and their fixes; read with the first such document. */
import * as vscode from 'vscode';
import { commandId, schemes } from '../../contributions.ts';
import { writtenCredentials } from '../../core/http/credentials.ts';
import { parseRequests, type RequestText } from '../../core/http/requestDocument.ts';
import type { Session } from '../../core/project/session.ts';
import { l10n } from '../../util/l10n.ts';
import type { RequestPlace } from './documents.ts';
import { lensTitle } from './requests.ts';
import { credentialWords, problemWords } from './words.ts';

export function requestLenses(document: vscode.TextDocument, session: Session): vscode.CodeLens[] {
  const { state } = session;
  const project = 'connection' in state ? state.connection.project : undefined;
  return parseRequests(document.getText()).requests.flatMap((request) => {
    const { line } = document.positionAt(request.range.start);
    const place: RequestPlace = { uri: document.uri.toString(), offset: request.range.start };
    const lens = (command: Parameters<typeof commandId>[0], title: string, tooltip: string) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), { command: commandId(command), title, tooltip, arguments: [place] });
    const send = lensTitle(request, project);
    return [
      lens('functions.sendRequest', `$(play) ${send.title}`, send.tooltip),
      lens('functions.copyCurl', l10n.t('Copy as curl'), l10n.t('With environment variables for credentials')),
      ...(request.signature ? [] : [lens('functions.signRequest', l10n.t('Sign…'), l10n.t('As a webhook’s sender does'))]),
      ...(document.uri.scheme === schemes.request ? [lens('functions.saveRequest', l10n.t('Save…'), l10n.t('As a file of the folder, for the team'))] : []),
    ];
  });
}

export function answerLenses(document: vscode.TextDocument): vscode.CodeLens[] {
  const line = /^### /m.exec(document.getText());
  if (!line) {
    return [];
  }
  const at = document.positionAt(line.index);
  const name = document.uri.path.replace(/^\/report\//, '');
  return [new vscode.CodeLens(new vscode.Range(at, at), { command: commandId('functions.readCallLog'), title: `$(refresh) ${l10n.t('Read the log again')}`, arguments: [name] })];
}

const problemSource = 'Opsbook';
const credentialCode = 'credential';

/** What is wrong with the requests of a document. */
export function problemsOf(document: vscode.TextDocument): vscode.Diagnostic[] {
  const text = document.getText();
  const rangeOf = ({ range }: Pick<RequestText, 'range'>) => new vscode.Range(document.positionAt(range.start), document.positionAt(range.end));
  const problem = (at: Pick<RequestText, 'range'>, message: string, code?: string) => {
    const diagnostic = new vscode.Diagnostic(rangeOf(at), message.charAt(0).toUpperCase() + message.slice(1), vscode.DiagnosticSeverity.Error);
    diagnostic.source = problemSource;
    if (code !== undefined) {
      diagnostic.code = code;
    }
    return diagnostic;
  };
  return [
    ...parseRequests(text).requests.flatMap(({ problems }) => problems.map((found) => problem(found, problemWords(found)))),
    ...writtenCredentials(text).map((written) => problem(written, credentialWords(written), credentialCode)),
  ];
}

/** Puts a variable that is asked for in the place of a credential. */
export function credentialFixes(document: vscode.TextDocument, diagnostics: readonly vscode.Diagnostic[]): vscode.CodeAction[] {
  return diagnostics
    .filter(({ source, code }) => source === problemSource && code === credentialCode)
    .map((diagnostic) => {
      const [, header] = /^([\w-]+):/.exec(document.lineAt(diagnostic.range.start.line).text) ?? [];
      const wholeLine = diagnostic.range.start.character === 0 && header !== undefined;
      const variable = `{{secret ${(header ?? 'value').toLowerCase()}}}`;
      const fix = new vscode.CodeAction(l10n.t('Ask for it, and keep it in secret storage'), vscode.CodeActionKind.QuickFix);
      fix.diagnostics = [diagnostic];
      fix.edit = new vscode.WorkspaceEdit();
      fix.edit.replace(document.uri, diagnostic.range, wholeLine ? `${header}: ${variable}` : variable);
      return fix;
    });
}
