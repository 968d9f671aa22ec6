import { OpsError } from '../errors.ts';
import { configPath } from '../project/config.ts';
import type { FunctionSource } from './source.ts';

/**
 * The files of a tree from which the CLI deploys exactly this function: what belongs to it, and a `config.toml` of our own that says
 * all there is to say about it, so that nothing is left to be found. `verifyJwt` absent: what is live stays.
 */
export function stagedFiles(source: FunctionSource, ref: string, verifyJwt: boolean | undefined): ReadonlyMap<string, Uint8Array> {
  const config = new TextEncoder().encode(stagedConfig(source, ref, verifyJwt));
  return new Map([...[...source.files].map(([path, file]) => [path, file.content] as const), [configPath, config] as const]);
}

/** Throws `importMissing` when a module that is needed to start is not there, `badConfig` for a file whose content is elsewhere (Git LFS). */
export function checkComplete(source: FunctionSource): void {
  const missing = source.missing.find(({ kind }) => kind === 'static');
  if (missing) {
    throw new OpsError('importMissing', { slug: source.slug, path: missing.path, importedFrom: missing.importedFrom });
  }
  const [pointer] = source.pointers;
  if (pointer !== undefined) {
    throw new OpsError('badConfig', { file: pointer, problem: 'the repository holds only a Git LFS pointer to its content' });
  }
}

function stagedConfig(source: FunctionSource, ref: string, verifyJwt: boolean | undefined): string {
  const settings: [string, string | boolean | readonly string[]][] = [
    ['entrypoint', fromSupabase(source.entrypoint)],
    ...(source.importMap === undefined ? [] : [['import_map', fromSupabase(source.importMap)] satisfies [string, string]]),
    ...(source.staticFiles.length === 0 ? [] : [['static_files', source.staticFiles.map(fromSupabase)] satisfies [string, readonly string[]]]),
    ...(verifyJwt === undefined ? [] : [['verify_jwt', verifyJwt] satisfies [string, boolean]]),
  ];
  const lines = settings.map(([key, value]) => `${key} = ${tomlValue(value)}`);
  return [`project_id = ${tomlValue(ref)}`, '', `[functions.${source.slug}]`, ...lines, ''].join('\n');
}

function fromSupabase(path: string): string {
  return path.startsWith('supabase/') ? `./${path.slice('supabase/'.length)}` : `../${path}`;
}

/** JSON's strings, numbers and lists are TOML's too, but for DEL, which TOML wants escaped. */
function tomlValue(value: string | boolean | readonly string[]): string {
  return JSON.stringify(value).replaceAll('\u007f', '\\u007f');
}
