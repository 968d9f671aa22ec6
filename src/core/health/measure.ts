import { isOpsError } from '../errors.ts';
import type { CallOptions } from '../ports.ts';
import { need, type Connection } from '../project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { readDatabaseBasics } from './databaseBasics.ts';
import { healthRows, type Asked, type HealthRow } from './report.ts';

/** Services and database are asked at once; one that fails is a row that says why. Throws only `cancelled`. */
export async function measureHealth(connection: Connection, options: CallOptions): Promise<readonly HealthRow[]> {
  const [services, database] = await Promise.all([
    asked(async () => connection.data.services(options)),
    asked(async () => readDatabaseBasics(need(connection.database, l10n.t('The state of the database')), options)),
  ]);
  return healthRows({ project: connection.project, services, database });
}

async function asked<T>(ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { kind: 'answered', value: await ask() };
  } catch (error) {
    if (isOpsError(error) && error.code !== 'cancelled') {
      return { kind: 'failed', error };
    }
    throw error;
  }
}
