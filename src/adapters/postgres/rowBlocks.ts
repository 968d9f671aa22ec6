/** Rows of one statement as they come from the server, until somebody takes them. */
import type { PackedRows } from '../../core/sql/packedRows.ts';

/** Bytes of the first block, since most results are small, and of the others. */
const blockBytes = { first: 8 * 1024, others: 256 * 1024 };

export class RowBlocks {
  private full: Omit<PackedRows, 'booleans'>[] = [];
  private bytes: Uint8Array = Buffer.allocUnsafeSlow(blockBytes.first);
  private at = 0;
  private starts: number[] = [];
  private held = 0;
  private isWanted = true;
  private readonly came: () => void;

  /** `came` is told of every piece that the network brings. */
  constructor(came: () => void) {
    this.came = came;
  }

  /** Bytes of rows that nobody has taken. */
  get waiting(): number {
    return this.held;
  }

  /** Whole DataRow messages, from one offset to another; each row begins behind its header. */
  add(chunk: Uint8Array, from: number, to: number, starts: readonly number[]): void {
    if (!this.isWanted) {
      return;
    }
    if (this.at + to - from > this.bytes.length) {
      this.seal();
      this.bytes = Buffer.allocUnsafeSlow(Math.max(blockBytes.others, to - from));
    }
    this.bytes.set(chunk.subarray(from, to), this.at);
    const moved = this.at - from;
    for (const start of starts) {
      this.starts.push(start + moved);
    }
    this.at += to - from;
    this.held += to - from;
    this.came();
  }

  /** The oldest block, full or not; `undefined` when there are no rows. */
  take(): Omit<PackedRows, 'booleans'> | undefined {
    if (this.full.length === 0) {
      this.seal();
    }
    const block = this.full.shift();
    this.held -= block?.bytes.length ?? 0;
    return block;
  }

  /** Nobody wants those that are there, nor those that come. */
  drop(): void {
    this.isWanted = false;
    this.full = [];
    this.at = 0;
    this.held = 0;
  }

  private seal(): void {
    if (this.at > 0) {
      this.full.push({ bytes: this.bytes.subarray(0, this.at), starts: Uint32Array.from(this.starts) });
      this.bytes = this.bytes.subarray(this.at);
      this.at = 0;
      this.starts = [];
    }
  }
}
