/** An array with one object per row. Numbers are written with every digit they came with, JSON as it came, arrays as arrays. */
import type { Cell, Column } from '../../sql/result.ts';
import { parseArray, type ArrayItem } from '../arrayText.ts';
import type { TextFormat } from './format.ts';

export function jsonFormat(columns: readonly Column[]): TextFormat {
  const names = uniqueNames(columns.map(({ name }) => name)).map((name) => JSON.stringify(name));
  let rows = 0;
  return {
    begin: () => '[',
    row: (row) => `${rows++ === 0 ? '\n' : ',\n'}  { ${row.map((cell, index) => `${names[index] ?? '""'}: ${jsonOfCell(cell, columns[index])}`).join(', ')} }`,
    end: () => (rows === 0 ? ']\n' : '\n]\n'),
  };
}

/** A second column of one name is `name_2`. */
export function uniqueNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 2; used.has(unique); count++) {
      unique = `${name}_${count}`;
    }
    used.add(unique);
    return unique;
  });
}

function jsonOfCell(cell: Cell, column: Column | undefined): string {
  if (cell === null) {
    return 'null';
  }
  switch (column?.category) {
    case 'number':
      return jsonNumber(cell);
    case 'boolean':
      return cell === 'true' || cell === 'false' ? cell : JSON.stringify(cell);
    case 'json':
      return isJson(cell) ? cell.trim() : JSON.stringify(cell);
    case 'array':
      return jsonOfArray(cell, column.type);
    default:
      return JSON.stringify(cell);
  }
}

/** `NaN` and the infinities are no numbers to JSON. */
function jsonNumber(text: string): string {
  return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? text : JSON.stringify(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const numberTypes = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid', 'xid8']);

function jsonOfArray(text: string, type: string): string {
  const element = type.replace(/\[\]$/, '');
  const items = parseArray(text, element === 'box' ? ';' : ',');
  const write = (item: ArrayItem): string => {
    if (item === null) {
      return 'null';
    }
    if (typeof item !== 'string') {
      return `[${item.map(write).join(', ')}]`;
    }
    if (element === 'bool') {
      return item === 't' ? 'true' : 'false';
    }
    if ((element === 'json' || element === 'jsonb') && isJson(item)) {
      return item;
    }
    return numberTypes.has(element) ? jsonNumber(item) : JSON.stringify(item);
  };
  return items === undefined ? JSON.stringify(text) : write(items);
}
