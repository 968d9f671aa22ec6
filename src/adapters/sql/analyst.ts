/** The analysis of SQL that is being written, in a process of its own. */
import { throwIfCancelled } from '../../core/errors.ts';
import type { CatalogRows } from '../../core/sql/catalog.ts';
import type { AnalysisRequest, SetFile, SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { TextFinding } from '../../core/sql/lint/analysis.ts';
import { Questions, startProcess } from './farSide.ts';

export type AnalystQuestion =
  | { readonly kind: 'analyze'; readonly request: AnalysisRequest }
  | { readonly kind: 'forget'; readonly document: string }
  | { readonly kind: 'setFiles'; readonly id: string; readonly files: readonly SetFile[] }
  | { readonly kind: 'setCatalog'; readonly id: string; readonly rows: CatalogRows | undefined };

export type AnalystAnswer = readonly (readonly TextFinding[])[];

/** Without an open document the process goes after so long. */
const idleMs = 30_000;

export interface ClosableSqlAnalyst extends SqlAnalyst {
  close(): Promise<void>;
}

/** `workerPath` is the worker's file: `analyst.worker.cjs` beside the bundle, `analyst.worker.ts` in the source tree. */
export function createSqlAnalyst({ workerPath }: { readonly workerPath: string | URL }): ClosableSqlAnalyst {
  const open = new Set<string>();
  const sets = new Map<string, readonly SetFile[]>();
  const catalogs = new Map<string, CatalogRows>();
  const beside = new Questions<AnalystQuestion, AnalystAnswer>(() => startProcess(workerPath), idleMs, (tell) => {
    sets.forEach((files, id) => tell({ kind: 'setFiles', id, files }));
    catalogs.forEach((rows, id) => tell({ kind: 'setCatalog', id, rows }));
  });
  return {
    async analyze(request, signal) {
      throwIfCancelled(signal);
      open.add(request.document);
      beside.keep(true);
      return beside.ask({ kind: 'analyze', request }, signal);
    },
    forget(document) {
      open.delete(document);
      beside.tell({ kind: 'forget', document });
      beside.keep(open.size > 0);
    },
    setFiles(id, files) {
      sets.set(id, files);
      beside.tell({ kind: 'setFiles', id, files });
    },
    setCatalog(id, rows) {
      if (rows === undefined) {
        catalogs.delete(id);
      } else {
        catalogs.set(id, rows);
      }
      beside.tell({ kind: 'setCatalog', id, rows });
    },
    close: () => beside.close(),
  };
}
