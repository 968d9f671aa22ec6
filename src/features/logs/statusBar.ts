import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { ActiveTails } from '../../core/logs/activeTails.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { statusOf } from './tailsInWords.ts';

/** How many tails run; one that waits or has ended by itself is marked. A click lists them. */
export function tailsStatus(tails: ActiveTails): Disposable {
  const owned = new DisposableStore();
  const item = owned.add(vscode.window.createStatusBarItem('opsbook.tails', vscode.StatusBarAlignment.Left, 49));
  item.name = l10n.t('Opsbook log tails');
  item.command = commandId('logs.manageTails');
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
  };
  owned.add(tails.onDidChange(show));
  return owned;
}
