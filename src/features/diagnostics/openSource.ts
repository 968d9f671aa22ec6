import * as vscode from 'vscode';
import { diagnosticOf } from './choose.ts';
import type { DiagnosticsNeeds } from './needs.ts';

/** Opens the document at the diagnostic's fence. */
export const openSource =
  (needs: DiagnosticsNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const node = await diagnosticOf(needs, argument);
    await needs.documents.openAt(vscode.Uri.parse(node.documentUri, true), node.step.range.start);
  };
