import * as vscode from 'vscode';
import type { Place } from '../core/project/project.ts';
import { DisposableStore, type Disposable } from '../util/dispose.ts';

export interface Problem {
  /** Within the place. */
  readonly path: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Outside text was made visible. */
  readonly message: string;
  readonly severity: 'error' | 'warning';
  readonly code?: string;
}

/** Entries of the Problems panel that come with an action, such as a deploy; a file's go when it is edited. */
export interface Problems extends Disposable {
  /** Puts these in the place of what the same owner reported before. */
  replace(place: Place, owner: string, problems: readonly Problem[]): void;
}

export function createProblems(): Problems {
  const owned = new DisposableStore();
  const collections = new Map<string, vscode.DiagnosticCollection>();
  owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => collections.forEach((collection) => collection.delete(document.uri))));
  return {
    replace: (place, owner, problems) => {
      const key = `${place.id} ${owner}`;
      const collection = collections.get(key) ?? owned.add(vscode.languages.createDiagnosticCollection(`opsbook ${owner}`));
      collections.set(key, collection);
      collection.clear();
      const root = vscode.Uri.parse(place.id, true);
      for (const path of new Set(problems.map((problem) => problem.path))) {
        collection.set(vscode.Uri.joinPath(root, path), problems.filter((problem) => problem.path === path).map(toDiagnostic));
      }
    },
    dispose: () => owned.dispose(),
  };
}

function toDiagnostic({ line, column, message, severity, code }: Problem): vscode.Diagnostic {
  const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
  const diagnostic = new vscode.Diagnostic(new vscode.Range(at, at), message, severity === 'error' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning);
  diagnostic.source = 'Opsbook';
  if (code !== undefined) {
    diagnostic.code = code;
  }
  return diagnostic;
}
