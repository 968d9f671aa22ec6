import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import { packRows } from '../../../../src/core/results/rowCodec.ts';
import { RowStore } from '../../../../src/core/results/rowStore.ts';
import { unpackColumn, unpackRow, unpackRows } from '../../../../src/core/sql/packedRows.ts';
import type { Row } from '../../../../src/core/sql/result.ts';
import { FakeScratchSpace } from '../../../fakes/scratchSpace.ts';

const signal = new AbortController().signal;

describe('rows as bytes', () => {
  const rows: readonly Row[] = [
    ['1', null, '', 'plain'],
    ['ä', '🙂 \u0000 \ud83d', 'x'.repeat(1000), 'é'.repeat(70)],
    [],
    [null],
  ];

  it('come back as they were: null, empty, and text of any alphabet', () => {
    const [plain, wide, none, one] = unpackRows(packRows(rows));
    assert.deepEqual(plain, rows[0]);
    // A lone surrogate is no text that a server could send.
    assert.deepEqual(wide, ['ä', '🙂 \u0000 \ufffd', 'x'.repeat(1000), 'é'.repeat(70)]);
    assert.deepEqual([none, one], [[], [null]]);
  });

  it('give one column without the others, null where a row does not have it', () => {
    const packed = packRows(rows);
    assert.deepEqual([0, 1, 2, 4].map((column) => unpackColumn(packed, column)), [['1', 'ä', null, null], [null, '🙂 \u0000 \ufffd', null, null], ['', 'x'.repeat(1000), null, null], [null, null, null, null]]);
    assert.deepEqual(unpackColumn(packed, 3), ['plain', 'é'.repeat(70), null, null]);
  });

  it('are laid out as Postgres sends them', () => {
    assert.deepEqual([...packRows([['ab', null]]).bytes], [0, 2, 0, 0, 0, 2, 97, 98, 255, 255, 255, 255]);
  });

  it('spell the booleans out that the server abbreviates, and nothing else', () => {
    const packed = { ...packRows([['t', 't', null], ['f', 'f', 'true']]), booleans: [1, 2] };
    assert.deepEqual(unpackRows(packed), [['t', 'true', null], ['f', 'false', 'true']]);
    assert.deepEqual([unpackColumn(packed, 0), unpackColumn(packed, 1)], [['t', 'f'], ['true', 'false']]);
    assert.deepEqual(unpackRow(packed.bytes, packed.starts[1] ?? 0, [1]), ['f', 'false', 'true']);
  });
});

describe('the rows of a result', () => {
  let scratch: FakeScratchSpace;
  beforeEach(() => {
    scratch = new FakeScratchSpace();
  });

  const row = (index: number): Row => [String(index), index % 3 === 0 ? null : `text ${index}`];
  const rows = (from: number, to: number): Row[] => Array.from({ length: to - from }, (_, index) => row(from + index));

  async function filled(count: number, memory: number): Promise<RowStore> {
    const store = new RowStore(scratch, { memory, block: 200, cachedBlocks: 3 });
    for (let from = 0; from < count; from += 7) {
      await store.append(rows(from, Math.min(count, from + 7)));
    }
    return store;
  }

  it('stay in memory while they are few, and no file is made', async () => {
    const store = await filled(100, 1_000_000);
    assert.equal(store.rowCount, 100);
    assert.deepEqual(await store.read(0, 100), rows(0, 100));
    assert.deepEqual([scratch.files.size, store.spilled], [0, 0]);
  });

  it('go to a file beyond the bound, and are read from both', async () => {
    const store = await filled(200, 1000);
    await store.settle();
    assert.ok(store.spilled > 2000 && scratch.written === store.spilled, `${store.spilled} bytes`);
    assert.deepEqual(await store.read(0, 200), rows(0, 200));
    assert.deepEqual(await store.read(195, 50), rows(195, 200));
    assert.deepEqual(await store.read(500, 5), []);
  });

  it('are read in any order, few at a time without their whole block', async () => {
    const store = await filled(200, 0);
    await store.settle();
    assert.deepEqual(await store.readAt([150, 3, 199, 42, 43]), [row(150), row(3), row(199), row(42), row(43)]);
    assert.ok(scratch.reads.length > 0 && scratch.reads.every((length) => length < 40), scratch.reads.join());
    await store.read(20, 20);
    scratch.reads.length = 0;
    await store.read(20, 20);
    assert.deepEqual(scratch.reads.filter((length) => length > 40), [], 'a block that was read is kept');
  });

  it('are taken packed too, in small pieces and in large ones, and stay in order', async () => {
    const store = new RowStore(scratch, { memory: 500, block: 200, cachedBlocks: 3 });
    let count = 0;
    for (const size of [1, 2, 30, 1, 1, 40, 3, 5, 2]) {
      const packed = packRows(rows(count, count + size).map((each) => [...each, 't']));
      // Whatever lies between two rows means nothing: here, as on the wire, a header before each.
      const bytes = new Uint8Array(packed.bytes.length + 5 * size).fill(0xff);
      packed.starts.forEach((start, index) => bytes.set(packed.bytes.subarray(start, packed.starts[index + 1]), start + 5 * (index + 1)));
      await store.appendPacked({ bytes, starts: packed.starts.map((start, index) => start + 5 * (index + 1)), booleans: [2] });
      count += size;
    }
    const expected = rows(0, count).map((each) => [...each, 'true']);
    assert.equal(store.rowCount, count);
    assert.deepEqual(await store.read(0, count), expected);
    await store.settle();
    assert.deepEqual(await store.readAt([84, 3, 33]), [expected[84], expected[3], expected[33]]);
    for await (const { firstRow, cells } of store.column(2, signal)) {
      assert.ok(firstRow < count && cells.every((each) => each === 'true'));
    }
  });

  it('are there while they are on their way to the file', async () => {
    const store = await filled(200, 0);
    assert.deepEqual(await store.read(0, 200), rows(0, 200));
  });

  it('give a column, and all of them, in order', async () => {
    const store = await filled(120, 500);
    const cells: unknown[] = [];
    for await (const part of store.column(1, signal)) {
      assert.equal(part.firstRow, cells.length);
      cells.push(...part.cells);
    }
    assert.deepEqual(cells, rows(0, 120).map((each) => each[1]));
    const all: Row[] = [];
    for await (const part of store.all(signal)) {
      all.push(...part.rows);
    }
    assert.deepEqual(all, rows(0, 120));
  });

  it('say so when the disk is full, and lose none of what they hold', async () => {
    scratch.room = 500;
    const store = await filled(200, 0);
    await assert.rejects(store.settle(), (error) => isOpsError(error, 'storageFailed'));
    assert.deepEqual(await store.read(0, 200), rows(0, 200));
  });

  it('die with the tab: the file is closed, and who still reads hears that it is over', async () => {
    const store = await filled(200, 0);
    await store.settle();
    assert.equal(scratch.files.size, 1);
    await store.dispose();
    assert.equal(scratch.files.size, 0);
    await assert.rejects(store.read(0, 5), (error) => isOpsError(error, 'cancelled'));
  });
});
