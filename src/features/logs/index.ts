import * as vscode from 'vscode';
import { setContextKey } from '../../host/contextKeys.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { once } from '../../util/once.ts';
import type { LogsNeeds } from './needs.ts';
import { tailsStatus } from './statusBar.ts';

/** Everything but the registrations is loaded with the first command. */
export function registerLogs(needs: LogsNeeds): Disposable {
  const owned = new DisposableStore();
  const { commands, tails, settings } = needs;
  const room = once(async () => (await import('./room.ts')).openRoom(needs, (item) => owned.add(item)));
  owned.add(commands.register('functions.tailLogs', async (argument) => (await room()).tailFunction(argument)));
  owned.add(commands.register('logs.tail', async (argument) => (await room()).tailService(argument)));
  owned.add(commands.register('logs.showTail', async (argument) => (await room()).showTail(argument)));
  owned.add(commands.register('functions.stopTail', async (argument) => (await room()).stopTail(argument)));
  owned.add(commands.register('logs.pauseTail', async (argument) => (await room()).pauseTail(argument)));
  owned.add(commands.register('logs.resumeTail', async (argument) => (await room()).resumeTail(argument)));
  owned.add(commands.register('logs.changeFilter', async (argument) => (await room()).changeFilter(argument)));
  owned.add(commands.register('logs.manageTails', async (argument) => (await room()).manageTails(argument)));
  owned.add(commands.register('logs.saveLines', async (argument) => (await room()).saveLines(argument)));
  owned.add(commands.register('logs.showErrors', async (argument) => (await room()).showErrors(argument)));
  owned.add(commands.register('logs.openSource', async (argument) => (await room()).openSource(argument)));
  owned.add(commands.register('logs.openWorkingCopy', async () => (await room()).openWorkingCopy()));
  owned.add(commands.register('functions.serve', async () => (await room()).serve()));
  owned.add(commands.register('logs.setStoreKey', async () => (await room()).setStoreKey()));
  owned.add(commands.register('logs.toggleDetails', async () => vscode.workspace.getConfiguration('opsbook').update('logs.showDetails', !settings.current['opsbook.logs.showDetails'], vscode.ConfigurationTarget.Global)));
  owned.add(
    settings.onDidChange(({ previous, next }) => {
      const keys = ['opsbook.logs.showDetails', 'opsbook.logs.maskSecrets'] as const;
      if (keys.some((key) => previous[key] !== next[key])) {
        void commands.guard('logs.toggleDetails', async () => (await room()).readAgain());
      }
    }),
  );
  owned.add(tails.onDidChange(() => setContextKey('tailing', tails.any)));
  owned.add(tailsStatus(tails));
  owned.add({ dispose: () => tails.stopAll() });
  return owned;
}
