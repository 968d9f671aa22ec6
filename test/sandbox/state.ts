/** What the sandbox remembers: the control plane's own data, apart from the database and the logs, which are engines. */
import { randomUUID } from 'node:crypto';

import { authSettings } from './api/authSettings.ts';
import { createProjectKeys, type ProjectKeys } from './projectKeys.ts';
import type { Account } from './tokens.ts';
import type { DeployedFunction, FunctionRuntime, LogEngine, PostgresEngine, Scenario } from './types.ts';

export type ServiceName = 'auth' | 'db' | 'db_postgres_user' | 'pooler' | 'realtime' | 'rest' | 'storage' | 'pg_bouncer';
export type ServiceStatus = 'ACTIVE_HEALTHY' | 'COMING_UP' | 'UNHEALTHY';

export interface ServiceState {
  status: ServiceStatus;
  error?: string;
}

export interface Organization {
  id: string;
  slug: string;
  name: string;
}

export interface SecretState {
  value: string;
  /** ISO date. */
  updated_at: string;
}

export interface ProjectState {
  ref: string;
  name: string;
  region: string;
  /** ISO date. */
  created_at: string;
  status: string;
  organization: Organization;
  keys: ProjectKeys;
  /** By slug. */
  functions: Map<string, DeployedFunction>;
  /** Uploads with `bundleOnly`, by `ezbr_sha256`, until the bulk update names them. */
  bundles: Map<string, DeployedFunction>;
  /** The user's own; the `SUPABASE_*` ones follow from `keys`. */
  secrets: Map<string, SecretState>;
  migrations: { version: string; name: string }[];
  backups: { id: number; status: string; inserted_at: string }[];
  /** What each service says of itself; the database's is asked of the engine where there is one. */
  services: Map<ServiceName, ServiceState>;
  bannedAddresses: string[];
  sslEnforced: boolean;
  /** As the endpoints answer, but for secrets of others. */
  settings: Record<'auth' | 'rest' | 'realtime' | 'network', Record<string, unknown>>;
  /** Most functions the plan allows; over it a deploy answers 402. */
  functionLimit: number;
  /** The logs query allowance of the month is used up: the log endpoint answers 402. */
  logAllowanceUsedUp: boolean;
}

export interface BranchState {
  id: string;
  name: string;
  project_ref: string;
  parent_project_ref: string;
  is_default: boolean;
  git_branch: string;
  persistent: boolean;
  status: string;
  created_at: string;
  updated_at: string;
}

export interface SandboxState {
  organizations: Map<string, Organization>;
  /** By ref. */
  projects: Map<string, ProjectState>;
  branches: BranchState[];
  /** Branching is a paid feature; without it its endpoints answer 422. */
  branchingEnabled: boolean;
}

/** What stands behind the control plane; an endpoint that needs a missing one answers as if it were down. */
export interface Engines {
  postgres?: PostgresEngine;
  logs?: LogEngine;
  runtime?: FunctionRuntime;
}

/** All that a route may look at. */
export interface World {
  readonly state: SandboxState;
  readonly engines: Engines;
  /** Ref of the project whose database and logs the engines hold. */
  readonly ref: string;
  /** The database of a project; a preview branch's starts when it is first asked for. */
  readonly database: (ref: string) => Promise<PostgresEngine | undefined>;
  readonly gatewayUrl: () => string;
  /** Whether somebody listens there. */
  readonly hasGateway: () => boolean;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export function createState(scenario: Scenario, owner: Account, stranger: Account): SandboxState {
  const organization = scenario.organization;
  const project = createProject(scenario.ref, scenario.project, organization);
  project.functions = new Map(scenario.functions.map((fn) => [fn.slug, fn]));
  project.secrets = new Map(scenario.secrets.map(({ name, value, updated_at }) => [name, { value, updated_at }]));
  project.migrations = [...scenario.migrations];
  project.backups = [...scenario.backups];
  const preview = createProject(scenario.branch.ref, { ...scenario.project, name: scenario.branch.name }, organization);
  const foreign = foreignProject(scenario, stranger);
  owner.organizations.push(organization.slug);
  return {
    organizations: new Map([organization, foreign.organization].map((one) => [one.slug, one])),
    projects: new Map([project, preview, foreign].map((one) => [one.ref, one])),
    branches: branches(scenario),
    branchingEnabled: true,
  };
}

/** A project of somebody else, to show what a token of another account sees. */
function foreignProject(scenario: Scenario, stranger: Account): ProjectState {
  const organization = { id: 'elsewhere-org', slug: 'elsewhere-org', name: 'Elsewhere' };
  stranger.organizations.push(organization.slug);
  return createProject('elsewhereprojectabcd', { ...scenario.project, name: 'elsewhere' }, organization);
}

export function createProject(
  ref: string,
  facts: { name: string; region: string; created_at: string },
  organization: Organization,
): ProjectState {
  return {
    ref,
    ...facts,
    status: 'ACTIVE_HEALTHY',
    organization,
    keys: createProjectKeys(ref),
    functions: new Map(),
    bundles: new Map(),
    secrets: new Map(),
    migrations: [],
    backups: [],
    services: new Map(serviceNames.map((name) => [name, { status: 'ACTIVE_HEALTHY' }])),
    bannedAddresses: [],
    sslEnforced: true,
    settings: firstSettings(),
    functionLimit: 500,
    logAllowanceUsedUp: false,
  };
}

function firstSettings(): ProjectState['settings'] {
  return {
    auth: authSettings(),
    rest: {
      db_schema: 'public,graphql_public',
      max_rows: 1000,
      db_extra_search_path: 'public,extensions',
      db_pool: null,
      db_pool_acquisition_timeout: null,
      db_pool_max_lifetime: null,
      db_pool_max_idletime: null,
    },
    realtime: {
      private_only: false,
      connection_pool: 2,
      max_concurrent_users: 200,
      max_events_per_second: 100,
      max_bytes_per_second: 100_000,
      max_channels_per_client: 100,
      max_joins_per_second: 100,
      max_presence_events_per_second: 100,
      max_payload_size_in_kb: 100,
      suspend: false,
      presence_enabled: true,
      postgres_changes_pool: null,
      admin_suspended_at: null,
    },
    network: { entitlement: 'allowed', config: { dbAllowedCidrs: ['0.0.0.0/0'], dbAllowedCidrsV6: ['::/0'] }, status: 'applied', updated_at: '2026-03-01T08:00:00.000Z', applied_at: '2026-03-01T08:00:05.000Z' },
  };
}

export const serviceNames: readonly ServiceName[] = [
  'auth', 'db', 'db_postgres_user', 'pooler', 'realtime', 'rest', 'storage', 'pg_bouncer',
];

function branches(scenario: Scenario): BranchState[] {
  const created = scenario.project.created_at;
  const common = { parent_project_ref: scenario.ref, created_at: created, updated_at: created };
  return [
    {
      ...common, id: randomUUID(), name: 'main', project_ref: scenario.ref, is_default: true, git_branch: 'main',
      persistent: true, status: 'FUNCTIONS_DEPLOYED',
    },
    {
      ...common, id: randomUUID(), name: scenario.branch.name, project_ref: scenario.branch.ref, is_default: false,
      git_branch: scenario.branch.git_branch, persistent: false, status: 'FUNCTIONS_DEPLOYED',
    },
  ];
}

/** The environment that every function sees: what the platform sets, then the project's own secrets. SUPABASE.md §4. */
export function functionEnvironment(world: World, ref: string, fn: DeployedFunction): Record<string, string> {
  const project = world.state.projects.get(ref);
  if (project === undefined) {
    throw new Error(`no project ${ref}`);
  }
  const own = Object.fromEntries([...project.secrets].map(([name, secret]) => [name, secret.value]));
  return {
    ...own,
    ...platformSecrets(world, project),
    SB_REGION: project.region,
    SB_EXECUTION_ID: randomUUID(),
    DENO_DEPLOYMENT_ID: `${ref}_${fn.id}_${fn.version}`,
  };
}

/** The read-only secrets that a project has by itself; the list endpoint shows them beside the user's own. */
export function platformSecrets(world: World, project: ProjectState): Record<string, string> {
  const { keys } = project;
  const engine = project.ref === world.ref ? world.engines.postgres : undefined;
  const database = engine?.url
    ?? `postgresql://postgres:${keys.databasePassword}@db.${project.ref}.supabase.test:5432/postgres`;
  return {
    SUPABASE_URL: world.gatewayUrl(),
    SUPABASE_DB_URL: database,
    SUPABASE_ANON_KEY: keys.anon,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRole,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret }),
    SUPABASE_JWKS: JSON.stringify({ keys: [] }),
  };
}
