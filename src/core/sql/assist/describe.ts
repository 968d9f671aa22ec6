/** What a name in a statement means, for who points at it. */
import type { TextRange } from '../../runbook/document.ts';
import type { CatalogColumn, CatalogFunction, CatalogRelation } from '../catalog.ts';
import { nameOf } from '../lint/statementTree.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import { tablesAt, wantsTable, type TableInScope } from './tables.ts';
import { qualifiersBefore, readWords, type Word } from '../words.ts';

/** Everything in it but the kind comes from the database. */
export type Meaning =
  | { readonly kind: 'column'; readonly of: string; readonly column: CatalogColumn }
  | { readonly kind: 'relation'; readonly relation: CatalogRelation }
  | { readonly kind: 'function'; readonly overloads: readonly CatalogFunction[] };

export interface Described {
  readonly range: TextRange;
  readonly meaning: Meaning;
}

export function describeAt(text: string, offset: number, overlay: CatalogOverlay): Described | undefined {
  const list = readWords(text);
  const index = list.findIndex((word) => word.start <= offset && offset <= word.end && (word.kind === 'word' || word.kind === 'quotedName'));
  const word = list[index];
  if (word === undefined) {
    return undefined;
  }
  const meaning = meaningOf(list, index, overlay);
  return meaning && { range: { start: word.start, end: word.end }, meaning };
}

function meaningOf(words: readonly Word[], index: number, overlay: CatalogOverlay): Meaning | undefined {
  const own = words[index];
  const name = nameOf(own?.text ?? '');
  const qualifiers = qualifiersBefore(words, index);
  const overloads = words[index + 1]?.text === '(' ? overlay.catalog.functions({ schema: qualifiers.at(-1), name }) : [];
  if (overloads.length > 0) {
    return { kind: 'function', overloads };
  }
  const tables = tablesAt(words, own?.start ?? 0, overlay);
  const column = wantsTable(words, index - qualifiers.length * 2 - 1) ? undefined : columnNamed(name, qualifiers, tables, overlay);
  return column ?? relationNamed(name, qualifiers, tables, overlay);
}

function columnNamed(name: string, qualifiers: readonly string[], tables: readonly TableInScope[], overlay: CatalogOverlay): Meaning | undefined {
  const [schema, table] = qualifiers.slice(-2);
  const named = table === undefined ? undefined : overlay.describe({ schema, name: table });
  const candidates: readonly Pick<TableInScope, 'alias' | 'columns' | 'relation'>[] = named === undefined ? tables.filter(({ alias }) => qualifiers.length === 0 || alias === qualifiers.at(-1)) : [{ alias: '', columns: named.columns, relation: named }];
  for (const { alias, columns, relation } of candidates) {
    const column = columns.find((each) => each.name === name);
    if (column !== undefined) {
      return { kind: 'column', of: relation === undefined ? alias : `${relation.schema}.${relation.name}`, column };
    }
  }
  return undefined;
}

function relationNamed(name: string, qualifiers: readonly string[], tables: readonly TableInScope[], overlay: CatalogOverlay): Meaning | undefined {
  const aliased = qualifiers.length === 0 ? tables.find(({ alias }) => alias === name) : undefined;
  const relation = aliased?.relation ?? (aliased === undefined && qualifiers.length < 2 ? overlay.describe({ schema: qualifiers[0], name }) : undefined);
  return relation && { kind: 'relation', relation };
}
