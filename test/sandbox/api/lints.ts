/**
 * The database linter behind the advisors: each lint is a query of ours over the catalogs, named and worded as the hosted
 * one (supabase.com/docs/guides/database/database-linter). Every query gives `schema`, `name`, `type` and `detail`.
 */

export interface Lint {
  name: string;
  title: string;
  level: 'ERROR' | 'WARN' | 'INFO';
  category: 'PERFORMANCE' | 'SECURITY';
  description: string;
  /** Number and name of the page that tells what to do. */
  page: string;
  sql: string;
}

const ours = `n.nspname not in ('auth', 'cron', 'extensions', 'graphql', 'graphql_public', 'information_schema', 'net', 'pg_catalog',
  'pgbouncer', 'realtime', 'storage', 'supabase_functions', 'supabase_migrations', 'vault')`;
const tables = "pg_class c join pg_namespace n on n.oid = c.relnamespace and c.relkind in ('r', 'p')";

export const lints: readonly Lint[] = [
  {
    name: 'rls_disabled_in_public',
    title: 'RLS Disabled in Public',
    level: 'ERROR',
    category: 'SECURITY',
    description: 'Detects tables in schemas exposed to PostgREST on which row level security is not enabled.',
    page: '0013_rls_disabled_in_public',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` is public, but RLS has not been enabled.', n.nspname, c.relname) as detail
      from ${tables} where n.nspname = 'public' and not c.relrowsecurity`,
  },
  {
    name: 'policy_exists_rls_disabled',
    title: 'Policy Exists RLS Disabled',
    level: 'ERROR',
    category: 'SECURITY',
    description: 'Detects tables that have policies while row level security is not enabled, so that the policies do nothing.',
    page: '0007_policy_exists_rls_disabled',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` has RLS policies but RLS is not enabled on the table.', n.nspname, c.relname) as detail
      from ${tables} where ${ours} and not c.relrowsecurity and exists (select from pg_policy p where p.polrelid = c.oid)`,
  },
  {
    name: 'rls_enabled_no_policy',
    title: 'RLS Enabled No Policy',
    level: 'INFO',
    category: 'SECURITY',
    description: 'Detects tables with row level security and no policy: nobody but the owner reads them.',
    page: '0008_rls_enabled_no_policy',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` has RLS enabled, but no policies exist', n.nspname, c.relname) as detail
      from ${tables} where ${ours} and c.relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid)`,
  },
  {
    name: 'security_definer_view',
    title: 'Security Definer View',
    level: 'ERROR',
    category: 'SECURITY',
    description: "Detects views that read with their owner's rights rather than the caller's.",
    page: '0010_security_definer_view',
    sql: `select n.nspname as schema, c.relname as name, 'view' as type,
        format('View \`%s.%s\` is defined with the SECURITY DEFINER property', n.nspname, c.relname) as detail
      from pg_class c join pg_namespace n on n.oid = c.relnamespace and c.relkind = 'v'
      where n.nspname = 'public' and not coalesce('security_invoker=true' = any(c.reloptions) or 'security_invoker=on' = any(c.reloptions), false)`,
  },
  {
    name: 'function_search_path_mutable',
    title: 'Function Search Path Mutable',
    level: 'WARN',
    category: 'SECURITY',
    description: 'Detects functions whose search path is not set, so that the caller decides what their names mean.',
    page: '0011_function_search_path_mutable',
    sql: `select n.nspname as schema, p.proname as name, 'function' as type,
        format('Function \`%s.%s\` has a role mutable search_path', n.nspname, p.proname) as detail
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where ${ours} and not exists (select from unnest(p.proconfig) setting where setting like 'search_path=%')
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
  },
  {
    name: 'unindexed_foreign_keys',
    title: 'Unindexed foreign keys',
    level: 'INFO',
    category: 'PERFORMANCE',
    description: 'Identifies foreign key constraints without a covering index, which slows down deletes and joins.',
    page: '0001_unindexed_foreign_keys',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` has a foreign key \`%s\` without a covering index.', n.nspname, c.relname, k.conname) as detail
      from pg_constraint k join ${tables} on c.oid = k.conrelid
      where k.contype = 'f' and ${ours} and not exists (
        select from pg_index i where i.indrelid = c.oid
          and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
  },
  {
    name: 'no_primary_key',
    title: 'No Primary Key',
    level: 'INFO',
    category: 'PERFORMANCE',
    description: 'Detects tables without a primary key.',
    page: '0004_no_primary_key',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` does not have a primary key', n.nspname, c.relname) as detail
      from ${tables} where ${ours} and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  },
  {
    name: 'unused_index',
    title: 'Unused Index',
    level: 'INFO',
    category: 'PERFORMANCE',
    description: 'Detects indexes that were never used since the statistics began.',
    page: '0005_unused_index',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Index \`%s\` on table \`%s.%s\` has not been used', s.indexrelname, n.nspname, c.relname) as detail
      from pg_stat_user_indexes s join ${tables} on c.oid = s.relid join pg_index i on i.indexrelid = s.indexrelid
      where ${ours} and s.idx_scan = 0 and not i.indisunique and not i.indisprimary`,
  },
  {
    name: 'duplicate_index',
    title: 'Duplicate Index',
    level: 'WARN',
    category: 'PERFORMANCE',
    description: 'Detects two or more indexes that are identical but for their name.',
    page: '0009_duplicate_index',
    sql: `select n.nspname as schema, c.relname as name, 'table' as type,
        format('Table \`%s.%s\` has identical indexes {%s}. Drop all except one of them', n.nspname, c.relname,
          string_agg(x.relname, ',' order by x.relname)) as detail
      from ${tables} join pg_index i on i.indrelid = c.oid join pg_class x on x.oid = i.indexrelid
      where ${ours}
      group by n.nspname, c.relname, i.indkey::text, i.indclass::text, i.indoption::text, i.indisunique,
        pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid)
      having count(*) > 1`,
  },
];
