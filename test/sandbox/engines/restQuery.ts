/**
 * The part of PostgREST's language that functions, health checks and manuals use, as SQL: columns, filters, order, range,
 * insert, update, delete on tables of `public`. No embedding, no stored procedures: those are refused by name.
 * Language: docs.postgrest.org/en/v13/references/api/tables_views.html
 */

export interface RestRequest {
  method: string;
  table: string;
  query: URLSearchParams;
  /** JSON body of POST and PATCH. */
  body: string;
  prefer: Prefer;
}

export interface Prefer {
  representation: boolean;
  count: boolean;
}

/** A request that PostgREST would not parse: 400 with code PGRST100, or 405. */
export class RestSyntaxError extends Error {}

/**
 * One statement with one row: `body` (JSON text of the rows), `shown` (how many), `total` (of all that match; null unless
 * asked for).
 */
export function toStatement(request: RestRequest): string {
  const table = `public.${identifier(request.table)}`;
  const where = conditions(request.query);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return readStatement(request, table, where);
    case 'POST':
      return changed(`insert into ${table} ${insertion(table, request.body)} returning *`, request.query);
    case 'PATCH':
      return changed(`update ${table} set ${assignment(table, request.body)}${where} returning *`, request.query);
    case 'DELETE':
      return changed(`delete from ${table}${where} returning *`, request.query);
    default:
      throw new RestSyntaxError(`Unsupported HTTP method: ${request.method}`);
  }
}

function readStatement(request: RestRequest, table: string, where: string): string {
  const { query } = request;
  const total = request.prefer.count ? `(select count(*) from ${table}${where})` : 'null::bigint';
  const page = `select ${columns(query.get('select'))} from ${table}${where}${order(query.get('order'))}${range(query)}`;
  return `select coalesce(json_agg(page), '[]')::text as body, count(*) as shown, ${total} as total from (${page}) as page`;
}

function changed(statement: string, query: URLSearchParams): string {
  const page = `select ${columns(query.get('select'))} from changed`;
  return `with changed as (${statement})
    select coalesce(json_agg(page), '[]')::text as body, count(*) as shown, null::bigint as total from (${page}) as page`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** For `standard_conforming_strings`, which is on everywhere. */
export function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** `*`, `a,b`, `short:long`. */
function columns(select: string | null): string {
  if (select === null || select === '' || select === '*') {
    return '*';
  }
  return select
    .split(',')
    .map((item) => {
      const [, alias, name = ''] = /^(?:(\w+):)?(\*|\w+)$/.exec(item.trim()) ?? [];
      if (name === '') {
        throw new RestSyntaxError(`"failed to parse select parameter (${select})"`);
      }
      const column = name === '*' ? '*' : identifier(name);
      return alias === undefined ? column : `${column} as ${identifier(alias)}`;
    })
    .join(', ');
}

const reserved = new Set(['select', 'order', 'limit', 'offset', 'columns', 'on_conflict', 'apikey']);

function conditions(query: URLSearchParams): string {
  const all = [...query].filter(([name]) => !reserved.has(name)).map(([name, value]) => condition(name, value));
  return all.length === 0 ? '' : ` where ${all.join(' and ')}`;
}

const operators: Record<string, string> = {
  eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=', like: 'like', ilike: 'ilike', match: '~', imatch: '~*',
};

/** `column=not.op.value`. */
function condition(column: string, text: string): string {
  const [, not, name = '', value = ''] = /^(not\.)?(\w+)\.([\s\S]*)$/.exec(text) ?? [];
  const test = comparison(identifier(column), name, value);
  if (test === undefined || !/^\w+$/.test(column)) {
    throw new RestSyntaxError(`"failed to parse filter (${text})"`);
  }
  return not === undefined ? test : `not (${test})`;
}

function comparison(column: string, name: string, value: string): string | undefined {
  const operator = operators[name];
  if (operator !== undefined) {
    return `${column} ${operator} ${literal(name.endsWith('like') ? value.replaceAll('*', '%') : value)}`;
  }
  if (name === 'is' && /^(null|true|false|unknown)$/i.test(value)) {
    return `${column} is ${value}`;
  }
  const list = name === 'in' ? /^\(([\s\S]*)\)$/.exec(value)?.[1] : undefined;
  if (list === undefined) {
    return undefined;
  }
  const items = list.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? [];
  const values = items.map((item) => literal(item.startsWith('"') ? item.slice(1, -1).replace(/\\(.)/g, '$1') : item));
  return values.length === 0 ? 'false' : `${column} in (${values.join(', ')})`;
}

/** `a.desc.nullslast,b`. */
function order(text: string | null): string {
  if (text === null || text === '') {
    return '';
  }
  const items = text.split(',').map((item) => {
    const [, name, direction = 'asc', nulls] = /^(\w+)(?:\.(asc|desc))?(?:\.nulls(first|last))?$/.exec(item) ?? [];
    if (name === undefined) {
      throw new RestSyntaxError(`"failed to parse order (${text})"`);
    }
    return `${identifier(name)} ${direction}${nulls === undefined ? '' : ` nulls ${nulls}`}`;
  });
  return ` order by ${items.join(', ')}`;
}

/** The API's own ceiling of rows (`max_rows`, by default 1000). */
const maxRows = 1000;

function range(query: URLSearchParams): string {
  const limit = count(query, 'limit') ?? maxRows;
  return ` limit ${Math.min(limit, maxRows)} offset ${count(query, 'offset') ?? 0}`;
}

function count(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text !== null && !/^\d+$/.test(text)) {
    throw new RestSyntaxError(`"failed to parse ${name} parameter (${text})"`);
  }
  return text === null ? undefined : Number(text);
}

/** One object or an array of them; the first names the columns. */
function insertion(table: string, body: string): string {
  const rows = parseBody(body);
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) {
    return 'default values';
  }
  const list = names.map(identifier).join(', ');
  return `(${list}) select ${list} from json_populate_recordset(null::${table}, ${literal(JSON.stringify(rows))})`;
}

function assignment(table: string, body: string): string {
  const rows = parseBody(body);
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0 || rows.length !== 1) {
    throw new RestSyntaxError('"an update takes one object with at least one column"');
  }
  const list = names.map(identifier);
  const source = `json_populate_record(null::${table}, ${literal(JSON.stringify(rows[0]))})`;
  return `(${list.join(', ')}) = (select ${list.join(', ')} from ${source})`;
}

function parseBody(body: string): Record<string, unknown>[] {
  try {
    const value: unknown = JSON.parse(body);
    const rows: unknown[] = Array.isArray(value) ? value : [value];
    if (rows.every((row): row is Record<string, unknown> => typeof row === 'object' && row !== null)) {
      return rows;
    }
  } catch {
    // Answered below, like a body that is JSON and no object.
  }
  throw new RestSyntaxError('Empty or invalid json');
}
