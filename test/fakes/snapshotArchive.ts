import type { Snapshot, SnapshotArchive } from '../../src/core/diagnostics/snapshot.ts';

export class FakeSnapshotArchive implements SnapshotArchive {
  /** Oldest first. */
  readonly kept: Snapshot[] = [];

  async put(snapshot: Snapshot): Promise<void> {
    this.kept.push(structuredClone(snapshot));
  }

  async times(ref: string): Promise<readonly number[]> {
    return this.kept.filter((snapshot) => snapshot.ref === ref).map(({ takenAt }) => takenAt).sort((a, b) => b - a);
  }

  async get(ref: string, takenAt: number): Promise<Snapshot | undefined> {
    return this.kept.find((snapshot) => snapshot.ref === ref && snapshot.takenAt === takenAt);
  }
}
