/**
 * A query under a role, over an endpoint that takes one statement and keeps no session. A role that is set within a statement comes too
 * late for what that statement itself reads: policies are chosen when it is planned. So the query travels as a value, and
 * `query_to_xml` has it planned after the role was taken. It is held to reading twice: by the transaction, which is made read-only
 * before and cannot be turned back once a query has begun, and by `query_to_xml`, which runs nothing but queries: neither `reset role`
 * nor a second transaction. The role ends with the statement's own transaction.
 * https://www.postgresql.org/docs/current/functions-xml.html#FUNCTIONS-XML-MAPPING
 */
import { settingsOf, type Identity } from '../../core/sql/roles/identity.ts';
import { fieldsOf, unwrap } from '../../core/sql/tree.ts';

export interface QueryAs {
  readonly query: string;
  readonly parameters: readonly string[];
}

/** Whether it can be wrapped: from libpg_query's tree of a statement that only reads. */
export function canQueryAs(tree: unknown): boolean {
  const statement = unwrap(tree);
  return statement?.type === 'SelectStmt' && statement.fields['intoClause'] === undefined;
}

/** At most `rowLimit` rows and one more, each as {@link joinRows} takes it. */
export function queryAs(statement: string, identity: Identity, rowLimit: number): QueryAs {
  const settings = settingsOf(identity);
  // A comment may end the statement, so the bracket stands on a line of its own.
  const rows = `select row_to_json(opsbook_rows.*) as r from (\n${statement}\n) as opsbook_rows limit ${rowLimit + 1}`;
  const taken = settings.map((_setting, index) => `pg_catalog.set_config($${2 * index + 2}, $${2 * index + 3}, true) as s${index}`);
  return {
    query: `with identity as materialized (select pg_catalog.set_config('transaction_read_only', 'on', true) as held, ${taken.join(', ')})
select rows.r as row from identity,
lateral xmltable('/table/row' passing pg_catalog.query_to_xml(case when identity.s${settings.length - 1} is not null then $1 end, false, false, '') columns r text path 'r') as rows`,
    parameters: [rows, ...settings.flat()],
  };
}

/** The endpoint's answer in the form of one without a role: rows are JSON within JSON. Throws when it is not JSON. */
export function joinRows(answer: string): string {
  const rows = JSON.parse(answer) as unknown;
  return `[${(Array.isArray(rows) ? rows : []).map((row) => fieldsOf(row)['row']).join(',')}]`;
}
