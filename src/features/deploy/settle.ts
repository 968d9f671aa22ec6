import { reconcile } from '../../core/functions/reconcile.ts';
import type { Connection } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { DeployFeatureNeeds } from './needs.ts';
import { shareOwnDeploys } from './share.ts';

/**
 * Deploys that a window left behind when it died are looked at again, once a project is there to ask (SAFETY 21). It happens at every
 * start, so it runs no program.
 */
export async function settleOpenDeploys(needs: DeployFeatureNeeds, connection: Connection): Promise<void> {
  if (connection.management.kind === 'absent' || !connection.place || !needs.isTrusted()) {
    return;
  }
  const management = connection.management.use;
  const signal = AbortSignal.timeout(60_000);
  try {
    const records = await needs.records(connection.project.ref);
    await records.staging.sweep();
    for (const { intent, found } of await reconcile(connection.project.ref, { ...records, management, clock: needs.clock }, { signal, priority: 'check' })) {
      needs.log.warn('a deploy that was interrupted was looked up', { slug: intent.slug, result: found.result });
      needs.ui.warn(
        found.result === 'deployed'
          ? l10n.t('The interrupted change of {0} ({1}) had gone through.', visible(intent.slug), intent.action)
          : found.result === 'unchanged'
            ? l10n.t('The interrupted change of {0} ({1}) had changed nothing.', visible(intent.slug), intent.action)
            : l10n.t('What became of the interrupted change of {0} ({1}) is not known: {2}', visible(intent.slug), intent.action, found.because ?? ''),
      );
    }
    await shareOwnDeploys(needs, connection, records.ledger);
  } catch (error) {
    needs.log.warn('interrupted deploys could not be looked up', { error: String(error) });
  }
}
