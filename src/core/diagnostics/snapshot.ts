import type { Environment } from '../project/project.ts';
import type { Finding } from './finding.ts';

/** What all diagnostics said at one time. Plain data, as it is kept. */
export interface Snapshot {
  readonly format: 1;
  /** Epoch milliseconds. */
  readonly takenAt: number;
  readonly ref: string;
  readonly project: string;
  readonly environment: Environment;
  /** How the database was asked: `postgres@db.example.com:5432`, `Management API`. */
  readonly address: string;
  readonly findings: readonly Finding[];
}

/** Kept snapshots of each project, the newest few of them. All members throw `storageFailed`. */
export interface SnapshotArchive {
  put(snapshot: Snapshot): Promise<void>;
  /** When they were taken, newest first; none is an empty list. */
  times(ref: string): Promise<readonly number[]>;
  /** `undefined` when none was taken at that time, or what is there is none. */
  get(ref: string, takenAt: number): Promise<Snapshot | undefined>;
}

/** What was kept, if it is a snapshot of this format. */
export function readSnapshot(value: unknown): Snapshot | undefined {
  const isOne = typeof value === 'object' && value !== null && 'format' in value && value.format === 1 && 'takenAt' in value && typeof value.takenAt === 'number' && 'findings' in value && Array.isArray(value.findings);
  return isOne ? (value as Snapshot) : undefined;
}
