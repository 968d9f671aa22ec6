import * as vscode from 'vscode';
import type { Place } from '../../core/project/project.ts';
import type { TextRange } from '../../core/runbook/document.ts';

/** Migrations in editors; without an editor a test stands in. */
export interface MigrationDocuments {
  uriOf(place: Place, path: string): string;
  /** As it is in an editor, saved or not; `undefined` for a file that is not open. */
  openText(place: Place, path: string): string | undefined;
  show(place: Place, path: string, at: TextRange): Promise<void>;
}

const uriOf = (place: Place, path: string): vscode.Uri => vscode.Uri.joinPath(vscode.Uri.parse(place.id, true), path);

export const openMigrations: MigrationDocuments = {
  uriOf: (place, path) => uriOf(place, path).toString(),
  openText: (place, path) => vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === uriOf(place, path).toString())?.getText(),
  show: async (place, path, { start }) => {
    const document = await vscode.workspace.openTextDocument(uriOf(place, path));
    const at = document.positionAt(start);
    await vscode.window.showTextDocument(document, { preview: false, selection: new vscode.Range(at, at) });
  },
};
