import type { PublicKeys, TomlReader } from '../core/ports.ts';
import { projectConfig } from '../core/functions/source.ts';
import { workingTree } from '../core/functions/sourceTree.ts';
import type { Place, Project } from '../core/project/project.ts';
import { createPlaceFiles } from './files/placeFiles.ts';

/** Where the stack of a place listens, as its `config.toml` says; always on this machine, whatever else it says (SAFETY 7). */
export interface LocalStack {
  readonly gatewayUrl: string;
  readonly databaseUrl: string;
  /** Empty when the CLI could not tell: then what asks for no key still answers. */
  readonly keys: PublicKeys;
  /** Absent when the stack is told to have no log store. */
  readonly logs?: { readonly url: string; readonly key: string };
}

/** The CLI gives every local log store this key: `Analytics.ApiKey` in its `pkg/config/config.go`. */
const localLogKey = 'api-key';

/** What `supabase status -o json` told, if it could be asked. */
export type LocalStatus = Readonly<Record<string, string>> | undefined;

export async function localProject(place: Place, toml: TomlReader): Promise<Project> {
  const { projectId } = await readConfig(place, toml);
  return { kind: 'local', ref: `local-${projectId ?? place.name}`, name: projectId ?? place.name, environment: 'local' };
}

/**
 * Ports from `config.toml`, keys and password from the running stack. Without its word the password is the one that the CLI gives every
 * local database: https://supabase.com/docs/guides/local-development/cli/config
 */
export async function localStack(place: Place, toml: TomlReader, status: (place: Place) => Promise<LocalStatus>): Promise<LocalStack> {
  const [{ ports }, told] = await Promise.all([readConfig(place, toml), status(place)]);
  const publishable = told?.['PUBLISHABLE_KEY'];
  const anon = told?.['ANON_KEY'];
  return {
    gatewayUrl: `http://127.0.0.1:${ports.api}`,
    databaseUrl: onThisMachine(told?.['DB_URL']) ?? `postgresql://postgres:postgres@127.0.0.1:${ports.database}/postgres`,
    ...(ports.logs === undefined ? {} : { logs: { url: `http://127.0.0.1:${ports.logs}`, key: localLogKey } }),
    keys: { ...(publishable === undefined ? {} : { publishable }), ...(anon === undefined ? {} : { anon }) },
  };
}

function onThisMachine(url: string | undefined): string | undefined {
  return url !== undefined && URL.canParse(url) && ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname) ? url : undefined;
}

async function readConfig(place: Place, toml: TomlReader) {
  return projectConfig(workingTree(createPlaceFiles(place.folder)), toml, AbortSignal.timeout(10_000));
}
