import type { CommandKey } from '../../contributions.ts';
import type { Environment, Project } from '../../core/project/project.ts';
import type { SessionState } from '../../core/project/session.ts';
import type { Grant } from '../../host/consent.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

/** What the status bar shows of the session. */
export interface StateWords {
  /** A codicon, without `$()`. */
  readonly icon: string;
  /** Plain text. */
  readonly text: string;
  /** One entry per line. */
  readonly tooltip: readonly string[];
  readonly click: CommandKey;
}

export function describeState(state: SessionState): StateWords {
  switch (state.kind) {
    case 'starting':
      return { icon: 'loading~spin', text: 'Opsbook', tooltip: [l10n.t('Looking for Supabase projects…')], click: 'project.select' };
    case 'signedOut':
      return { icon: 'plug', text: l10n.t('Supabase: sign in'), tooltip: [l10n.t('Sign in to see the Supabase project that Opsbook operates')], click: 'account.signIn' };
    case 'noProject':
      return { icon: 'plug', text: l10n.t('Supabase: no project'), tooltip: [l10n.t('Select the Supabase project that Opsbook operates')], click: 'project.select' };
    case 'offline':
      return { icon: 'debug-disconnect', text: `${named(state.connection.project)} · ${l10n.t('offline')}`, tooltip: facts(state), click: 'refresh' };
    case 'noPermission':
      return { icon: 'lock', text: `${named(state.connection.project)} · ${l10n.t('no access')}`, tooltip: facts(state), click: 'project.select' };
    case 'connected':
      return { icon: 'database', text: named(state.connection.project), tooltip: facts(state), click: 'project.select' };
    default:
      return state satisfies never;
  }
}

/** Which project's name was typed, and until when that counts. */
export function describeGrant({ project, until }: Grant): string {
  return l10n.t('The name of {0} was typed: destroying actions ask no more until {1}. Click to end that.', visibleLine(project.name), new Date(until).toLocaleTimeString());
}

function named({ name, environment }: Project): string {
  return `${visibleLine(name)} · ${environmentName(environment)}`;
}

function facts(state: Extract<SessionState, { readonly connection: unknown }>): string[] {
  const { project, account, database } = state.connection;
  return [
    `${visibleLine(project.name)} (${project.ref})`,
    ...('error' in state ? [errorMessage(state.error).message] : []),
    ...(account ? [l10n.t('Account: {0}', visibleLine(account.name))] : []),
    ...(database.kind === 'available' ? [l10n.t('Database: {0}', visibleLine(database.use.address))] : []),
  ];
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
