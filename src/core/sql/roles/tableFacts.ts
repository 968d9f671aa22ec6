/** What the catalog says of the tables that a statement touches: row-level security, policies, and what each role may do. */
import type { StatementRequest } from '../../ports.ts';
import type { ObjectName } from '../objectNames.ts';
import { writeName } from '../lint/statementTree.ts';
import type { Row } from '../result.ts';
import { apiRoles, type ApiRole } from './identity.ts';
import type { TableCommand } from './touched.ts';

/** Texts are the server's, and outside text. */
export interface TableFacts {
  /** As the statement names it; with `through`, the view that does. */
  readonly written: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: 'table' | 'view' | 'other';
  readonly owner: string;
  /** Row-level security is on. */
  readonly secured: boolean;
  /** Of a view: it reads with the rights of whoever asks. */
  readonly invoker: boolean;
  /** The view that reads it, as `schema.name`; absent when the statement names it itself. */
  readonly through?: string;
  /** The view reads with the rights of its owner, whatever the role is. */
  readonly asOwner?: string;
  readonly policies: readonly Policy[];
  readonly rights: Readonly<Record<ApiRole, RoleRights>>;
}

export interface Policy {
  readonly name: string;
  readonly permissive: boolean;
  readonly command: TableCommand | 'all';
  /** `public` is everybody. */
  readonly roles: readonly string[];
  /** Those of the API's roles that it is for. */
  readonly appliesTo: readonly ApiRole[];
  readonly using?: string;
  readonly check?: string;
}

export interface RoleRights {
  /** No policy holds it: superuser, `bypassrls`, or owner of a table whose security is not forced. */
  readonly bypasses: boolean;
  /** `usage` of the table's schema. */
  readonly schema: boolean;
  readonly commands: readonly TableCommand[];
}

const most = 100;

/** As {@link TableFacts.written} gives it back. */
export function writeTable({ schema, name }: ObjectName): string {
  return schema === undefined ? writeName(name) : `${writeName(schema)}.${writeName(name)}`;
}

/** Views are followed to what they read; one row of JSON per table. Reads alone, as whoever is connected. */
export function tableFactsRequest(names: readonly ObjectName[]): StatementRequest {
  return {
    text: `with recursive roles as (
  select r.oid, r.rolname::text as role, r.rolsuper or r.rolbypassrls as bypasses from pg_catalog.pg_roles as r where r.rolname in (${apiRoles.map((role) => `'${role}'`).join(', ')})
), used as (
  select n.written, pg_catalog.to_regclass(n.written)::pg_catalog.oid as id, null::pg_catalog.oid as through, 0 as depth
  from pg_catalog.jsonb_array_elements_text($1::pg_catalog.jsonb) as n (written)
  union
  select used.written, d.refobjid, used.id, used.depth + 1
  from used
  join pg_catalog.pg_class as v on v.oid = used.id and v.relkind in ('v', 'm')
  join pg_catalog.pg_rewrite as w on w.ev_class = v.oid
  join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass and d.objid = w.oid
    and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> v.oid
  where used.depth < 8
)
select pg_catalog.jsonb_build_object(
  'written', used.written, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind, 'owner', pg_catalog.pg_get_userbyid(c.relowner), 'secured', c.relrowsecurity,
  'invoker', coalesce((select o.option_value in ('true', 'on', '1', 'yes') from pg_catalog.pg_options_to_table(c.reloptions) as o where o.option_name = 'security_invoker'), false),
  'through', (select tn.nspname || '.' || t.relname from pg_catalog.pg_class as t join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace where t.oid = used.through),
  'asOwner', (select pg_catalog.pg_get_userbyid(t.relowner) from pg_catalog.pg_class as t where t.oid = used.through
    and (t.relkind = 'm' or not exists (select from pg_catalog.pg_options_to_table(t.reloptions) as o where o.option_name = 'security_invoker' and o.option_value in ('true', 'on', '1', 'yes')))),
  'policies', coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('name', p.polname, 'permissive', p.polpermissive, 'command', p.polcmd,
      'roles', (select pg_catalog.jsonb_agg(case when one.id = 0 then 'public' else pg_catalog.pg_get_userbyid(one.id) end) from pg_catalog.unnest(p.polroles) as one (id)),
      'appliesTo', coalesce((select pg_catalog.jsonb_agg(roles.role) from roles where exists (
        select from pg_catalog.unnest(p.polroles) as one (id) where one.id = 0 or pg_catalog.pg_has_role(roles.oid, one.id, 'usage'))), '[]'),
      'using', pg_catalog.pg_get_expr(p.polqual, p.polrelid), 'check', pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)) order by p.polname)
    from pg_catalog.pg_policy as p where p.polrelid = c.oid), '[]'),
  'rights', (select pg_catalog.jsonb_object_agg(roles.role, pg_catalog.jsonb_build_object(
    'bypasses', roles.bypasses or (pg_catalog.pg_has_role(roles.oid, c.relowner, 'usage') and not c.relforcerowsecurity),
    'schema', pg_catalog.has_schema_privilege(roles.oid, c.relnamespace, 'usage'),
    'commands', (select coalesce(pg_catalog.jsonb_agg(one.command), '[]') from (values ('select'), ('insert'), ('update'), ('delete')) as one (command)
      where pg_catalog.has_table_privilege(roles.oid, c.oid, one.command)
      or (one.command <> 'delete' and pg_catalog.has_any_column_privilege(roles.oid, c.oid, one.command))))) from roles)
)::text as facts
from used
join pg_catalog.pg_class as c on c.oid = used.id
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
order by used.depth, used.written
limit ${most}`,
    values: [JSON.stringify(names.map(writeTable))],
    mode: 'read',
    rowLimit: most,
    timeoutMs: 10_000,
    background: false,
  };
}

const kinds: Readonly<Record<string, TableFacts['kind']>> = { r: 'table', p: 'table', v: 'view', m: 'view' };
const commands: Readonly<Record<string, Policy['command']>> = { r: 'select', a: 'insert', w: 'update', d: 'delete', '*': 'all' };
const noRights: RoleRights = { bypasses: false, schema: false, commands: [] };

/** What {@link tableFactsRequest} selects. */
interface Answer extends Omit<TableFacts, 'kind' | 'policies' | 'rights' | 'through' | 'asOwner'> {
  readonly kind: string;
  readonly through: string | null;
  readonly asOwner: string | null;
  readonly policies: readonly (Omit<Policy, 'command' | 'using' | 'check'> & { readonly command: string; readonly using: string | null; readonly check: string | null })[];
  /** Null on a server without any of the roles. */
  readonly rights: Partial<Record<ApiRole, RoleRights>> | null;
}

/** From the rows of {@link tableFactsRequest}. */
export function toTableFacts(rows: readonly Row[]): TableFacts[] {
  return rows.map(([text]) => {
    const { kind, through, asOwner, policies, rights, ...facts } = JSON.parse(text ?? '{}') as Answer;
    const rightsOf = (role: ApiRole): RoleRights => rights?.[role] ?? noRights;
    return {
      ...facts,
      kind: kinds[kind] ?? 'other',
      ...(through === null ? {} : { through }),
      ...(asOwner === null ? {} : { asOwner }),
      policies: policies.map(({ command, using, check, ...policy }) => ({ ...policy, command: commands[command] ?? 'all', ...(using === null ? {} : { using }), ...(check === null ? {} : { check }) })),
      rights: { anon: rightsOf('anon'), authenticated: rightsOf('authenticated'), service_role: rightsOf('service_role') },
    };
  });
}

/** Those that are asked for the role and the command; none of them permissive means that no row passes. */
export function policiesFor({ policies }: TableFacts, role: ApiRole, command: TableCommand): readonly Policy[] {
  return policies.filter((policy) => policy.appliesTo.includes(role) && (policy.command === 'all' || policy.command === command));
}

/** Whether policies decide on its rows for the role: not through a view that reads as its owner. */
export function isHeld(table: TableFacts, role: ApiRole): boolean {
  return table.kind === 'table' && table.secured && table.asOwner === undefined && !table.rights[role].bypasses;
}
