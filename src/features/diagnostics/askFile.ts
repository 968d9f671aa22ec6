import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { l10n } from '../../util/l10n.ts';
import type { ReportFile } from './needs.ts';

/** Where the person wants a report; what it is written as follows the ending. */
export async function askFile(name: string): Promise<ReportFile> {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const uri = await vscode.window.showSaveDialog({
    title: l10n.t('Save Report'),
    filters: { Markdown: ['md'], CSV: ['csv'] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, `${name.replaceAll(/[/\\:*?"<>|]/g, ' ')}.md`) }),
  });
  if (uri === undefined) {
    throw new OpsError('cancelled', {});
  }
  return {
    format: uri.path.toLowerCase().endsWith('.csv') ? 'csv' : 'md',
    write: async (text) => {
      await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text));
      await vscode.window.showTextDocument(uri);
    },
  };
}
