import type { Column, Row } from '../../sql/result.ts';
import { csvFormat } from './csv.ts';
import type { FormatName, FormatOptions, TextFormat } from './format.ts';
import { insertFormat } from './insert.ts';
import { jsonFormat } from './json.ts';
import { markdownFormat } from './markdown.ts';
import { plainFormat } from './plain.ts';

export function createFormat(name: FormatName, columns: readonly Column[], options: FormatOptions): TextFormat {
  switch (name) {
    case 'text':
      return plainFormat(columns, options);
    case 'csv':
      return csvFormat(columns, options);
    case 'json':
      return jsonFormat(columns);
    case 'markdown':
      return markdownFormat(columns);
    case 'insert':
      return insertFormat(columns, options);
    default:
      return name satisfies never;
  }
}

/** All at once, for what fits into memory, such as the clipboard. */
export function formatRows(format: TextFormat, rows: readonly Row[]): string {
  return [format.begin(), ...rows.map((row) => format.row(row)), format.end()].join('');
}
