import type * as vscode from 'vscode';
import { schemes } from '../../contributions.ts';

/** Where in which document a lens stands: what its command takes. */
export interface RequestPlace {
  readonly uri: string;
  readonly offset: number;
}

/** Our own documents, saved requests, and any other `.http` file that says with which role it is sent; the rest is other extensions'. */
export function isRequestDocument(document: vscode.TextDocument): boolean {
  const { scheme, path } = document.uri;
  return scheme === schemes.request || (path.endsWith('.http') && scheme !== schemes.document && (/\/supabase\/requests\/[^/]+$/.test(path) || /^#[ \t]*role[ \t]*:/m.test(document.getText())));
}

/** How the name of an answer's document ends. */
export const answerEnding = ' answer.http';

export const selector: vscode.DocumentSelector = [{ scheme: schemes.request }, { scheme: 'file', pattern: '**/*.http' }, { scheme: 'vscode-remote', pattern: '**/*.http' }, { scheme: schemes.document, pattern: `/report/*${answerEnding}` }];
