import { OpsError } from '../../core/errors.ts';
import type { Cell, Column, ColumnCategory, Row } from '../../core/sql/result.ts';

type Lossless = typeof import('lossless-json');

/**
 * Rows of the query endpoint: a JSON array of objects by column name. Numbers keep every digit they were sent with; objects and
 * arrays stay JSON. Throws `badAnswer`.
 */
export async function readRows(text: string, operation: string): Promise<{ columns: Column[]; rows: Row[] }> {
  const json = await import('lossless-json');
  const objects = readObjects(json, text, operation);
  const names = Object.keys(objects[0] ?? {});
  const columns = names.map((name) => ({ name, type: 'unknown', category: categoryOf(json, objects, name) }));
  return { columns, rows: objects.map((object) => names.map((name) => cellOf(json, object[name]))) };
}

function readObjects(json: Lossless, text: string, operation: string): Record<string, unknown>[] {
  let value: unknown;
  try {
    // A column may be named like another one's; the service keeps the last.
    value = text.trim() === '' ? [] : json.parse(text, undefined, { onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    throw new OpsError('badAnswer', { operation, problem: 'it is not JSON' }, error);
  }
  const isRow = (row: unknown): row is Record<string, unknown> => isObject(row) && !json.isLosslessNumber(row);
  if (!Array.isArray(value) || !value.every(isRow)) {
    throw new OpsError('badAnswer', { operation, problem: 'it is no list of rows' });
  }
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cellOf(json: Lossless, value: unknown): Cell {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === 'string') {
    return value;
  }
  if (json.isLosslessNumber(value)) {
    return value.toString();
  }
  return bytesOf(value) ?? json.stringify(value) ?? null;
}

/** `bytea`, as Node makes JSON of it: `{"type":"Buffer","data":[…]}`. Written as Postgres writes it. */
function bytesOf(value: unknown): string | undefined {
  if (!isObject(value) || value['type'] !== 'Buffer' || !Array.isArray(value['data']) || Object.keys(value).length !== 2) {
    return undefined;
  }
  return `\\x${Buffer.from(value['data'].map(Number)).toString('hex')}`;
}

/** What the values tell, since the way does not: a category only when all that are not null agree. */
function categoryOf(json: Lossless, objects: readonly Record<string, unknown>[], name: string): ColumnCategory {
  let found: ColumnCategory | undefined;
  for (const object of objects) {
    const value = object[name];
    if (value === null || value === undefined) {
      continue;
    }
    const category = valueCategory(json, value);
    if (found !== undefined && found !== category) {
      return 'text';
    }
    found = category;
  }
  return found ?? 'text';
}

function valueCategory(json: Lossless, value: unknown): ColumnCategory {
  if (json.isLosslessNumber(value)) {
    return 'number';
  }
  if (typeof value === 'boolean') {
    return 'boolean';
  }
  if (typeof value === 'object') {
    return bytesOf(value) === undefined ? 'json' : 'bytes';
  }
  return 'text';
}
