import assert from 'node:assert/strict';
import { writeParquet } from '../../../../src/adapters/files/parquet.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { planParquet } from '../../../../src/core/results/parquetColumns.ts';
import { RowStore } from '../../../../src/core/results/rowStore.ts';
import type { Column, ColumnCategory, Row } from '../../../../src/core/sql/result.ts';
import { FakeScratchSpace } from '../../../fakes/scratchSpace.ts';

const signal = new AbortController().signal;
const column = (name: string, type: string, category: ColumnCategory): Column => ({ name, type, category });

/** Writes, and reads back with the reader that the library comes with. */
async function roundTrip(columns: Column[], rows: Row[]): Promise<{ schema: unknown[]; rows: Record<string, unknown>[] }> {
  const store = new RowStore(new FakeScratchSpace(), { memory: 0, block: 1000, cachedBlocks: 2 });
  await store.append(rows);
  const pieces: Uint8Array[] = [];
  const source = async function* (): AsyncGenerator<readonly Row[]> {
    for await (const part of store.all(signal)) {
      yield part.rows;
    }
  };
  await writeParquet({ write: async (chunk) => void pieces.push(Uint8Array.from(chunk as Uint8Array)) }, await planParquet(columns, store, signal), source(), signal);
  const file = Buffer.concat(pieces);
  const hyparquet = await import('hyparquet');
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  const { schema } = hyparquet.parquetMetadata(buffer);
  return { schema: schema.slice(1).map(({ name, type, converted_type, logical_type }) => [name, type, converted_type ?? logical_type?.type]), rows: await hyparquet.parquetReadObjects({ file: buffer, utf8: false, parsers: { timestampFromMicroseconds: (micros) => micros } }) };
}

describe('Parquet', () => {
  it('keeps every value exactly, in the type that fits', async () => {
    const columns = [
      column('i', 'int4', 'number'),
      column('b', 'int8', 'number'),
      column('f', 'float8', 'number'),
      column('n', 'numeric', 'number'),
      column('ok', 'bool', 'boolean'),
      column('d', 'date', 'time'),
      column('t', 'timestamptz', 'time'),
      column('u', 'uuid', 'text'),
      column('j', 'jsonb', 'json'),
      column('x', 'bytea', 'bytes'),
      column('s', 'text', 'text'),
      column('s', 'text', 'text'),
    ];
    const uuid = '6f9619ff-8b86-d011-b42d-00cf4fc964ff';
    const read = await roundTrip(columns, [
      ['-5', '9007199254740993', 'NaN', '12.50', 'true', '2024-02-29', '2024-02-29 12:00:00.000001+02', uuid, '{"n":1.10}', '\\x00ff', '', 'b'],
      columns.map(() => null),
      ['7', '-1', '1e-7', '-0.005', 'false', '1969-12-31', '1969-12-31 23:59:59.5+00', uuid, '[1]', '\\x', 'ä', null],
    ]);
    const [first = {}, empty = {}, last = {}] = read.rows;
    assert.deepEqual(read.schema, [
      ['i', 'INT32', undefined],
      ['b', 'INT64', undefined],
      ['f', 'DOUBLE', undefined],
      ['n', 'FIXED_LEN_BYTE_ARRAY', 'DECIMAL'],
      ['ok', 'BOOLEAN', undefined],
      ['d', 'INT32', 'DATE'],
      ['t', 'INT64', 'TIMESTAMP'],
      ['u', 'FIXED_LEN_BYTE_ARRAY', 'UUID'],
      ['j', 'BYTE_ARRAY', 'JSON'],
      ['x', 'BYTE_ARRAY', undefined],
      ['s', 'BYTE_ARRAY', 'UTF8'],
      ['s_2', 'BYTE_ARRAY', 'UTF8'],
    ]);
    const micros = BigInt(Date.UTC(2024, 1, 29, 10)) * 1000n + 1n;
    assert.deepEqual([first['i'], first['b'], first['f'], first['n'], first['ok']], [-5, 9007199254740993n, NaN, 12.5, true]);
    assert.deepEqual([first['d'], first['t'], first['u'], first['s'], first['s_2']], [new Date('2024-02-29'), micros, uuid, '', 'b']);
    assert.deepEqual([new TextDecoder().decode(first['j'] as Uint8Array), first['x']], ['{"n":1.10}', Uint8Array.of(0, 255)]);
    assert.deepEqual(Object.values(empty), columns.map(() => null));
    assert.deepEqual([last['n'], last['d'], last['t']], [-0.005, new Date('1969-12-31'), -500_000n]);
  });

  it('writes as text what no type of its own keeps', async () => {
    const columns = [column('n', 'numeric', 'number'), column('wide', 'numeric', 'number'), column('t', 'timestamp', 'time'), column('whole', 'unknown', 'number'), column('tags', 'text[]', 'array')];
    const wide = '12345678901234567890123456789012345678.9';
    const read = await roundTrip(columns, [['NaN', wide, 'infinity', '7', '{a,b}'], ['1', '1', '2024-01-01 00:00:00', '123456789012345678', null]]);
    assert.deepEqual(read.rows[0], { n: 'NaN', wide, t: 'infinity', whole: 7n, tags: '{a,b}' });
    assert.equal(read.rows[1]?.['whole'], 123456789012345678n);
  });

  it('writes many groups, and none', async () => {
    const columns = [column('i', 'int4', 'number')];
    const read = await roundTrip(columns, Array.from({ length: 12_345 }, (_, index) => [String(index)]));
    assert.equal(read.rows.length, 12_345);
    assert.equal(read.rows.reduce((sum, row) => sum + Number(row['i']), 0), (12_344 * 12_345) / 2);
    assert.deepEqual((await roundTrip(columns, [])).rows, []);
  });

  it('ends when it is cancelled', async () => {
    const source = async function* (): AsyncGenerator<readonly Row[]> {
      yield [['1']];
    };
    const writing = writeParquet({ write: async () => {} }, [{ name: 'i', type: { kind: 'int32' } }], source(), AbortSignal.abort());
    await assert.rejects(writing, (error) => isOpsError(error, 'cancelled'));
  });
});
