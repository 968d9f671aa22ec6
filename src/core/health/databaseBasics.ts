import { gather, type ResultSet } from '../sql/result.ts';
import type { CallOptions, Database } from '../ports.ts';
import { defined } from '../../util/defined.ts';

/** What every project's database can tell without an extension. */
export interface DatabaseBasics {
  readonly connections?: number;
  readonly maxConnections?: number;
  readonly sizeBytes?: number;
  /** Blocks found in memory of all blocks wanted, 0 to 100, since the statistics were last reset. */
  readonly cacheHitPercent?: number;
  /** Blocks wanted so far: of few of them the percentage means little. */
  readonly blocks?: number;
  /** Of the statement that runs longest at this moment; absent when none runs. */
  readonly longestSeconds?: number;
}

/**
 * One statement for one round trip. Every name is qualified: the API's read-only endpoint runs with an empty search path. The
 * columns of the statistics views: https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export const databaseBasicsStatement = `
select
  (select count(*) from pg_catalog.pg_stat_activity where backend_type = 'client backend') as connections,
  pg_catalog.current_setting('max_connections')::int as max_connections,
  pg_catalog.pg_database_size(pg_catalog.current_database()) as size_bytes,
  statistics.blks_hit + statistics.blks_read as blocks,
  round(100.0 * statistics.blks_hit / nullif(statistics.blks_hit + statistics.blks_read, 0), 2) as cache_hit_percent,
  (select extract(epoch from max(pg_catalog.clock_timestamp() - query_start))
    from pg_catalog.pg_stat_activity
    where state = 'active' and backend_type = 'client backend' and pid <> pg_catalog.pg_backend_pid()) as longest_seconds
from pg_catalog.pg_stat_database as statistics
where statistics.datname = pg_catalog.current_database()`.trim();

/** Asks over either way to the database; throws what {@link Database.run} throws. */
export async function readDatabaseBasics(database: Database, options: CallOptions): Promise<DatabaseBasics> {
  const request = { text: databaseBasicsStatement, values: [], mode: 'read', rowLimit: 1, timeoutMs: 2000, background: true } as const;
  return toDatabaseBasics(await gather(database.run(request, options)));
}

export function toDatabaseBasics({ columns, rows: [row] }: Pick<ResultSet, 'columns' | 'rows'>): DatabaseBasics {
  const value = (name: string): number | undefined => {
    const cell = row?.[columns.findIndex((column) => column.name === name)];
    const number = Number(cell ?? NaN);
    return Number.isFinite(number) ? number : undefined;
  };
  return defined({
    connections: value('connections'),
    maxConnections: value('max_connections'),
    sizeBytes: value('size_bytes'),
    cacheHitPercent: value('cache_hit_percent'),
    blocks: value('blocks'),
    longestSeconds: value('longest_seconds'),
  });
}
