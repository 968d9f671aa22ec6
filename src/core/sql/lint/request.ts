/** What is told of a text to whoever analyses it. */
import type { Openings } from './openings.ts';
import type { FileInSet } from './roles.ts';
import type { TextRole } from './rule.ts';

/** A piece of SQL: a whole file, a fence, a string. */
export interface SqlPiece {
  readonly text: string;
  /** Places that a program fills in. */
  readonly openings: Openings;
  /** Of a manual, whose words stand for what its reader knows. */
  readonly manual: boolean;
}

export interface AnalysisRequest {
  /** The document's URI as text. */
  readonly document: string;
  readonly pieces: readonly SqlPiece[];
  /** In place of pieces: a program in whose strings there may be SQL, and which may call the API. Its findings are one list, in its offsets. */
  readonly program?: string;
  readonly role: TextRole;
  /** Schemas that the API serves. */
  readonly exposedSchemas: readonly string[];
  readonly set?: FileInSet;
  /** A set whose pending migrations it may run before or after: what they make may be there, and what they drop too. */
  readonly aroundPending?: string;
  /** The database in which it would run; see `SqlAnalyst.setCatalog`. */
  readonly catalog?: string;
}

/** A place in a request: of a piece, or of the program (whatever `piece` says). */
export interface PlaceInRequest {
  readonly piece: number;
  /** UTF-16, in the piece or the program. */
  readonly offset: number;
}

export interface SetFile {
  /** Their order is the order in which they are applied. */
  readonly path: string;
  readonly text: string;
}
