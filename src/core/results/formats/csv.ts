/** RFC 4180. Null is nothing between the commas, the empty text is `""`: so `COPY … WITH CSV` reads it back as it was. */
import type { Cell, Column } from '../../sql/result.ts';
import type { FormatOptions, TextFormat } from './format.ts';

export function csvFormat(columns: readonly Column[], { header, safeForSpreadsheets }: Pick<FormatOptions, 'header' | 'safeForSpreadsheets'>): TextFormat {
  const guard = (cell: string, column: Column | undefined) => (safeForSpreadsheets ? withoutFormula(cell, column) : cell);
  const line = (cells: readonly Cell[], of: readonly (Column | undefined)[]) =>
    `${cells.map((cell, index) => (cell === null ? '' : quote(guard(cell, of[index]), cells.length === 1))).join(',')}\r\n`;
  return {
    begin: () => (header ? line(columns.map(({ name }) => name), []) : ''),
    row: (row) => line(row, columns),
    end: () => '',
  };
}

function quote(text: string, alone: boolean): string {
  // A line with `\.` alone ends COPY's data.
  return text === '' || /[",\r\n]/.test(text) || (alone && text === '\\.') ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number, also a negative one, is no formula. */
export function withoutFormula(text: string, column: Column | undefined): string {
  return /^[=+\-@\t\r]/.test(text) && !(column?.category === 'number' && /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text)) ? `'${text}` : text;
}
