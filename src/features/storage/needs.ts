import type { Clock, SecretStore, Storage } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { Ui } from '../../host/ui.ts';

export interface StorageNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly commands: CommandRegistry;
  readonly consent: Consent;
  readonly ui: Ui;
  readonly clock: Clock;
  /** Of the workspace: the names of what is kept in secret storage. */
  readonly storage: Storage;
  readonly secrets: SecretStore;
}
