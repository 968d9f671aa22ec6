import assert from 'node:assert/strict';
import { isOpsError } from '../../../../src/core/errors.ts';
import { decodeCell, decodeRow, encodeRows } from '../../../../src/core/results/rowCodec.ts';
import { RowStore } from '../../../../src/core/results/rowStore.ts';
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
    const { bytes, starts } = encodeRows(rows);
    const [plain, wide, none, one] = Array.from(starts, (start) => decodeRow(bytes, start));
    assert.deepEqual(plain, rows[0]);
    // A lone surrogate is no text that a server could send.
    assert.deepEqual(wide, ['ä', '🙂 \u0000 \ufffd', 'x'.repeat(1000), 'é'.repeat(70)]);
    assert.deepEqual([none, one], [[], [null]]);
  });

  it('give one cell without the others', () => {
    const { bytes, starts } = encodeRows(rows);
    assert.deepEqual([0, 1, 2, 3, 4].map((column) => decodeCell(bytes, starts[0] ?? 0, column)), ['1', null, '', 'plain', null]);
    assert.equal(decodeCell(bytes, starts[1] ?? 0, 3), 'é'.repeat(70));
  });

  it('are laid out as Postgres sends them', () => {
    assert.deepEqual([...encodeRows([['ab', null]]).bytes], [0, 2, 0, 0, 0, 2, 97, 98, 255, 255, 255, 255]);
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
