/** What can be written at a place of a statement, which need not parse yet. */
import { defined } from '../../../util/defined.ts';
import type { CatalogColumn, CatalogFunction, CatalogRelation } from '../catalog.ts';
import { nameOf, writeName } from '../lint/statementTree.ts';
import type { CatalogOverlay } from '../names/overlay.ts';
import { ctesOf, isWithinCall, tablesAt, wantsTable, type TableInScope } from './tables.ts';
import { isOpaqueAt, qualifiersBefore, readWords, type Word } from '../words.ts';

export type SuggestionKind = 'column' | 'alias' | 'relation' | 'view' | 'function' | 'schema' | 'type' | 'keyword';

export interface Suggestion {
  readonly kind: SuggestionKind;
  /** As it is in the database. */
  readonly name: string;
  /** As it must be written here. */
  readonly insert: string;
  /** Its type, its schema, a function's parameters; from the database. */
  readonly detail: string;
  /** From the database. */
  readonly comment?: string;
  /** The smaller the more likely. */
  readonly rank: number;
}

/** More than the editor shows at once helps nobody. */
const mostSuggestions = 300;

/** `offset` lies within the statement's text or at its end; suggestions begin like the word before it. */
export function completeAt(text: string, offset: number, overlay: CatalogOverlay): Suggestion[] {
  const list = readWords(text);
  if (isOpaqueAt(text, offset)) {
    return [];
  }
  const typed = list.find((word) => word.start < offset && word.end >= offset && (word.kind === 'word' || word.kind === 'quotedName'));
  const begun = typed === undefined ? '' : nameOf(typed.text.slice(0, offset - typed.start)).toLowerCase();
  const before = list.filter((word) => word.end <= offset && word !== typed);
  const completer = new Completer(list, before, typed?.start ?? offset, overlay);
  // What begins like it comes before what only holds its letters.
  const all = completer.suggestions().filter(({ name }) => matches(name, begun)).map((each) => (each.name.toLowerCase().startsWith(begun) ? each : { ...each, rank: each.rank + 100 }));
  const seen = new Set<string>();
  const once = all.filter(({ kind, insert }) => !seen.has(`${kind} ${insert}`) && seen.add(`${kind} ${insert}`));
  return once.sort((one, other) => one.rank - other.rank).slice(0, mostSuggestions);
}

/** As the editor filters: the letters in their order; the first must be the same. */
function matches(name: string, begun: string): boolean {
  const lower = name.toLowerCase();
  let at = 0;
  for (const letter of begun) {
    const found = lower.indexOf(letter, at);
    if (found === -1) {
      return false;
    }
    at = found + 1;
  }
  return begun === '' || lower.startsWith(begun.charAt(0)) || lower.includes(begun);
}

class Completer {
  private readonly words: readonly Word[];
  private readonly before: readonly Word[];
  private readonly at: number;
  private readonly overlay: CatalogOverlay;

  constructor(words: readonly Word[], before: readonly Word[], at: number, overlay: CatalogOverlay) {
    this.words = words;
    this.before = before;
    this.at = at;
    this.overlay = overlay;
  }

  suggestions(): Suggestion[] {
    const last = this.before.at(-1);
    if (last === undefined) {
      return keywords(statementWords);
    }
    if (last.text === '.') {
      return this.behindDot();
    }
    if (last.text === ':' && this.before.at(-2)?.text === ':') {
      return this.types();
    }
    if (this.namesTable(last)) {
      return this.relations();
    }
    const columns = this.listOfColumns();
    return columns ?? this.expression();
  }

  /** `schema.`, `alias.`, `schema.table.` */
  private behindDot(): Suggestion[] {
    const [first = '', second] = qualifiersBefore(this.before, this.before.length).slice(-2);
    if (second !== undefined) {
      return columnsOf(this.overlay.describe({ schema: first, name: second })?.columns ?? [], 0);
    }
    if (this.words[0]?.lower === 'comment' && this.words[2]?.lower === 'column') {
      return [...columnsOf(this.overlay.describe({ schema: undefined, name: first })?.columns ?? [], 0), ...this.inSchema(first, true)];
    }
    const table = this.tables().find(({ alias }) => alias === first);
    const index = this.before.length - 2;
    const wantsTable = this.namesTable(this.before[index - 1]);
    const within = wantsTable || table === undefined ? this.inSchema(first, wantsTable) : [];
    return [...(table === undefined ? [] : columnsOf(table.columns, 0)), ...within];
  }

  private inSchema(schema: string, tablesOnly: boolean): Suggestion[] {
    const relations = [...this.overlay.relations()].filter((relation) => relation.schema === schema && relation.kind !== 'sequence').map((relation) => relationSuggestion(relation, relation.name, 0));
    const functions = this.overlay.catalog.data.functions.filter((each) => each.schema === schema && !isInternal(each)).map((each) => functionSuggestion(each, each.name, 1));
    return tablesOnly ? relations : [...relations, ...functions];
  }

  private namesTable(last: Word | undefined): boolean {
    if (last === undefined) {
      return false;
    }
    if (last.text === ',') {
      return this.isInFromList();
    }
    return wantsTable(this.before, this.before.indexOf(last));
  }

  /** `from a, |` */
  private isInFromList(): boolean {
    const depth = this.depth;
    const clause = this.before.findLast((word) => word.depth === depth && word.kind === 'word' && clauseStarts.has(word.lower));
    return clause?.lower === 'from' && !isWithinCall(this.before, depth);
  }

  private get depth(): number {
    const last = this.before.at(-1);
    return last === undefined ? 0 : last.text === '(' ? last.depth + 1 : last.depth;
  }

  /** In `insert into t (|`, `references t (|`, `on t (|`, `update t set |`, `alter table t drop column |`: that table's columns alone. */
  private listOfColumns(): Suggestion[] | undefined {
    const last = this.before.at(-1);
    if (last?.lower === 'column' && this.words[0]?.lower === 'alter') {
      return columnsOf(this.tables()[0]?.columns ?? [], 0);
    }
    const begins = last?.text === '(' || last?.text === ',';
    return begins && this.depth > 0 ? this.withinParentheses() : this.assigned();
  }

  private withinParentheses(): Suggestion[] | undefined {
    const { depth } = this;
    const opening = this.before.findLastIndex((word) => word.text === '(' && word.depth === depth - 1);
    const table = this.tableBehind(opening, ['into', 'references', 'on', 'table', 'analyze', 'copy']);
    return table && columnsOf(table.columns, 0);
  }

  private assigned(): Suggestion[] | undefined {
    const { depth } = this;
    const set = this.before.findLastIndex((word) => word.depth === depth && word.lower === 'set');
    const since = this.before.slice(set);
    const begins = since.length === 1 || (since.at(-1)?.text === ',' && !since.some(({ lower }) => lower === 'where'));
    const [target] = this.tables();
    return set !== -1 && begins && target !== undefined && this.before.some(({ lower }) => lower === 'update') ? columnsOf(target.columns, 0) : undefined;
  }

  /** The table whose name ends before an opening parenthesis, if one of these words stands before it. */
  private tableBehind(opening: number, introduced: readonly string[]): CatalogRelation | undefined {
    const name = this.before[opening - 1];
    const isQualified = this.before[opening - 2]?.text === '.';
    const schema = isQualified ? this.before[opening - 3] : undefined;
    const word = this.before[opening - (isQualified ? 4 : 2)];
    return name !== undefined && introduced.includes(word?.lower ?? '') ? this.overlay.describe({ schema: schema && nameOf(schema.text), name: nameOf(name.text) }) : undefined;
  }

  private expression(): Suggestion[] {
    const tables = this.tables();
    const several = tables.length > 1;
    const counts = new Map<string, number>();
    tables.forEach(({ columns }) => columns.forEach(({ name }) => counts.set(name, (counts.get(name) ?? 0) + 1)));
    const columns = tables.flatMap(({ alias, columns: list }, index) =>
      // What several have needs a qualifier.
      columnsOf(list, 10 + index).map((column) => ((counts.get(column.name) ?? 0) > 1 && alias !== '' ? { ...column, insert: `${writeName(alias)}.${column.insert}` } : column)),
    );
    const aliases = tables.filter(({ alias }) => alias !== '').map(({ alias, relation }): Suggestion => ({ kind: 'alias', name: alias, insert: writeName(alias), detail: relation === undefined ? '' : `${relation.schema}.${relation.name}`, rank: several ? 20 : 30 }));
    const visible = this.overlay.catalog.data.functions.filter((each) => this.overlay.isOnPath(each.schema) && !isInternal(each)).map((each) => functionSuggestion(each, each.name, each.schema === 'pg_catalog' ? 60 : 40));
    return [...columns, ...aliases, ...visible, ...this.schemas(55), ...keywords(clauseWords)];
  }

  private relations(): Suggestion[] {
    const ctes = [...ctesOf(this.words, this.overlay).keys()].map((name): Suggestion => ({ kind: 'relation', name, insert: writeName(name), detail: 'with', rank: 0 }));
    const found: Suggestion[] = [];
    for (const relation of this.overlay.relations()) {
      const isSystem = relation.schema === 'pg_catalog' || relation.schema === 'information_schema';
      if (relation.kind !== 'sequence') {
        const written = this.overlay.isOnPath(relation.schema) ? relation.name : undefined;
        found.push(relationSuggestion(relation, relation.name, isSystem ? 50 : written === undefined ? 20 : 5, written === undefined ? `${writeName(relation.schema)}.` : ''));
      }
    }
    return [...ctes, ...found, ...this.schemas(30)];
  }

  private types(): Suggestion[] {
    const own = this.overlay.catalog.data.types.map(({ schema, name, labels }): Suggestion => ({
      kind: 'type',
      name,
      insert: this.overlay.isOnPath(schema) ? writeName(name) : `${writeName(schema)}.${writeName(name)}`,
      detail: labels.length > 0 ? labels.join(' | ') : schema,
      rank: schema === 'pg_catalog' ? 20 : 5,
    }));
    return [...own, ...commonTypes.map((name): Suggestion => ({ kind: 'type', name, insert: name, detail: '', rank: 10 }))];
  }

  private schemas(rank: number): Suggestion[] {
    return this.overlay.catalog.data.schemas.filter((name) => !name.startsWith('pg_')).map((name) => ({ kind: 'schema', name, insert: writeName(name), detail: '', rank }));
  }

  private tables(): readonly TableInScope[] {
    return tablesAt(this.words, this.at, this.overlay);
  }
}

function columnsOf(columns: readonly CatalogColumn[], rank: number): Suggestion[] {
  return columns.map(({ name, type, notNull, comment }) => ({ kind: 'column', name, insert: writeName(name), detail: notNull && type !== '' ? `${type} not null` : type, rank, ...defined({ comment }) }));
}

function relationSuggestion({ schema, kind, comment }: CatalogRelation, name: string, rank: number, prefix = ''): Suggestion {
  return { kind: kind === 'view' || kind === 'materializedView' ? 'view' : 'relation', name, insert: `${prefix}${writeName(name)}`, detail: schema, rank, ...defined({ comment }) };
}

function functionSuggestion({ schema, signature, result, comment }: CatalogFunction, name: string, rank: number): Suggestion {
  const detail = result === '' ? schema : `(${signature}) → ${result}`;
  return { kind: 'function', name, insert: writeName(name), detail, rank, ...defined({ comment }) };
}

/** Functions of types, operators and triggers, which nobody calls by hand. */
function isInternal({ schema, name, result }: CatalogFunction): boolean {
  return result === 'trigger' || result === 'internal' || (schema === 'pg_catalog' && (internalEndings.some((ending) => name.endsWith(ending)) || internalBeginnings.some((beginning) => name.startsWith(beginning))));
}

const internalEndings = ['_in', '_out', '_recv', '_send', '_cmp', 'sel', '_ops', '_transfn', '_accum', '_support', 'typmodin', 'typmodout'];
const internalBeginnings = ['RI_', 'bt', 'gin_', 'gist_', 'spg_', 'brin_', 'hash', 'int2', 'int4', 'int8', 'float4', 'float8', 'binary_upgrade_'];

function keywords(list: readonly string[]): Suggestion[] {
  return list.map((name) => ({ kind: 'keyword', name, insert: name, detail: '', rank: 80 }));
}

const clauseStarts: ReadonlySet<string> = new Set(['select', 'from', 'where', 'group', 'order', 'having', 'limit', 'set', 'values', 'returning', 'on', 'join', 'window']);

const statementWords = ['select', 'insert into', 'update', 'delete from', 'with', 'create table', 'create index concurrently', 'create policy', 'create or replace function', 'create view', 'alter table', 'drop table if exists', 'explain', 'begin', 'commit', 'rollback', 'grant', 'revoke', 'comment on'];
const clauseWords = ['select', 'from', 'where', 'join', 'left join', 'on', 'group by', 'order by', 'having', 'limit', 'offset', 'returning', 'values', 'set', 'and', 'or', 'not', 'in', 'exists', 'between', 'like', 'ilike', 'is null', 'is not null', 'case', 'when', 'then', 'else', 'end', 'distinct', 'asc', 'desc', 'null', 'true', 'false', 'using', 'with check', 'union all', 'on conflict', 'do nothing', 'do update set', 'filter', 'over', 'partition by'];
const commonTypes = ['text', 'integer', 'bigint', 'numeric', 'boolean', 'timestamptz', 'date', 'interval', 'uuid', 'jsonb', 'bytea', 'regclass'];
