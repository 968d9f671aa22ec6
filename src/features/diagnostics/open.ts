import * as vscode from 'vscode';
import { diagnosticOf } from './choose.ts';
import type { DiagnosticsNeeds } from './needs.ts';

/** Opens the document at the diagnostic's fence. */
export const openSource =
  (needs: DiagnosticsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const node = await diagnosticOf(needs, argument);
    const editor = await needs.documents.open(vscode.Uri.parse(node.documentUri, true));
    const at = editor.document.positionAt(node.step.range.start);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.AtTop);
  };

export async function openSql(text: string): Promise<void> {
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'sql', content: text }), { preview: false });
}
