import * as vscode from 'vscode';
import type { Rule } from '../../core/sql/lint/rule.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { Shown } from './diagnostics.ts';

/** What a rule offers, and putting a finding aside with a reason. */
export function quickFixesFor(document: vscode.TextDocument, shown: readonly Shown[], range: vscode.Range): vscode.CodeAction[] {
  return shown.filter(({ diagnostic }) => diagnostic.range.intersection(range) !== undefined).flatMap((each) => [...mending(document, each), ...puttingAside(document, each)]);
}

function mending(document: vscode.TextDocument, { diagnostic, rule, fixes, toDocument }: Shown): vscode.CodeAction[] {
  return fixes.map((fix, index) => {
    const action = new vscode.CodeAction(visible(rule.fixTitle?.(fix.facts) ?? rule.title), vscode.CodeActionKind.QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = index === 0 && fixes.length === 1;
    action.edit = new vscode.WorkspaceEdit();
    for (const { range, text } of fix.edits) {
      action.edit.replace(document.uri, new vscode.Range(document.positionAt(toDocument(range.start)), document.positionAt(toDocument(range.end))), text);
    }
    return action;
  });
}

/** A syntax error is nothing to put aside; within the strings of a program there is mostly no room for a comment. */
function puttingAside(document: vscode.TextDocument, { diagnostic, rule, statementStart }: Shown): vscode.CodeAction[] {
  const settings = new vscode.CodeAction(l10n.t('Change how {0} is shown…', rule.code), vscode.CodeActionKind.QuickFix);
  settings.diagnostics = [diagnostic];
  settings.command = { command: 'workbench.action.openSettings', title: settings.title, arguments: ['opsbook.sql.lints'] };
  const embedded = document.languageId !== 'sql' && document.languageId !== 'markdown';
  return rule.name === 'syntax-error' || rule.untilEdited === true || (embedded && rule.inPrograms !== true) ? [] : [suppression(document, diagnostic, rule, statementStart), settings];
}

function suppression(document: vscode.TextDocument, diagnostic: vscode.Diagnostic, { code, inPrograms = false }: Rule, statementStart: number): vscode.CodeAction {
  const action = new vscode.CodeAction(l10n.t('Ignore {0} here, with a reason', code), vscode.CodeActionKind.QuickFix);
  const at = document.positionAt(statementStart);
  const indentation = document.lineAt(at.line).text.slice(0, at.character);
  const newLine = document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
  const snippet = new vscode.SnippetString(`${inPrograms ? '//' : '--'} opsbook: ignore ${code} because `).appendPlaceholder(l10n.t('reason')).appendText(newLine + (indentation.trim() === '' || document.languageId === 'markdown' ? indentation : ''));
  action.diagnostics = [diagnostic];
  action.edit = new vscode.WorkspaceEdit();
  action.edit.set(document.uri, [vscode.SnippetTextEdit.insert(at, snippet)]);
  return action;
}
