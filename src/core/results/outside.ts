/** What results ask of the outside; `adapters/files/` implements it. */
import type { Row } from '../sql/result.ts';
import type { ParquetColumn } from './parquetColumns.ts';

/** Private files for bytes that are too many to hold; all of them are gone with the window, whatever happens to it (SAFETY 20, 21). */
export interface ScratchSpace {
  /** Throws `storageFailed`. */
  create(): Promise<ScratchFile>;
  /** Closes all of them. Never rejects. */
  dispose(): Promise<void>;
}

export interface ScratchFile {
  /** Resolves with where the bytes begin. One call at a time. Throws `storageFailed`. */
  append(bytes: Uint8Array): Promise<number>;
  /** Throws `storageFailed`; after {@link close}, `cancelled`. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Removes the file. Never rejects. */
  close(): Promise<void>;
}

/** Files that the user asked for, somewhere on the user's disk. */
export interface FileSink {
  /** Bytes or text, in order; resolves when there is room for more. Throws `fileNotWritten`. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Puts the file in its place, whole; what was there before is replaced. Throws `fileNotWritten`. */
  finish(): Promise<void>;
  /** Leaves no trace of it. Never rejects. */
  discard(): Promise<void>;
}

/** Opens a file to be written; nothing stands at `path` before {@link FileSink.finish}. Throws `fileNotWritten`. */
export type OpenFileSink = (path: string) => Promise<FileSink>;

/** Writes a Parquet file; `source` gives rows in pieces. Throws what `sink` and `source` throw, and `cancelled`. */
export type WriteParquet = (sink: Pick<FileSink, 'write'>, columns: readonly ParquetColumn[], source: AsyncIterable<readonly Row[]>, signal: AbortSignal) => Promise<void>;

export interface ResultFiles {
  readonly scratch: ScratchSpace;
  readonly openFile: OpenFileSink;
  readonly writeParquet: WriteParquet;
}
