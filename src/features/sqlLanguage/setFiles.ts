import * as vscode from 'vscode';
import type { Session } from '../../core/project/session.ts';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { SetFile } from '../../core/sql/lint/request.ts';
import { setOf } from '../../core/sql/lint/roles.ts';
import { placeOf } from '../../host/sqlDocuments.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { Emitter, type Event } from '../../util/event.ts';

/** Hands the files of migrations and schemas to whoever analyses, from the first time one of them is open. */
export interface SetFiles extends Disposable {
  /** The files of the place are known when it resolves. */
  ready(placeId: string): Promise<void>;
  /** Files came, went or were saved. */
  readonly onDidChange: Event<void>;
}

const pattern = 'supabase/{migrations,schemas}/**/*.sql';
/** Files that belong together; more are not read. */
const mostFiles = 2000;

export function watchSetFiles(analyst: SqlAnalyst, session: Session): SetFiles {
  const owned = new DisposableStore();
  const changed = owned.add(new Emitter<void>());
  const known = new Map<string, Promise<void>>();
  const load = async (placeId: string): Promise<void> => {
    const found = await vscode.workspace.findFiles(new vscode.RelativePattern(vscode.Uri.parse(placeId, true), pattern), '**/node_modules/**', mostFiles);
    const sets = new Map<string, SetFile[]>();
    await Promise.all(
      found.map(async (uri) => {
        const within = placeOf(uri, session);
        const set = within && setOf(within.place.id, within.path);
        const text = set && (await readText(uri));
        if (set !== undefined && text !== undefined) {
          sets.set(set.id, [...(sets.get(set.id) ?? []), { path: set.path, text }]);
        }
      }),
    );
    sets.forEach((files, id) => analyst.setFiles(id, files));
  };
  const reload = () => {
    if (known.size > 0) {
      known.clear();
      changed.fire();
    }
  };
  const watcher = owned.add(vscode.workspace.createFileSystemWatcher(`**/${pattern}`));
  for (const event of [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete]) {
    owned.add(event(reload));
  }
  return {
    ready: async (placeId) => {
      const loading = known.get(placeId) ?? load(placeId);
      known.set(placeId, loading);
      await loading;
    },
    onDidChange: changed.event,
    dispose: () => owned.dispose(),
  };
}

/** `undefined` for a file that cannot be read. */
export async function readText(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof vscode.FileSystemError) {
      return undefined;
    }
    throw error;
  }
}
