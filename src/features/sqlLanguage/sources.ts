import type * as vscode from 'vscode';
import { toDocumentOffset } from '../../core/runbook/code.ts';
import type { Library } from '../../core/runbook/library.ts';
import type { AnalysisRequest, SqlPiece } from '../../core/sql/lint/request.ts';
import { roleOfFile, setOf } from '../../core/sql/lint/roles.ts';
import type { TextRole } from '../../core/sql/lint/rule.ts';
import { defined } from '../../util/defined.ts';
import { isOurSql, placeOf, type SqlDocumentNeeds } from '../../host/sqlDocuments.ts';

export interface SourceNeeds extends SqlDocumentNeeds {
  readonly library: Library;
}

/** The SQL of a document, and the way from an offset in one of its pieces to one in the document. */
export interface SqlSource {
  readonly pieces: readonly (SqlPiece & { readonly toDocument: (offset: number) => number })[];
  /** In place of pieces: a program whose strings are looked through elsewhere. */
  readonly program?: string;
  readonly role: TextRole;
  readonly placeId?: string;
  readonly set?: NonNullable<AnalysisRequest['set']>;
}

/** `undefined` for a document in which nobody wants us: another dialect's SQL, a README. */
export async function sourceOf(document: vscode.TextDocument, needs: SourceNeeds): Promise<SqlSource | undefined> {
  switch (document.languageId) {
    case 'sql':
      return isOurSql(document, needs) ? wholeFile(document, needs) : undefined;
    case 'markdown':
      return fences(document, needs);
    default:
      return programs.includes(document.languageId) ? program(document, needs) : undefined;
  }
}

const programs: readonly string[] = ['typescript', 'javascript', 'typescriptreact', 'javascriptreact'];

/** Languages in which SQL of ours may stand. */
export const languages: readonly string[] = ['sql', 'markdown', ...programs];

/** Programs of a place; what others wrote (`node_modules`) is not ours to judge. */
function program(document: vscode.TextDocument, { session }: SourceNeeds): SqlSource | undefined {
  const within = placeOf(document.uri, session);
  if (within === undefined || within.path.split('/').includes('node_modules')) {
    return undefined;
  }
  return { pieces: [], program: document.getText(), role: 'snippet', placeId: within.place.id };
}

function wholeFile(document: vscode.TextDocument, { session }: SourceNeeds): SqlSource {
  const pieces = [{ text: document.getText(), openings: [], manual: false, toDocument: (offset: number) => offset }];
  const within = placeOf(document.uri, session);
  if (within === undefined) {
    return { pieces, role: 'script', ...(session.place === undefined ? {} : { placeId: session.place.id }) };
  }
  const { place, path } = within;
  return { pieces, role: roleOfFile(path).role, placeId: place.id, ...defined({ set: setOf(place.id, path) }) };
}

/** The documents that the Runbooks view lists, and no others. */
async function fences(document: vscode.TextDocument, { library, session }: SourceNeeds): Promise<SqlSource | undefined> {
  const uri = document.uri.toString();
  if ((await library.find(uri)) === undefined) {
    return undefined;
  }
  const { sections } = await library.parse(uri, document.getText());
  const steps = sections.flatMap((section) => section.steps).filter((step) => step.language === 'sql' && step.origin === 'fence');
  const pieces = steps.map((step) => ({ text: step.text, openings: [], manual: true, toDocument: (offset: number) => toDocumentOffset(step, offset) }));
  const place = placeOf(document.uri, session)?.place ?? session.place;
  return { pieces, role: 'snippet', ...(place === undefined ? {} : { placeId: place.id }) };
}
