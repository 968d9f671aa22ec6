/** Pieces and places of a request, also where they stand in the strings of a program. */
import { findEmbeddedSql } from '../embedded.ts';
import { splitStatements } from '../split.ts';
import { isOpaqueAt } from '../words.ts';
import type { TextFinding } from './analysis.ts';
import { mappedFinding } from './finding.ts';
import { questionMarks } from './openings.ts';
import type { AnalysisRequest, PlaceInRequest, SqlPiece } from './request.ts';

/** The pieces of a document, whatever it is. */
export function withPieces(request: AnalysisRequest): AnalysisRequest {
  return request.program === undefined ? request : { ...request, pieces: findEmbeddedSql(request.program).map(pieceOf) };
}

export function pieceOf({ text, openings }: Pick<SqlPiece, 'text' | 'openings'>): SqlPiece {
  return { text, openings: [...openings, ...questionMarks(text).map((range) => ({ ...range, isMark: true as const }))], manual: false };
}

export interface FoundPlace {
  /** The statement around the place, as far as it goes; what stands before the first semicolon where none is. */
  readonly statement: string;
  /** In the statement. */
  readonly offset: number;
  readonly piece: number;
  /** Of the statement, in its piece. */
  readonly start: number;
  /** From an offset of the statement to one of the request. */
  readonly toRequest: (offset: number) => number;
}

export function findPlace({ pieces, program }: AnalysisRequest, { piece, offset }: PlaceInRequest): FoundPlace | undefined {
  if (program !== undefined) {
    const strings = findEmbeddedSql(program);
    const index = strings.findIndex(({ offsets }) => (offsets[0] ?? Infinity) <= offset && offset <= (offsets.at(-1) ?? -1));
    const string = strings[index];
    if (string === undefined) {
      return undefined;
    }
    const inside = string.offsets.findIndex((each) => each >= offset);
    return placeIn(string.text, inside, index, (at) => string.offsets[at] ?? 0);
  }
  const text = pieces[piece]?.text;
  return text === undefined ? undefined : placeIn(text, offset, piece, (at) => at);
}

function placeIn(text: string, offset: number, piece: number, toRequest: (offset: number) => number): FoundPlace | undefined {
  const statements = splitStatements(text);
  const around = statements.find(({ range, terminated }) => range.start <= offset && (offset <= range.end || !terminated));
  if (around === undefined && isOpaqueAt(text, offset)) {
    // A comment between statements.
    return undefined;
  }
  const start = around?.range.start ?? offset;
  const end = Math.max(around?.range.end ?? offset, offset);
  return { statement: text.slice(start, end), offset: offset - start, piece, start, toRequest: (at) => toRequest(start + at) };
}

/** What would need escapes in a string is no fix that can be made by inserting it. */
export function inProgram(finding: TextFinding, offsets: readonly number[]): TextFinding {
  const at = (offset: number): number => offsets[offset] ?? offsets.at(-1) ?? 0;
  const fixes = finding.fixes.filter(({ edits }) => edits.every(({ text }) => !/['"`\\$\n]/.test(text)));
  return { ...mappedFinding({ ...finding, fixes }, ({ start, end }) => ({ start: at(start), end: at(end) })), statementStart: at(finding.statementStart) };
}
