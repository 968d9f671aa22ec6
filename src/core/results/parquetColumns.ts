/**
 * Which Parquet type keeps every value of a column exactly. Where none does (`infinity` among times, `NaN` among numerics) the column
 * is text, as the server wrote it.
 *
 * https://parquet.apache.org/docs/file-format/types/logicaltypes/
 */
import { parseDecimal } from '../diagnostics/decimal.ts';
import type { Cell, Column } from '../sql/result.ts';
import { uniqueNames } from './formats/json.ts';
import { parseTime } from './ordering.ts';

export type ParquetType =
  | { readonly kind: 'text' | 'json' | 'bytes' | 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'uuid' | 'date' }
  /** Microseconds; with a zone they are of UTC. */
  | { readonly kind: 'timestamp'; readonly zoned: boolean }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number };

export interface ParquetColumn {
  readonly name: string;
  readonly type: ParquetType;
}

/** What a value is handed to the writer as. */
export type ParquetValue = string | number | bigint | boolean | Uint8Array | null;

export interface CellSource {
  /** All cells of a column, in pieces. */
  column(column: number, signal: AbortSignal): AsyncIterable<{ readonly cells: readonly Cell[] }>;
}

/** Looks through the columns whose values decide. Throws `cancelled`. */
export async function planParquet(columns: readonly Column[], store: CellSource, signal: AbortSignal): Promise<ParquetColumn[]> {
  const names = uniqueNames(columns.map(({ name }) => name));
  const planned: ParquetColumn[] = [];
  for (const [index, column] of columns.entries()) {
    const type = typeByName(column) ?? (await typeByValues(column, store.column(index, signal)));
    planned.push({ name: names[index] ?? column.name, type });
  }
  return planned;
}

/** Postgres' types whose values all fit. */
function typeByName({ type, category }: Column): ParquetType | undefined {
  const kinds: Readonly<Record<string, ParquetType['kind']>> = {
    int2: 'int32',
    int4: 'int32',
    int8: 'int64',
    oid: 'int64',
    float4: 'float',
    float8: 'double',
    uuid: 'uuid',
    json: 'json',
    jsonb: 'json',
    bytea: 'bytes',
  };
  const kind = kinds[type] ?? (category === 'boolean' ? 'boolean' : category === 'json' ? 'json' : category === 'bytes' ? 'bytes' : undefined);
  return kind === undefined ? undefined : ({ kind } as ParquetType);
}

async function typeByValues(column: Column, parts: AsyncIterable<{ readonly cells: readonly Cell[] }>): Promise<ParquetType> {
  if (column.category === 'number') {
    return decimalType(parts);
  }
  if (column.category !== 'time') {
    return { kind: 'text' };
  }
  const type: ParquetType = column.type === 'date' ? { kind: 'date' } : { kind: 'timestamp', zoned: column.type === 'timestamptz' };
  for await (const { cells } of parts) {
    if (cells.some((cell) => cell !== null && microseconds(cell) === undefined)) {
      return { kind: 'text' };
    }
  }
  return type;
}

/** Sixteen bytes hold 38 digits. */
const mostDigits = 38;

async function decimalType(parts: AsyncIterable<{ readonly cells: readonly Cell[] }>): Promise<ParquetType> {
  let [whole, scale] = [1, 0];
  for await (const { cells } of parts) {
    for (const cell of cells) {
      const decimal = cell === null ? undefined : parseDecimal(cell);
      if (cell !== null && decimal === undefined) {
        return { kind: 'text' };
      }
      if (decimal !== undefined) {
        scale = Math.max(scale, decimal.scale);
        whole = Math.max(whole, String(decimal.digits).replace('-', '').length - decimal.scale);
      }
    }
  }
  if (scale === 0 && whole <= 18) {
    return { kind: 'int64' };
  }
  return whole + scale > mostDigits ? { kind: 'text' } : { kind: 'decimal', precision: whole + scale, scale };
}

export function parquetValue(cell: Cell, type: ParquetType): ParquetValue {
  if (cell === null) {
    return null;
  }
  switch (type.kind) {
    case 'text':
    case 'json':
    case 'uuid':
      return cell;
    case 'bytes':
      return bytesOf(cell);
    case 'boolean':
      return cell === 'true';
    case 'int32':
    case 'float':
    case 'double':
      return Number(cell);
    case 'int64':
      return BigInt(cell);
    case 'date':
      return Math.floor(Number(microseconds(cell) ?? 0n) / 86_400e6);
    case 'timestamp':
      return microseconds(cell) ?? 0n;
    case 'decimal': {
      const { digits, scale } = parseDecimal(cell) ?? { digits: 0n, scale: 0 };
      return digits * 10n ** BigInt(type.scale - scale);
    }
    default:
      return type satisfies never;
  }
}

/** `\x0aff` */
function bytesOf(text: string): Uint8Array {
  const hex = text.startsWith('\\x') ? text.slice(2) : '';
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/** Since 1970; `undefined` for what Parquet has no value for. */
function microseconds(text: string): bigint | undefined {
  const time = parseTime(text);
  if (time === undefined || Math.abs(time.seconds) > 9e12) {
    return undefined;
  }
  return BigInt(time.seconds) * 1_000_000n + BigInt(Math.round(time.fraction * 1e6));
}
