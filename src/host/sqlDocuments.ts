import * as vscode from 'vscode';
import type { Place } from '../core/project/project.ts';
import type { Session } from '../core/project/session.ts';
import type { SettingsSource } from './settings.ts';

export interface SqlDocumentNeeds {
  readonly settings: SettingsSource;
  readonly session: Session;
}

/** Languages whose strings may hold SQL. */
export const programLanguages: readonly string[] = ['typescript', 'javascript', 'typescriptreact', 'javascriptreact'];

/** An SQL document that is ours: untitled, or of a place and named by `opsbook.sql.files`. Every other dialect's files are left alone. */
export function isOurSql(document: vscode.TextDocument, { settings, session }: SqlDocumentNeeds): boolean {
  if (document.languageId !== 'sql') {
    return false;
  }
  if (document.isUntitled) {
    return true;
  }
  return session.allPlaces.some((place) =>
    settings.current['opsbook.sql.files'].some((glob) => vscode.languages.match({ pattern: new vscode.RelativePattern(vscode.Uri.parse(place.id, true), glob) }, document) > 0),
  );
}

/** The place that a document lies in, the innermost one, and its path there with `/`; `undefined` outside of all places. */
export function placeOf(uri: vscode.Uri, session: Session): { readonly place: Place; readonly path: string } | undefined {
  const within = session.allPlaces
    .map((place) => ({ place, root: vscode.Uri.parse(place.id, true) }))
    .filter(({ root }) => uri.scheme === root.scheme && uri.authority === root.authority && uri.path.startsWith(`${root.path.replace(/\/$/, '')}/`))
    .sort((one, other) => other.root.path.length - one.root.path.length)[0];
  return within && { place: within.place, path: uri.path.slice(within.root.path.replace(/\/$/, '').length + 1) };
}
