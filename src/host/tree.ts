import * as vscode from 'vscode';
import { commandId, type ViewId } from '../contributions.ts';
import type { HealthState } from '../core/health/health.ts';
import { DisposableStore, type Disposable } from '../util/dispose.ts';
import { LoadedRows } from './loadedRows.ts';
import { stateWord, type Row } from './row.ts';
import { shownRow, type Shown, type TreeSource } from './treeRows.ts';

/** Registers a view over a source. The title's badge and message are the caller's, through the view that comes back. */
export function registerTree<N>(id: ViewId, source: TreeSource<N>): Disposable & { readonly view: vscode.TreeView<unknown> } {
  const owned = new DisposableStore();
  const changed = owned.add(new vscode.EventEmitter<Shown<N>[] | undefined>());
  const rows: LoadedRows<N> = new LoadedRows({
    source,
    view: id,
    isSeen: () => view.visible,
    tell: (some) => changed.fire(some && [...some]),
    busy: (work) => void showProgress(id, work),
  });
  const provider: vscode.TreeDataProvider<Shown<N>> = {
    onDidChangeTreeData: changed.event,
    getChildren: async (shown) => rows.children(shown),
    getTreeItem: (shown) => toItem(shownRow(source, shown), shown),
  };
  const view = owned.add(vscode.window.createTreeView(id, { treeDataProvider: provider, showCollapseAll: true, manageCheckboxStateManually: true }));
  owned.add(source.onDidChange(() => rows.changed()));
  owned.add(
    view.onDidChangeCheckboxState((event) => {
      for (const [shown, state] of event.items) {
        if ('node' in shown) {
          source.onDidTick?.(shown.node, state === vscode.TreeItemCheckboxState.Checked);
        }
      }
    }),
  );
  return { view, dispose: () => owned.dispose() };
}

/** Most loads are over before anybody would have looked for a sign of them. */
async function showProgress(viewId: ViewId, work: Promise<void>): Promise<void> {
  const isLong = await Promise.race([work.then(() => false), new Promise<boolean>((resolve) => setTimeout(resolve, 500, true))]);
  if (isLong) {
    await vscode.window.withProgress({ location: { viewId } }, () => work);
  }
}

/** Commands get the row as it stands in the view, whose node is always the newest. */
function toItem(row: Row, shown: Shown<unknown>): vscode.TreeItem {
  const collapsible = vscode.TreeItemCollapsibleState;
  const state = row.expandable === undefined ? collapsible.None : row.expandable === 'expanded' ? collapsible.Expanded : collapsible.Collapsed;
  const item = new vscode.TreeItem(row.label, state);
  item.id = row.id;
  item.contextValue = [row.kind, ...(row.states ?? [])].join(' ');
  item.tooltip = row.tooltip?.join('\n') ?? `${row.label} ${row.description ?? ''}`.trim();
  item.accessibilityInformation = { label: [row.label, row.description, row.icon?.state && stateWord(row.icon.state)].filter(Boolean).join(', ') };
  if (row.description !== undefined) {
    item.description = row.description;
  }
  if (row.icon) {
    item.iconPath = new vscode.ThemeIcon(row.icon.name, row.icon.state && stateColor(row.icon.state));
  }
  if (row.click) {
    item.command = { command: commandId(row.click), title: row.label, arguments: [shown] };
  }
  if (row.ticked !== undefined) {
    item.checkboxState = row.ticked ? vscode.TreeItemCheckboxState.Checked : vscode.TreeItemCheckboxState.Unchecked;
  }
  return item;
}

function stateColor(state: HealthState): vscode.ThemeColor {
  switch (state) {
    case 'ok':
      return new vscode.ThemeColor('testing.iconPassed');
    case 'warn':
      return new vscode.ThemeColor('problemsWarningIcon.foreground');
    case 'critical':
      return new vscode.ThemeColor('problemsErrorIcon.foreground');
    case 'unknown':
      return new vscode.ThemeColor('disabledForeground');
    default:
      return state satisfies never;
  }
}
