import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { Clock, SecretStore, Storage } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { Documents } from '../../host/documents.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';

export interface InvokeNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
  readonly ui: Ui;
  readonly consent: Consent;
  readonly clock: Clock;
  readonly documents: Documents;
  readonly settings: SettingsSource;
  /** Of the workspace. */
  readonly storage: Storage;
  readonly secrets: SecretStore;
  readonly places: Pick<PlaceReader, 'functions'>;
}
