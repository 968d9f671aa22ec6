import type { SnapshotArchive } from '../../core/diagnostics/snapshot.ts';
import type { Clock } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { Library } from '../../core/runbook/library.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { Documents } from '../../host/documents.ts';
import type { ResultsView } from '../../host/results.ts';
import type { Ui } from '../../host/ui.ts';

export interface DiagnosticsNeeds {
  readonly session: Session;
  readonly library: Library;
  readonly results: ResultsView;
  readonly documents: Pick<Documents, 'showReport' | 'openAt' | 'openSql'>;
  readonly commands: CommandRegistry;
  readonly clock: Clock;
  readonly ui: Ui;
  readonly consent: Consent;
  readonly isTrusted: () => boolean;
  /** Comes with the first snapshot. */
  readonly snapshots: () => Promise<SnapshotArchive>;
  /** Asks where to write a report; throws `cancelled`. */
  readonly askFile: (name: string) => Promise<ReportFile>;
}

export interface ReportFile {
  /** By the ending that was chosen. */
  readonly format: 'md' | 'csv';
  write(text: string): Promise<void>;
}
