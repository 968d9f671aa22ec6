import { OpsError } from '../../core/errors.ts';
import { dashboardUrl } from '../../core/project/project.ts';
import type { SessionState } from '../../core/project/session.ts';
import type { Consent } from '../../host/consent.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import type { SettingsSource } from '../../host/settings.ts';
import { nodeOf } from '../../host/row.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { tellNoAccess } from './noAccess.ts';
import { createOffer } from './offer.ts';
import { connectThroughPooler } from './pooler.ts';
import { connectLocal, connectSelfHosted, removeConnectionString, selectProject, setConnectionString, setEnvironment, type ProjectNeeds } from './select.ts';
import { registerStatusBar } from './statusBar.ts';
import { l10n } from '../../util/l10n.ts';

export interface ProjectFeatureNeeds extends ProjectNeeds {
  readonly consent: Consent;
  readonly settings: SettingsSource;
  readonly showLog: () => void;
}

/** Choosing what is operated: commands, the offer of the linked project, the status bar, the context keys of the welcome texts. */
export function registerProject(needs: ProjectFeatureNeeds): Disposable {
  const { commands, session, consent } = needs;
  const owned = new DisposableStore();
  owned.add(commands.register('project.select', selectProject(needs)));
  owned.add(commands.register('project.connectLocal', connectLocal(needs)));
  owned.add(commands.register('project.connectSelfHosted', connectSelfHosted(needs)));
  owned.add(commands.register('project.setConnectionString', setConnectionString(needs)));
  owned.add(commands.register('project.connectThroughPooler', connectThroughPooler(needs)));
  owned.add(commands.register('project.removeConnectionString', removeConnectionString(needs)));
  owned.add(commands.register('project.setEnvironment', setEnvironment(needs)));
  owned.add(commands.register('project.endConsent', () => consent.end()));
  owned.add(commands.register('project.openDashboard', openDashboard(needs)));
  owned.add(commands.register('refresh', async () => session.refresh()));
  owned.add(commands.register('showLog', needs.showLog));
  owned.add(registerStatusBar({ session, consent }));
  const offer = createOffer(needs);
  const follow = (state: SessionState) => {
    setContextKey('state', state.kind);
    setContextKey('signedIn', needs.accounts.list().length > 0);
    setContextKey('connected', state.kind === 'connected');
    setContextKey('hosted', 'connection' in state && state.connection.project.kind === 'hosted');
    offer();
    if (state.kind === 'noPermission') {
      void tellNoAccess({ session, guard: commands.guard }, state.error);
    }
  };
  owned.add(session.onDidChange(follow));
  owned.add(needs.accounts.onDidChange(() => setContextKey('signedIn', needs.accounts.list().length > 0)));
  owned.add(consent.onDidChange(() => setContextKey('consent', consent.granted !== undefined)));
  follow(session.state);
  return owned;
}

const openDashboard =
  ({ session, settings, ui }: ProjectFeatureNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const url = dashboardUrl(session.connection().project, pageOf(nodeOf(argument)), settings.current['opsbook.dashboardUrl']);
    if (url === undefined) {
      throw new OpsError('absent', { what: l10n.t('The dashboard'), reason: 'noManagementApi' });
    }
    await ui.openExternal(url);
  };

/** The page that shows the row; a page named outright comes from a manual. */
function pageOf(node: unknown): string {
  if (typeof node === 'string') {
    return node;
  }
  const kind = typeof node === 'object' && node !== null && 'kind' in node ? node.kind : undefined;
  switch (kind) {
    case 'function':
      return typeof node === 'object' && node !== null && 'slug' in node ? `functions/${String(node.slug)}` : 'functions';
    case 'secret':
      return 'functions/secrets';
    case 'service':
      return 'reports';
    default:
      return '';
  }
}
