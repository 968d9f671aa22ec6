import * as vscode from 'vscode';
import { commandId } from '../../contributions.ts';
import type { SessionState, Session } from '../../core/project/session.ts';
import type { Environment, Project } from '../../core/project/project.ts';
import type { Consent } from '../../host/consent.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';

/** One item, workspace-wide, on the left: project and environment, and for how long a typed name still counts. */
export function registerStatusBar({ session, consent }: { session: Session; consent: Consent }): Disposable {
  const owned = new DisposableStore();
  const item = owned.add(vscode.window.createStatusBarItem('opsbook.project', vscode.StatusBarAlignment.Left, 50));
  item.name = l10n.t('Supabase project');
  const show = () => {
    const text = describe(session.state);
    const granted = consent.granted;
    item.text = granted ? `${text} $(unlock)` : text;
    item.tooltip = granted ? l10n.t('The name of {0} was typed: destroying actions ask no more until {1}. Click to end that.', granted.project.name, new Date(granted.until).toLocaleTimeString()) : tooltip(session.state);
    item.command = commandId(granted ? 'project.endConsent' : session.state.kind === 'signedOut' ? 'account.signIn' : 'project.select');
    item.accessibilityInformation = { label: l10n.t('Supabase project: {0}', text.replace(/\$\([a-z-]+\)\s*/g, '')) };
    if (session.state.kind === 'starting' || (session.state.kind === 'signedOut' && session.allPlaces.length === 0)) {
      item.hide();
    } else {
      item.show();
    }
  };
  owned.add(session.onDidChange(show));
  owned.add(consent.onDidChange(show));
  const every = setInterval(() => consent.granted === undefined || show(), 30_000);
  owned.add({ dispose: () => clearInterval(every) });
  show();
  return owned;
}

function describe(state: SessionState): string {
  switch (state.kind) {
    case 'starting':
      return '$(loading~spin) Opsbook';
    case 'signedOut':
      return `$(plug) ${l10n.t('Supabase: sign in')}`;
    case 'noProject':
      return `$(plug) ${l10n.t('Supabase: no project')}`;
    case 'offline':
      return `$(debug-disconnect) ${named(state.connection.project)} · ${l10n.t('offline')}`;
    case 'noPermission':
      return `$(lock) ${named(state.connection.project)} · ${l10n.t('no access')}`;
    case 'connected':
      return `$(database) ${named(state.connection.project)}`;
    default:
      return state satisfies never;
  }
}

function named(project: Project): string {
  // Icons in a project's name would be drawn as icons.
  return `${project.name.replaceAll('$(', '$ (')} · ${environmentName(project.environment)}`;
}

export function environmentName(environment: Environment): string {
  switch (environment) {
    case 'production':
      return l10n.t('production');
    case 'staging':
      return l10n.t('staging');
    case 'development':
      return l10n.t('development');
    case 'preview':
      return l10n.t('preview');
    case 'local':
      return l10n.t('local');
    default:
      return environment satisfies never;
  }
}

function tooltip(state: SessionState): string {
  if (!('connection' in state)) {
    return l10n.t('Select the Supabase project that Opsbook operates');
  }
  const { project, account, database } = state.connection;
  return [
    `${project.name} (${project.ref})`,
    ...(account ? [l10n.t('Account: {0}', account.name)] : []),
    ...(database.kind === 'available' ? [l10n.t('Database: {0}', database.use.address)] : []),
  ].join('\n');
}
