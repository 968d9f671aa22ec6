/** Rows as text, piece by piece, so that a million of them never are one. */
import type { Row } from '../../sql/result.ts';

export type FormatName = 'text' | 'csv' | 'json' | 'markdown' | 'insert';

export interface FormatOptions {
  /** A first line with the columns' names; JSON and INSERT always have them. */
  readonly header: boolean;
  /** CSV alone: what a spreadsheet would take for a formula begins with an apostrophe (SAFETY 18). */
  readonly safeForSpreadsheets: boolean;
  /** INSERT alone: the table, as it is written in SQL. */
  readonly table: string;
}

/** One writing of rows; made anew for each. */
export interface TextFormat {
  begin(): string;
  row(row: Row): string;
  end(): string;
}
