import type * as vscode from 'vscode';
import type { Clock, SqlGrammar, Storage } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { Library } from '../../core/runbook/library.ts';
import type { SqlHistory } from '../../core/sql/history.ts';
import type { Candidate } from '../../core/sql/placeholders.ts';
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
  readonly documents: Pick<Documents, 'showReport' | 'openSql'>;
  readonly settings: SettingsSource;
  readonly grammar: SqlGrammar;
  /** The manuals whose fences are run. */
  readonly library: Library;
  /** Of the workspace: what parameters were given last. */
  readonly storage: Storage;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly history: SqlHistory;
  readonly transactions: Transactions;
}

/** `tried`: with the right to write, and rolled back. `held`: in the transaction that is open. */
export type Mode = 'read' | 'write' | 'tried' | 'held';

/** One statement, and where it stands when an editor has it, so that an error is marked there. */
export interface PlacedStatement {
  readonly text: string;
  /** What a program fills in: placeholders whatever the grammar says. */
  readonly openings?: readonly Candidate[];
  readonly place?: Place;
}

export interface Place {
  readonly document: vscode.TextDocument;
  /** Of the document as it was then: in another one the place is not known. */
  readonly version: number;
  /** A UTF-16 offset in the statement's text as one in the document. */
  readonly toDocument: (offset: number) => number;
}

/** What is to be run: from a manual, or from an editor. */
export interface Wanted {
  readonly statements: readonly PlacedStatement[];
  readonly title: string;
  /** The results tab's key: the document's URI, or else the title. */
  readonly tab?: string;
  /** They stand in a fence as the manual writes them. */
  readonly inManual?: boolean;
  /** How what does more than read is run, if that was chosen already. */
  readonly mode?: Mode;
}
