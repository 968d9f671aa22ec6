import * as vscode from 'vscode';
import type { FileSource, ListedFile } from '../core/runbook/library.ts';
import type { Place } from '../core/project/project.ts';
import type { Session } from '../core/project/session.ts';
import type { Documents } from './documents.ts';
import type { SettingsSource } from './settings.ts';
import type { Disposable } from '../util/dispose.ts';
import { DisposableStore } from '../util/dispose.ts';
import { Emitter } from '../util/event.ts';

/** The Markdown files of the places that match `opsbook.runbooks.files`. */
export function repositoryFiles({ settings, session }: { settings: SettingsSource; session: Session }): FileSource & Disposable {
  return placeFiles(session, () => settings.current['opsbook.runbooks.files'], (changed) => settings.onDidChange(({ previous, next }) => previous['opsbook.runbooks.files'] === next['opsbook.runbooks.files'] || changed()));
}

/** A repository with more Markdown than this has it from elsewhere. */
const mostFiles = 2000;

/** Every Markdown file of the places, listed or not. */
export function allRepositoryFiles({ session }: { session: Session }): FileSource & Disposable {
  return placeFiles(session, () => ['**/*.md'], () => ({ dispose: () => {} }));
}

function placeFiles(session: Session, patterns: () => readonly string[], onDidChangePatterns: (changed: () => void) => Disposable): FileSource & Disposable {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<void>());
  const watcher = owned.add(vscode.workspace.createFileSystemWatcher('**/*.md'));
  for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) {
    owned.add(event(() => changed.fire()));
  }
  let listed: readonly Place[] = session.allPlaces;
  owned.add(
    session.onDidChange(() => {
      if (listed !== session.allPlaces) {
        listed = session.allPlaces;
        changed.fire();
      }
    }),
  );
  owned.add(onDidChangePatterns(() => changed.fire()));
  const listPlace = async (place: Place): Promise<ListedFile[]> => {
    const root = vscode.Uri.parse(place.id, true);
    const globs = patterns();
    if (globs.length === 0) {
      return [];
    }
    const found = await vscode.workspace.findFiles(new vscode.RelativePattern(root, `{${globs.join(',')}}`), '**/node_modules/**', mostFiles);
    return found
      .map((uri) => ({ uri: uri.toString(), label: uri.path.slice(root.path.length).replace(/^\//, ''), origin: 'repository' as const, read: async () => readText(uri) }))
      .sort((a, b) => a.label.localeCompare(b.label));
  };
  return {
    list: async () => (await Promise.all(session.allPlaces.map(listPlace))).flat(),
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}

/** The manuals and diagnostics that ship; they never change. */
export function bundledFiles(documents: Documents, extensionUri: vscode.Uri): FileSource {
  const listFolder = async (folder: string): Promise<ListedFile[]> => {
    const entries = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(extensionUri, folder));
    const lists = await Promise.all(
      entries.sort().map(async ([name, type]) => {
        const path = `${folder}/${name}`;
        if (type === vscode.FileType.Directory) {
          return listFolder(path);
        }
        return name.endsWith('.md')
          ? [{ uri: documents.bundledUri(path).toString(), label: path.replace(/^runbooks\//, ''), origin: 'bundled' as const, read: async () => readText(vscode.Uri.joinPath(extensionUri, path)) }]
          : [];
      }),
    );
    return lists.flat();
  };
  return { list: async () => listFolder('runbooks'), onDidChange: () => ({ dispose: () => {} }) };
}

async function readText(uri: vscode.Uri): Promise<string> {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await vscode.workspace.fs.readFile(uri));
}
