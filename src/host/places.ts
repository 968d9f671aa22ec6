import * as vscode from 'vscode';
import type { TomlReader } from '../core/ports.ts';
import type { Place } from '../core/project/project.ts';
import { DisposableStore, type Disposable } from '../util/dispose.ts';
import { findLinkedProject, findPlaceFolders } from '../core/project/places.ts';

/** Folders of the workspace that hold `supabase/`, outer ones first, with the project their files name. None is an empty list. */
export async function findPlaces(toml: TomlReader): Promise<readonly Place[]> {
  const perFolder = await Promise.all((vscode.workspace.workspaceFolders ?? []).map(async (folder) => placesIn(folder, toml)));
  return perFolder.flat();
}

async function placesIn(folder: vscode.WorkspaceFolder, toml: TomlReader): Promise<Place[]> {
  const pattern = new vscode.RelativePattern(folder, '**/supabase/{config.toml,functions/*/*,migrations/*,.temp/project-ref}');
  const files = await vscode.workspace.findFiles(pattern, '**/node_modules/**', 5000);
  const relative = files.map((uri) => uri.path.slice(folder.uri.path.length).replace(/^\//, ''));
  return Promise.all(
    findPlaceFolders(relative).map(async (path) => {
      const root = path === '' ? folder.uri : vscode.Uri.joinPath(folder.uri, path);
      const linked = await findLinkedProject(async (file) => readText(vscode.Uri.joinPath(root, file)), toml);
      return { id: root.toString(), name: path === '' ? folder.name : `${folder.name}/${path}`, folder: root.fsPath, ...(linked ? { linked } : {}) };
    }),
  );
}

async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof vscode.FileSystemError) {
      return undefined;
    }
    throw error;
  }
}

/** Calls back when a place may have come, gone or been linked to another project. */
export function watchPlaces(changed: () => void): Disposable {
  const owned = new DisposableStore();
  const watcher = owned.add(vscode.workspace.createFileSystemWatcher('**/supabase/{config.toml,.temp/project-ref}'));
  for (const event of [watcher.onDidCreate, watcher.onDidDelete, watcher.onDidChange, vscode.workspace.onDidChangeWorkspaceFolders]) {
    owned.add((event as vscode.Event<unknown>)(changed));
  }
  return owned;
}
