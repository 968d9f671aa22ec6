import { l10n } from '../../util/l10n.ts';
import type { HealthState } from '../health/health.ts';

/** How grave the platform's state of a project is, and its word in lower case; nothing for a project that simply runs, or of which nothing is said. */
export function projectState(status: string | undefined): { readonly state: HealthState; readonly word: string } | undefined {
  if (status === undefined || status === 'ACTIVE_HEALTHY') {
    return undefined;
  }
  const [state, word] = projectStates[status] ?? (['unknown', status] as const);
  return { state, word: l10n.t(word) };
}

/** https://supabase.com/docs/reference/api/v1-get-project */
const projectStates: Readonly<Record<string, readonly [HealthState, string]>> = {
  INACTIVE: ['critical', 'paused'],
  ACTIVE_UNHEALTHY: ['critical', 'unhealthy'],
  INIT_FAILED: ['critical', 'could not be set up'],
  RESTORE_FAILED: ['critical', 'could not be restored'],
  PAUSE_FAILED: ['critical', 'could not be paused'],
  REMOVED: ['critical', 'removed'],
  GOING_DOWN: ['critical', 'going down'],
  COMING_UP: ['warn', 'coming up'],
  RESTARTING: ['warn', 'restarting'],
  RESTORING: ['warn', 'being restored'],
  UPGRADING: ['warn', 'being upgraded'],
  PAUSING: ['warn', 'being paused'],
  RESIZING: ['warn', 'being resized'],
  PROMOTING: ['warn', 'being promoted'],
};
