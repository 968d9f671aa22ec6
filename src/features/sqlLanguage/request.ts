import type * as vscode from 'vscode';
import type { SqlAnalyst } from '../../core/sql/lint/analyst.ts';
import type { AnalysisRequest } from '../../core/sql/lint/request.ts';
import { migrationsOf } from '../../core/sql/lint/roles.ts';
import { defined } from '../../util/defined.ts';
import type { Catalogs } from './catalogs.ts';
import type { SetFiles } from './setFiles.ts';
import { sourceOf, type SourceNeeds, type SqlSource } from './sources.ts';

export interface RequestNeeds extends SourceNeeds {
  readonly analyst: SqlAnalyst;
  readonly files: SetFiles;
  readonly catalogs: Catalogs;
  readonly exposedSchemas: (placeId: string) => Promise<readonly string[]>;
}

/** What whoever analyses is asked about a document as it is now, and where its pieces stand; `undefined` for one that holds no SQL of ours. */
export async function requestFor(document: vscode.TextDocument, needs: RequestNeeds): Promise<{ readonly request: AnalysisRequest; readonly source: SqlSource } | undefined> {
  const source = await sourceOf(document, needs);
  if (source === undefined || (source.pieces.length === 0 && source.program === undefined)) {
    return undefined;
  }
  if (source.set !== undefined && source.placeId !== undefined) {
    await needs.files.ready(source.placeId);
  }
  const catalog = needs.catalogs.idFor(source.placeId);
  // Programs and seeds are written for the schema that is to come.
  const aroundPending = catalog !== undefined && source.placeId !== undefined && (source.program !== undefined || source.role === 'data') ? migrationsOf(source.placeId) : undefined;
  if (aroundPending !== undefined && source.placeId !== undefined) {
    await needs.files.ready(source.placeId);
  }
  const exposedSchemas = source.placeId === undefined ? ['public'] : await needs.exposedSchemas(source.placeId);
  const { pieces, program, role, set } = source;
  const plain = pieces.map(({ text, openings, manual }) => ({ text, openings, manual }));
  const request = { document: document.uri.toString(), pieces: plain, role, exposedSchemas, ...defined({ set, program, catalog, aroundPending }) };
  return { request, source };
}
