/** A small catalog for tests: relations as `schema.name(column, column)`, functions as `schema.name` or `schema.name|arguments|result`. */
import type { CatalogData, CatalogRelation, CatalogRows } from '../../../../../src/core/sql/catalog.ts';

export function catalogOf(relations: readonly string[], functions: readonly string[] = [], more: Partial<CatalogData> = {}): CatalogData {
  const parse = (text: string): { schema: string; name: string } => {
    const [schema = '', name = ''] = text.includes('.') ? text.split('.') : ['public', text];
    return { schema, name };
  };
  return {
    relations: relations.map((text): CatalogRelation => {
      const [, qualified = '', list = ''] = /^([^(]+)\((.*)\)$/.exec(text) ?? [];
      const columns = list.split(',').map((name) => ({ name: name.trim(), type: 'text', notNull: false }));
      return { ...parse(qualified), kind: 'table', columns, complete: true, rowSecurity: true, policies: [] };
    }),
    functions: functions.map((text) => {
      const [name = '', signature = '', result = ''] = text.split('|');
      return { ...parse(name), signature, result };
    }),
    types: [{ schema: 'public', name: 'mood', labels: ['sad', 'fine'] }],
    schemas: ['pg_catalog', 'public', 'auth', 'extensions', 'private'],
    searchPath: ['pg_catalog', 'public', 'extensions'],
    extensions: ['plpgsql', 'pgcrypto'],
    ...more,
  };
}

export const shop = catalogOf(
  ['public.orders(id, customer_id, total, created_at, items)', 'public.customers(id, name, email)', 'auth.users(id, email)', 'private.keys(id, secret)', 'public.Mixed(Id, fullName)', 'pg_catalog.pg_stat_user_tables(relname, n_dead_tup)', 'public.unnest_me(a)'],
  ['pg_catalog.count', 'pg_catalog.now', 'pg_catalog.lower', 'pg_catalog.generate_series', 'pg_catalog.jsonb_to_recordset', 'pg_catalog.unnest', 'pg_catalog.sum', 'pg_catalog.row_number', 'auth.uid', 'public.full_name', 'pg_catalog.name', 'public.search|q text|SETOF orders', 'public.pair|OUT a integer, INOUT "B c" text, x numeric(10,2)|record', 'public.report|n integer|TABLE(day date, "Sum" numeric(10,2))', 'public.twice|a integer|SETOF orders', 'public.twice|a text|SETOF customers'],
);

/** The rows that would give a catalog. */
export function rowsOf({ relations, functions, schemas, searchPath, extensions, migrations, foreignKeys, partitions }: CatalogData): CatalogRows {
  const column = (name: string) => ({ name, type: 'text', category: 'text' as const });
  const table = (names: readonly string[], rows: readonly (readonly (string | null)[])[]) => ({ columns: names.map(column), rows });
  const columnsOf = (relation: CatalogRelation): string => JSON.stringify(relation.columns.map(({ name, type, notNull, comment = null }) => [name, type, notNull, comment]));
  return {
    relations: table(['schema', 'name', 'kind', 'columns', 'comment'], relations.map((each) => [each.schema, each.name, 'r', columnsOf(each), each.comment ?? null])),
    functions: table(['schema', 'name', 'signature', 'result'], functions.map(({ schema, name, signature, result }) => [schema, name, signature, result])),
    surroundings: table(
      ['schemas', 'search_path', 'extensions', 'foreign_keys', 'partitions'],
      [[JSON.stringify(schemas), searchPath.join(', '), JSON.stringify(extensions), JSON.stringify(foreignKeys ?? []), JSON.stringify(partitions ?? [])]],
    ),
    ...(migrations === undefined ? {} : { migrations: table(['version'], migrations.map((version) => [version])) }),
  };
}
