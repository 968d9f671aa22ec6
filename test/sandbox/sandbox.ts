/**
 * The sandbox: a hosted Supabase project on this machine, as far as Opsbook and the real CLI can tell. It speaks the
 * Management API on loopback; database, logs, function runtime and gateway are engines behind it.
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
import type { Scenario } from './types.ts';

export interface SandboxOptions {
  scenario: Scenario;
  /** Added to every answer of the Management API. Default 0. */
  latencyMs?: number;
  /** Epoch milliseconds; default the machine's clock. */
  now?: () => number;
  engines?: Engines;
  /** Requests per minute, where a test needs other than the hosted numbers. */
  budgets?: Partial<Record<Budget, number>>;
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

export interface Sandbox {
  /** Base of the Management API, no trailing slash. */
  apiUrl: string;
  /** Base of REST, Auth, Storage, Realtime and functions, as `https://<ref>.supabase.co` is. */
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

export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { scenario, engines = {}, now = Date.now } = options;
  const tokens = new TokenRegistry();
  const owner = createAccount('owner', []);
  const stranger = createAccount('stranger', []);
  const state = createState(scenario, owner, stranger);
  const faults = new Faults();
  const limits = new RateLimits(now);
  const recorder = new Recorder();
  let latency = options.latencyMs ?? 0;
  let gatewayUrl = '';
  const world: World = { state, engines, ref: scenario.ref, gatewayUrl: () => gatewayUrl, now };
  const server = createApiServer({
    world, routes, tokens, faults, limits,
    budgets: { ...hostedBudgets, ...options.budgets },
    latencyMs: () => latency,
    onExchange: (exchange) => recorder.add(exchange),
  });
  const apiUrl = await listen(server);
  gatewayUrl = apiUrl;
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-sandbox-'));
  const profilePath = await writeProfile(folder, apiUrl);
  const issued = issueTokens(tokens, owner, stranger);
  return {
    apiUrl, gatewayUrl, token: issued.owner, tokens: issued, ref: scenario.ref, profilePath,
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
}

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
