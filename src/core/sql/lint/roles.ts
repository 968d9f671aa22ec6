/** What an SQL file of a place is, by the folders that the Supabase CLI gives a meaning: https://supabase.com/docs/guides/local-development/overview */
import type { TextRole } from './rule.ts';

export interface FileRole {
  readonly role: TextRole;
  /** The folder whose files are applied one after the other. */
  readonly folder?: string;
}

/** A file among those that are applied one after the other. */
export interface FileInSet {
  readonly id: string;
  /** Its own path among them; their order is the order in which they are applied. */
  readonly path: string;
}

/** `path` is relative to the place, with `/`. */
export function roleOfFile(path: string): FileRole {
  const parts = path.split('/');
  const [top = '', second = ''] = parts;
  const name = parts.at(-1) ?? '';
  if (top !== 'supabase') {
    return { role: 'script' };
  }
  if (second === 'tests' || second === 'seeds' || /^seed\b/.test(name)) {
    return { role: 'data' };
  }
  switch (second) {
    case 'migrations':
      return { role: 'migration', folder: `${top}/${second}` };
    case 'schemas':
      return { role: 'schema', folder: `${top}/${second}` };
    default:
      return { role: 'script' };
  }
}

/** The set of a file, for whoever analyses it; none for a file that stands by itself. */
export function setOf(placeId: string, path: string): FileInSet | undefined {
  const { folder } = roleOfFile(path);
  return folder === undefined ? undefined : { id: `${placeId} ${folder}`, path };
}

/** The set of a place's migrations. */
export function migrationsOf(placeId: string): string {
  return `${placeId} supabase/migrations`;
}

export type PendingMigrations =
  /** It was applied, or is no migration that the CLI applies. */
  | { readonly kind: 'past' }
  /** Nobody can read what was applied. */
  | { readonly kind: 'unknown' }
  /** It is still to be applied, after these. */
  | { readonly kind: 'pending'; readonly before: readonly string[] };

/** The CLI applies `<digits>_<name>.sql` by the digits: https://supabase.com/docs/guides/deployment/database-migrations */
export function pendingMigrations(path: string, all: readonly string[], applied: readonly string[] | undefined): PendingMigrations {
  const version = migrationVersion(path);
  if (version === undefined) {
    return { kind: 'past' };
  }
  if (applied === undefined) {
    return { kind: 'unknown' };
  }
  const done = new Set(applied);
  const before = all.filter((each) => {
    const other = migrationVersion(each);
    return other !== undefined && each < path && !done.has(other);
  });
  return done.has(version) ? { kind: 'past' } : { kind: 'pending', before };
}

/** Those that are still to be applied, in the order in which the CLI does it: files of the folder itself. `outOfOrder`: one that was applied is newer. */
export function allPending(all: readonly string[], applied: readonly string[]): readonly { readonly path: string; readonly outOfOrder: boolean }[] {
  const done = new Set(applied);
  const newest = [...applied].sort().at(-1) ?? '';
  return all.flatMap((path) => {
    const version = path.split('/').length === 3 ? migrationVersion(path) : undefined;
    return version === undefined || done.has(version) ? [] : [{ path, outOfOrder: version < newest }];
  }).sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** Versions that were applied and of which no file is there: the CLI then applies nothing. */
export function unfiled(all: readonly string[], applied: readonly string[]): readonly string[] {
  const versions = new Set(all.map(migrationVersion));
  return applied.filter((version) => !versions.has(version)).sort();
}

function migrationVersion(path: string): string | undefined {
  return path.startsWith('supabase/migrations/') ? /(?:^|\/)(\d+)_[^/]*\.sql$/.exec(path)?.[1] : undefined;
}
