/**
 * The hosted control plane, imitated: one server on loopback that speaks the Management API and holds its state. Database, logs
 * and function runtime are engines behind it, which may be missing; without them it is up in some ten milliseconds.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { Budget } from './api/route.ts';
import { routes } from './api/routes.ts';
import { createApiServer, type Exchange } from './api/server.ts';
import { Faults } from './faults.ts';
import { RateLimits } from './rateLimit.ts';
import { createState, type Engines, type SandboxState, type World } from './state.ts';
import { createAccount, TokenRegistry } from './tokens.ts';
import type { PostgresEngine, Scenario } from './types.ts';

export interface ControlPlaneOptions {
  scenario: Scenario;
  /** Added to every answer of the Management API. Default 0. */
  latencyMs?: number | undefined;
  /** Epoch milliseconds; default the machine's clock. */
  now?: (() => number) | undefined;
  /** The caller's to stop. */
  engines?: Engines | undefined;
  /** Starts the database of the preview branch, once; the caller's to stop. Default: it has none. */
  startBranchDatabase?: (() => Promise<PostgresEngine>) | undefined;
  /** Requests per minute, where a test needs other than the hosted numbers. */
  budgets?: Partial<Record<Budget, number>> | undefined;
}

export interface SandboxTokens {
  /** Classic token of the project's owner, all rights. */
  owner: string;
  /** Was valid once. */
  revoked: string;
  /** Classic token of an account that does not belong to the project's organization. */
  stranger: string;
  /** A new scoped token of the owner that lacks these fine-grained permissions alone. */
  without(...permissions: string[]): string;
}

/** A control plane in work; `startSandbox` gives the same with its engines running. */
export interface Sandbox {
  /** Base of the Management API, no trailing slash. */
  apiUrl: string;
  /** Base of REST, Auth, Storage, Realtime and functions, as `https://<ref>.supabase.co` is; nobody listens without a gateway. */
  gatewayUrl: string;
  /** The owner's. */
  token: string;
  tokens: SandboxTokens;
  ref: string;
  /** For `SUPABASE_PROFILE` of the CLI. */
  profilePath: string;
  /** As `postgres`, password included; absent without a database. */
  databaseUrl: string | undefined;
  /** PEM file of the CA that signed the database's certificate. */
  caPath: string | undefined;
  workspace: string;
  state: SandboxState;
  faults: Faults;
  limits: RateLimits;
  /** The latest calls and their answers, oldest first; at most 2,000. */
  exchanges: readonly Exchange[];
  /** Called after each answer is known and before it is sent; returns how to stop listening. */
  onExchange(listener: (exchange: Exchange) => void): () => void;
  setLatency(ms: number): void;
  stop(): Promise<void>;
}

const hostedBudgets: Record<Budget, number> = {
  standard: 120,
  logs: 30,
  'usage.api-counts': 30,
  'usage.api-requests-count': 30,
};

/** A control plane whose gateway can be told to it once that is up: functions learn their project's URL from it. */
export interface ControlPlane {
  sandbox: Sandbox;
  world: World;
  setGatewayUrl(url: string): void;
}

export async function startControlPlane(options: ControlPlaneOptions): Promise<Sandbox> {
  return (await openControlPlane(options)).sandbox;
}

export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { scenario, engines = {}, now = Date.now } = options;
  const tokens = new TokenRegistry();
  const [owner, stranger] = [createAccount('owner', []), createAccount('stranger', [])];
  const state = createState(scenario, owner, stranger);
  const issued = issueTokens(tokens, owner, stranger);
  const faults = new Faults();
  const limits = new RateLimits(now);
  const recorder = new Recorder();
  let latency = options.latencyMs ?? 0;
  let gatewayUrl = nowhere;
  const database = databases(options);
  const world: World = { state, engines, ref: scenario.ref, database, gatewayUrl: () => gatewayUrl, hasGateway: () => gatewayUrl !== nowhere, now };
  const server = createApiServer({
    world, routes, tokens, faults, limits,
    budgets: { ...hostedBudgets, ...options.budgets },
    latencyMs: () => latency,
    onExchange: (exchange) => recorder.add(exchange),
  });
  const apiUrl = await listen(server);
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-sandbox-'));
  const sandbox: Sandbox = {
    apiUrl, gatewayUrl, token: issued.owner, tokens: issued, ref: scenario.ref,
    profilePath: await writeProfile(folder, apiUrl),
    databaseUrl: engines.postgres?.url,
    caPath: engines.postgres?.caPath,
    workspace: scenario.workspace,
    state, faults, limits,
    exchanges: recorder.exchanges,
    onExchange: (listener) => recorder.listen(listener),
    setLatency: (ms) => {
      latency = ms;
    },
    stop: async () => {
      await close(server);
      await rm(folder, { recursive: true, force: true });
    },
  };
  const setGatewayUrl = (url: string): void => {
    gatewayUrl = url;
    sandbox.gatewayUrl = url;
  };
  return { sandbox, world, setGatewayUrl };
}

function databases({ scenario, engines, startBranchDatabase }: ControlPlaneOptions): World['database'] {
  let branch: Promise<PostgresEngine> | undefined;
  return (ref) => {
    if (ref === scenario.branch.ref && startBranchDatabase !== undefined) {
      branch ??= startBranchDatabase();
      return branch;
    }
    return Promise.resolve(ref === scenario.ref ? engines?.postgres : undefined);
  };
}

/** The discard port: refuses every connection. */
const nowhere = 'http://127.0.0.1:9';

function issueTokens(
  tokens: TokenRegistry,
  owner: ReturnType<typeof createAccount>,
  stranger: ReturnType<typeof createAccount>,
): SandboxTokens {
  const revoked = tokens.issue(owner);
  tokens.revoke(revoked);
  return {
    owner: tokens.issue(owner),
    revoked,
    stranger: tokens.issue(stranger),
    without: (...permissions) => tokens.issueScoped(owner, permissions),
  };
}

/** The least that both CLI majors accept (SUPABASE.md §1.3). */
async function writeProfile(folder: string, apiUrl: string): Promise<string> {
  const file = path.join(folder, 'profile.yaml');
  const lines = [
    'name: sandbox',
    `api_url: ${apiUrl}`,
    `dashboard_url: ${apiUrl}/dashboard`,
    'project_host: supabase.test',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

const mostExchanges = 2000;

class Recorder {
  readonly exchanges: Exchange[] = [];
  readonly #listeners = new Set<(exchange: Exchange) => void>();

  add(exchange: Exchange): void {
    this.exchanges.push(exchange);
    if (this.exchanges.length > mostExchanges) {
      this.exchanges.shift();
    }
    for (const listener of this.#listeners) {
      listener(exchange);
    }
  }

  listen(listener: (exchange: Exchange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
