import * as vscode from 'vscode';
import { isMigrating } from '../../core/project/migratingCommands.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { Emitter, type Event } from '../../util/event.ts';

/**
 * Told when a command of the Supabase CLI that migrates a database has ended well in a terminal of this window, in one of its folders, where
 * the shell tells (https://code.visualstudio.com/docs/terminal/shell-integration). The line is looked at for that alone: it is kept and logged
 * nowhere, and what commands print is not read at all.
 */
export function watchMigrationsByHand(): Disposable & { readonly onDidMigrate: Event<void> } {
  const owned = new DisposableStore();
  const migrated = owned.add(new Emitter<void>());
  owned.add(
    vscode.window.onDidEndTerminalShellExecution(({ exitCode, execution: { commandLine, cwd } }) => {
      const isOurs = cwd === undefined || vscode.workspace.getWorkspaceFolder(cwd) !== undefined;
      if (exitCode === 0 && isOurs && isMigrating(commandLine.value)) {
        migrated.fire();
      }
    }),
  );
  return { onDidMigrate: migrated.event, dispose: () => owned.dispose() };
}
