/** Which statements a command is about. */
import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { splitStatements, statementAt, type Statement } from '../../core/sql/split.ts';
import { l10n } from '../../util/l10n.ts';
import type { PlacedStatement, Wanted } from './needs.ts';

/** What was selected, or else the statement at the cursor; an offset, or statements from elsewhere, when the argument says so. */
export function wantedOf(argument: unknown): Wanted {
  if (isGiven(argument)) {
    return givenStatements(argument);
  }
  const { document, selection } = editorWithSql();
  const offset = typeof argument === 'number' ? argument : document.offsetAt(selection.active);
  if (typeof argument !== 'number' && !selection.isEmpty) {
    const start = document.offsetAt(selection.start);
    return ofDocument(document, splitStatements(document.getText(selection)).map((statement) => placed(document, statement, start)));
  }
  const statement = statementAt(splitStatements(document.getText()), offset);
  if (!statement) {
    throw new OpsError('notFound', { what: l10n.t('A statement at the cursor') });
  }
  return ofDocument(document, [placed(document, statement, 0)]);
}

/** All statements of the file that is open. */
export function wholeFile(): Wanted {
  const { document } = editorWithSql();
  return ofDocument(document, splitStatements(document.getText()).map((statement) => placed(document, statement, 0)));
}

interface Given {
  readonly statement: string;
  readonly title?: unknown;
  readonly tab?: unknown;
}

function isGiven(argument: unknown): argument is Given {
  return typeof argument === 'object' && argument !== null && 'statement' in argument && typeof argument.statement === 'string';
}

/** Statements that came from a document are marked in it, as long as they are still there. */
function givenStatements({ statement, title, tab }: Given): Wanted {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === tab);
  const statements = splitStatements(statement).map(({ text }): PlacedStatement => {
    const start = document?.getText().indexOf(text) ?? -1;
    return { text, ...(document !== undefined && start >= 0 ? { place: { document, start } } : {}) };
  });
  return { statements, title: typeof title === 'string' && title !== '' ? title : l10n.t('SQL'), ...(typeof tab === 'string' ? { tab } : {}) };
}

function editorWithSql(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new OpsError('notFound', { what: l10n.t('An editor with SQL') });
  }
  return editor;
}

function ofDocument(document: vscode.TextDocument, statements: readonly PlacedStatement[]): Wanted {
  return { statements, title: document.uri.path.split('/').at(-1) ?? l10n.t('SQL'), tab: document.uri.toString() };
}

function placed(document: vscode.TextDocument, { text, range }: Statement, offset: number): PlacedStatement {
  return { text, place: { document, start: offset + range.start } };
}
