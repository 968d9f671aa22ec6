import path from 'node:path';
import { allowedEnvironment, type Environment } from '../process/environment.ts';

/** The account's service: what the CLI's profile says. */
export interface CliOrigin {
  /** `https://api.supabase.com`. */
  readonly apiUrl: string;
  readonly dashboardUrl: string;
  /** `supabase.co`: what follows the ref in a project's host. */
  readonly projectHost: string;
}

export interface PrivateFolder {
  /** Empty: what the CLI takes for its current directory. */
  readonly current: string;
  /** Empty: no token file, no profile, no cache of the person's own. */
  readonly home: string;
  readonly profile: string;
}

export const profileFile = 'profile.yaml';

/** The keys that both majors want; JSON is YAML, which both parse (SUPABASE.md 1.3). */
export function profileText(origin: CliOrigin): string {
  const profile = { name: 'opsbook', api_url: origin.apiUrl, dashboard_url: origin.dashboardUrl, project_host: origin.projectHost };
  return `${Object.entries(profile)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join('\n')}\n`;
}

/**
 * The CLI's whole environment (SAFETY 1). What is set here cannot come from a `.env` file, which never overrides a variable that is
 * set, empty ones included: profile, proxies and the check of certificates steer where the token goes.
 */
export function cliEnvironment(source: NodeJS.ProcessEnv, searchPath: string, folder: PrivateFolder, proxy = ''): Environment {
  const proxies = { HTTPS_PROXY: proxy, HTTP_PROXY: proxy, ALL_PROXY: '', NO_PROXY: '' };
  return {
    ...allowedEnvironment(source),
    PATH: searchPath,
    HOME: folder.home,
    USERPROFILE: folder.home,
    XDG_CONFIG_HOME: path.join(folder.home, 'config'),
    ...proxies,
    ...Object.fromEntries(Object.entries(proxies).map(([name, value]) => [name.toLowerCase(), value])),
    NODE_TLS_REJECT_UNAUTHORIZED: '1',
    NODE_OPTIONS: '',
    SUPABASE_PROFILE: folder.profile,
    SUPABASE_HOME: folder.home,
    SUPABASE_NO_KEYRING: '1',
    SUPABASE_TELEMETRY_DISABLED: '1',
    SUPABASE_NO_UPDATE_NOTIFIER: '1',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
    LC_ALL: 'C.UTF-8',
  };
}
