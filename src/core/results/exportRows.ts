/** A result as a file, row by row to the disk. */
import { throwIfCancelled } from '../errors.ts';
import type { Row } from '../sql/result.ts';
import { createBreather } from '../../util/breather.ts';
import type { TextFormat } from './formats/format.ts';
import type { FileSink } from './outside.ts';
import type { ResultView } from './resultView.ts';

/** Rows that are read and written at once. */
const stride = 1000;

/** Rows as they are shown, in pieces. Throws `cancelled`. */
export async function* rowsOf(view: ResultView, progress: (written: number) => void, signal: AbortSignal): AsyncGenerator<readonly Row[], void, undefined> {
  const breathe = createBreather();
  for (let from = 0; from < view.rowCount; from += stride) {
    throwIfCancelled(signal);
    yield (await view.rows(from, stride)).rows;
    progress(Math.min(view.rowCount, from + stride));
    await breathe();
  }
}

export async function writeText(sink: Pick<FileSink, 'write'>, format: TextFormat, source: AsyncIterable<readonly Row[]>): Promise<void> {
  await sink.write(format.begin());
  for await (const rows of source) {
    await sink.write(rows.map((row) => format.row(row)).join(''));
  }
  await sink.write(format.end());
}

/** Leaves a whole file, or none. Throws what `write` and the sink throw. */
export async function intoFile(sink: FileSink, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    await sink.discard();
    throw error;
  }
  await sink.finish();
}
