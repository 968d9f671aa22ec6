/** REST as PostgREST answers it, over the sandbox's own Postgres: roles and row-level security are the database's. */
import type { PostgresEngine, SqlAnswer, SqlFailure } from '../types.ts';
import { literal, RestSyntaxError, toStatement, type Prefer } from './restQuery.ts';

/** Who asks: a database role and the claims that `auth.uid()` and policies read. */
export interface Identity {
  role: string;
  claims: Record<string, unknown>;
}

/** `path` is what follows `/rest/v1/`. */
export async function answerRest(postgres: PostgresEngine, identity: Identity, request: Request, path: string): Promise<Response> {
  try {
    return path === '' ? await openApi(postgres) : await tableAnswer(postgres, identity, request, path);
  } catch (error) {
    if (error instanceof RestSyntaxError) {
      return restError(400, { code: 'PGRST100', message: error.message });
    }
    // Anything else is a connection that does not stand.
    const message = 'Database client error. Retrying the connection.';
    return restError(503, { code: 'PGRST001', message, details: error instanceof Error ? error.message : String(error) });
  }
}

async function tableAnswer(postgres: PostgresEngine, identity: Identity, request: Request, table: string): Promise<Response> {
  if (table.includes('/')) {
    return restError(404, { code: 'PGRST125', message: 'Invalid path specified in request URL' });
  }
  const prefer = readPrefer(request.headers.get('prefer') ?? '');
  const query = new URL(request.url).searchParams;
  const statement = toStatement({ method: request.method, table, query, body: await request.text(), prefer });
  const answer = await runAs(postgres, identity, statement);
  if ('failure' in answer) {
    return failureAnswer(answer.failure, identity, table);
  }
  const { body, shown, total } = answer.rows[0] as { body: string; shown: number; total: number | null };
  return success(request, { body, shown, total, prefer });
}

function readPrefer(header: string): Prefer {
  return { representation: header.includes('return=representation'), count: /count=(exact|planned|estimated)/.test(header) };
}

/** As PostgREST does: role and claims for this transaction only. */
export async function runAs(postgres: PostgresEngine, identity: Identity, statement: string): Promise<SqlAnswer> {
  const claims = literal(JSON.stringify(identity.claims));
  return postgres.query(
    `begin; set local role ${literal(identity.role)}; select set_config('request.jwt.claims', ${claims}, true); ${statement}; commit`,
    { readOnly: false },
  );
}

interface Page {
  body: string;
  shown: number;
  total: number | null;
  prefer: Prefer;
}

function success(request: Request, page: Page): Response {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const first = Number(new URL(request.url).searchParams.get('offset') ?? 0);
  const rows = page.shown === 0 ? '*' : `${first}-${first + page.shown - 1}`;
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-range': `${reads ? rows : '*'}/${page.total ?? '*'}` };
  if (reads || page.prefer.representation) {
    const partial = page.total !== null && page.shown < page.total;
    const status = request.method === 'POST' ? 201 : partial ? 206 : 200;
    return new Response(request.method === 'HEAD' ? null : page.body, { status, headers });
  }
  return new Response(null, { status: request.method === 'POST' ? 201 : 204, headers });
}

/** Statuses: docs.postgrest.org, references/errors. */
function failureAnswer(failure: SqlFailure, identity: Identity, table: string): Response {
  if (failure.sqlState === '42P01') {
    const message = `Could not find the table 'public.${table}' in the schema cache`;
    return restError(404, { code: 'PGRST205', message });
  }
  const { sqlState, message, detail = null, hint = null } = failure;
  return restError(statusOf(sqlState, identity.role), { code: sqlState, message, details: detail, hint });
}

function statusOf(sqlState: string, role: string): number {
  if (sqlState === '42501') {
    return role === 'anon' ? 401 : 403;
  }
  if (sqlState === '23505' || sqlState === '23503') {
    return 409;
  }
  return /^(53|57P)/.test(sqlState) ? 503 : sqlState === '57014' ? 500 : 400;
}

interface RestFailure {
  code: string;
  message: string;
  details?: string | null;
  hint?: string | null;
}

function restError(status: number, { code, message, details = null, hint = null }: RestFailure): Response {
  return Response.json({ code, details, hint, message }, { status });
}

/** The root: an OpenAPI description of the tables and views in `public`. */
async function openApi(postgres: PostgresEngine): Promise<Response> {
  const answer = await postgres.query(
    `select c.table_name as table, json_object_agg(c.column_name, json_build_object('format', c.data_type)) as properties
     from information_schema.columns c where c.table_schema = 'public' group by 1 order by 1`,
    { readOnly: false },
  );
  if ('failure' in answer) {
    throw new Error(answer.failure.message);
  }
  const tables = answer.rows as { table: string; properties: unknown }[];
  return Response.json(
    {
      swagger: '2.0',
      info: { title: 'standard public schema', description: '', version: '13.0.5' },
      basePath: '/',
      paths: Object.fromEntries(tables.map(({ table }) => [`/${table}`, { get: { tags: [table] } }])),
      definitions: Object.fromEntries(tables.map(({ table, properties }) => [table, { type: 'object', properties }])),
    },
    { headers: { 'content-type': 'application/openapi+json; charset=utf-8' } },
  );
}
