import { isCancelled, isOpsError } from '../../core/errors.ts';
import { shareDeploys } from '../../core/functions/sharedLedger.ts';
import type { Ledger } from '../../core/functions/ledger.ts';
import type { Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import type { DeployFeatureNeeds } from './needs.ts';

const seconds = 30;

/**
 * Writes own deploys that no note tells yet, if they were made to be shared: after the outcome was told, since nobody waits for it. What
 * fails is said, and tried again with the next deploy.
 */
export async function shareOwnDeploys(needs: DeployFeatureNeeds, connection: Connection, ledger: Ledger): Promise<void> {
  const { place } = connection;
  if (!place || !needs.settings().shareLedger) {
    return;
  }
  const signal = AbortSignal.timeout(seconds * 1000);
  try {
    const [notes, { git }] = await Promise.all([needs.notes(place, signal), needs.tools(connection, signal)]);
    if (notes && git) {
      await shareDeploys(place.id, await ledger.deployments(), { notes, git }, signal);
    }
  } catch (error) {
    if (!isOpsError(error) || isCancelled(error)) {
      needs.log.warn('deploys were not shared', { error: String(error) });
      return;
    }
    needs.ui.warn(l10n.t('The team is not told of this deploy yet: {0}', errorMessage(error).message));
  }
}
