import { OpsError, isCancelled } from '../core/errors.ts';
import type { Connection } from '../core/project/connection.ts';
import type { Session } from '../core/project/session.ts';
import { l10n } from '../util/l10n.ts';

/** A view that is not filled by then says so. */
const patienceSeconds = 60;

/** What the rows of a view on the project belong to. */
export function shownConnection({ state }: Session): Connection | undefined {
  return state.kind === 'connected' ? state.connection : undefined;
}

/**
 * What a view lists of the project shown: nothing without one, since the view's welcome text says why, and nothing when the answer or
 * the failure comes after another project has taken its place.
 */
export async function ofShownProject<N>(session: Session, ask: (connection: Connection, signal: AbortSignal) => Promise<readonly N[]>): Promise<readonly N[]> {
  const { state } = session;
  if (state.kind !== 'connected') {
    return [];
  }
  const { connection } = state;
  try {
    const nodes = await ask(connection, AbortSignal.timeout(patienceSeconds * 1000));
    return session.isCurrent(connection) ? nodes : [];
  } catch (error) {
    if (!session.isCurrent(connection)) {
      return [];
    }
    // Nobody but the clock cancels what a view asks.
    throw isCancelled(error) ? new OpsError('timedOut', { operation: l10n.t('fill the view'), seconds: patienceSeconds }, error) : error;
  }
}
