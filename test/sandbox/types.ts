/** The seams of the sandbox: what the control plane asks of its engines, and what a scenario hands to all of them. */

/** One row of the hosted `logs` table; `timestamp` is UTC epoch milliseconds. */
export interface LogRow {
  id: string;
  timestamp: number;
  event_message: string;
  severity_text: string;
  source: string;
  log_attributes: Record<string, string>;
}

/** A function as the control plane keeps it: the API's fields and the files of its current version. */
export interface DeployedFunction {
  id: string;
  slug: string;
  name: string;
  status: 'ACTIVE' | 'REMOVED' | 'THROTTLED';
  version: number;
  /** Epoch milliseconds. */
  created_at: number;
  updated_at: number;
  verify_jwt: boolean;
  import_map: boolean;
  /** Paths relative to the deployed tree, as the CLI sends them: `supabase/functions/health/index.ts`. */
  entrypoint_path: string;
  import_map_path?: string;
  ezbr_sha256: string;
  files: Map<string, Uint8Array>;
}

export interface SqlFailure {
  /** Postgres' own fields, for the API's `Failed to run sql query: ERROR:  42703: …` text. */
  sqlState: string;
  message: string;
  detail?: string;
  hint?: string;
  position?: number;
}

export type SqlAnswer = { rows: Record<string, unknown>[] } | { failure: SqlFailure };

/** The embedded Postgres, set up as hosted ones are. */
export interface PostgresEngine {
  readonly port: number;
  /** As `postgres` (no superuser), TLS required, password included. */
  readonly url: string;
  /** As `supabase_admin`, for the scenario's set-up only. */
  readonly adminUrl: string;
  /** PEM file of the CA that signed the server's certificate. */
  readonly caPath: string;
  /**
   * `readOnly` runs as `supabase_read_only_user`, with an empty search path, as the hosted read-only endpoint does, unless the role's
   * own is asked for.
   */
  query(sql: string, options: { parameters?: unknown[]; readOnly: boolean; searchPath?: 'role' }): Promise<SqlAnswer>;
  /** Stops and starts the server, for fault tests. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

/** ClickHouse behind `analytics/endpoints/logs`. */
export interface LogEngine {
  insert(rows: LogRow[]): Promise<void>;
  /** The dialect's own checks (no `select *`, LIMIT, one table) and the query; window in epoch ms, rounded to minutes. */
  query(sql: string, window: { from: number; to: number }): Promise<{ result: Record<string, unknown>[] } | { error: string }>;
  stop(): Promise<void>;
}

export interface FunctionRuntime {
  /** Runs the current version in Deno; console output and the invocation go to `log`. */
  invoke(fn: DeployedFunction, request: Request, environment: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

/** Everything a sandbox starts from. */
export interface Scenario {
  /** Project ref: 20 lower-case letters. */
  ref: string;
  organization: { id: string; slug: string; name: string };
  project: { name: string; region: string; created_at: string };
  /** A preview branch of the project, itself a project. */
  branch: { ref: string; name: string; git_branch: string };
  functions: DeployedFunction[];
  secrets: { name: string; value: string; updated_at: string }[];
  migrations: { version: string; name: string }[];
  backups: { id: number; status: string; inserted_at: string }[];
  /** SQL run as `supabase_admin` once the roles and schemas of every Supabase project exist. */
  sql: string[];
  /** Log history that ends at `now` (epoch ms), oldest first. */
  logs(now: number): Iterable<LogRow>;
  /** The workspace folder with its git history. */
  workspace: string;
}
