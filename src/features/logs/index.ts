import * as vscode from 'vscode';
import type { ActiveTails } from '../../core/logs/activeTails.ts';
import type { Clock, Storage } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import { setContextKey } from '../../host/contextKeys.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { once } from '../../util/once.ts';
import type { Channel } from './follow.ts';
import { tailsStatus } from './statusBar.ts';

export interface LogsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly commands: CommandRegistry;
  readonly settings: SettingsSource;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly ui: Ui;
}

export function registerLogs(needs: LogsNeeds): Disposable {
  const owned = new DisposableStore();
  const { commands, tails } = needs;
  const channels = owned.add(new Channels());
  const tailing = once(async () => createTailing(needs, channels));
  owned.add(commands.register('functions.tailLogs', async (argument) => (await tailing()).tailFunction(argument)));
  owned.add(commands.register('logs.tail', async (argument) => (await tailing()).tailService(argument)));
  owned.add(commands.register('functions.stopTail', async (argument) => (await tailing()).stopTail(argument)));
  owned.add(commands.register('logs.pauseTail', async (argument) => (await tailing()).pauseTail(argument)));
  owned.add(commands.register('logs.resumeTail', async (argument) => (await tailing()).resumeTail(argument)));
  owned.add(commands.register('logs.changeFilter', async (argument) => (await tailing()).changeFilter(argument)));
  owned.add(commands.register('logs.manageTails', async (argument) => (await tailing()).manageTails(argument)));
  owned.add(tails.onDidChange(() => setContextKey('tailing', tails.any)));
  owned.add(tailsStatus(tails));
  owned.add({ dispose: () => tails.stopAll() });
  return owned;
}

/** What follows lines is loaded with the first tail. */
async function createTailing(needs: LogsNeeds, channels: Channels) {
  const [{ tailHandlers }, { SavedFilters }] = await Promise.all([import('./tailCommands.ts'), import('./savedFilters.ts')]);
  const { session, tails, clock, ui, settings, storage, commands } = needs;
  return tailHandlers({
    session,
    tails,
    clock,
    ui,
    follow: {
      tails,
      clock,
      saved: new SavedFilters(storage),
      settings: () => ({ lookBackMinutes: settings.current['opsbook.logs.lookBackMinutes'], mask: settings.current['opsbook.logs.maskSecrets'], details: settings.current['opsbook.logs.showDetails'] }),
      channelOf: (name) => channels.get(name),
      guard: commands.guard,
    },
  });
}

/**
 * One output channel per tail. The lines carry the events' own UTC time, so it is a plain channel in the log language: a
 * `LogOutputChannel` would stamp the time of receipt.
 */
class Channels implements Disposable {
  private readonly known = new Map<string, vscode.OutputChannel>();

  get(name: string): Channel {
    const channel = this.known.get(name) ?? vscode.window.createOutputChannel(name, 'log');
    this.known.set(name, channel);
    return channel;
  }

  dispose(): void {
    this.known.forEach((channel) => channel.dispose());
  }
}
