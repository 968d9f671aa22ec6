import type * as vscode from 'vscode';
import { toDocumentOffset } from '../core/runbook/code.ts';
import type { TextRange } from '../core/runbook/document.ts';
import type { Library } from '../core/runbook/library.ts';
import { findEmbeddedSql } from '../core/sql/embedded.ts';
import type { Candidate } from '../core/sql/placeholders.ts';
import { splitStatements } from '../core/sql/split.ts';
import { isOurSql, placeOf, programLanguages, type SqlDocumentNeeds } from './sqlDocuments.ts';

export interface PieceNeeds extends SqlDocumentNeeds {
  readonly library: Library;
}

/** A stretch of SQL in a document of any language. */
interface Piece {
  readonly text: string;
  /** What a program fills in: named by the expression as it is written. */
  readonly openings: readonly Candidate[];
  readonly toDocument: (offset: number) => number;
}

/** One statement, and the way from an offset in its text to one in the document. */
export interface StatementInDocument {
  readonly text: string;
  readonly openings: readonly Candidate[];
  readonly toDocument: (offset: number) => number;
  /** With the comments above it and its semicolon. */
  readonly whole: TextRange;
}

/**
 * The statements of a document that is ours, in order: an SQL file of a place or an untitled one, the `sql` fences of a listed manual,
 * SQL strings in a program of a place. `undefined` for a document in which nobody wants us.
 */
export async function findStatements(document: vscode.TextDocument, needs: PieceNeeds): Promise<readonly StatementInDocument[] | undefined> {
  if (document.languageId === 'sql') {
    return isOurSql(document, needs) ? statementsOfSql(document) : undefined;
  }
  const pieces = document.languageId === 'markdown' ? await fences(document, needs) : stringsOf(document, needs);
  return pieces?.flatMap(statementsOf);
}

/** Of an SQL document, whoever's it is. */
export function statementsOfSql(document: vscode.TextDocument): readonly StatementInDocument[] {
  return statementsOf({ text: document.getText(), openings: [], toDocument: (offset) => offset });
}

function statementsOf({ text, openings, toDocument }: Piece): StatementInDocument[] {
  return splitStatements(text).map((statement) => {
    const { start, end } = statement.range;
    return {
      text: statement.text,
      openings: openings.filter(({ range }) => range.start >= start && range.end <= end).map(({ name, range }) => ({ name, range: { start: range.start - start, end: range.end - start } })),
      toDocument: (offset) => toDocument(start + offset),
      whole: { start: toDocument(statement.whole.start), end: toDocument(statement.whole.end) },
    };
  });
}

/** The documents that the Runbooks view lists, and no others. */
async function fences(document: vscode.TextDocument, { library }: PieceNeeds): Promise<readonly Piece[] | undefined> {
  const uri = document.uri.toString();
  if ((await library.find(uri)) === undefined) {
    return undefined;
  }
  const { sections } = await library.parse(uri, document.getText());
  const steps = sections.flatMap((section) => section.steps).filter(({ language, origin }) => language === 'sql' && origin === 'fence');
  return steps.map((step) => ({ text: step.text, openings: [], toDocument: (offset: number) => toDocumentOffset(step, offset) }));
}

/** Programs of a place; what others wrote (`node_modules`) is not ours. */
function stringsOf(document: vscode.TextDocument, { session }: PieceNeeds): readonly Piece[] | undefined {
  const within = programLanguages.includes(document.languageId) ? placeOf(document.uri, session) : undefined;
  if (within === undefined || within.path.split('/').includes('node_modules')) {
    return undefined;
  }
  const program = document.getText();
  return findEmbeddedSql(program).map(({ text, openings, offsets }) => {
    const toDocument = (offset: number): number => offsets[offset] ?? offsets.at(-1) ?? 0;
    const named = openings.map((range) => ({ name: program.slice(toDocument(range.start) + 2, toDocument(range.end) - 1).trim(), range }));
    return { text, openings: named, toDocument };
  });
}
