/** Rows into the bytes that they are kept as: the layout of `core/sql/packedRows.ts`. */
import { columnCountBytes, lengthBytes, unpackRow, type PackedRows } from '../sql/packedRows.ts';
import type { Cell, Row } from '../sql/result.ts';

const encoder = new TextEncoder();

/** What one huge cell needed is let go of after its block. */
const mostHeld = 4 * 1024 * 1024;

/** Collects rows until there are enough bytes for a block. */
export class RowWriter {
  private readonly expectedBytes: number;
  private bytes: Uint8Array;
  private view: DataView;
  private at = 0;
  private starts: number[] = [];

  constructor(expectedBytes: number) {
    this.expectedBytes = expectedBytes;
    this.bytes = new Uint8Array(expectedBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  get byteLength(): number {
    return this.at;
  }

  get rowCount(): number {
    return this.starts.length;
  }

  add(row: Row): void {
    this.starts.push(this.at);
    this.ensure(columnCountBytes);
    this.view.setInt16(this.at, row.length);
    this.at += columnCountBytes;
    for (const cell of row) {
      this.addCell(cell);
    }
  }

  /** Rows of a whole block are added at once, as they are. */
  addPacked({ bytes, starts }: PackedRows): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.at);
    for (const start of starts) {
      this.starts.push(this.at + start);
    }
    this.at += bytes.length;
  }

  /** What was collected; the writer is empty again. */
  take(): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
    const taken = this.peek();
    this.at = 0;
    this.starts = [];
    if (this.bytes.length > mostHeld) {
      this.hold(new Uint8Array(this.expectedBytes));
    }
    return taken;
  }

  /** A copy of what was not taken yet. */
  peek(): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
    return { bytes: this.bytes.slice(0, this.at), starts: Uint32Array.from(this.starts) };
  }

  /** One row that was not taken yet. */
  read(index: number, booleans: readonly number[]): Row {
    return unpackRow(this.bytes, this.starts[index] ?? 0, booleans);
  }

  private addCell(cell: Cell): void {
    // A UTF-16 unit has at most three bytes.
    this.ensure(lengthBytes + (cell === null ? 0 : cell.length * 3));
    if (cell === null) {
      this.view.setInt32(this.at, -1);
      this.at += lengthBytes;
      return;
    }
    const start = this.at + lengthBytes;
    const written = writeAscii(cell, this.bytes, start) ?? encoder.encodeInto(cell, this.bytes.subarray(start)).written;
    this.view.setInt32(this.at, written);
    this.at = start + written;
  }

  private ensure(more: number): void {
    if (this.at + more <= this.bytes.length) {
      return;
    }
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    larger.set(this.bytes.subarray(0, this.at));
    this.hold(larger);
  }

  private hold(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

export function packRows(rows: readonly Row[]): PackedRows {
  const writer = new RowWriter(1024);
  rows.forEach((row) => writer.add(row));
  return { ...writer.take(), booleans: [] };
}

/** Short texts of plain characters are most of all cells, and quicker by hand; `undefined` when the text is none of them. */
function writeAscii(text: string, bytes: Uint8Array, start: number): number | undefined {
  if (text.length > 64) {
    return undefined;
  }
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) {
      return undefined;
    }
    bytes[start + index] = code;
  }
  return text.length;
}
