import { defined } from '../../util/defined.ts';
import { isReservedSecretName, type Secret } from './secret.ts';

/** Where code reads a secret: a path within the place, and an offset (UTF-16) in the file. */
export interface SecretRead {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
}

export interface SecretRow {
  readonly name: string;
  /**
   * `missing`: read by code and set nowhere. `unused`: set, and read by no code here. `reserved`: set by the platform itself.
   */
  readonly state: 'set' | 'missing' | 'unused' | 'reserved';
  /** Epoch milliseconds. */
  readonly updatedAt?: number;
  readonly readers: readonly SecretRead[];
}

export interface SecretSources {
  readonly remote: readonly Secret[];
  readonly reads: readonly SecretRead[];
  /** There is code whose every read is known: only then can a secret be called unused. */
  readonly complete: boolean;
}

/** Code and platform side by side: what is missing first, then what is set, both by name. */
export function mapSecrets({ remote, reads, complete }: SecretSources): SecretRow[] {
  const readers = new Map<string, SecretRead[]>();
  for (const read of reads) {
    readers.set(read.name, [...(readers.get(read.name) ?? []), read]);
  }
  const known = new Set(remote.map(({ name }) => name));
  const missing = [...readers.keys()].filter((name) => !known.has(name) && !isReservedSecretName(name));
  return [
    ...missing.sort(byCodeUnits).map((name): SecretRow => ({ name, state: 'missing', readers: readers.get(name) ?? [] })),
    ...[...remote].sort((a, b) => byCodeUnits(a.name, b.name)).map(({ name, updatedAt }): SecretRow => {
      const own = readers.get(name) ?? [];
      const state = isReservedSecretName(name) ? 'reserved' : own.length === 0 && complete ? 'unused' : 'set';
      return { name, state, readers: own, ...defined({ updatedAt }) };
    }),
  ];
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
