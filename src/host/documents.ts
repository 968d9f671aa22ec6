import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';
import { OpsError } from '../core/errors.ts';
import type { Disposable } from '../util/dispose.ts';

/**
 * Read-only documents of ours: the manuals that ship (`opsbook:/runbooks/…`) and reports (`opsbook:/report/…`), which live as long
 * as the window.
 */
export interface Documents extends Disposable {
  /** Opens a report, or replaces the text of one with the same name. The name's ending decides the language. */
  showReport(name: string, text: string): Promise<void>;
  /** URI of a file that ships, from its path within the extension. */
  bundledUri(path: string): vscode.Uri;
  open(uri: vscode.Uri, selection?: vscode.Range): Promise<vscode.TextEditor>;
}

export function createDocuments(extensionUri: vscode.Uri): Documents {
  const reports = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registration = vscode.workspace.registerTextDocumentContentProvider(schemes.document, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const report = reports.get(uri.path);
      if (report !== undefined) {
        return report;
      }
      if (!uri.path.startsWith('/runbooks/') || uri.path.includes('..')) {
        throw new OpsError('notFound', { what: uri.path });
      }
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, uri.path)));
    },
  });
  const open = async (uri: vscode.Uri, selection?: vscode.Range) =>
    vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false, ...(selection === undefined ? {} : { selection }) });
  return {
    showReport: async (name, text) => {
      const uri = vscode.Uri.from({ scheme: schemes.document, path: `/report/${name.replaceAll('/', ' ')}` });
      reports.set(uri.path, text);
      changed.fire(uri);
      await open(uri);
    },
    bundledUri: (path) => vscode.Uri.from({ scheme: schemes.document, path: `/${path}` }),
    open,
    dispose: () => {
      registration.dispose();
      changed.dispose();
    },
  };
}
