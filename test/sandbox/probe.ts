/** How the control plane finds out about the services behind the gateway: it asks them. */
import type { ProjectKeys } from './projectKeys.ts';
import type { ServiceName, ServiceState } from './state.ts';

/** User agent of these questions, so that they are not counted as traffic. */
export const probeAgent = 'sandbox-health';

const paths: Partial<Record<ServiceName, (ref: string) => string>> = {
  auth: () => '/auth/v1/health',
  rest: () => '/rest/v1/',
  storage: () => '/storage/v1/status',
  realtime: (ref) => `/realtime/v1/api/tenants/${ref}/health`,
};

export interface Probe {
  gatewayUrl: string;
  ref: string;
  keys: ProjectKeys;
  timeoutMs: number;
}

/** What a service says of itself, or undefined where it is none that the gateway knows. */
export async function probeService(name: ServiceName, probe: Probe): Promise<ServiceState | undefined> {
  const path = paths[name]?.(probe.ref);
  if (path === undefined) {
    return undefined;
  }
  try {
    const answer = await fetch(probe.gatewayUrl + path, {
      headers: { apikey: probe.keys.serviceRole, 'user-agent': probeAgent },
      signal: AbortSignal.timeout(probe.timeoutMs),
    });
    return answer.ok ? healthOf(name, await answer.text()) : { status: 'UNHEALTHY', error: `HTTP ${answer.status}` };
  } catch (error) {
    return { status: 'UNHEALTHY', error: error instanceof Error ? error.message : String(error) };
  }
}

/** Realtime answers 200 and says in the body that it is not well. */
function healthOf(name: ServiceName, body: string): ServiceState {
  const told = name === 'realtime' ? (JSON.parse(body) as { data: { healthy: boolean } }).data.healthy : true;
  return told ? { status: 'ACTIVE_HEALTHY' } : { status: 'UNHEALTHY', error: 'not connected to the database' };
}
