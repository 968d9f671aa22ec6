/**
 * DataRow messages are taken out of what the server sends before `pg` makes an object of each row and a string of each cell, which is
 * most of what a large result costs (measured: three quarters of this side's work). All other messages are `pg`'s as before.
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import type { RowBlocks } from './rowBlocks.ts';

/** Of `pg`'s connection, what its types do not know (8.23): it is called once, with the stream that messages come from. */
interface Attaching {
  attachListeners(stream: MessageStream): void;
}

interface MessageStream {
  on(event: string, listener: (bytes: Uint8Array) => void): unknown;
}

/** A type (one byte), then the length of the rest and of itself (int32). */
const headerBytes = 5;
const dataRow = 0x44;

export class RowTap {
  /** Where rows go; without it they are `pg`'s. */
  rows: RowBlocks | undefined;
  private forward: (bytes: Uint8Array) => void = () => {};
  /** Parts of a message that is not whole yet. */
  private pieces: Uint8Array[] = [];
  private held = 0;

  /** Before the connection is opened. */
  static on(connection: unknown): RowTap {
    const tap = new RowTap();
    const attaching = connection as Attaching;
    const attach = attaching.attachListeners.bind(attaching);
    attaching.attachListeners = (stream) => attach(tap.between(stream));
    return tap;
  }

  private between(stream: MessageStream): MessageStream {
    return {
      on: (event, listener) => {
        if (event !== 'data') {
          return stream.on(event, listener);
        }
        this.forward = listener;
        return stream.on(event, (chunk) => this.receive(chunk));
      },
    };
  }

  private receive(chunk: Uint8Array): void {
    const from = this.held === 0 ? 0 : this.complete(chunk);
    const whole = this.split(chunk, from);
    if (whole < chunk.length) {
      this.hold(chunk.subarray(whole));
    }
  }

  /** Takes what is missing of the message that is held; gives where the next one begins. */
  private complete(chunk: Uint8Array): number {
    let from = 0;
    while (this.held > 0 && from < chunk.length) {
      const [first = chunk] = this.pieces;
      const needed = first.length < headerBytes ? headerBytes : endOf(first, 0);
      const more = chunk.subarray(from, from + needed - this.held);
      this.hold(more);
      from += more.length;
      if (this.held === needed) {
        const bytes = concatenated(this.pieces, this.held);
        this.pieces = [];
        this.held = 0;
        if (this.split(bytes, 0) === 0) {
          this.hold(bytes);
        }
      }
    }
    return from;
  }

  private hold(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.held += piece.length;
  }

  /** Hands on all whole messages; gives where the first one begins that is not whole. */
  private split(chunk: Uint8Array, from: number): number {
    let at = from;
    let end = wholeEnd(chunk, at);
    while (end <= chunk.length) {
      const { rows } = this;
      const isRow = rows !== undefined && chunk[at] === dataRow;
      const begin = at;
      const starts: number[] = [];
      do {
        starts.push(at + headerBytes);
        at = end;
        end = wholeEnd(chunk, at);
      } while (end <= chunk.length && (rows !== undefined && chunk[at] === dataRow) === isRow);
      if (isRow) {
        rows.add(chunk, begin, at, starts);
      } else {
        this.forward(chunk.subarray(begin, at));
      }
    }
    return at;
  }
}

/** Where the message at an offset ends; beyond all when not even its length is there. */
function wholeEnd(bytes: Uint8Array, at: number): number {
  return at + headerBytes <= bytes.length ? endOf(bytes, at) : Infinity;
}

function endOf(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at + 1] ?? 0) << 24) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0);
  return at + 1 + (length >>> 0);
}

function concatenated(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
