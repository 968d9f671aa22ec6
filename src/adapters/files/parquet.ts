import { throwIfCancelled } from '../../core/errors.ts';
import type { WriteParquet } from '../../core/results/outside.ts';
import { parquetValue, type ParquetColumn, type ParquetValue } from '../../core/results/parquetColumns.ts';
import type { Row } from '../../core/sql/result.ts';

type Library = typeof import('hyparquet-writer');
type SchemaElement = NonNullable<Parameters<Library['parquetWriteRows']>[0]['schema']>[number];

/** Rows of one group: so many are held at once, and the thread is busy with them for some ten milliseconds. */
const groupSize = 5_000;

/** Compressed with Snappy, every column nullable. */
export const writeParquet: WriteParquet = async (sink, columns, source, signal) => {
  const library = await import('hyparquet-writer');
  await library.parquetWriteRows({
    writer: sinkWriter(library, sink.write),
    rows: objects(source, columns, signal),
    columns: columns.map(({ name }) => ({ name })),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaOf)],
    rowGroupSize: groupSize,
    createdBy: 'opsbook',
  });
};

/** A buffer that is handed on and begun anew after each group. */
function sinkWriter({ ByteWriter }: Library, write: (bytes: Uint8Array) => Promise<void>): InstanceType<Library['ByteWriter']> {
  const writer = new ByteWriter(1024 * 1024);
  const flush = async (): Promise<void> => {
    const bytes = writer.getBytes();
    writer.index = 0;
    await write(bytes);
  };
  return Object.assign(writer, { flush, finish: flush });
}

async function* objects(source: AsyncIterable<readonly Row[]>, columns: readonly ParquetColumn[], signal: AbortSignal): AsyncGenerator<Record<string, ParquetValue>, void, undefined> {
  for await (const rows of source) {
    throwIfCancelled(signal);
    for (const row of rows) {
      yield Object.fromEntries(columns.map(({ name, type }, index) => [name, parquetValue(row[index] ?? null, type)]));
    }
  }
}

function schemaOf({ name, type }: ParquetColumn): SchemaElement {
  const element = { name, repetition_type: 'OPTIONAL' } as const;
  switch (type.kind) {
    case 'text':
      return { ...element, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'json':
      return { ...element, type: 'BYTE_ARRAY', logical_type: { type: 'JSON' } };
    case 'bytes':
      return { ...element, type: 'BYTE_ARRAY' };
    case 'boolean':
      return { ...element, type: 'BOOLEAN' };
    case 'int32':
      return { ...element, type: 'INT32' };
    case 'int64':
      return { ...element, type: 'INT64' };
    case 'float':
      return { ...element, type: 'FLOAT' };
    case 'double':
      return { ...element, type: 'DOUBLE' };
    case 'uuid':
      return { ...element, type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } };
    case 'date':
      return { ...element, type: 'INT32', converted_type: 'DATE' };
    case 'timestamp':
      return { ...element, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: type.zoned, unit: 'MICROS' } };
    case 'decimal':
      return { ...element, type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, converted_type: 'DECIMAL', precision: type.precision, scale: type.scale };
    default:
      return type satisfies never;
  }
}
