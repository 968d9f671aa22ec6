import { isOpsError, type OpsError } from '../errors.ts';
import type { CallOptions, Clock, Database, StatementRequest } from '../ports.ts';
import type { ResultEvent } from './result.ts';
import { l10n } from '../../util/l10n.ts';

/** So many milliseconds a server that has no connection left is not asked for one. */
const restMs = 10_000;

/**
 * A database whose reads take another way while the server answers and takes no connection: every slot is in use, or its pooler's. That is
 * when somebody looks, and the service's own connection may still be there. A wrong password or name stays an error, and nothing that
 * writes ever takes the other way. Who reads is told by a notice.
 */
export function readElsewhere({ database, other, clock }: { readonly database: Database; readonly other: Database; readonly clock: Clock }): Database {
  let rested: { readonly until: number; readonly refusal: OpsError<'databaseRefused'> } | undefined;
  async function* run(request: StatementRequest, options: CallOptions): AsyncGenerator<ResultEvent, void, undefined> {
    if (request.mode !== 'read') {
      yield* database.run(request, options);
      return;
    }
    if (rested === undefined || clock.now() >= rested.until) {
      try {
        yield* database.run(request, options);
        return;
      } catch (error) {
        // A connection is refused before the first event, so nothing is told twice.
        if (!isOpsError(error, 'databaseRefused') || !isFull(error)) {
          throw error;
        }
        rested = { until: clock.now() + restMs, refusal: error };
      }
    }
    const message = l10n.t('{0} takes no more connections ({1}): this was read over {2}.', rested.refusal.facts.host, rested.refusal.facts.message, other.address);
    for await (const event of other.run(request, options)) {
      yield event;
      if (event.kind === 'columns') {
        yield { kind: 'notice', notice: { severity: 'WARNING', message } };
      }
    }
  }
  const close = async (): Promise<void> => {
    await Promise.all([database.close(), other.close()]);
  };
  return { capabilities: database.capabilities, address: database.address, run, parameterTypes: (text, options) => database.parameterTypes(text, options), begin: (idleMs, options) => database.begin(idleMs, options), close };
}

/**
 * What a server or a pooler answers who is there and full: class 53, insufficient resources (53300 too_many_connections), and Supavisor's
 * and PgBouncer's own words for a full pool, which come as XX000 and 08P01.
 */
function isFull({ facts: { sqlState = '' } }: OpsError<'databaseRefused'>): boolean {
  return sqlState.startsWith('53') || sqlState === 'XX000' || sqlState === '08P01';
}
