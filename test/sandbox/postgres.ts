/**
 * The sandbox's database: a real Postgres with the roles, schemas and settings of a hosted Supabase project.
 *
 * Where `psql` and `pg_dump` come from: nowhere. The embedded server has only `initdb`, `pg_ctl` and `postgres`, and no
 * package of the npm registry brings the client programs, so no test may need them: rivals in benchmarks and proofs of
 * backups use `pg` and the sandbox's own connections. A machine's own `psql` on PATH is used where a person asks for it
 * (a *terminal* step), which tests try with a fake executable.
 */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import type { Authority } from './engines/certificate.ts';
import { createPostgresServer, type PostgresMajor } from './engines/postgresServer.ts';
import type { PostgresEngine, SqlAnswer, SqlFailure } from './types.ts';

export interface PostgresOptions {
  /** Default 17. */
  major?: PostgresMajor;
  /** Parent folder of the cluster, which is removed by `stop`. Default: the system's temporary folder. */
  folder?: string;
  port?: number;
  /** Run in order as `supabase_admin` when roles and schemas stand; each may hold several statements. */
  sql?: string[];
  /** Of the role `postgres`. Default: random. */
  password?: string;
  /** `accepted` imitates a local stack, whose port speaks without TLS too. Default `required`. */
  tls?: 'required' | 'accepted';
  /** Besides those of a hosted project; for what only a restart could change. */
  settings?: Record<string, string>;
  /** Who vouches for its certificate. Default: one of its own. */
  authority?: Authority;
}

/** Settings as a small hosted project has them: `show all` is what diagnostics read. */
const hostedSettings: Record<string, string> = {
  shared_preload_libraries: 'pg_stat_statements',
  max_connections: '60',
  wal_level: 'logical',
  statement_timeout: '2min',
  track_io_timing: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  cluster_name: 'main',
  password_encryption: 'scram-sha-256',
};

/**
 * The service's own reads keep two connections for themselves, where Postgres can (16 and later). How many the hosted service keeps, and
 * whether it does, was never seen.
 */
const reserved = (major: PostgresMajor): Record<string, string> => (major >= 16 ? { reserved_connections: '2' } : {});

interface Login {
  user: string;
  password: string;
  port: number;
  ca: string;
}

export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresEngine> {
  const admin = { name: 'supabase_admin', password: randomBytes(12).toString('hex') };
  const major = options.major ?? 17;
  const server = await createPostgresServer({
    major,
    parent: options.folder,
    port: options.port,
    superuser: admin,
    tls: options.tls ?? 'required',
    settings: { ...hostedSettings, ...reserved(major), 'vault.root_key': randomBytes(32).toString('hex'), ...options.settings },
    authority: options.authority,
  });
  try {
    await server.start();
    const ca = await readFile(server.caPath, 'utf8');
    const login = (user: string, password: string): Login => ({ user, password, port: server.port, ca });
    const owner = login('postgres', options.password ?? randomBytes(12).toString('hex'));
    const reader = login('supabase_read_only_user', randomBytes(12).toString('hex'));
    await setUp(major, login(admin.name, admin.password), [owner, reader], options.sql ?? []);
    return {
      port: server.port,
      caPath: server.caPath,
      url: connectionUrl(owner),
      adminUrl: connectionUrl(login(admin.name, admin.password)),
      query: (sql, { parameters, readOnly, searchPath }) => answer(readOnly ? reader : owner, sql, parameters, readOnly && searchPath !== 'role'),
      pause: () => server.stop(),
      resume: () => server.start(),
      stop: () => server.remove(),
    };
  } catch (error) {
    await server.remove();
    throw error;
  }
}

function connectionUrl(login: Login): string {
  return `postgresql://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${login.port}/postgres`;
}

async function setUp(major: PostgresMajor, admin: Login, logins: Login[], sql: string[]): Promise<void> {
  const client = await connect(admin, {});
  try {
    for (const file of (await readdir(sqlFolder)).sort()) {
      await runScript(client, file, inMajor(await readFile(path.join(sqlFolder, file), 'utf8'), major));
    }
    for (const { user, password } of logins) {
      await client.query(`alter role ${client.escapeIdentifier(user)} password ${client.escapeLiteral(password)}`);
    }
    if (major >= 16) {
      await client.query('grant pg_use_reserved_connections to supabase_read_only_user');
    }
    if (major < 14) {
      await client.query(readAll);
    }
    // The project's statistics start with the project, not with the making of its schemas.
    await client.query('select extensions.pg_stat_statements_reset(), pg_stat_reset()');
    for (const [index, script] of sql.entries()) {
      await runScript(client, `scenario SQL ${index + 1}`, script);
    }
  } finally {
    await client.end();
  }
}

/** What `pg_read_all_data` gives, which Postgres 13 does not have, for all that is there and all that the superuser makes later. */
const readAll = `
  do $$ declare one name; begin
    for one in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
      execute format('grant usage on schema %I to postgres, supabase_read_only_user', one);
      execute format('grant select on all tables in schema %I to postgres, supabase_read_only_user', one);
      execute format('grant select on all sequences in schema %I to postgres, supabase_read_only_user', one);
    end loop;
  end $$;
  alter default privileges grant select on tables to postgres, supabase_read_only_user;
  alter default privileges grant select on sequences to postgres, supabase_read_only_user`;

function inMajor(script: string, major: PostgresMajor): string {
  return major < 14 ? script.replace(/grant ([^;]*?)(?:pg_read_all_data, |, pg_read_all_data)/g, 'grant $1') : script;
}

const sqlFolder = path.join(import.meta.dirname, 'engines', 'sql');

async function runScript(client: pg.Client, name: string, script: string): Promise<void> {
  try {
    // Each script finds the session as a new connection would; one that sets a role or path must not change the next.
    await client.query(script);
    await client.query('reset role; reset all');
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) {
      throw error;
    }
    const line = script.slice(0, (failure.position ?? 1) - 1).split('\n').length;
    throw new Error(`${name}, line ${line}: ${failure.sqlState} ${failure.message}`, { cause: error });
  }
}

async function connect(login: Login, more: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: login.port,
    user: login.user,
    password: login.password,
    database: 'postgres',
    ssl: { ca: login.ca },
    ...more,
  });
  // A server that is paused ends idle connections; the query in hand rejects by itself.
  client.on('error', () => {});
  await client.connect();
  return client;
}

type Result = pg.QueryResult<Record<string, unknown>>;

/**
 * One connection per call, as the hosted endpoint has it, so that no `set` outlives its call. Of several statements the
 * last that gave rows answers (github.com/supabase/postgres-meta, `src/lib/db.ts`). Rejects when the server is unreachable.
 */
async function answer(login: Login, sql: string, parameters: unknown[] | undefined, emptySearchPath: boolean): Promise<SqlAnswer> {
  const client = await connect(login, emptySearchPath ? { options: '-c search_path=' } : {});
  try {
    const query = { text: sql, types: { getTypeParser: hostedTypeParser } };
    const result: Result | Result[] = await client.query<Record<string, unknown>>(
      parameters === undefined ? query : { ...query, values: parameters },
    );
    const results = Array.isArray(result) ? (result as Result[]) : [result];
    return { rows: results.findLast((one) => one.rows.length > 0)?.rows ?? [] };
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) {
      throw error;
    }
    return { failure };
  } finally {
    await client.end().catch(() => {});
  }
}

type TextParser = (text: string) => unknown;

/** Values as postgres-meta gives them: safe integers as numbers, other int8 and all dates and times as Postgres' own text. */
function hostedTypeParser(id: number, format?: 'text' | 'binary'): TextParser {
  switch (id) {
    case pg.types.builtins.INT8:
      return (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
    case pg.types.builtins.DATE:
    case pg.types.builtins.INTERVAL:
    case pg.types.builtins.TIMESTAMP:
    case pg.types.builtins.TIMESTAMPTZ:
      return (text) => text;
    default:
      return pg.types.getTypeParser(id, format) as TextParser;
  }
}

function failureOf(error: unknown): SqlFailure | undefined {
  if (!(error instanceof pg.DatabaseError)) {
    return undefined;
  }
  const failure: SqlFailure = { sqlState: error.code ?? 'XX000', message: error.message };
  if (error.detail !== undefined) {
    failure.detail = error.detail;
  }
  if (error.hint !== undefined) {
    failure.hint = error.hint;
  }
  if (error.position !== undefined) {
    failure.position = Number(error.position);
  }
  return failure;
}
