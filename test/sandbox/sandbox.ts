/**
 * The sandbox: a hosted Supabase project on this machine, as far as Opsbook and the real CLI can tell: control plane,
 * Postgres, ClickHouse, edge functions and gateway, started from a scenario and stopped together.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { startLogEngine } from './clickhouse.ts';
import { openControlPlane, type ControlPlaneOptions, type Sandbox } from './controlPlane.ts';
import { startPostgres } from './postgres.ts';
import { createProjectKeys } from './projectKeys.ts';
import { startRuntime } from './runtime.ts';
import { createScenario } from './scenario/scenario.ts';
import type { Engines } from './state.ts';
import type { FunctionRuntime, LogEngine, LogRow, Scenario } from './types.ts';

export type { Sandbox } from './controlPlane.ts';

export interface SandboxOptions extends Omit<ControlPlaneOptions, 'scenario' | 'engines'> {
  /** Default: the realistic one, in a folder of its own that `stop` removes. */
  scenario?: Scenario;
  /** Which engines not to start. */
  postgres?: false;
  logs?: false;
  runtime?: false;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const scenario = options.scenario ?? (await temporaryScenario(stops));
    const engines = await startEngines(options, scenario, stops);
    const plane = await openControlPlane({ ...options, scenario, engines });
    stops.push(() => plane.sandbox.stop());
    return { ...plane.sandbox, stop: () => stopAll(stops) };
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

/** What was started last stops first. */
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    await stop();
  }
}

async function temporaryScenario(stops: (() => Promise<void>)[]): Promise<Scenario> {
  const folder = await mkdtemp(path.join(tmpdir(), 'opsbook-scenario-'));
  stops.push(() => rm(folder, { recursive: true, force: true }));
  return createScenario(path.join(folder, 'workspace'));
}

async function startEngines(options: SandboxOptions, scenario: Scenario, stops: (() => Promise<void>)[]): Promise<Engines> {
  const now = options.now ?? Date.now;
  const engines: Engines = {};
  const started = await Promise.allSettled([
    options.postgres === false ? undefined : startPostgres({ sql: scenario.sql }).then((engine) => {
      stops.push(() => engine.stop());
      engines.postgres = engine;
    }),
    options.logs === false ? undefined : startLogs(scenario, now).then((engine) => {
      stops.push(() => engine.stop());
      engines.logs = engine;
    }),
  ]);
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
  if (options.runtime !== false) {
    engines.runtime = await startFunctions(scenario, engines.logs);
    const { runtime } = engines;
    stops.push(() => runtime.stop());
  }
  return engines;
}

async function startLogs(scenario: Scenario, now: () => number): Promise<LogEngine> {
  const engine = await startLogEngine();
  await engine.insert([...scenario.logs(now())]);
  return engine;
}

/** What functions say goes to the logs as it comes; without an engine for it, nowhere. */
function startFunctions(scenario: Scenario, logs: LogEngine | undefined): Promise<FunctionRuntime> {
  return startRuntime({
    ref: scenario.ref,
    region: scenario.project.region,
    jwtSecret: createProjectKeys(scenario.ref).jwtSecret,
    log: (rows: LogRow[]) => {
      // A row that arrives while the sandbox stops is lost with the rest.
      logs?.insert(rows).catch(() => {});
    },
  });
}
