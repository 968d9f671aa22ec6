import type { DeployedFileNeeds } from '../../core/functions/deployedFile.ts';
import type { ActiveTails } from '../../core/logs/activeTails.ts';
import type { Clock, SecretStore, Storage, SupabaseCli } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Documents } from '../../host/documents.ts';
import type { ResultsView } from '../../host/results.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';

export interface LogsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly commands: CommandRegistry;
  readonly settings: SettingsSource;
  readonly storage: Storage;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly ui: Ui;
  readonly results: ResultsView;
  readonly documents: Documents;
  /** What was live before, and the CLI; throws where there is no place or no trust. */
  readonly tools: (connection: Connection, signal: AbortSignal) => Promise<NonNullable<DeployedFileNeeds['past']> & { readonly cli: Pick<SupabaseCli, 'serveFunctions'> }>;
}
