/**
 * Columns of the views that everybody reads about a server, over all versions from Postgres 13 to 18, and what people write in their
 * place. `test/sql/systemCatalog.test.ts` holds the lists against servers. https://www.postgresql.org/docs/current/monitoring-stats.html
 */

const tableStatistics =
  'relid schemaname relname seq_scan last_seq_scan seq_tup_read idx_scan last_idx_scan idx_tup_fetch n_tup_ins n_tup_upd n_tup_del n_tup_hot_upd n_tup_newpage_upd n_live_tup n_dead_tup n_mod_since_analyze n_ins_since_vacuum last_vacuum last_autovacuum last_analyze last_autoanalyze vacuum_count autovacuum_count analyze_count autoanalyze_count total_vacuum_time total_autovacuum_time total_analyze_time total_autoanalyze_time';
const indexStatistics = 'relid indexrelid schemaname relname indexrelname idx_scan last_idx_scan idx_tup_read idx_tup_fetch';
const tableBlocks = 'relid schemaname relname heap_blks_read heap_blks_hit idx_blks_read idx_blks_hit toast_blks_read toast_blks_hit tidx_blks_read tidx_blks_hit';
const indexBlocks = 'relid indexrelid schemaname relname indexrelname idx_blks_read idx_blks_hit';

const ofTable = { tablename: 'relname', table_name: 'relname', schema_name: 'schemaname', table_schema: 'schemaname' };
const ofIndex = { ...ofTable, indexname: 'indexrelname', index_name: 'indexrelname' };

interface SystemRelation {
  /** Several schemas, where an extension may stand in any. */
  readonly schemas: readonly string[];
  readonly columns: ReadonlySet<string>;
  readonly renamed: Readonly<Record<string, string>>;
  /** Columns that people look for here, and the relation that has them. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

function view(columns: string, renamed: Readonly<Record<string, string>> = {}, schemas: readonly string[] = ['pg_catalog'], elsewhere: Readonly<Record<string, string>> = {}): SystemRelation {
  return { schemas, columns: new Set(columns.split(' ')), renamed, elsewhere };
}

function perScope(name: (scope: string) => string, relation: SystemRelation): [string, SystemRelation][] {
  return ['all', 'user', 'sys'].map((scope) => [name(scope), relation]);
}

export const systemRelations: ReadonlyMap<string, SystemRelation> = new Map([
  ...perScope((scope) => `pg_stat_${scope}_tables`, view(tableStatistics, ofTable)),
  ...perScope((scope) => `pg_stat_${scope}_indexes`, view(indexStatistics, ofIndex)),
  ...perScope((scope) => `pg_statio_${scope}_tables`, view(tableBlocks, ofTable)),
  ...perScope((scope) => `pg_statio_${scope}_indexes`, view(indexBlocks, ofIndex)),
  [
    'pg_stat_activity',
    view(
      'datid datname pid leader_pid usesysid usename application_name client_addr client_hostname client_port backend_start xact_start query_start state_change wait_event_type wait_event state backend_xid backend_xmin query_id query backend_type',
      { procpid: 'pid', current_query: 'query', username: 'usename', waiting: 'wait_event', database: 'datname', dbname: 'datname', client_address: 'client_addr', client_ip: 'client_addr' },
    ),
  ],
  [
    'pg_stat_statements',
    view(
      'userid dbid toplevel queryid query plans total_plan_time min_plan_time max_plan_time mean_plan_time stddev_plan_time calls total_exec_time min_exec_time max_exec_time mean_exec_time stddev_exec_time rows shared_blks_hit shared_blks_read shared_blks_dirtied shared_blks_written local_blks_hit local_blks_read local_blks_dirtied local_blks_written temp_blks_read temp_blks_written blk_read_time blk_write_time shared_blk_read_time shared_blk_write_time local_blk_read_time local_blk_write_time temp_blk_read_time temp_blk_write_time wal_records wal_fpi wal_bytes wal_buffers_full jit_functions jit_generation_time jit_inlining_count jit_inlining_time jit_optimization_count jit_optimization_time jit_emission_count jit_emission_time jit_deform_count jit_deform_time parallel_workers_to_launch parallel_workers_launched stats_since minmax_stats_since',
      // Postgres 13 parted planning from executing: https://www.postgresql.org/docs/current/pgstatstatements.html
      { total_time: 'total_exec_time', mean_time: 'mean_exec_time', min_time: 'min_exec_time', max_time: 'max_exec_time', stddev_time: 'stddev_exec_time', avg_time: 'mean_exec_time' },
      ['extensions', 'public'],
    ),
  ],
  [
    'pg_stat_database',
    view(
      'datid datname numbackends xact_commit xact_rollback blks_read blks_hit tup_returned tup_fetched tup_inserted tup_updated tup_deleted conflicts temp_files temp_bytes deadlocks checksum_failures checksum_last_failure blk_read_time blk_write_time session_time active_time idle_in_transaction_time sessions sessions_abandoned sessions_fatal sessions_killed parallel_workers_to_launch parallel_workers_launched stats_reset',
      { database: 'datname', dbname: 'datname', connections: 'numbackends' },
    ),
  ],
  ['pg_indexes', view('schemaname tablename indexname tablespace indexdef', { relname: 'tablename', table_name: 'tablename', indexrelname: 'indexname', index_name: 'indexname', schema_name: 'schemaname', index_def: 'indexdef' })],
  ['pg_tables', view('schemaname tablename tableowner tablespace hasindexes hasrules hastriggers rowsecurity', { relname: 'tablename', table_name: 'tablename', schema_name: 'schemaname', table_schema: 'schemaname', owner: 'tableowner', row_security: 'rowsecurity', relrowsecurity: 'rowsecurity' })],
  ['pg_views', view('schemaname viewname viewowner definition', { relname: 'viewname', view_name: 'viewname', schema_name: 'schemaname' })],
  ['pg_policies', view('schemaname tablename policyname permissive roles cmd qual with_check', { polname: 'policyname', policy_name: 'policyname', relname: 'tablename', table_name: 'tablename', schema_name: 'schemaname', command: 'cmd', using: 'qual' })],
  ['pg_locks', view('locktype database relation page tuple virtualxid transactionid classid objid objsubid virtualtransaction pid mode granted fastpath waitstart', { lock_type: 'locktype', procpid: 'pid' })],
  ['pg_stat_replication', view('pid usesysid usename application_name client_addr client_hostname client_port backend_start backend_xmin state sent_lsn write_lsn flush_lsn replay_lsn write_lag flush_lag replay_lag sync_priority sync_state reply_time', { sent_location: 'sent_lsn', replay_location: 'replay_lsn', flush_location: 'flush_lsn', write_location: 'write_lsn' })],
  ['pg_replication_slots', view('slot_name plugin slot_type datoid database temporary active active_pid xmin catalog_xmin restart_lsn confirmed_flush_lsn wal_status safe_wal_size two_phase two_phase_at inactive_since conflicting invalidation_reason failover synced', { name: 'slot_name', slotname: 'slot_name' })],
  ['pg_stat_user_functions', view('funcid schemaname funcname calls total_time self_time', { function_name: 'funcname', proname: 'funcname' })],
  ['cron.job', view('jobid schedule command nodename nodeport database username active jobname', { job_id: 'jobid', job_name: 'jobname', name: 'jobname' }, ['cron'])],
  ['cron.job_run_details', view('jobid runid job_pid database username command status return_message start_time end_time', { job_id: 'jobid', run_id: 'runid', started_at: 'start_time', ended_at: 'end_time', finished_at: 'end_time', error_message: 'return_message' }, ['cron'], { jobname: 'cron.job', schedule: 'cron.job' })],
]);

/** What is known of a relation without asking a server; an unqualified name counts for what everybody has by that name. */
export function systemRelation(schema: string | undefined, name: string): SystemRelation | undefined {
  const found = systemRelations.get(schema === 'cron' ? `cron.${name}` : name);
  return found !== undefined && (schema === undefined || found.schemas.includes(schema)) ? found : undefined;
}
