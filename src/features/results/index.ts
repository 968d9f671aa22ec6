import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import type { Logger, SqlGrammar } from '../../core/ports.ts';
import type { ResultFiles } from '../../core/results/outside.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Documents } from '../../host/documents.ts';
import type { ResultsView, RunAgain } from '../../host/results.ts';
import type { Ui } from '../../host/ui.ts';
import { webviewHtml, webviewOptions } from '../../host/webview.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { ActionNeeds } from './actions.ts';
import { memoryOf, readMemory, type TabMemory } from './memory.ts';
import type { FromView, ToView } from './protocol.ts';
import type { ResultsTab } from './tab.ts';

export interface ResultsNeeds {
  readonly extensionUri: vscode.Uri;
  readonly log: Logger;
  readonly ui: Ui;
  readonly commands: CommandRegistry;
  readonly grammar: SqlGrammar;
  readonly documents: Pick<Documents, 'openText'>;
  /** Comes with the first result. */
  readonly files: () => Promise<ResultFiles>;
}

interface OpenTab {
  readonly panel: vscode.WebviewPanel;
  readonly tab: Promise<ResultsTab>;
}

const viewType = 'opsbook.results';

/**
 * One editor tab per document or title, re-used and left where the person put it. The extension owns the rows; a page only has those in
 * sight. What a tab does is in `tab.ts`, which is read with the first one.
 */
export function registerResults(needs: ResultsNeeds): ResultsView & Disposable {
  const owned = new DisposableStore();
  const tabs = new Map<string, OpenTab>();

  const adopt = (panel: vscode.WebviewPanel, memory: TabMemory): OpenTab => {
    let isOpen = true;
    // What was still running ends after the tab is closed, and has nobody to tell.
    const post = (message: ToView): void => void (isOpen && panel.webview.postMessage(message));
    const tab = loadTab(needs, memory, post);
    const opened: OpenTab = { panel, tab };
    panel.iconPath = new vscode.ThemeIcon('table');
    panel.webview.options = webviewOptions(needs.extensionUri);
    panel.webview.onDidReceiveMessage(async (message: FromView) => (await tab).receive(message));
    panel.onDidDispose(async () => {
      isOpen = false;
      if (tabs.get(memory.key) === opened) {
        tabs.delete(memory.key);
      }
      await (await tab).dispose();
    });
    panel.webview.html = webviewHtml(panel.webview, needs.extensionUri, 'results', memory.title);
    tabs.set(memory.key, opened);
    return opened;
  };

  const open = (memory: TabMemory): OpenTab => {
    const place = { viewColumn: placeFor(memory.key), preserveFocus: true };
    // The page's own find looks through all rows, the editor's only through those in sight.
    const options = { ...webviewOptions(needs.extensionUri), enableFindWidget: false };
    return adopt(vscode.window.createWebviewPanel(viewType, visibleLine(memory.title), place, options), memory);
  };

  owned.add(vscode.window.registerWebviewPanelSerializer(viewType, {
    deserializeWebviewPanel: async (panel, state: unknown) => {
      const memory = readMemory(state);
      if (memory === undefined || tabs.has(memory.key)) {
        panel.dispose();
      } else {
        adopt(panel, memory);
      }
    },
  }));
  owned.add({
    dispose: () => {
      for (const { panel } of [...tabs.values()]) {
        panel.dispose();
      }
    },
  });
  return {
    show: async (run) => {
      const memory = memoryOf(run, []);
      const { panel, tab } = tabs.get(memory.key) ?? open(memory);
      panel.title = visibleLine(run.title);
      panel.reveal(undefined, true);
      return (await tab).show(run);
    },
    dispose: () => owned.dispose(),
  };
}

async function loadTab(needs: ResultsNeeds, memory: TabMemory, post: (message: ToView) => void): Promise<ResultsTab> {
  const [{ ResultsTab: Tab }, { ResultActions }, { scratch, openFile, writeParquet }] = await Promise.all([import('./tab.ts'), import('./actions.ts'), needs.files()]);
  const actionNeeds: ActionNeeds = { ui: needs.ui, grammar: needs.grammar, openFile, writeParquet, askFile, openText: async (text, language) => needs.documents.openText(text, language) };
  const runAgain = async ({ command, argument }: RunAgain): Promise<void> => needs.commands.run(command, argument);
  return new Tab(memory, { post, scratch, actions: new ResultActions(actionNeeds), log: needs.log, runAgain });
}

/** Beside the document that it is the result of; else where the person is. */
function placeFor(key: string): vscode.ViewColumn {
  return vscode.window.activeTextEditor?.document.uri.toString() === key ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
}

const askFile: ActionNeeds['askFile'] = async ({ name, ending, format }) => {
  const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri;
  const chosen = await vscode.window.showSaveDialog({
    title: l10n.t('Export Rows'),
    filters: { [format]: [ending] },
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
  });
  if (chosen === undefined) {
    throw new OpsError('cancelled', {});
  }
  if (chosen.scheme !== 'file') {
    throw new OpsError('badPath', { path: chosen.toString() });
  }
  return chosen.fsPath;
};
