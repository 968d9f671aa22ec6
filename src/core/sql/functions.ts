/** What calling a function does, as far as its name tells. */
import { harmlessVolatileFunctions, stableFunctions, supabaseFunctions } from './readingFunctions.ts';
import type { Risk } from '../runbook/operation.ts';

export interface FunctionName {
  /** `undefined` when the call does not say. */
  readonly schema: string | undefined;
  readonly name: string;
}

/** `pg_proc.provolatile`; `missing`: the catalog has no function of that name, so that calling it can only fail. */
export type Volatility = 'immutable' | 'stable' | 'volatile' | 'missing';

export type FunctionEffect =
  | { readonly kind: 'reads' }
  /** Does something that a read-only transaction does not prevent, or that nobody would call reading; `does` is a verb phrase. */
  | { readonly kind: 'acts'; readonly does: string; readonly risk: Risk }
  /** Only the catalog knows. */
  | { readonly kind: 'unknown' };

export function functionEffect({ schema, name }: FunctionName): FunctionEffect {
  const acting = actions.find(({ functions }) => functions.some((pattern) => matches(pattern, schema, name)));
  if (acting !== undefined) {
    return { kind: 'acts', does: acting.does, risk: acting.risk ?? 'writes' };
  }
  return isReading(schema, name) ? { kind: 'reads' } : { kind: 'unknown' };
}

export function formatFunctionName({ schema, name }: FunctionName): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

function isReading(schema: string | undefined, name: string): boolean {
  if (schema !== undefined && schema !== 'pg_catalog') {
    return supabaseFunctions[schema]?.has(name) === true;
  }
  return (
    stableFunctions.has(name) ||
    harmlessVolatileFunctions.has(name) ||
    name.startsWith('pg_stat_get_') ||
    (schema === undefined && supabaseFunctions['extensions']?.has(name) === true)
  );
}

/** `name`, `start*` or `schema.name`; the first two match in every schema, because nobody wraps these to make them harmless. */
function matches(pattern: string, schema: string | undefined, name: string): boolean {
  const dot = pattern.indexOf('.');
  if (dot !== -1 && pattern.slice(0, dot) !== schema) {
    return false;
  }
  const wanted = pattern.slice(dot + 1);
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

interface Action {
  readonly functions: readonly string[];
  readonly does: string;
  readonly risk?: Risk;
}

/** SAFETY 11, and their kin in Postgres' documentation of system administration functions and of the extensions that Supabase offers. */
const actions: readonly Action[] = [
  { functions: ['pg_terminate_backend'], does: 'ends another session', risk: 'destroys' },
  { functions: ['pg_cancel_backend'], does: 'cancels the statement of another session' },
  { functions: ['pg_stat_reset*', 'pg_stat_statements_reset'], does: 'throws statistics away', risk: 'destroys' },
  { functions: ['pg_clear_relation_stats', 'pg_clear_attribute_stats', 'pg_restore_relation_stats', 'pg_restore_attribute_stats'], does: 'changes statistics' },
  { functions: ['pg_advisory_*', 'pg_try_advisory_*'], does: 'takes or gives back an advisory lock' },
  { functions: ['pg_notify'], does: 'sends a notification' },
  { functions: ['dblink*'], does: 'works over a connection of its own' },
  { functions: ['pg_read_file*', 'pg_read_binary_file', 'pg_ls_dir', 'pg_stat_file'], does: "reads the server's files" },
  { functions: ['pg_file_*'], does: "writes the server's files" },
  { functions: ['lo_*', 'loread', 'lowrite'], does: 'works on large objects' },
  {
    functions: ['net.*', 'http.*', 'http', 'http_get', 'http_post', 'http_put', 'http_patch', 'http_delete', 'http_head', 'http_set_curlopt'],
    does: 'sends a request from the database server',
  },
  { functions: ['set_config'], does: 'changes a setting of the session' },
  { functions: ['nextval', 'setval'], does: 'moves a sequence' },
  {
    functions: ['query_to_xml*', 'ts_stat', 'ts_rewrite', 'crosstab*', 'connectby', 'xpath_table', 'cursor_to_xml*'],
    does: 'runs SQL that is handed over as text',
  },
  {
    functions: [
      'pg_reload_conf',
      'pg_rotate_logfile*',
      'pg_promote',
      'pg_switch_wal',
      'pg_wal_replay_*',
      'pg_backup_*',
      'pg_start_backup',
      'pg_stop_backup',
      'pg_create_restore_point',
      'pg_log_*',
      'pg_import_system_collations',
      'pg_export_snapshot',
      'pg_nextoid',
      'pg_stop_making_pinned_objects',
      'pg_extension_config_dump',
      'binary_upgrade_*',
    ],
    does: 'administers the server',
  },
  {
    functions: [
      'pg_create_physical_replication_slot',
      'pg_create_logical_replication_slot',
      'pg_copy_physical_replication_slot',
      'pg_copy_logical_replication_slot',
      'pg_drop_replication_slot',
      'pg_replication_slot_advance',
      'pg_replication_origin_advance',
      'pg_replication_origin_create',
      'pg_replication_origin_drop',
      'pg_replication_origin_session_*',
      'pg_replication_origin_xact_*',
      'pg_logical_slot_*',
      'pg_logical_emit_message',
      'pg_sync_replication_slots',
    ],
    does: 'works on replication',
  },
  { functions: ['brin_*', 'gin_clean_pending_list'], does: 'works on an index' },
  { functions: ['cron.*'], does: 'changes a scheduled job' },
  { functions: ['vault.create_secret', 'vault.update_secret'], does: 'changes a secret', risk: 'secret' },
];
