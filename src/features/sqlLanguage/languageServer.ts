import * as vscode from 'vscode';
import { serverDuties, type ServerDuties } from '../../core/sql/lint/languageServer.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { Emitter, type Event } from '../../util/event.ts';
import { readText } from './setFiles.ts';

/** What the Postgres Language Server does for a document: https://github.com/supabase-community/postgres-language-server-vscode */
export interface LanguageServer extends Disposable {
  /** `undefined` where it does not look after the document. */
  dutiesIn(document: vscode.TextDocument): ServerDuties | undefined;
  readonly onDidChange: Event<void>;
}

const extensionId = 'Supabase.postgrestools';
/** It starts only in folders with one of these at their root, or with the setting that names another place. */
const configFiles = 'postgres-language-server.jsonc,postgrestools.jsonc';
const prefixes = ['postgres-language-server', 'postgrestools'] as const;

export function watchLanguageServer(): LanguageServer {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<void>());
  let configured: ReadonlyMap<string, ServerDuties> = new Map();
  const look = async (): Promise<void> => {
    const found = await Promise.all(
      (vscode.workspace.workspaceFolders ?? []).map(async (folder) => {
        const text = await readConfig(folder);
        const duties = text === undefined ? undefined : serverDuties(text);
        return duties === undefined ? [] : [[folder.uri.toString(), duties] as const];
      }),
    );
    configured = new Map(found.flat());
    changed.fire();
  };
  const lookIfInstalled = () => void (vscode.extensions.getExtension(extensionId) === undefined ? undefined : look());
  const watcher = owned.add(vscode.workspace.createFileSystemWatcher(`**/{${configFiles}}`));
  owned.add(watcher.onDidCreate(lookIfInstalled));
  owned.add(watcher.onDidChange(lookIfInstalled));
  owned.add(watcher.onDidDelete(lookIfInstalled));
  owned.add(vscode.extensions.onDidChange(lookIfInstalled));
  owned.add(vscode.workspace.onDidChangeWorkspaceFolders(lookIfInstalled));
  owned.add(vscode.workspace.onDidChangeConfiguration((event) => (prefixes.some((prefix) => event.affectsConfiguration(prefix)) ? lookIfInstalled() : undefined)));
  lookIfInstalled();
  return {
    dutiesIn: (document) => {
      const folder = vscode.workspace.getWorkspaceFolder(document.uri);
      const installed = vscode.extensions.getExtension(extensionId) !== undefined;
      return installed && document.languageId === 'sql' && document.uri.scheme === 'file' && folder !== undefined ? configured.get(folder.uri.toString()) : undefined;
    },
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}

/** The text of its configuration; `undefined` where there is none, and it does not start. */
async function readConfig(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const [own, former] = prefixes.map((prefix) => vscode.workspace.getConfiguration(prefix, folder.uri));
  if ((own?.get<boolean>('enabled') ?? former?.get<boolean>('enabled')) === false) {
    return undefined;
  }
  const named = own?.get<string>('configFile') || former?.get<string>('configFile');
  const found = named ? [fileIn(folder, named)] : await vscode.workspace.findFiles(new vscode.RelativePattern(folder, `{${configFiles}}`), null, 1);
  const [uri] = found;
  return uri && readText(uri);
}

function fileIn(folder: vscode.WorkspaceFolder, path: string): vscode.Uri {
  return /^([\\/]|[a-zA-Z]:)/.test(path) ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder.uri, path);
}
