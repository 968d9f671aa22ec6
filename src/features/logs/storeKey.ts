import type { SecretStore } from '../../core/ports.ts';
import { logKeyName, need } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';

export interface StoreKeyNeeds {
  readonly session: Session;
  readonly ui: Pick<Ui, 'ask' | 'tell'>;
  readonly secrets: SecretStore;
}

/** The key of a self-hosted log store, kept for its gateway's origin alone. A hosted project needs none, a local stack's is known. */
export function setStoreKey({ session, ui, secrets }: StoreKeyNeeds) {
  return async (): Promise<void> => {
    const { project, gateway } = session.connection();
    if (project.kind === 'hosted') {
      ui.tell(l10n.t('The logs of a hosted project are read with the access token of the account; there is no other key.'));
      return;
    }
    if (project.kind === 'local') {
      ui.tell(l10n.t('A local stack has a log store unless [analytics] of supabase/config.toml has enabled = false; its key is known.'));
      return;
    }
    const { origin } = need(gateway, l10n.t('The log store'));
    const key = await ui.ask({
      title: l10n.t('Key of the log store of {0}', project.name),
      prompt: l10n.t('LOGFLARE_PRIVATE_ACCESS_TOKEN of the installation; it is sent to {0} alone.', origin),
      secret: true,
      check: (text) => (/^[\x21-\x7e]+$/.test(text.trim()) ? undefined : l10n.t('A key has no spaces.')),
    });
    await secrets.set(logKeyName(origin), key.trim());
    await session.start(session.allPlaces);
    ui.tell(l10n.t('The key of the log store of {0} is kept.', project.name));
  };
}
