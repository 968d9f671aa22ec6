/** `INSERT` statements of up to a thousand rows each. */
import type { Cell, Column } from '../../sql/result.ts';
import { quoteIdentifier, quoteLiteral } from '../quote.ts';
import { uniqueNames } from './json.ts';
import type { FormatOptions, TextFormat } from './format.ts';

const rowsOfOne = 1000;

export function insertFormat(columns: readonly Column[], { table }: Pick<FormatOptions, 'table'>): TextFormat {
  const head = `INSERT INTO ${table} (${uniqueNames(columns.map(({ name }) => name)).map(quoteIdentifier).join(', ')}) VALUES\n`;
  let rows = 0;
  return {
    begin: () => '',
    row: (row) => {
      const before = rows % rowsOfOne === 0 ? `${rows === 0 ? '' : ';\n'}${head}` : ',\n';
      rows++;
      return `${before}  (${row.map((cell, index) => literal(cell, columns[index])).join(', ')})`;
    },
    end: () => (rows === 0 ? '' : ';\n'),
  };
}

/** The column's own type reads a quoted literal, whatever it is; only plain numbers and booleans go without. */
function literal(cell: Cell, column: Column | undefined): string {
  if (cell === null) {
    return 'NULL';
  }
  const bare = column?.category === 'number' ? /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(cell) : column?.category === 'boolean' && (cell === 'true' || cell === 'false');
  return bare ? cell : quoteLiteral(cell);
}
