/** A table as GitHub renders it: https://github.github.com/gfm/#tables-extension- */
import type { Column } from '../../sql/result.ts';
import type { TextFormat } from './format.ts';

export function markdownFormat(columns: readonly Column[]): TextFormat {
  const line = (texts: readonly string[]) => `| ${texts.join(' | ')} |\n`;
  return {
    begin: () => line(columns.map(({ name }) => escape(name))) + line(columns.map(({ category }) => (category === 'number' ? '---:' : '---'))),
    row: (row) => line(row.map((cell) => (cell === null ? '*NULL*' : escape(cell)))),
    end: () => '',
  };
}

/** So that the cell reads as it is: no emphasis, link, tag or new row. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*|[\]~]/g, (sign) => `\\${sign}`)
    .replaceAll(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replaceAll(/\r\n|\r|\n/g, '<br>');
}
