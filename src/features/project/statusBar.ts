import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { Session } from '../../core/project/session.ts';
import type { Consent } from '../../host/consent.ts';
import { plainLabel } from '../../host/plainText.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { describeGrant, describeState } from './words.ts';

/** One item, workspace-wide, on the left: project and environment, and for how long a typed name still counts. */
export function registerStatusBar({ session, consent }: { session: Session; consent: Consent }): Disposable {
  const owned = new DisposableStore();
  const item = owned.add(vscode.window.createStatusBarItem('opsbook.project', vscode.StatusBarAlignment.Left, 50));
  item.name = l10n.t('Supabase project');
  const show = () => {
    const { state } = session;
    const { granted } = consent;
    const words = describeState(state);
    item.text = `$(${words.icon}) ${plainLabel(words.text)}${granted ? ' $(unlock)' : ''}`;
    item.tooltip = granted ? describeGrant(granted) : words.tooltip.join('\n');
    item.command = commandId(granted ? 'project.endConsent' : words.click);
    item.accessibilityInformation = { label: l10n.t('Supabase project: {0}', words.text) };
    if (state.kind === 'starting' || (state.kind === 'signedOut' && session.allPlaces.length === 0)) {
      item.hide();
    } else {
      item.show();
    }
  };
  owned.add(session.onDidChange(show));
  owned.add(consent.onDidChange(show));
  show();
  return owned;
}
