/** Completion and hover: what the process beside found, as the editor shows it. Everything in it comes from the database (SAFETY 17). */
import * as vscode from 'vscode';
import type { Suggestion, SuggestionKind } from '../../core/sql/assist/complete.ts';
import type { Meaning } from '../../core/sql/assist/describe.ts';
import type { CatalogFunction, CatalogPolicy, CatalogRelation } from '../../core/sql/catalog.ts';
import type { AnalysisRequest, PlaceInRequest } from '../../core/sql/lint/request.ts';
import { isCancelled } from '../../core/errors.ts';
import { toSignal } from '../../host/cancellation.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { LanguageServer } from './languageServer.ts';
import { requestFor, type RequestNeeds } from './request.ts';
import type { SqlSource } from './sources.ts';

export interface AssistNeeds extends RequestNeeds {
  readonly languageServer: LanguageServer;
}

export async function complete(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken, needs: AssistNeeds): Promise<vscode.CompletionList | undefined> {
  const asked = await askable(document, position, needs);
  const suggestions = asked && (await unlessCancelled(needs.analyst.complete(asked.request, asked.at, toSignal(token))));
  return suggestions && new vscode.CompletionList(suggestions.map(itemOf));
}

export async function describe(document: vscode.TextDocument, position: vscode.Position, token: vscode.CancellationToken, needs: AssistNeeds): Promise<vscode.Hover | undefined> {
  const asked = await askable(document, position, needs);
  const described = asked && (await unlessCancelled(needs.analyst.describe(asked.request, asked.at, toSignal(token))));
  if (described === undefined) {
    return undefined;
  }
  const at = (offset: number): vscode.Position => document.positionAt(asked?.source.pieces[asked.at.piece]?.toDocument(offset) ?? offset);
  return new vscode.Hover(pageOf(described.meaning), new vscode.Range(at(described.range.start), at(described.range.end)));
}

interface Askable {
  readonly request: AnalysisRequest;
  readonly source: SqlSource;
  readonly at: PlaceInRequest;
}

/** `undefined` where the Postgres Language Server offers the same, and outside of SQL. */
async function askable(document: vscode.TextDocument, position: vscode.Position, needs: AssistNeeds): Promise<Askable | undefined> {
  const { settings, languageServer } = needs;
  if (!settings.current['opsbook.sql.completion'] || (settings.current['opsbook.sql.yieldToLanguageServer'] && languageServer.dutiesIn(document)?.hasDatabase === true)) {
    return undefined;
  }
  const asked = await requestFor(document, needs);
  const at = asked && placeIn(asked.source, document.offsetAt(position));
  return asked === undefined || at === undefined || document.isClosed ? undefined : { ...asked, at };
}

async function unlessCancelled<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isCancelled(error)) {
      return undefined;
    }
    throw error;
  }
}

function placeIn({ pieces, program }: SqlSource, offset: number): PlaceInRequest | undefined {
  if (program !== undefined) {
    return { piece: 0, offset };
  }
  const piece = pieces.findIndex(({ text, toDocument }) => toDocument(0) <= offset && offset <= toDocument(text.length));
  const found = pieces[piece];
  return found && { piece, offset: firstAtOrBehind(offset, found.text.length, found.toDocument) };
}

/** Lines of a fence may be indented: offsets of its text grow as those of the document do. */
function firstAtOrBehind(wanted: number, length: number, toDocument: (offset: number) => number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (toDocument(middle) < wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const kinds: Readonly<Record<SuggestionKind, vscode.CompletionItemKind>> = {
  column: vscode.CompletionItemKind.Field,
  alias: vscode.CompletionItemKind.Variable,
  relation: vscode.CompletionItemKind.Struct,
  view: vscode.CompletionItemKind.Interface,
  function: vscode.CompletionItemKind.Function,
  schema: vscode.CompletionItemKind.Module,
  type: vscode.CompletionItemKind.TypeParameter,
  keyword: vscode.CompletionItemKind.Keyword,
};

function itemOf({ kind, name, insert, detail, comment, rank }: Suggestion): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label: visibleLine(name), ...(detail === '' ? {} : { description: visibleLine(detail) }) }, kinds[kind]);
  item.insertText = insert;
  item.filterText = name;
  item.sortText = String(rank).padStart(4, '0');
  if (comment !== undefined) {
    item.documentation = text(new vscode.MarkdownString(), comment);
  }
  return item;
}

function text(page: vscode.MarkdownString, words: string): vscode.MarkdownString {
  return page.appendText(visible(words));
}

function code(page: vscode.MarkdownString, sql: string): vscode.MarkdownString {
  return page.appendCodeblock(visible(sql), 'sql');
}

const mostColumns = 40;
const mostPolicies = 12;
const mostOverloads = 8;

function pageOf(meaning: Meaning): vscode.MarkdownString {
  const page = new vscode.MarkdownString();
  switch (meaning.kind) {
    case 'column': {
      const { of, column } = meaning;
      code(page, `${of}.${column.name} ${column.type}${column.notNull ? ' not null' : ''}`.trim());
      return column.comment === undefined ? page : text(page, column.comment);
    }
    case 'relation':
      return relationPage(page, meaning.relation);
    case 'function':
      meaning.overloads.slice(0, mostOverloads).forEach((overload) => functionPage(page, overload));
      return page;
    default:
      return meaning satisfies never;
  }
}

function functionPage(page: vscode.MarkdownString, { schema, name, signature, result, comment }: CatalogFunction): void {
  code(page, result === '' ? `${schema}.${name}(…)` : `${schema}.${name}(${signature}) → ${result}`);
  if (comment !== undefined) {
    text(page, comment);
  }
}

const words: Readonly<Record<CatalogRelation['kind'], string>> = { table: 'table', partitionedTable: 'table', view: 'view', materializedView: 'materialized view', foreignTable: 'foreign table', sequence: 'sequence' };

function relationPage(page: vscode.MarkdownString, { schema, name, kind, columns, rowSecurity, policies, comment }: CatalogRelation): vscode.MarkdownString {
  const lines = columns.slice(0, mostColumns).map((column) => `  ${column.name} ${column.type}${column.notNull ? ' not null' : ''}`);
  const more = columns.length > mostColumns ? [`  -- ${columns.length - mostColumns} more`] : [];
  code(page, [`${words[kind]} ${schema}.${name}`, ...lines, ...more].join('\n'));
  if (comment !== undefined) {
    text(page, comment);
    page.appendMarkdown('\n\n');
  }
  if (kind === 'table' || kind === 'partitionedTable') {
    text(page, securityWords(rowSecurity, policies));
    if (policies.length > 0) {
      code(page, policies.slice(0, mostPolicies).map(policyLine).join('\n'));
    }
  }
  return page;
}

function securityWords(rowSecurity: boolean, policies: readonly CatalogPolicy[]): string {
  if (!rowSecurity) {
    return l10n.t('Row-level security is off.');
  }
  return policies.length === 0 ? l10n.t('Row-level security is on, and no policy lets anybody in.') : l10n.t('Row-level security is on. Policies: {0}', policies.length);
}

function policyLine({ name, command, roles, permissive, using, check }: CatalogPolicy): string {
  const parts = [`${permissive ? '' : 'restrictive '}for ${command.toLowerCase()} to ${roles.join(', ')}`, ...(using === undefined ? [] : [`using (${using})`]), ...(check === undefined ? [] : [`with check (${check})`])];
  return `-- ${name}\n${parts.join(' ')}`;
}
