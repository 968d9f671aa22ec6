import { OpsError } from '../errors.ts';
import type { TomlReader } from '../ports.ts';

/** `[functions.<slug>]` of `supabase/config.toml`; its paths are relative to `supabase/`. */
export interface FunctionConfig {
  /** `false`: the CLI passes over the function. */
  readonly enabled: boolean;
  /** Absent: the CLI keeps what is live, or the service's default for a new function. */
  readonly verifyJwt?: boolean;
  readonly importMap?: string;
  readonly entrypoint?: string;
  /** Globs. */
  readonly staticFiles: readonly string[];
}

export interface ProjectConfig {
  /** A name of the developer's choice, or the ref. */
  readonly projectId?: string;
  /** Where the local stack listens. */
  readonly ports: {
    readonly api: number;
    readonly database: number;
    /** Of its log store; absent when that is switched off. */
    readonly logs?: number;
  };
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  readonly functions: ReadonlyMap<string, FunctionConfig>;
}

export const configPath = 'supabase/config.toml';

/** The CLI's own defaults, for a file that does not say. */
export const emptyConfig: ProjectConfig = { ports: { api: 54321, database: 54322, logs: 54327 }, exposedSchemas: ['public', 'graphql_public'], functions: new Map() };

export const defaultFunctionConfig: FunctionConfig = { enabled: true, staticFiles: [] };

/** Reads the file's text; throws `badConfig` with the line or the key that is wrong. Unknown keys are passed over. */
export async function readConfig(text: string, toml: TomlReader, file = configPath): Promise<ProjectConfig> {
  const parsed = await toml.read(text);
  if (parsed.kind === 'invalid') {
    throw new OpsError('badConfig', { file, problem: `line ${parsed.line}: ${parsed.message}` });
  }
  const root = new Table(parsed.value, '', file);
  const projectId = root.text('project_id');
  const functions = root.table('functions');
  return {
    ...(projectId === undefined ? {} : { projectId }),
    ports: {
      api: root.table('api')?.port('port') ?? emptyConfig.ports.api,
      database: root.table('db')?.port('port') ?? emptyConfig.ports.database,
      ...logsPort(root.table('analytics')),
    },
    exposedSchemas: root.table('api')?.texts('schemas') ?? emptyConfig.exposedSchemas,
    functions: new Map(functions?.tables().map(([slug, table]) => [slug, functionConfig(table)])),
  };
}

function logsPort(analytics: Table | undefined): { logs?: number } {
  const port = analytics?.port('port') ?? emptyConfig.ports.logs;
  return analytics?.flag('enabled') === false || port === undefined ? {} : { logs: port };
}

function functionConfig(table: Table): FunctionConfig {
  const verifyJwt = table.flag('verify_jwt');
  const importMap = table.text('import_map');
  const entrypoint = table.text('entrypoint');
  return {
    enabled: table.flag('enabled') ?? true,
    ...(verifyJwt === undefined ? {} : { verifyJwt }),
    ...(importMap ? { importMap } : {}),
    ...(entrypoint ? { entrypoint } : {}),
    staticFiles: table.texts('static_files') ?? [],
  };
}

/** A table of the file; a value of the wrong type throws `badConfig` with its key. */
class Table {
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly name: string;
  private readonly file: string;

  constructor(values: Readonly<Record<string, unknown>>, name: string, file: string) {
    this.values = values;
    this.name = name;
    this.file = file;
  }

  text(key: string): string | undefined {
    return this.typed(key, 'a string', (value) => typeof value === 'string');
  }

  flag(key: string): boolean | undefined {
    return this.typed(key, 'true or false', (value) => typeof value === 'boolean');
  }

  texts(key: string): readonly string[] | undefined {
    return this.typed(key, 'a list of strings', (value): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string'));
  }

  /** A port may be written `env(NAME)`, which only the CLI can tell. */
  port(key: string): number | undefined {
    const value = this.values[key];
    if (typeof value === 'string' && /^env\(.*\)$/.test(value)) {
      return undefined;
    }
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (number !== undefined && !(typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65536)) {
      throw this.wrong(key, 'a port');
    }
    return number;
  }

  table(key: string): Table | undefined {
    const value = this.typed(key, 'a table', isRecord);
    return value && new Table(value, this.path(key), this.file);
  }

  tables(): [string, Table][] {
    return Object.keys(this.values).flatMap((key) => {
      const table = this.table(key);
      return table ? [[key, table]] : [];
    });
  }

  private typed<T>(key: string, kind: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.values[key];
    if (value !== undefined && !is(value)) {
      throw this.wrong(key, kind);
    }
    return value;
  }

  private path(key: string): string {
    return this.name === '' ? key : `${this.name}.${key}`;
  }

  private wrong(key: string, kind: string): OpsError {
    return new OpsError('badConfig', { file: this.file, problem: `${this.path(key)} must be ${kind}` });
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
