import * as vscode from 'vscode';
import { schemes } from '../contributions.ts';
import { OpsError } from '../core/errors.ts';
import type { Disposable } from '../util/dispose.ts';

/**
 * Read-only documents of ours: the manuals that ship (`opsbook:/runbooks/…`) and reports (`opsbook:/report/…`) and files of
 * other times (`opsbook:/held/…`), which live as long as the window.
 */
export interface Documents extends Disposable {
  /**
   * Opens a report, or replaces the text of one with the same name. The name's ending decides the language. `beside`: in the column
   * next to the active editor, or where the report is shown already; the active editor stays active.
   */
  showReport(name: string, text: string, where?: 'beside'): Promise<void>;
  /** Replaces the text of a report, wherever it is shown. */
  updateReport(name: string, text: string): void;
  /**
   * A read-only document with a file as it was at a commit or is live: `live/mint-token v12/index.ts`. The newest few hundred are
   * held; the path's last part decides the language. With `side` the document has just this path, and `side` tells it from the other
   * one that it is compared with: the editor takes two paths for a renamed file.
   */
  hold(path: string, text: string, side?: string): vscode.Uri;
  /** URI of a file that ships, from its path within the extension. */
  bundledUri(path: string): vscode.Uri;
  open(uri: vscode.Uri, selection?: vscode.Range): Promise<void>;
  /** With an offset (UTF-16) in the first line that is seen, and the cursor there. */
  openAt(uri: vscode.Uri, offset: number): Promise<void>;
  /** SQL in an editor of its own, from which the person runs it; where {@link openText} opens. */
  openSql(text: string): Promise<void>;
  /** A text in an untitled editor: where the person last wrote, so that it does not cover the page that is in front. */
  openText(text: string, language: string): Promise<void>;
}

const mostHeld = 400;

export function createDocuments(extensionUri: vscode.Uri): Documents {
  const reports = new Map<string, string>();
  const held = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registration = vscode.workspace.registerTextDocumentContentProvider(schemes.document, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri) => {
      const report = reports.get(uri.path) ?? held.get(uri.toString());
      if (report !== undefined) {
        return report;
      }
      if (!uri.path.startsWith('/runbooks/') || uri.path.includes('..')) {
        throw new OpsError('notFound', { what: uri.path });
      }
      return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(extensionUri, uri.path)));
    },
  });
  let lastText = vscode.window.activeTextEditor?.document.uri;
  const watching = vscode.window.onDidChangeActiveTextEditor((editor) => (lastText = editor?.document.uri ?? lastText));
  const openText = async (content: string, language: string, preview: boolean): Promise<void> => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language, content }), { preview, viewColumn: columnForText(lastText) });
  };
  const open = async (uri: vscode.Uri, selection?: vscode.Range): Promise<void> => {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false, ...(selection === undefined ? {} : { selection }) });
  };
  const setReport = (name: string, text: string): vscode.Uri => {
    const uri = vscode.Uri.from({ scheme: schemes.document, path: `/report/${name.replaceAll('/', ' ')}` });
    reports.set(uri.path, text);
    changed.fire(uri);
    return uri;
  };
  return {
    showReport: async (name, text, where) => {
      const uri = setReport(name, text);
      await (where === 'beside' ? openBeside(uri) : open(uri));
    },
    updateReport: (name, text) => void setReport(name, text),
    hold: (path, text, side) => {
      const uri = vscode.Uri.from({ scheme: schemes.document, ...(side === undefined ? { path: `/held/${path}` } : { path, query: side }) });
      held.delete(uri.toString());
      held.set(uri.toString(), text);
      for (const oldest of [...held.keys()].slice(0, Math.max(0, held.size - mostHeld))) {
        held.delete(oldest);
      }
      changed.fire(uri);
      return uri;
    },
    bundledUri: (path) => vscode.Uri.from({ scheme: schemes.document, path: `/${path}` }),
    open,
    openAt: async (uri, offset) => {
      const document = await vscode.workspace.openTextDocument(uri);
      const at = document.positionAt(offset);
      const editor = await vscode.window.showTextDocument(document, { preview: false, selection: new vscode.Range(at, at) });
      editor.revealRange(new vscode.Range(at, at), vscode.TextEditorRevealType.AtTop);
    },
    openSql: async (content) => openText(content, 'sql', false),
    openText: async (content, language) => openText(content, language, true),
    dispose: () => {
      watching.dispose();
      registration.dispose();
      changed.dispose();
    },
  };
}

/** In front of a page it is the group of the text that was last written in, or else one that has any; a page alone gets it beside itself. */
function columnForText(last: vscode.Uri | undefined): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  if (!(activeTabGroup.activeTab?.input instanceof vscode.TabInputWebview)) {
    return vscode.ViewColumn.Active;
  }
  const holds = ({ tabs }: vscode.TabGroup, uri?: vscode.Uri): boolean => tabs.some(({ input }) => input instanceof vscode.TabInputText && (uri === undefined || input.uri.toString() === uri.toString()));
  const group = (last && all.find((each) => holds(each, last))) ?? all.find((each) => each !== activeTabGroup && holds(each)) ?? all.find((each) => holds(each));
  return group?.viewColumn ?? vscode.ViewColumn.Beside;
}

/** Where it is open already, it stays. */
async function openBeside(uri: vscode.Uri): Promise<void> {
  const shownIn = vscode.window.tabGroups.all.find(({ tabs }) => tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString()));
  const viewColumn = shownIn?.viewColumn ?? vscode.ViewColumn.Beside;
  await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: false, preserveFocus: true, viewColumn });
}
