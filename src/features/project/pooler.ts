import { OpsError } from '../../core/errors.ts';
import { formatAddress, formatConnectionString, parseConnectionString } from '../../core/project/databaseTarget.ts';
import { need } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { ProjectNeeds } from './select.ts';

/**
 * The direct host of a hosted database has an IPv6 address alone; from a network without IPv6 the pooler's is the way. Its address comes
 * from the API, the password stays. https://supabase.com/docs/guides/database/connecting-to-postgres
 */
export const connectThroughPooler =
  ({ session, secrets, ui }: Pick<ProjectNeeds, 'session' | 'secrets' | 'ui'>) =>
  async (): Promise<void> => {
    const { project, management } = session.connection();
    const key = `database ${project.ref}`;
    const kept = await secrets.get(key);
    if (kept === undefined) {
      throw new OpsError('absent', { what: l10n.t('Connecting through the pooler'), reason: 'noDatabaseConnection' });
    }
    const direct = parseConnectionString(kept);
    const api = need(management, l10n.t('The address of the pooler'));
    const pooler = await ui.progress(l10n.t('Asking for the address of the pooler'), async (signal) => api.pooler(project.ref, { signal, priority: 'user' }));
    if (!pooler) {
      throw new OpsError('notFound', { what: l10n.t('A pooler of {0}', visible(project.name)) });
    }
    const target = { ...direct, host: pooler.host, port: pooler.port, user: pooler.user };
    await ui.consent({
      question: l10n.t('Connect to {0} through the pooler?', visible(project.name)),
      detail: [
        l10n.t('Instead of {0}', visible(formatAddress(direct))),
        l10n.t('with {0}', visible(formatAddress(target))),
        l10n.t('The password stays the same. Statements that need a session of their own, such as LISTEN, do not work there.'),
      ],
      action: l10n.t('Use the Pooler'),
    });
    await secrets.set(key, formatConnectionString(target));
    await session.start(session.allPlaces);
  };
