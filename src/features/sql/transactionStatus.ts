import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import { plainLabel } from '../../host/plainText.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { Transactions } from './transactions.ts';
import { countWords } from './transactionWords.ts';

/** Beside the project, in the theme's colours of a warning, as long as a transaction is open. A click says what can be done. */
export function transactionStatus(transactions: Transactions): Disposable {
  const owned = new DisposableStore();
  const item = owned.add(vscode.window.createStatusBarItem('opsbook.transaction', vscode.StatusBarAlignment.Left, 51));
  item.name = l10n.t('Open SQL transaction');
  item.command = commandId('sql.showTransaction');
  item.backgroundColor = new vscode.ThemeColor('statusBarItem.warningBackground');
  const show = () => {
    const { current } = transactions;
    setContextKey('transaction', current !== undefined);
    if (!current) {
      item.hide();
      return;
    }
    const name = visibleLine(current.connection.project.name);
    const until = new Date(current.endsAt).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    item.text = `$(warning) ${plainLabel(l10n.t('Transaction open on {0}: {1}, until {2}', name, countWords(current.done), until))}`;
    item.tooltip = l10n.t('SQL that you run happens in this transaction. Nobody else sees it before you commit; it is rolled back at {0}.', until);
    item.accessibilityInformation = { label: l10n.t('A transaction is open on {0} until {1}: {2}', name, until, countWords(current.done)) };
    item.show();
  };
  owned.add(transactions.onDidChange(show));
  return owned;
}
