/** Columns between tabs, as spreadsheets and terminals take them; one cell alone is its own text. */
import type { Cell, Column } from '../../sql/result.ts';
import type { FormatOptions, TextFormat } from './format.ts';

export function plainFormat(columns: readonly Column[], { header }: Pick<FormatOptions, 'header'>): TextFormat {
  let lines = 0;
  const line = (cells: readonly Cell[]) => `${lines++ === 0 ? '' : '\n'}${cells.map((cell) => quote(cell ?? '', cells.length > 1)).join('\t')}`;
  return {
    begin: () => (header ? line(columns.map(({ name }) => name)) : ''),
    row: line,
    end: () => '',
  };
}

/** As spreadsheets write it themselves. */
function quote(text: string, among: boolean): string {
  return among && /["\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
