import type * as vscode from 'vscode';
import type { Clock, SqlGrammar, Storage } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { Documents } from '../../host/documents.ts';
import type { ResultsView } from '../../host/results.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';
import type { Transactions } from './transactions.ts';

export interface SqlNeeds {
  readonly session: Session;
  readonly commands: CommandRegistry;
  readonly consent: Consent;
  readonly results: ResultsView;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly settings: SettingsSource;
  readonly grammar: SqlGrammar;
  /** Of the workspace: what parameters were given last. */
  readonly storage: Storage;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly transactions: Transactions;
}

/** One statement, and where it stands when an editor has it, so that an error is marked there. */
export interface PlacedStatement {
  readonly text: string;
  readonly place?: Place;
}

export interface Place {
  readonly document: vscode.TextDocument;
  /** UTF-16 offset. */
  readonly start: number;
}

/** What is to be run: from a manual, or from an editor. */
export interface Wanted {
  readonly statements: readonly PlacedStatement[];
  readonly title: string;
  /** The results tab's key: the document's URI, or else the title. */
  readonly tab?: string;
}
