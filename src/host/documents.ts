import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';
import { OpsError } from '../core/errors.ts';
import type { Disposable } from '../util/dispose.ts';

/**
 * Read-only documents of ours: the manuals that ship (`opsbook:/runbooks/…`) and reports (`opsbook:/report/…`) and files of
 * other times (`opsbook:/held/…`), which live as long as the window.
 */
export interface Documents extends Disposable {
  /** Opens a report, or replaces the text of one with the same name. The name's ending decides the language. */
  showReport(name: string, text: string): Promise<void>;
  /**
   * A read-only document with a file as it was at a commit or is live: `live/mint-token v12/index.ts`. The newest few hundred are
   * held; the path's last part decides the language.
   */
  hold(path: string, text: string): vscode.Uri;
  /** URI of a file that ships, from its path within the extension. */
  bundledUri(path: string): vscode.Uri;
  open(uri: vscode.Uri, selection?: vscode.Range): Promise<vscode.TextEditor>;
}

const mostHeld = 400;

export function createDocuments(extensionUri: vscode.Uri): Documents {
  const reports = new Map<string, string>();
  const held = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registration = vscode.workspace.registerTextDocumentContentProvider(schemes.document, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const report = reports.get(uri.path) ?? held.get(uri.path);
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
    hold: (path, text) => {
      const uri = vscode.Uri.from({ scheme: schemes.document, path: `/held/${path}` });
      held.delete(uri.path);
      held.set(uri.path, text);
      for (const oldest of [...held.keys()].slice(0, Math.max(0, held.size - mostHeld))) {
        held.delete(oldest);
      }
      changed.fire(uri);
      return uri;
    },
    bundledUri: (path) => vscode.Uri.from({ scheme: schemes.document, path: `/${path}` }),
    open,
    dispose: () => {
      registration.dispose();
      changed.dispose();
    },
  };
}
