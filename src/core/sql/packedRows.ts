/**
 * Rows in the layout of Postgres' own DataRow message: a count of columns (int16), then for each a length (int32, −1 for null) and the
 * text in UTF-8. A million rows of ten columns are some 150 MB this way, and a gigabyte as JavaScript's strings.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */

export interface PackedRows {
  readonly bytes: Uint8Array;
  /** Where each row begins; whatever lies between two rows means nothing. */
  readonly starts: Uint32Array;
  /** Columns whose `t` and `f`, as the server writes them, are to be read as `true` and `false`. */
  readonly booleans: readonly number[];
}

export const columnCountBytes = 2;
export const lengthBytes = 4;
const decoder = new TextDecoder();

export function unpackRows({ bytes, starts, booleans }: PackedRows): (string | null)[][] {
  const view = viewOf(bytes);
  return Array.from(starts, (start) => unpack(bytes, view, start, booleans));
}

/** The row that begins at an offset. */
export function unpackRow(bytes: Uint8Array, start: number, booleans: readonly number[]): (string | null)[] {
  return unpack(bytes, viewOf(bytes), start, booleans);
}

/** One column of all rows; null too in rows that do not have it. */
export function unpackColumn({ bytes, starts, booleans }: PackedRows, column: number): (string | null)[] {
  const view = viewOf(bytes);
  const isBoolean = booleans.includes(column);
  return Array.from(starts, (start) => {
    if (column >= view.getInt16(start)) {
      return null;
    }
    let at = start + columnCountBytes;
    for (let left = column; left > 0; left--) {
      at += lengthBytes + Math.max(0, view.getInt32(at));
    }
    const text = textAt(bytes, view, at);
    return isBoolean ? spelled(text) : text;
  });
}

function unpack(bytes: Uint8Array, view: DataView, start: number, booleans: readonly number[]): (string | null)[] {
  const row: (string | null)[] = [];
  let at = start + columnCountBytes;
  for (let left = view.getInt16(start); left > 0; left--) {
    row.push(textAt(bytes, view, at));
    at += lengthBytes + Math.max(0, view.getInt32(at));
  }
  for (const column of booleans) {
    row[column] = spelled(row[column] ?? null);
  }
  return row;
}

/** Very short texts of plain characters (numbers, mostly) are quicker by hand, twice as quick as by the decoder. */
const shortText = 8;

function textAt(bytes: Uint8Array, view: DataView, at: number): string | null {
  const length = view.getInt32(at);
  if (length < 0) {
    return null;
  }
  const start = at + lengthBytes;
  const end = start + length;
  if (length <= shortText) {
    let text = '';
    let index = start;
    for (let code = bytes[index] ?? 0; index < end && code < 0x80; code = bytes[++index] ?? 0) {
      text += String.fromCharCode(code);
    }
    if (index === end) {
      return text;
    }
  }
  return decoder.decode(bytes.subarray(start, end));
}

function spelled(text: string | null): string | null {
  return text === 't' ? 'true' : text === 'f' ? 'false' : text;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
