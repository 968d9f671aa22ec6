import * as vscode from 'vscode';
import type { Place } from '../../core/project/project.ts';
import type { Clock } from '../../core/ports.ts';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Consent } from '../../host/consent.ts';
import type { Ui } from '../../host/ui.ts';
import type { Event } from '../../util/event.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { createCatalogs } from './catalogs.ts';
import { watchLanguageServer } from './languageServer.ts';
import { watchMigrationsByHand } from './migratedByHand.ts';
import { checkSeenStatements } from './seenStatements.ts';
import { watchSetFiles } from './setFiles.ts';
import { languages } from './sources.ts';
import { Squiggles, type SquigglesNeeds } from './squiggles.ts';

export interface SqlLanguageNeeds extends Omit<SquigglesNeeds, 'files' | 'languageServer' | 'catalogs' | 'exposedSchemas'> {
  readonly analyst: SqlAnalyst;
  /** Schemas that the API of a place's project serves, as its `config.toml` says. */
  readonly exposedSchemas: (place: Place) => Promise<readonly string[]>;
  /** With the project's ref: its schema was changed from here. */
  readonly schemaChanged: Event<string>;
  readonly commands: CommandRegistry;
  readonly consent: Consent;
  readonly ui: Ui;
  readonly clock: Clock;
}

/** What the editor says of SQL while it is written. */
export function registerSqlLanguage(needs: SqlLanguageNeeds): Disposable {
  const owned = new DisposableStore();
  const { session, analyst } = needs;
  const files = owned.add(watchSetFiles(analyst, session));
  const byHand = owned.add(watchMigrationsByHand());
  const catalogs = owned.add(createCatalogs({ ...needs, migratedByHand: byHand.onDidMigrate }));
  const languageServer = owned.add(watchLanguageServer());
  const exposedSchemas = async (placeId: string): Promise<readonly string[]> => {
    const place = session.allPlaces.find(({ id }) => id === placeId);
    return place === undefined ? ['public'] : needs.exposedSchemas(place);
  };
  const around = { ...needs, files, languageServer, catalogs, exposedSchemas };
  const squiggles = owned.add(new Squiggles(around));
  const answered = (document: vscode.TextDocument) => squiggles.look(document);
  owned.add(checkSeenStatements(around, answered));
  owned.add(needs.commands.register('sql.checkOnServer', async () => (await import('./checkOnServer.ts')).checkOnServer(around, answered)));
  owned.add(
    vscode.languages.registerCodeActionsProvider(
      [...languages],
      {
        provideCodeActions: async (document, range) => {
          const shown = squiggles.shownIn(document);
          return shown.length === 0 ? [] : (await import('./presentation.ts')).quickFixesFor(document, shown, range);
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
  );
  owned.add(
    vscode.languages.registerCompletionItemProvider(
      [...languages],
      { provideCompletionItems: async (document, position, token) => (await import('./assist.ts')).complete(document, position, token, around) },
      '.',
    ),
  );
  owned.add(vscode.languages.registerHoverProvider([...languages], { provideHover: async (document, position, token) => (await import('./assist.ts')).describe(document, position, token, around) }));
  return owned;
}
