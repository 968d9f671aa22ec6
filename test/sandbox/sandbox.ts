/**
 * The sandbox: a hosted Supabase project on this machine, as far as Opsbook and the real CLI can tell: control plane,
 * Postgres, ClickHouse, edge functions and gateway, started from a scenario and stopped together.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startLogEngine } from './clickhouse.ts';
import { createAuthority, type Authority } from './engines/certificate.ts';
import { openControlPlane, type ControlPlane, type ControlPlaneOptions, type Sandbox as ControlPlaneSandbox } from './controlPlane.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { probeAgent } from './probe.ts';
import { startPostgres } from './postgres.ts';
import { createProjectKeys } from './projectKeys.ts';
import { startRuntime } from './runtime.ts';
import type { LocalPorts } from './scenario/history.ts';
import { startNeighbours, type Neighbours } from './scenario/neighbours.ts';
import { createScenario } from './scenario/scenario.ts';
import { functionEnvironment, type Engines } from './state.ts';
import type { LogEngine, LogRow, PostgresEngine, Scenario } from './types.ts';

export interface SandboxOptions extends Omit<ControlPlaneOptions, 'scenario' | 'engines' | 'startBranchDatabase'> {
  /** Default: the realistic one, in a folder of its own that `stop` removes. */
  scenario?: Scenario;
  /**
   * A local stack's ports, as `supabase/config.toml` names them: gateway and database listen there, the database with and
   * without TLS and with the password `postgres`. Default: ports of the system's choice, TLS, a random password.
   */
  ports?: LocalPorts;
  /** What not to start. */
  postgres?: false;
  logs?: false;
  runtime?: false;
  gateway?: false;
  neighbours?: false;
}

export interface Sandbox extends ControlPlaneSandbox {
  /** What was started, to pause the database or to insert log rows. */
  engines: Engines;
  /** To make a service fail; absent with `gateway: false`. */
  gateway: Gateway | undefined;
  /** The foreign hosts of the manuals, to make one fail; absent with `neighbours: false`. */
  neighbours: Neighbours | undefined;
}

type Stops = (() => Promise<void>)[];

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const stops: Stops = [];
  try {
    const scenario = options.scenario ?? (await temporaryScenario(options.ports, stops));
    // One vouches for all databases of the service.
    const authority = createAuthority('Opsbook sandbox database CA');
    const engines = await startEngines(options, scenario, authority, stops);
    const startBranchDatabase = options.postgres === false ? undefined : () => branchDatabase(scenario, authority, stops);
    const plane = await openControlPlane({ ...options, scenario, engines, startBranchDatabase });
    const stopPlane = plane.sandbox.stop;
    stops.push(() => stopPlane());
    const gateway = options.gateway === false ? undefined : await openGateway(options, plane, stops);
    const neighbours = options.neighbours === false ? undefined : await openNeighbours(stops);
    return Object.assign(plane.sandbox, { engines, gateway, neighbours, stop: () => stopAll(stops) });
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** What was started last stops first. */
async function stopAll(stops: Stops): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    await stop();
  }
}

async function temporaryScenario(ports: LocalPorts | undefined, stops: Stops): Promise<Scenario> {
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-scenario-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  return createScenario(path.join(folder, 'workspace'), ports === undefined ? {} : { ports });
}

async function startEngines(options: SandboxOptions, scenario: Scenario, authority: Authority, stops: Stops): Promise<Engines> {
  const engines: Engines = {};
  const started = await Promise.allSettled([
    options.postgres === false ? undefined : startDatabase(options, scenario, engines, authority, stops),
    options.logs === false ? undefined : startLogs(options, scenario, engines, stops),
  ]);
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  if (options.runtime !== false) {
    const runtime = await startRuntime({
      ref: scenario.ref,
      region: scenario.project.region,
      jwtSecret: createProjectKeys(scenario.ref).jwtSecret,
      log: (rows) => record(engines.logs, rows),
    });
    stops.push(() => runtime.stop());
    engines.runtime = runtime;
  }
  return engines;
}

async function startDatabase({ ports }: SandboxOptions, scenario: Scenario, engines: Engines, authority: Authority, stops: Stops): Promise<void> {
  const local = ports === undefined ? {} : { port: ports.db, tls: 'accepted' as const, password: 'postgres' };
  const postgres = await startPostgres({ sql: scenario.sql, authority, ...local });
  stops.push(() => postgres.stop());
  engines.postgres = postgres;
}

/** A preview branch has a database of its own, made by the same scripts. */
function branchDatabase(scenario: Scenario, authority: Authority, stops: Stops): Promise<PostgresEngine> {
  // Its password is the one that the API tells.
  const starting = startPostgres({ sql: scenario.sql, authority, password: createProjectKeys(scenario.branch.ref).databasePassword });
  // Noted at once: the sandbox may stop while it starts. One that failed has told whoever asked for it.
  stops.push(() => starting.then((postgres) => postgres.stop(), () => {}));
  return starting;
}

async function startLogs({ now = Date.now }: SandboxOptions, scenario: Scenario, engines: Engines, stops: Stops): Promise<void> {
  const logs = await startLogEngine();
  stops.push(() => logs.stop());
  await logs.insert([...scenario.logs(now())]);
  engines.logs = logs;
}

/** What functions and services say goes to the logs as it comes; the control plane's own probes are no traffic. */
function record(logs: LogEngine | undefined, rows: LogRow[]): void {
  const traffic = rows.filter((row) => row.log_attributes['request.headers.user_agent'] !== probeAgent);
  // A row that arrives while the sandbox stops is lost with the rest.
  logs?.insert(traffic).catch(() => {});
}

async function openGateway({ ports }: SandboxOptions, plane: ControlPlane, stops: Stops): Promise<Gateway> {
  const { world } = plane;
  const { engines, ref } = world;
  const project = world.state.projects.get(ref);
  const gateway = await startGateway({
    ref,
    keys: createProjectKeys(ref),
    findFunction: (slug) => project?.functions.get(slug),
    environment: (fn) => functionEnvironment(world, ref, fn),
    runtime: engines.runtime,
    postgres: engines.postgres,
    log: (rows) => record(engines.logs, rows),
    ...(ports === undefined ? {} : { port: ports.api }),
  });
  stops.push(() => gateway.stop());
  plane.setGatewayUrl(gateway.url);
  return gateway;
}

async function openNeighbours(stops: Stops): Promise<Neighbours> {
  const neighbours = await startNeighbours();
  stops.push(() => neighbours.stop());
  return neighbours;
}
