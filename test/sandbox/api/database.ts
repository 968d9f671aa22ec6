import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';

import type { PostgresEngine, SqlAnswer, SqlFailure } from '../types.ts';
import { empty, json, Refusal, type Answer } from './answer.ts';
import { isRecord, jsonBody } from './call.ts';
import { param, type Route, type Visit } from './route.ts';

const path = '/v1/projects/{ref}/database';

/** SQL, migrations and backups: SUPABASE.md §2. */
export const databaseRoutes: Route[] = [
  {
    method: 'POST',
    path: `${path}/query`,
    permissions: [['database_read'], ['database_write']],
    handle: (visit) => {
      const request = readQuery(visit);
      const readOnly = request.readOnly || visit.token.lacks.has('database_write');
      // Only the endpoint for reading alone wants every name with its schema.
      return run(visit, { ...request, readOnly, searchPath: 'role' });
    },
  },
  {
    method: 'POST',
    path: `${path}/query/read-only`,
    permissions: [['database_read']],
    handle: (visit) => run(visit, { ...readQuery(visit), readOnly: true }),
  },
  {
    method: 'GET',
    path: `${path}/migrations`,
    permissions: [['database_migrations_read']],
    handle: async (visit) => json(200, (await migrations(visit)).map(({ version, name }) => ({ version, ...named(name) }))),
  },
  {
    method: 'POST',
    path: `${path}/migrations`,
    permissions: [['database_migrations_write']],
    handle: applyMigration,
  },
  {
    method: 'GET',
    path: `${path}/migrations/{version}`,
    permissions: [['database_migrations_read']],
    handle: async (visit) => {
      const found = (await migrations(visit)).find((one) => one.version === param(visit, 'version'));
      if (found === undefined) {
        throw new Refusal(404, 'Migration not found');
      }
      const { version, name, statements } = found;
      return json(200, { version, ...named(name), ...(statements === undefined ? {} : { statements }) });
    },
  },
  { method: 'GET', path: `${path}/backups`, permissions: [['backups_read']], handle: backups },
  {
    method: 'POST',
    path: '/v1/projects/{ref}/cli/login-role',
    permissions: [['database_write']],
    handle: createLoginRole,
  },
  {
    method: 'DELETE',
    path: '/v1/projects/{ref}/cli/login-role',
    permissions: [['database_write']],
    handle: deleteLoginRoles,
  },
];

interface QueryRequest {
  query: string;
  parameters?: unknown[];
  readOnly: boolean;
  searchPath?: 'role';
}

function readQuery(visit: Visit): QueryRequest {
  const body = jsonBody(visit.call);
  const { query, parameters, read_only } = isRecord(body) ? body : {};
  if (typeof query !== 'string' || query === '') {
    throw new Refusal(400, 'query: must be a string of at least 1 character');
  }
  return { query, ...(Array.isArray(parameters) ? { parameters: parameters as unknown[] } : {}), readOnly: read_only === true };
}

async function run(visit: Visit, request: QueryRequest): Promise<Answer> {
  const answer = await ask(visit, request);
  if ('failure' in answer) {
    throw new Refusal(400, `Failed to run sql query: ${errorText(answer.failure, request.query)}`);
  }
  return json(201, answer.rows);
}

/** Answers of the project's database; one that is not there or down is refused as an unreachable one. */
async function ask(visit: Visit, request: QueryRequest): Promise<SqlAnswer> {
  const engine = await databaseOf(visit);
  const { query, ...options } = request;
  try {
    return await engine.query(query, options);
  } catch (error) {
    throw new Refusal(500, `Failed to run sql query: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The engine behind a project; without one the answer is that of a database that does not respond. */
export async function databaseOf(visit: Visit): Promise<PostgresEngine> {
  const postgres = await visit.world.database(visit.project().ref);
  if (postgres === undefined) {
    throw new Refusal(500, 'Failed to run sql query: Connection terminated due to connection timeout');
  }
  return postgres;
}

/** Postgres' verbose error text as psql prints it: the message with its state, the line with a caret, then the rest. */
export function errorText(failure: SqlFailure, sql: string): string {
  const lines = [`ERROR:  ${failure.sqlState}: ${failure.message}`];
  if (failure.position !== undefined) {
    lines.push(...pointAt(sql, failure.position));
  }
  if (failure.detail !== undefined) {
    lines.push(`DETAIL:  ${failure.detail}`);
  }
  if (failure.hint !== undefined) {
    lines.push(`HINT:  ${failure.hint}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Postgres counts characters from 1, not UTF-16 units. */
function pointAt(sql: string, position: number): string[] {
  const before = [...sql].slice(0, position - 1).join('');
  const number = before.split('\n').length;
  const prefix = `LINE ${number}: `;
  const column = before.length - (before.lastIndexOf('\n') + 1);
  return [prefix + (sql.split('\n')[number - 1] ?? ''), `${' '.repeat(prefix.length + column)}^`];
}

interface Migration {
  version: string;
  name?: string;
  statements?: string[];
}

function named(name: string | undefined): { name?: string } {
  return name === undefined ? {} : { name };
}

/** The history lies in the database; without one the scenario's list stands for it. */
async function migrations(visit: Visit): Promise<Migration[]> {
  const project = visit.project();
  if ((await visit.world.database(project.ref)) === undefined) {
    return project.migrations;
  }
  const query = 'select version, name, statements from supabase_migrations.schema_migrations order by version';
  const answer = await ask(visit, { query, readOnly: false });
  if ('failure' in answer) {
    throw new Refusal(500, 'Failed to list database migrations');
  }
  return answer.rows.map(({ version, name, statements }) => ({
    version: String(version),
    ...(typeof name === 'string' ? { name } : {}),
    ...(Array.isArray(statements) ? { statements: statements.map(String) } : {}),
  }));
}

/** Runs the SQL and records it under the time of the call, in one transaction. */
async function applyMigration(visit: Visit): Promise<Answer> {
  const body = jsonBody(visit.call);
  const { query, name } = isRecord(body) ? body : {};
  if (typeof query !== 'string' || query === '') {
    throw new Refusal(400, 'query: must be a string of at least 1 character');
  }
  const version = new Date(visit.world.now()).toISOString().replace(/\D/g, '').slice(0, 14);
  const values = [version, typeof name === 'string' ? name : '', query].map((value) => pg.escapeLiteral(value));
  const begin = 'begin;\n';
  const answer = await ask(visit, {
    query: `${begin}${query}\n;insert into supabase_migrations.schema_migrations (version, name, statements) `
      + `values (${values[0]}, ${values[1]}, array[${values[2]}]); commit;`,
    readOnly: false,
  });
  if ('failure' in answer) {
    const { position, ...failure } = answer.failure;
    const shown = position === undefined ? failure : { ...failure, position: position - begin.length };
    throw new Refusal(400, `Failed to apply database migration: ${errorText(shown, query)}`);
  }
  return empty(200);
}

function backups(visit: Visit): Answer {
  const project = visit.project();
  const times = project.backups.map((backup) => Math.floor(Date.parse(backup.inserted_at) / 1000));
  return json(200, {
    region: project.region,
    walg_enabled: true,
    pitr_enabled: false,
    backups: project.backups.map(({ id, status, inserted_at }) => ({ id, is_physical_backup: true, status, inserted_at })),
    physical_backup_data:
      times.length === 0
        ? {}
        : {
            earliest_physical_backup_date_unix: Math.min(...times),
            latest_physical_backup_date_unix: Math.max(...times),
          },
  });
}

const loginRolePrefix = 'cli_login_';
const loginRoleSeconds = 300;

/** A role that can log in for five minutes and act as `postgres` or as the reader: what CLI commands on the database use. */
async function createLoginRole(visit: Visit): Promise<Answer> {
  const body = jsonBody(visit.call);
  const readOnly = isRecord(body) ? body['read_only'] : undefined;
  if (typeof readOnly !== 'boolean') {
    throw new Refusal(400, 'read_only: Required');
  }
  const engine = await databaseOf(visit);
  const member = readOnly ? 'supabase_read_only_user' : 'postgres';
  const role = loginRolePrefix + member;
  const password = randomBytes(16).toString('hex');
  const until = new Date(visit.world.now() + loginRoleSeconds * 1000).toISOString();
  await asAdmin(engine, async (client) => {
    await client.query(
      `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if; end $$;`
        + `alter role ${role} login password '${password}' valid until '${until}'; grant ${member} to ${role};`,
    );
  });
  return json(201, { role, password, ttl_seconds: loginRoleSeconds });
}

async function deleteLoginRoles(visit: Visit): Promise<Answer> {
  await asAdmin(await databaseOf(visit), async (client) => {
    const found = await client.query<{ rolname: string }>(
      `select rolname from pg_roles where starts_with(rolname, '${loginRolePrefix}')`,
    );
    for (const { rolname } of found.rows) {
      await client.query(`drop role ${client.escapeIdentifier(rolname)}`);
    }
  });
  return json(200, { message: 'ok' });
}

async function asAdmin(engine: PostgresEngine, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const ssl = { ca: await readFile(engine.caPath, 'utf8') };
  const client = new pg.Client({ connectionString: engine.adminUrl, ssl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
