/** The rows of one result: the first ones in memory, the others in a file that dies with the tab (SAFETY 20). */
import { OpsError, throwIfCancelled } from '../errors.ts';
import { unpackColumn, unpackRow, unpackRows, type PackedRows } from '../sql/packedRows.ts';
import type { Cell, Row } from '../sql/result.ts';
import type { ScratchFile, ScratchSpace } from './outside.ts';
import { RowWriter } from './rowCodec.ts';

export interface StoreLimits {
  /** Bytes of rows that stay in memory. */
  readonly memory: number;
  /** Bytes of a block, the unit that is written and read. */
  readonly block: number;
  /** Blocks read back from the file that are kept. */
  readonly cachedBlocks: number;
}

export const storeLimits: StoreLimits = { memory: 16 * 1024 * 1024, block: 256 * 1024, cachedBlocks: 16 };

interface Block {
  readonly firstRow: number;
  /** Where each row begins within the block. */
  readonly starts: Uint32Array;
  readonly byteLength: number;
  /** Absent once they are in the file alone. */
  bytes: Uint8Array | undefined;
  /** Where the block begins in the file, once it is there. */
  place: number | undefined;
}

/** So many bytes may wait for the disk before whoever brings more has to wait too. */
const mostWaiting = 4 * 1024 * 1024;

/** A run of fewer rows than this in one block is read row by row. */
const fewRows = 4;

export class RowStore {
  private readonly limits: StoreLimits;
  private readonly scratch: ScratchSpace;
  private readonly blocks: Block[] = [];
  private readonly writer: RowWriter;
  private booleans: readonly number[] = [];
  /** Blocks from the file, the latest used last. */
  private readonly cache = new Map<Block, Uint8Array>();
  private file: Promise<ScratchFile> | undefined;
  private held = 0;
  private waiting = 0;
  private writing: Promise<void> = Promise.resolve();
  private sealed = 0;
  private disposed = false;

  constructor(scratch: ScratchSpace, limits: StoreLimits = storeLimits) {
    this.scratch = scratch;
    this.limits = limits;
    this.writer = new RowWriter(Math.min(limits.block, 64 * 1024));
  }

  get rowCount(): number {
    return this.sealed + this.writer.rowCount;
  }

  /** Bytes that are in the file, or on their way to it. */
  get spilled(): number {
    return this.blocks.reduce((sum, block) => sum + (block.bytes === undefined || block.place !== undefined ? block.byteLength : 0), 0);
  }

  /** Resolves when there is room for more. Throws `storageFailed` when the disk takes no more. */
  async append(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      this.writer.add(row);
      if (this.writer.byteLength >= this.limits.block) {
        this.seal();
      }
    }
    await this.room();
  }

  /** As {@link append}, of rows that came packed; their bytes are the store's from then on. */
  async appendPacked(packed: PackedRows): Promise<void> {
    this.booleans = packed.booleans;
    if (packed.bytes.length >= this.limits.block / 2) {
      this.seal();
      this.keep(packed.bytes, packed.starts);
    } else {
      this.writer.addPacked(packed);
      if (this.writer.byteLength >= this.limits.block) {
        this.seal();
      }
    }
    await this.room();
  }

  /** Rows `from` to `from + count`, fewer at the end. */
  async read(from: number, count: number): Promise<Row[]> {
    const last = Math.min(this.rowCount, from + count);
    return this.readAt(Array.from({ length: Math.max(0, last - from) }, (_, index) => from + index));
  }

  /** Rows by their numbers, in the order asked for. Throws `storageFailed`, and `cancelled` once the store is disposed of. */
  async readAt(numbers: readonly number[]): Promise<Row[]> {
    if (this.disposed) {
      throw new OpsError('cancelled', {});
    }
    const rows: Row[] = [];
    for (let at = 0; at < numbers.length; ) {
      const block = this.blockOf(numbers[at] ?? 0);
      let end = at + 1;
      while (end < numbers.length && block !== undefined && contains(block, numbers[end] ?? 0)) {
        end++;
      }
      // One by one: a call does not take as many arguments as a block has rows.
      (await this.readRun(block, numbers.slice(at, end))).forEach((row) => rows.push(row));
      at = end;
    }
    return rows;
  }

  /** One column of all rows there are now, block by block in order, for sorting and drawing. */
  async *column(column: number, signal: AbortSignal): AsyncGenerator<{ readonly firstRow: number; readonly cells: readonly Cell[] }, void, undefined> {
    for await (const { firstRow, packed } of this.wholeBlocks(signal)) {
      yield { firstRow, cells: unpackColumn(packed, column) };
    }
  }

  /** All rows there are now, block by block in order. */
  async *all(signal: AbortSignal): AsyncGenerator<{ readonly firstRow: number; readonly rows: readonly Row[] }, void, undefined> {
    for await (const { firstRow, packed } of this.wholeBlocks(signal)) {
      yield { firstRow, rows: unpackRows(packed) };
    }
  }

  /** Resolves when all rows are where they will stay. Throws `storageFailed`. */
  async settle(): Promise<void> {
    await this.writing;
  }

  /** Lets go of the rows and of the file. */
  async dispose(): Promise<void> {
    this.disposed = true;
    this.blocks.length = 0;
    this.cache.clear();
    await this.writing.catch(() => {});
    const file = await this.file?.catch(() => undefined);
    await file?.close();
  }

  private async *wholeBlocks(signal: AbortSignal): AsyncGenerator<{ readonly firstRow: number; readonly packed: PackedRows }, void, undefined> {
    const { booleans } = this;
    const rest = this.writer.rowCount === 0 ? undefined : { firstRow: this.sealed, packed: { ...this.writer.peek(), booleans } };
    for (const block of [...this.blocks]) {
      throwIfCancelled(signal);
      const bytes = block.bytes ?? this.cache.get(block) ?? (await this.readPlace(block, 0, block.byteLength));
      yield { firstRow: block.firstRow, packed: { bytes, starts: block.starts, booleans } };
    }
    if (rest !== undefined) {
      yield rest;
    }
  }

  private async room(): Promise<void> {
    if (this.waiting > mostWaiting) {
      await this.writing;
    }
  }

  /** What was collected becomes a block. */
  private seal(): void {
    if (this.writer.rowCount > 0) {
      const { bytes, starts } = this.writer.take();
      this.keep(bytes, starts);
    }
  }

  private keep(bytes: Uint8Array, starts: Uint32Array): void {
    const block: Block = { firstRow: this.sealed, starts, byteLength: bytes.length, bytes, place: undefined };
    this.blocks.push(block);
    this.sealed += starts.length;
    if (this.held + bytes.length <= this.limits.memory) {
      this.held += bytes.length;
    } else {
      this.spill(block, bytes);
    }
  }

  private spill(block: Block, bytes: Uint8Array): void {
    this.waiting += bytes.length;
    this.writing = this.writing.then(async () => {
      if (!this.disposed) {
        this.file ??= this.scratch.create();
        block.place = await (await this.file).append(bytes);
        block.bytes = undefined;
      }
      this.waiting -= bytes.length;
    });
    // Whoever appends or reads next hears of it.
    this.writing.catch(() => {});
  }

  private async readRun(block: Block | undefined, numbers: readonly number[]): Promise<Row[]> {
    if (block === undefined) {
      return numbers.map((number) => this.writer.read(number - this.sealed, this.booleans));
    }
    const known = block.bytes ?? this.cached(block);
    if (known === undefined && numbers.length < fewRows) {
      return Promise.all(numbers.map((number) => this.readRow(block, number)));
    }
    const bytes = known ?? (await this.load(block));
    return numbers.map((number) => unpackRow(bytes, block.starts[number - block.firstRow] ?? 0, this.booleans));
  }

  private async readRow(block: Block, number: number): Promise<Row> {
    const index = number - block.firstRow;
    const start = block.starts[index] ?? 0;
    const end = block.starts[index + 1] ?? block.byteLength;
    return unpackRow(await this.readPlace(block, start, end - start), 0, this.booleans);
  }

  private cached(block: Block): Uint8Array | undefined {
    const bytes = this.cache.get(block);
    if (bytes !== undefined) {
      this.cache.delete(block);
      this.cache.set(block, bytes);
    }
    return bytes;
  }

  private async load(block: Block): Promise<Uint8Array> {
    const bytes = await this.readPlace(block, 0, block.byteLength);
    this.cache.set(block, bytes);
    for (const oldest of [...this.cache.keys()].slice(0, Math.max(0, this.cache.size - this.limits.cachedBlocks))) {
      this.cache.delete(oldest);
    }
    return bytes;
  }

  private async readPlace(block: Block, offset: number, length: number): Promise<Uint8Array> {
    if (block.place === undefined) {
      await this.writing;
    }
    const file = await this.file;
    return block.place === undefined || file === undefined ? (block.bytes ?? new Uint8Array()).subarray(offset, offset + length) : file.read(block.place + offset, length);
  }

  /** `undefined` for rows that are still being collected. */
  private blockOf(number: number): Block | undefined {
    if (number >= this.sealed) {
      return undefined;
    }
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.blocks[middle]?.firstRow ?? Infinity) <= number) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return this.blocks[low];
  }
}

function contains({ firstRow, starts }: Block, number: number): boolean {
  return number >= firstRow && number < firstRow + starts.length;
}
