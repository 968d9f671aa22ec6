/** What a database has: relations with their columns and policies, functions, types, schemas. Read once per connection and kept. */
import { defined } from '../../util/defined.ts';
import { isOpsError } from '../errors.ts';
import type { CallOptions, Database } from '../ports.ts';
import { gather, type Cell, type ResultSet } from './result.ts';
import type { ObjectName } from './objectNames.ts';

export interface CatalogColumn {
  readonly name: string;
  /** As Postgres prints it: `character varying(20)`, `uuid[]`; empty where it is not known. */
  readonly type: string;
  readonly notNull: boolean;
  readonly comment?: string;
}

export type CatalogRelationKind = 'table' | 'partitionedTable' | 'view' | 'materializedView' | 'foreignTable' | 'sequence';

export interface CatalogPolicy {
  readonly name: string;
  readonly command: string;
  readonly roles: readonly string[];
  readonly permissive: boolean;
  readonly using?: string;
  readonly check?: string;
}

export interface CatalogRelation {
  readonly schema: string;
  readonly name: string;
  readonly kind: CatalogRelationKind;
  readonly columns: readonly CatalogColumn[];
  /** All columns are known. */
  readonly complete: boolean;
  readonly rowSecurity: boolean;
  readonly policies: readonly CatalogPolicy[];
  readonly comment?: string;
}

export interface CatalogFunction {
  readonly schema: string;
  readonly name: string;
  /** `pg_get_function_arguments`; empty for functions of Postgres itself, of which only the names are read. */
  readonly signature: string;
  readonly result: string;
  readonly comment?: string;
}

/** Plain data, as it goes from thread to thread. */
export interface CatalogData {
  readonly relations: readonly CatalogRelation[];
  readonly functions: readonly CatalogFunction[];
  readonly types: readonly { readonly schema: string; readonly name: string; readonly labels: readonly string[] }[];
  readonly schemas: readonly string[];
  /** Where unqualified names are looked for; `pg_catalog` is always among them. */
  readonly searchPath: readonly string[];
  readonly extensions: readonly string[];
  /** Names of the constraints that are foreign keys, and of the tables that are parts of others; absent where they were not read. */
  readonly foreignKeys?: readonly string[];
  readonly partitions?: readonly string[];
  /** Versions of the migrations that were applied; absent where that cannot be read. */
  readonly migrations?: readonly string[];
}

/** Looking things up in {@link CatalogData}. */
export class Catalog {
  readonly data: CatalogData;
  private readonly relationsByName = new Map<string, CatalogRelation[]>();
  private readonly functionsByName = new Map<string, CatalogFunction[]>();
  private readonly schemas: ReadonlySet<string>;
  private readonly partitions: ReadonlySet<string>;

  constructor(data: CatalogData) {
    this.data = data;
    this.schemas = new Set(data.schemas);
    this.partitions = new Set(data.partitions);
    data.relations.forEach((relation) => append(this.relationsByName, relation.name, relation));
    data.functions.forEach((each) => append(this.functionsByName, each.name, each));
  }

  hasSchema(name: string): boolean {
    return this.schemas.has(name);
  }

  /** Of several with an unqualified name the one that the search path finds first. */
  relation({ schema, name }: ObjectName): CatalogRelation | undefined {
    const named = this.relationsByName.get(name) ?? [];
    const schemas = schema === undefined ? this.data.searchPath : [schema];
    return schemas.map((each) => named.find((relation) => relation.schema === each)).find((relation) => relation !== undefined);
  }

  /** Those with a name in every schema: what an unqualified name may have meant. */
  relationsNamed(name: string): readonly CatalogRelation[] {
    return this.relationsByName.get(name) ?? [];
  }

  /** A table of that name, in whatever schema, is part of another; such tables are not among the relations. */
  isPartition(name: string): boolean {
    return this.partitions.has(name);
  }

  /** All overloads that a name can mean. */
  functions({ schema, name }: ObjectName): readonly CatalogFunction[] {
    const schemas = schema === undefined ? this.data.searchPath : [schema];
    return (this.functionsByName.get(name) ?? []).filter((each) => schemas.includes(each.schema));
  }

  functionsNamed(name: string): readonly CatalogFunction[] {
    return this.functionsByName.get(name) ?? [];
  }

  /** Those of the search path, without Postgres' own. */
  *visibleRelations(): Generator<CatalogRelation> {
    for (const relation of this.data.relations) {
      if (relation.schema !== 'pg_catalog' && relation.kind !== 'sequence' && this.data.searchPath.includes(relation.schema)) {
        yield relation;
      }
    }
  }
}

/** Where nothing is known. */
export const emptyCatalog = new Catalog({ relations: [], functions: [], types: [], schemas: [], searchPath: ['pg_catalog', 'public', 'extensions'], extensions: [] });

function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, [value]);
  } else {
    list.push(value);
  }
}

/**
 * One row per relation. Every name is qualified: the API's read-only endpoint runs with an empty search path.
 * https://www.postgresql.org/docs/current/catalogs.html
 */
export const relationsStatement = `
select n.nspname as schema, c.relname as name, c.relkind as kind, c.relrowsecurity as row_security,
  pg_catalog.obj_description(c.oid, 'pg_class') as comment,
  (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
      pg_catalog.col_description(c.oid, a.attnum)) order by a.attnum)
    from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)::text as columns,
  (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(p.policyname, p.cmd, p.roles, p.permissive = 'PERMISSIVE', p.qual, p.with_check) order by p.policyname)
    from pg_catalog.pg_policies p where p.schemaname = n.nspname and p.tablename = c.relname)::text as policies
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname !~ '^pg_(toast|temp)' and not c.relispartition
order by 1, 2`.trim();

/** Of Postgres' own functions the names alone. */
export const functionsStatement = `
select n.nspname as schema, p.proname as name, '' as signature, '' as result, null as comment
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('pg_catalog', 'information_schema') group by 1, 2
union all
select n.nspname, p.proname, pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid), pg_catalog.obj_description(p.oid, 'pg_proc')
from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname not in ('pg_catalog', 'information_schema')`.trim();

/** The rest in one row. */
export const surroundingsStatement = `
select
  (select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(n.nspname, t.typname,
      (select pg_catalog.jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid)))
    from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where t.typtype in ('b', 'd', 'e', 'r', 'm', 'c') and t.typelem = 0 and n.nspname !~ '^pg_toast'
      and (t.typrelid = 0 or exists (select 1 from pg_catalog.pg_class c where c.oid = t.typrelid and c.relkind = 'c')))::text as types,
  (select pg_catalog.jsonb_agg(nspname) from pg_catalog.pg_namespace where nspname !~ '^pg_(toast|temp)')::text as schemas,
  (select reset_val from pg_catalog.pg_settings where name = 'search_path') as search_path,
  (select pg_catalog.jsonb_agg(extname) from pg_catalog.pg_extension)::text as extensions,
  (select pg_catalog.jsonb_agg(distinct conname) from pg_catalog.pg_constraint where contype = 'f')::text as foreign_keys,
  (select pg_catalog.jsonb_agg(relname) from pg_catalog.pg_class where relispartition and relkind in ('r', 'p', 'f'))::text as partitions`.trim();

export const migrationsStatement = 'select version from supabase_migrations.schema_migrations order by version';

/** The rows as they came, which are quickly handed to another thread. */
export interface CatalogRows {
  readonly relations: ResultRows;
  readonly functions: ResultRows;
  readonly surroundings: ResultRows;
  /** Absent where they cannot be read. */
  readonly migrations?: ResultRows;
}

type ResultRows = Pick<ResultSet, 'columns' | 'rows'>;

/** Reads all of it in the background (SAFETY 12); throws what {@link Database.run} throws, but for the migrations, which may be nobody's to read. */
export async function readCatalogRows(database: Database, options: CallOptions): Promise<CatalogRows> {
  const ask = async (text: string): Promise<ResultRows> => read(database, text, options);
  const [relations, functions, surroundings, applied] = await Promise.all([ask(relationsStatement), ask(functionsStatement), ask(surroundingsStatement), readMigrations(database, options)]);
  return { relations, functions, surroundings, ...(applied === undefined ? {} : { migrations: applied }) };
}

/** Versions of the migrations that the CLI applied; `undefined` where they are nobody's to read. Throws what {@link Database.run} throws. */
export async function readAppliedMigrations(database: Database, options: CallOptions): Promise<readonly string[] | undefined> {
  const found = await readMigrations(database, options);
  return found && records(found).map(({ version }) => version ?? '');
}

/** Without the table nothing was applied by the CLI; without the right to look nobody knows. */
async function readMigrations(database: Database, options: CallOptions): Promise<ResultRows | undefined> {
  try {
    return await read(database, migrationsStatement, options);
  } catch (error) {
    if (isOpsError(error, 'queryFailed')) {
      return error.facts.sqlState === undefinedTable ? { columns: [], rows: [] } : undefined;
    }
    throw error;
  }
}

async function read(database: Database, text: string, options: CallOptions): Promise<ResultRows> {
  const request = { text, values: [], mode: 'read', rowLimit: 50_000, timeoutMs: 2_000, background: true } as const;
  const { columns, rows } = await gather(database.run(request, options));
  return { columns, rows };
}

const undefinedTable = '42P01';

export async function readCatalog(database: Database, options: CallOptions): Promise<CatalogData> {
  return toCatalog(await readCatalogRows(database, options));
}

export function toCatalog(read: CatalogRows): CatalogData {
  const relations = records(read.relations);
  const functions = records(read.functions);
  const [rest = {}] = records(read.surroundings);
  const applied = read.migrations && records(read.migrations).map(({ version }) => version ?? '');
  return {
    relations: relations.map(toRelation),
    functions: functions.map(({ schema, name, signature, result, comment }) => ({ schema: schema ?? '', name: name ?? '', signature: signature ?? '', result: result ?? '', ...commented(comment) })),
    types: jsonList(rest['types']).map(toType),
    schemas: jsonList(rest['schemas']).map(String),
    searchPath: toSearchPath(rest['search_path'] ?? ''),
    extensions: jsonList(rest['extensions']).map(String),
    ...defined({ foreignKeys: namesOf(rest['foreign_keys']), partitions: namesOf(rest['partitions']) }),
    ...(applied === undefined ? {} : { migrations: applied }),
  };
}

function records({ columns, rows }: ResultRows): Record<string, Cell>[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])));
}

function jsonList(cell: Cell | undefined): readonly unknown[] {
  const value: unknown = cell === null || cell === undefined || cell === '' ? [] : JSON.parse(cell);
  return Array.isArray(value) ? value : [];
}

/** Without rows the database says null; what was not asked for is not there at all. */
function namesOf(cell: Cell | undefined): string[] | undefined {
  return cell === undefined ? undefined : jsonList(cell).map(String);
}

function commented(comment: unknown): { readonly comment?: string } {
  return typeof comment === 'string' && comment !== '' ? { comment } : {};
}

const relationKinds: Readonly<Record<string, CatalogRelationKind>> = { r: 'table', p: 'partitionedTable', v: 'view', m: 'materializedView', f: 'foreignTable', S: 'sequence' };

function toRelation(row: Record<string, Cell>): CatalogRelation {
  return {
    schema: row['schema'] ?? '',
    name: row['name'] ?? '',
    kind: relationKinds[row['kind'] ?? ''] ?? 'table',
    columns: jsonList(row['columns']).map(toColumn),
    complete: true,
    rowSecurity: row['row_security'] === 'true',
    policies: jsonList(row['policies']).map(toPolicy),
    ...commented(row['comment']),
  };
}

function toColumn(item: unknown): CatalogColumn {
  const [name, type, notNull, comment] = item as readonly unknown[];
  return { name: String(name), type: String(type), notNull: notNull === true, ...commented(comment) };
}

function toPolicy(item: unknown): CatalogPolicy {
  const [name, command, roles, permissive, using, check] = item as readonly unknown[];
  return {
    name: String(name),
    command: String(command),
    roles: Array.isArray(roles) ? roles.map(String) : [],
    permissive: permissive === true,
    ...(typeof using === 'string' ? { using } : {}),
    ...(typeof check === 'string' ? { check } : {}),
  };
}

function toType(item: unknown): CatalogData['types'][number] {
  const [schema, name, labels] = item as readonly unknown[];
  return { schema: String(schema), name: String(name), labels: Array.isArray(labels) ? labels.map(String) : [] };
}

/** As the setting says; what every Supabase project has is always among them, so that no name counts as unknown for want of a setting. */
function toSearchPath(setting: string): string[] {
  const written = setting.split(',').map((each) => each.trim().replace(/^"(.*)"$/, '$1')).filter((each) => each !== '' && each !== '$user');
  return [...new Set(['pg_catalog', ...written, 'public', 'extensions'])];
}
