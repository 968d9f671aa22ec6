import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFileSink } from '../../../../src/adapters/files/fileSink.ts';
import { createScratchSpace } from '../../../../src/adapters/files/scratchSpace.ts';
import { isOpsError } from '../../../../src/core/errors.ts';
import { intoFile, rowsOf, writeText } from '../../../../src/core/results/exportRows.ts';
import { createFormat } from '../../../../src/core/results/formats/createFormat.ts';
import { ResultView } from '../../../../src/core/results/resultView.ts';
import { RowStore } from '../../../../src/core/results/rowStore.ts';
import type { Column } from '../../../../src/core/sql/result.ts';

const columns: Column[] = [{ name: 'id', type: 'int4', category: 'number' }, { name: 'text', type: 'text', category: 'text' }];

describe('exporting', () => {
  let folder: string;
  /** Lengths of what was handed to the file. */
  let pieces: number[];
  beforeEach(async () => {
    pieces = [];
    folder = await mkdtemp(path.join(tmpdir(), 'opsbook-export-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function exported(count: number, signal: AbortSignal, progress: (written: number) => void = () => {}): Promise<string> {
    const scratch = createScratchSpace(path.join(folder, 'storage'));
    const store = new RowStore(scratch);
    try {
      for (let from = 0; from < count; from += 1000) {
        await store.append(Array.from({ length: Math.min(1000, count - from) }, (_, index) => [String(from + index), 'x'.repeat(100)]));
      }
      const view = new ResultView(store, columns);
      await view.arrange({ sort: [{ column: 0, descending: true }], filters: [] }, new AbortController().signal);
      const target = path.join(folder, 'out.csv');
      const file = await openFileSink(target);
      const write = async (chunk: string | Uint8Array): Promise<void> => {
        pieces.push(chunk.length);
        await file.write(chunk);
      };
      const sink = { ...file, write };
      await intoFile(sink, () => writeText(sink, createFormat('csv', columns, { header: true, safeForSpreadsheets: false, table: '' }), rowsOf(view, progress, signal)));
      return target;
    } finally {
      await store.dispose();
      await scratch.dispose();
    }
  }

  it('writes all rows as they are shown, and holds few of them', async function () {
    this.timeout(30_000);
    const progress: number[] = [];
    const target = await exported(200_000, new AbortController().signal, (written) => progress.push(written));
    const lines = (await readFile(target, 'latin1')).split('\r\n');
    assert.deepEqual([lines.length, lines[0], lines[1]?.slice(0, 9), lines.at(-2)?.slice(0, 3)], [200_002, 'id,text', '199999,xx', '0,x']);
    assert.deepEqual([progress[0], progress.at(-1), progress.length], [1000, 200_000, 200]);
    assert.ok((pieces.at(-2) ?? 0) > 100_000 && Math.max(...pieces) < 200_000, 'a piece is a thousand rows');
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const controller = new AbortController();
    await assert.rejects(exported(5000, controller.signal, () => controller.abort()), (error) => isOpsError(error, 'cancelled'));
    assert.deepEqual(await readdir(folder), []);
  });
});
