/** The analysis of SQL that is being written, in a process of its own. */
import { throwIfCancelled } from '../../core/errors.ts';
import type { CatalogRows } from '../../core/sql/catalog.ts';
import { deltaBetween, type TextDelta } from '../../core/sql/edits.ts';
import type { Suggestion } from '../../core/sql/assist/complete.ts';
import type { Described } from '../../core/sql/assist/describe.ts';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { AnalysisRequest, PlaceInRequest, SetFile, SqlPiece } from '../../core/sql/lint/request.ts';
import type { TextFinding } from '../../core/sql/lint/analysis.ts';
import { noneLeftOut, type PreparableStatements, type PreparableWish } from '../../core/sql/prepared/preparable.ts';
import { keepVerdicts, type Verdict } from '../../core/sql/prepared/verdict.ts';
import { Questions, startProcess } from './farSide.ts';

export type AnalystQuestion =
  /** The texts of the request are told by how they differ from those of the document's last one. */
  | ({ readonly kind: 'analyze' } & ToldRequest)
  | ({ readonly kind: 'preparable'; readonly wish: PreparableWish } & ToldRequest)
  | ({ readonly kind: 'complete'; readonly at: PlaceInRequest } & ToldRequest)
  | ({ readonly kind: 'describe'; readonly at: PlaceInRequest } & ToldRequest)
  | { readonly kind: 'forget'; readonly document: string }
  | { readonly kind: 'setFiles'; readonly id: string; readonly files: readonly SetFile[] }
  | { readonly kind: 'setCatalog'; readonly id: string; readonly rows: CatalogRows | undefined }
  | { readonly kind: 'setVerdicts'; readonly catalog: string; readonly verdicts: readonly (readonly [string, Verdict])[] };

export interface ToldRequest {
  readonly request: Omit<AnalysisRequest, 'pieces' | 'program'>;
  readonly pieces: readonly ToldPiece[];
  readonly program?: TextDelta;
}

export interface ToldPiece extends Omit<SqlPiece, 'text'> {
  readonly delta: TextDelta;
}

export type AnalystAnswer =
  | { readonly kind: 'analyze'; readonly found: readonly (readonly TextFinding[])[] }
  | { readonly kind: 'preparable'; readonly found: PreparableStatements }
  | { readonly kind: 'complete'; readonly suggestions: readonly Suggestion[] }
  | { readonly kind: 'describe'; readonly described: Described | undefined }
  | { readonly kind: 'told' };

/** Without an open document the process goes after so long. */
const idleMs = 30_000;

export interface ClosableSqlAnalyst extends SqlAnalyst {
  close(): Promise<void>;
}

/** `workerPath` is the worker's file: `analyst.worker.cjs` beside the bundle, `analyst.worker.ts` in the source tree. */
export function createSqlAnalyst({ workerPath }: { readonly workerPath: string | URL }): ClosableSqlAnalyst {
  /** What was told of each open document: a long text takes its time on the way to another process. */
  const open = new Map<string, { readonly pieces: readonly string[]; readonly program: string | undefined }>();
  const sets = new Map<string, readonly SetFile[]>();
  const catalogs = new Map<string, CatalogRows>();
  const said = new Map<string, Map<string, Verdict>>();
  const beside = new Questions<AnalystQuestion, AnalystAnswer>(() => startProcess(workerPath), idleMs, (tell) => {
    open.forEach((_, document) => open.set(document, { pieces: [], program: undefined }));
    sets.forEach((files, id) => tell({ kind: 'setFiles', id, files }));
    catalogs.forEach((rows, id) => tell({ kind: 'setCatalog', id, rows }));
    said.forEach((verdicts, catalog) => tell({ kind: 'setVerdicts', catalog, verdicts: [...verdicts] }));
  });
  const tell = (request: AnalysisRequest): ToldRequest => {
    const { pieces, program, ...rest } = request;
    beside.keep(true);
    beside.start();
    const told = open.get(request.document);
    open.set(request.document, { pieces: pieces.map(({ text }) => text), program });
    const changed = pieces.map(({ text, ...piece }, index) => ({ ...piece, delta: deltaBetween(told?.pieces[index], text) }));
    return { request: rest, pieces: changed, ...(program === undefined ? {} : { program: deltaBetween(told?.program, program) }) };
  };
  return {
    async analyze(request, signal) {
      throwIfCancelled(signal);
      const answer = await beside.ask({ kind: 'analyze', ...tell(request) }, signal);
      return answer.kind === 'analyze' ? answer.found : [];
    },
    async preparable(request, wish, signal) {
      throwIfCancelled(signal);
      const answer = await beside.ask({ kind: 'preparable', wish, ...tell(request) }, signal);
      return answer.kind === 'preparable' ? answer.found : { statements: [], left: noneLeftOut };
    },
    async complete(request, at, signal) {
      throwIfCancelled(signal);
      const answer = await beside.ask({ kind: 'complete', at, ...tell(request) }, signal);
      return answer.kind === 'complete' ? answer.suggestions : [];
    },
    async describe(request, at, signal) {
      throwIfCancelled(signal);
      const answer = await beside.ask({ kind: 'describe', at, ...tell(request) }, signal);
      return answer.kind === 'describe' ? answer.described : undefined;
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
        said.delete(id);
      } else {
        catalogs.set(id, rows);
      }
      beside.tell({ kind: 'setCatalog', id, rows });
    },
    setVerdicts(catalog, verdicts) {
      if (catalogs.has(catalog)) {
        const kept = said.get(catalog) ?? new Map<string, Verdict>();
        keepVerdicts(kept, verdicts);
        said.set(catalog, kept);
        beside.tell({ kind: 'setVerdicts', catalog, verdicts });
      }
    },
    close: () => beside.close(),
  };
}
