/** What Opsbook operates: a hosted project, one of its preview branches, a local stack, or a self-hosted installation. */

export type Environment = 'production' | 'staging' | 'development' | 'preview' | 'local';

export type ProjectKind = 'hosted' | 'local' | 'selfHosted';

export interface Project {
  readonly kind: ProjectKind;
  /** Hosted: 20 lower-case letters. Local and self-hosted: an id of ours that is stable for the place, `local-…`, `self-…`. */
  readonly ref: string;
  readonly name: string;
  readonly environment: Environment;
  /** Present for hosted projects: the account whose token reads it. */
  readonly accountId?: string;
  readonly organization?: string;
  readonly region?: string;
  /** Hosted: the platform's own state, such as `ACTIVE_HEALTHY` or `INACTIVE`; unknown members are kept as they come. */
  readonly status?: string;
  /** Set on a preview branch. */
  readonly parentRef?: string;
}

/** A hosted project's ref: https://supabase.com/docs/reference/api, and the CLI's own check. */
export const projectRefPattern = /^[a-z]{20}$/;

/** A folder that holds `supabase/`; a workspace has none, one or many. */
export interface Place {
  /** The folder's URI as text: the key of everything that is kept per place. */
  readonly id: string;
  readonly name: string;
  /** Absolute path of the folder that contains `supabase/`. */
  readonly folder: string;
  /** What the files say the project is, if they say it: offered once, never taken. */
  readonly linked?: { ref: string; from: 'supabase/.temp/project-ref' | 'config.toml' };
}

/** Every hosted project counts as production until the user says otherwise; branches and loopback do not. */
export function isGuarded(project: Project): boolean {
  return project.environment === 'production';
}

/** Nobody's production: a local stack or a preview branch, unless the person says otherwise. Its database may be asked what nobody pressed for. */
export function isForTrying({ kind, parentRef, environment }: Project): boolean {
  return environment !== 'production' && (kind === 'local' || parentRef !== undefined);
}

/** Where the dashboard shows a part of the project. Only hosted projects have one. */
export function dashboardUrl(project: Project, page: string, dashboard = 'https://supabase.com/dashboard'): string | undefined {
  return project.kind === 'hosted' ? `${dashboard}/project/${project.ref}${page === '' ? '' : `/${page}`}` : undefined;
}
