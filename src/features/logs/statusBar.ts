import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { ActiveTails } from '../../core/logs/activeTails.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { statusOf } from './tailsInWords.ts';

const refreshMs = 5000;

/** How many tails run; one that waits or has ended by itself is marked. A click lists them. */
export function tailsStatus(tails: ActiveTails): Disposable {
  const owned = new DisposableStore();
  const item = owned.add(vscode.window.createStatusBarItem('opsbook.tails', vscode.StatusBarAlignment.Left, 49));
  item.name = l10n.t('Opsbook log tails');
  item.command = commandId('logs.manageTails');
  let again: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    const { text, tooltip, troubled } = statusOf(tails);
    item.text = text;
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: tooltip };
    item.backgroundColor = troubled ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    if (tails.any) {
      item.show();
    } else {
      item.hide();
    }
    // The allowance that the tool tip tells changes with each query.
    clearTimeout(again);
    again = tails.any ? setTimeout(show, refreshMs) : undefined;
  };
  owned.add(tails.onDidChange(show));
  owned.add({ dispose: () => clearTimeout(again) });
  return owned;
}
