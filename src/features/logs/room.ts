import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import type { Channel, FollowNeeds } from './follow.ts';
import { LineLinks } from './lineLinks.ts';
import { provideLineLinks } from './linkProvider.ts';
import type { LogsNeeds } from './needs.ts';
import { readHandlers, type ReadCommandNeeds } from './readCommands.ts';
import { SavedFilters } from './savedFilters.ts';
import { serveFunctions } from './serve.ts';
import { openSource, workingPath, type Position } from './source.ts';
import { setStoreKey } from './storeKey.ts';
import { tailHandlers } from './tailCommands.ts';

/** The commands by what they do, and what they share: channels, links in them, saved filters. */
export function openRoom(needs: LogsNeeds, own: <T extends Disposable>(item: T) => T) {
  const { session, tails, clock, ui, settings, storage, commands, results, documents } = needs;
  const channels = own(new Channels());
  const links = new LineLinks();
  own(provideLineLinks(links));
  const saved = new SavedFilters(storage);
  const current = () => ({ lookBackMinutes: settings.current['opsbook.logs.lookBackMinutes'], mask: settings.current['opsbook.logs.maskSecrets'], details: settings.current['opsbook.logs.showDetails'] });
  const follow: FollowNeeds = { tails, clock, saved, links, settings: current, channelOf: (name) => channels.get(name), guard: commands.guard };
  return {
    ...tailHandlers({ session, tails, clock, ui, follow }),
    ...readHandlers({ session, tails, clock, ui, results, saved, mask: () => current().mask, askFile }),
    openSource: openSource({
      session,
      ui,
      past: needs.tools,
      showFile: async (name, text, at) => {
        await documents.open(documents.hold(name, text), selectionAt(at));
      },
      showWorkingCopy,
    }),
    serve: serveFunctions({ session, clock, follow, cli: async (connection, signal) => (await needs.tools(connection, signal)).cli }),
    setStoreKey: setStoreKey({ session, ui, secrets: needs.secrets }),
    openWorkingCopy: async () => openWorkingCopy(session.connection()),
    /** Running tails show their past again, with the settings as they are now. */
    readAgain: async () => {
      await Promise.all(tails.all.filter(({ state }) => state.kind !== 'failed').map(async ({ reins, filter }) => reins.filter(filter)));
    },
  };
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
    return {
      append: (text) => channel.append(text),
      replace: (text) => {
        // `replace` of VS Code leaves the channel without links.
        channel.clear();
        channel.append(text);
      },
      show: (preserveFocus) => channel.show(preserveFocus),
    };
  }

  dispose(): void {
    this.known.forEach((channel) => channel.dispose());
  }
}

async function askFile(name: string): ReturnType<ReadCommandNeeds['askFile']> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const file = `${name}.log`;
  const uri = await vscode.window.showSaveDialog({
    title: l10n.t('Save Log Lines'),
    filters: { [l10n.t('Log')]: ['log', 'txt'], [l10n.t('JSON lines')]: ['jsonl'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder.uri, file) } : {}),
  });
  return (
    uri && {
      format: uri.path.endsWith('.jsonl') ? 'jsonl' : 'log',
      path: uri.fsPath,
      write: async (text) => vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(text)),
      open: async () => {
        await vscode.window.showTextDocument(uri);
      },
    }
  );
}

/** From 1 to from 0. */
function selectionAt({ line, column = 1 }: Position): vscode.Range {
  const position = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  return new vscode.Range(position, position);
}

async function showWorkingCopy({ place }: Connection, path: string, at: Position): Promise<boolean> {
  if (!place || path.split('/').includes('..')) {
    return false;
  }
  const uri = vscode.Uri.joinPath(vscode.Uri.parse(place.id, true), path);
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    return false;
  }
  await vscode.window.showTextDocument(uri, { selection: selectionAt(at) });
  return true;
}

/** From a file as it was deployed to the one of the place, at the same line. */
async function openWorkingCopy(connection: Connection): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const path = editor && workingPath(editor.document.uri.path);
  if (!editor || path === undefined) {
    throw new OpsError('notFound', { what: l10n.t('A file as it was deployed, in the editor in front,') });
  }
  const { line, character } = editor.selection.active;
  if (!(await showWorkingCopy(connection, path, { line: line + 1, column: character + 1 }))) {
    throw new OpsError('notFound', { what: l10n.t('{0} in this folder', path) });
  }
}
