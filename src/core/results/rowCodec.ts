/**
 * Rows as bytes, in the layout of Postgres' own DataRow message: a count of columns (int16), then for each a length (int32, −1 for
 * null) and the text in UTF-8. A million rows of ten columns are some 100 MB this way, and a gigabyte as JavaScript's strings.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import type { Cell, Row } from '../sql/result.ts';

const columnCountBytes = 2;
const lengthBytes = 4;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Collects rows until there are enough bytes for a block. */
export class RowWriter {
  private bytes: Uint8Array;
  private view: DataView;
  private at = 0;
  private starts: number[] = [];

  constructor(expectedBytes: number) {
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

  /** What was collected; the writer is empty again. */
  take(): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
    const taken = { bytes: this.bytes.slice(0, this.at), starts: Uint32Array.from(this.starts) };
    this.at = 0;
    this.starts = [];
    return taken;
  }

  /** A copy of one row that was not taken yet. */
  read(index: number): Row {
    return decodeRow(this.bytes, this.starts[index] ?? 0);
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
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
  }
}

export function encodeRows(rows: readonly Row[]): { readonly bytes: Uint8Array; readonly starts: Uint32Array } {
  const writer = new RowWriter(1024);
  rows.forEach((row) => writer.add(row));
  return writer.take();
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

/** The row that begins at an offset. */
export function decodeRow(bytes: Uint8Array, start: number): Row {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const row: Cell[] = [];
  let at = start + columnCountBytes;
  for (let left = view.getInt16(start); left > 0; left--) {
    const length = view.getInt32(at);
    at += lengthBytes;
    row.push(length < 0 ? null : decoder.decode(bytes.subarray(at, at + length)));
    at += Math.max(0, length);
  }
  return row;
}

/** One cell of the row that begins at an offset; `null` too for a column that the row does not have. */
export function decodeCell(bytes: Uint8Array, start: number, column: number): Cell {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (column >= view.getInt16(start)) {
    return null;
  }
  let at = start + columnCountBytes;
  for (let left = column; left > 0; left--) {
    at += lengthBytes + Math.max(0, view.getInt32(at));
  }
  const length = view.getInt32(at);
  return length < 0 ? null : decoder.decode(bytes.subarray(at + lengthBytes, at + lengthBytes + length));
}
