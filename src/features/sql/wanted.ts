/** Which statements a command is about. */
import * as vscode from 'vscode';
import { OpsError } from '../../core/errors.ts';
import { toDocumentOffset } from '../../core/runbook/code.ts';
import type { Step } from '../../core/runbook/document.ts';
import { changeBetween } from '../../core/sql/edits.ts';
import { splitStatements } from '../../core/sql/split.ts';
import { findStatements, statementsOfSql, type PieceNeeds, type StatementInDocument } from '../../host/sqlPieces.ts';
import { l10n } from '../../util/l10n.ts';
import type { Mode, PlacedStatement, Wanted } from './needs.ts';

/** A place in a document; what a lens hands over. */
interface DocumentOffset {
  readonly uri: string;
  readonly offset: number;
}

/** What was selected, or else the statement at the cursor; at another place, or statements from elsewhere, when the argument says so. */
export async function wantedOf(argument: unknown, needs: PieceNeeds): Promise<Wanted> {
  if (isGiven(argument)) {
    return givenStatements(argument);
  }
  const { document, selection } = await target(argument);
  const all = document.languageId === 'sql' ? statementsOfSql(document) : ((await findStatements(document, needs)) ?? []);
  if (document.languageId === 'sql' && !selection.isEmpty) {
    return selected(document, selection);
  }
  const [from, to] = [document.offsetAt(selection.start), document.offsetAt(selection.end)];
  const found = all.filter(({ whole }) => whole.start <= to && from <= whole.end);
  // Between two that touch each other it is the one that begins there.
  const chosen = selection.isEmpty ? found.slice(-1) : found;
  if (chosen.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A statement at the cursor') });
  }
  const wanted = ofDocument(document, chosen);
  return hasMode(argument) ? { ...wanted, mode: argument.mode } : wanted;
}

/** All statements of the file that is open. */
export function wholeFile(): Wanted {
  const { document } = editorWithSql();
  return ofDocument(document, statementsOfSql(document));
}

/** Statements are handed over as text, by a manual, a results tab or the history. */
function isGiven(argument: unknown): argument is Given {
  return typeof argument === 'object' && argument !== null && 'statement' in argument && typeof argument.statement === 'string';
}

interface Given {
  readonly statement: string;
  readonly title?: unknown;
  readonly tab?: unknown;
  readonly at?: unknown;
}

/** Where a manual has the statement: the lines of its fence, and the text there, in which nothing is filled in yet. */
interface InFence {
  readonly uri: string;
  readonly lines: Step['lines'];
  /** Offset of `written` in the fence's code. */
  readonly start: number;
  readonly written: string;
}

/** Only part of a statement may be selected: what is selected is run. */
function selected(document: vscode.TextDocument, selection: vscode.Selection): Wanted {
  const start = document.offsetAt(selection.start);
  const statements = splitStatements(document.getText(selection)).map(({ text, range }): PlacedStatement => ({ text, place: { document, version: document.version, toDocument: (offset) => start + range.start + offset } }));
  return { statements, ...nameOf(document) };
}

/** Statements that came from a document are marked in it, as long as they are still there. */
function givenStatements({ statement, title, tab, at }: Given): Wanted {
  const split = splitStatements(statement);
  const [only] = split;
  const statements = split.map(({ text }) => {
    const place = isInFence(at) && split.length === 1 && only ? placeInFence(text, at) : placeOfText(text, tab);
    return { text, ...(place === undefined ? {} : { place }) };
  });
  return { statements, title: typeof title === 'string' && title !== '' ? title : l10n.t('SQL'), ...(typeof tab === 'string' ? { tab } : {}) };
}

function placeOfText(text: string, tab: unknown): PlacedStatement['place'] {
  const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === tab);
  const start = document?.getText().indexOf(text) ?? -1;
  return document !== undefined && start >= 0 ? { document, version: document.version, toDocument: (offset) => start + offset } : undefined;
}

/** What was filled in makes the statement another one: a place in that is where the filling began. */
function placeInFence(text: string, { uri, lines, start, written }: InFence): PlacedStatement['place'] {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
  const toFence = (offset: number): number => toDocumentOffset({ lines }, start + offset);
  const [firstLine = ''] = written.split('\n');
  if (document?.getText().startsWith(firstLine, toFence(0)) !== true) {
    return undefined;
  }
  const change = changeBetween(text, written);
  const toWritten = (offset: number): number => (change === undefined || offset < change.start ? offset : offset >= change.oldEnd ? offset - change.oldEnd + change.newEnd : change.start);
  return { document, version: document.version, toDocument: (offset) => toFence(toWritten(offset)) };
}

function isInFence(value: unknown): value is InFence {
  return typeof value === 'object' && value !== null && 'uri' in value && 'lines' in value && Array.isArray(value.lines) && 'start' in value && typeof value.start === 'number' && 'written' in value && typeof value.written === 'string';
}

function hasMode(value: unknown): value is { readonly mode: Mode } {
  return typeof value === 'object' && value !== null && 'mode' in value && (value.mode === 'read' || value.mode === 'write' || value.mode === 'tried');
}

function isOffset(value: unknown): value is DocumentOffset {
  return typeof value === 'object' && value !== null && 'uri' in value && typeof value.uri === 'string' && 'offset' in value && typeof value.offset === 'number';
}

async function target(argument: unknown): Promise<Pick<vscode.TextEditor, 'document' | 'selection'>> {
  if (isOffset(argument)) {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(argument.uri, true));
    const at = document.positionAt(argument.offset);
    return { document, selection: new vscode.Selection(at, at) };
  }
  const { document, selection } = editorWithSql();
  const at = typeof argument === 'number' ? document.positionAt(argument) : undefined;
  return { document, selection: at ? new vscode.Selection(at, at) : selection };
}

function editorWithSql(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (!editor) {
    throw new OpsError('notFound', { what: l10n.t('An editor with SQL') });
  }
  return editor;
}

function ofDocument(document: vscode.TextDocument, statements: readonly StatementInDocument[]): Wanted {
  return { statements: statements.map(({ text, openings, toDocument }) => ({ text, openings, place: { document, version: document.version, toDocument } })), ...nameOf(document), inManual: document.languageId === 'markdown' };
}

function nameOf(document: vscode.TextDocument): { readonly title: string; readonly tab: string } {
  return { title: document.uri.path.split('/').at(-1) ?? l10n.t('SQL'), tab: document.uri.toString() };
}
