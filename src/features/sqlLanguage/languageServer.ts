import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { Emitter, type Event } from '../../util/event.ts';

/** Whether the Postgres Language Server looks after a document as well: https://github.com/supabase-community/postgres-language-server-vscode */
export interface LanguageServer extends Disposable {
  serves(document: vscode.TextDocument): boolean;
  readonly onDidChange: Event<void>;
}

const extensionId = 'Supabase.postgrestools';
/** It starts only in folders with one of these at their root, or with the setting that names another place. */
const configFiles = 'postgres-language-server.jsonc,postgrestools.jsonc';
const prefixes = ['postgres-language-server', 'postgrestools'] as const;

export function watchLanguageServer(): LanguageServer {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<void>());
  let configured: ReadonlySet<string> = new Set();
  const look = async (): Promise<void> => {
    const found = await Promise.all((vscode.workspace.workspaceFolders ?? []).map(async (folder) => ((await hasConfig(folder)) ? [folder.uri.toString()] : [])));
    configured = new Set(found.flat());
    changed.fire();
  };
  const lookIfInstalled = () => void (vscode.extensions.getExtension(extensionId) === undefined ? undefined : look());
  const watcher = owned.add(vscode.workspace.createFileSystemWatcher(`**/{${configFiles}}`, false, true));
  owned.add(watcher.onDidCreate(lookIfInstalled));
  owned.add(watcher.onDidDelete(lookIfInstalled));
  owned.add(vscode.extensions.onDidChange(lookIfInstalled));
  owned.add(vscode.workspace.onDidChangeWorkspaceFolders(lookIfInstalled));
  owned.add(vscode.workspace.onDidChangeConfiguration((event) => (prefixes.some((prefix) => event.affectsConfiguration(prefix)) ? lookIfInstalled() : undefined)));
  lookIfInstalled();
  return {
    serves: (document) => {
      const folder = vscode.workspace.getWorkspaceFolder(document.uri);
      const installed = vscode.extensions.getExtension(extensionId) !== undefined;
      return installed && document.languageId === 'sql' && document.uri.scheme === 'file' && folder !== undefined && configured.has(folder.uri.toString());
    },
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}

async function hasConfig(folder: vscode.WorkspaceFolder): Promise<boolean> {
  const [own, former] = prefixes.map((prefix) => vscode.workspace.getConfiguration(prefix, folder.uri));
  if ((own?.get<boolean>('enabled') ?? former?.get<boolean>('enabled')) === false) {
    return false;
  }
  const named = own?.get<string>('configFile') || former?.get<string>('configFile');
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, `{${configFiles}}`), null, 1);
  return found.length > 0 || Boolean(named);
}
