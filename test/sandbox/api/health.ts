import { setTimeout as sleep } from 'node:timers/promises';

import { probeService } from '../probe.ts';
import { serviceNames, type ProjectState, type ServiceName, type ServiceState, type World } from '../state.ts';
import type { PostgresEngine } from '../types.ts';
import { json, Refusal, type Answer } from './answer.ts';
import type { Route, Visit } from './route.ts';

/** Health of the services; there is none of functions (SUPABASE.md §2). */
export const healthRoutes: Route[] = [
  { method: 'GET', path: '/v1/projects/{ref}/health', permissions: [['project_admin_read']], handle: health },
];

async function health(visit: Visit): Promise<Answer> {
  const project = visit.project();
  const names = requestedServices(visit.call.query);
  const timeout = Number(visit.call.query.get('timeout_ms') ?? 5000);
  if (!Number.isInteger(timeout) || timeout < 0 || timeout > 10_000) {
    throw new Refusal(400, 'timeout_ms: must be an integer between 0 and 10000');
  }
  return json(200, await Promise.all(names.map((name) => serviceHealth(visit.world, project, name, timeout))));
}

/** Repeated or comma-separated, and at least one. */
function requestedServices(query: URLSearchParams): ServiceName[] {
  const names = query.getAll('services').flatMap((value) => value.split(','));
  if (names.length === 0) {
    throw new Refusal(400, 'services: Required');
  }
  return names.map((name) => {
    const known = serviceNames.find((one) => one === name);
    if (known === undefined) {
      throw new Refusal(400, `services: "${name}" is none of ${serviceNames.join(', ')}`);
    }
    return known;
  });
}

async function serviceHealth(world: World, project: ProjectState, name: ServiceName, timeout: number): Promise<unknown> {
  const said = project.services.get(name) ?? { status: 'UNHEALTHY', error: 'Unknown service' };
  const found = said.status === 'ACTIVE_HEALTHY' ? await tried(world, project, name, timeout) : said;
  const healthy = found.status === 'ACTIVE_HEALTHY';
  return {
    name,
    healthy,
    status: found.status,
    ...(healthy ? info(name) : {}),
    ...(found.error === undefined ? {} : { error: found.error }),
  };
}

/** Who can be asked is asked, where the project has a database and services here. */
async function tried(world: World, project: ProjectState, name: ServiceName, timeout: number): Promise<ServiceState> {
  const postgres = name === 'db' || name === 'db_postgres_user' ? await world.database(project.ref) : undefined;
  if (postgres !== undefined) {
    return askDatabase(postgres, name === 'db', timeout);
  }
  const probe = { gatewayUrl: world.gatewayUrl(), ref: project.ref, keys: project.keys, timeoutMs: timeout };
  const answered = project.ref === world.ref && world.hasGateway() ? await probeService(name, probe) : undefined;
  return answered ?? { status: 'ACTIVE_HEALTHY' };
}

async function askDatabase(postgres: PostgresEngine, readOnly: boolean, timeout: number): Promise<ServiceState> {
  const asked = postgres.query('select 1', { readOnly }).then(
    (answer): ServiceState =>
      'rows' in answer ? { status: 'ACTIVE_HEALTHY' } : { status: 'UNHEALTHY', error: answer.failure.message },
    (error: unknown): ServiceState => ({ status: 'UNHEALTHY', error: error instanceof Error ? error.message : String(error) }),
  );
  const late: ServiceState = { status: 'UNHEALTHY', error: 'Health check timed out' };
  return Promise.race([asked, sleep(timeout, late, { ref: false })]);
}

function info(name: ServiceName): { info?: unknown } {
  switch (name) {
    case 'auth':
      return { info: { name: 'GoTrue', version: 'v2.180.0', description: 'GoTrue is a user registration and authentication API' } };
    case 'realtime':
      return { info: { healthy: true, db_connected: true, replication_connected: true, connected_cluster: 1 } };
    case 'rest':
      return { info: { db_schema: 'public' } };
    default:
      return {};
  }
}
