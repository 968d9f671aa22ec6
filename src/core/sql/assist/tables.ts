/** Which tables and aliases stand around a place of a statement, told from its words alone. */
import type { CatalogColumn, CatalogRelation } from '../catalog.ts';
import type { ObjectName } from '../objectNames.ts';
import { nameOf } from '../lint/statementTree.ts';
import { closingOf, isName, pathAt, type Word } from '../words.ts';

/** Something whose columns can be named. */
export interface TableInScope {
  readonly alias: string;
  readonly columns: readonly CatalogColumn[];
  /** What it is in the database. */
  readonly relation?: CatalogRelation;
}

/** What is known of names. */
export interface FoundNames {
  describe(name: ObjectName): CatalogRelation | undefined;
  /** Of what a function gives in FROM; empty where that is not known. */
  columnsOfCall(name: ObjectName): readonly CatalogColumn[];
}

type Ctes = ReadonlyMap<string, readonly CatalogColumn[]>;

const deepest = 20;

/** The innermost query's tables first, then those of the queries around it. */
export function tablesAt(words: readonly Word[], offset: number, names: FoundNames): readonly TableInScope[] {
  const reader = new TableReader(words, names);
  const found: TableInScope[] = [];
  for (const { from, to } of blocksAround(words, offset)) {
    found.push(...reader.tables(from, to, reader.ctes));
  }
  const aliases = rowsBeside(words, offset);
  const target = aliases.length === 0 ? undefined : reader.tables(0, words.length, reader.ctes)[0];
  return target === undefined ? found : [...found, ...aliases.map((alias) => ({ ...target, alias }))];
}

/** Rows of the statement's own table that have names of their own there: what was to be inserted, a trigger's. */
function rowsBeside(words: readonly Word[], offset: number): readonly string[] {
  const before = words.filter(({ end }) => end <= offset).map(({ lower }) => lower);
  if (before[0] === 'insert' && before.includes('conflict') && !before.includes('returning')) {
    return ['excluded'];
  }
  return before[0] === 'create' && before.includes('trigger') && before.includes('when') ? ['new', 'old'] : [];
}

/** CTEs of the statement by name. */
export function ctesOf(words: readonly Word[], names: FoundNames): Ctes {
  return new TableReader(words, names).ctes;
}

interface Block {
  readonly from: number;
  readonly to: number;
}

/** Ranges of words between parentheses that enclose a place, the innermost first; at last the whole statement. */
function blocksAround(words: readonly Word[], offset: number): Block[] {
  const blocks: Block[] = [];
  words.forEach((word, index) => {
    if (word.text === '(' && word.kind === 'symbol' && word.end <= offset) {
      const to = closingOf(words, index);
      if ((words[to]?.start ?? Infinity) >= offset && blockStarts.has(words[index + 1]?.lower ?? '')) {
        blocks.unshift({ from: index + 1, to });
      }
    }
  });
  return [...blocks, { from: 0, to: words.length }];
}

const blockStarts: ReadonlySet<string> = new Set(['select', 'with', 'insert', 'update', 'delete', 'merge', 'values']);

/** Behind the word at an index stands a relation that the statement works on. */
function opensTable(words: readonly Word[], index: number): boolean {
  const [first, before] = [words[0]?.lower, words[index - 1]?.lower];
  switch (words[index]?.lower) {
    case 'from':
      // `is distinct from`, `extract(x from y)`, `substring(x from 1)` are none: the latter two stand in parentheses without SELECT.
      return before !== 'distinct';
    case 'join':
    case 'into':
      return true;
    case 'update':
      return index === 0 || !['for', 'do', 'on', 'before', 'after', 'or', 'then'].includes(before ?? '');
    case 'table':
      return index < 4;
    case 'on':
      // `create policy … on t`, `create index … on t`, `create trigger … on t`; not the join of a view's query.
      return (first === 'create' && !words.slice(0, index).some(({ lower }) => lower === 'select')) || (first === 'alter' && words[1]?.lower === 'policy');
    case 'using':
      return first === 'delete' || first === 'merge';
    default:
      return false;
  }
}

/** Behind the word at an index a relation is named, whether the statement works on it or only mentions it. */
export function wantsTable(words: readonly Word[], index: number): boolean {
  const word = words[index];
  switch (word?.lower) {
    case 'from':
      return opensTable(words, index) && !isWithinCall(words.slice(0, index), word.depth);
    case 'on':
      return opensTable(words, index) || words[0]?.lower === 'grant' || words[0]?.lower === 'revoke';
    case 'exists':
      return words[index - 1]?.lower === 'if';
    default:
      return mentioning.has(word?.lower ?? '') || opensTable(words, index);
  }
}

const mentioning: ReadonlySet<string> = new Set(['table', 'references', 'truncate', 'only', 'view']);

/** `extract(epoch from |)`: behind these words, parentheses are open in which no query begins. */
export function isWithinCall(before: readonly Word[], depth: number): boolean {
  const opening = before.findLastIndex((word) => word.text === '(' && word.depth === depth - 1);
  return depth > 0 && opening !== -1 && !queryStarts.has(before[opening + 1]?.lower ?? '');
}

const queryStarts: ReadonlySet<string> = new Set(['select', 'with', 'delete']);

class TableReader {
  readonly ctes = new Map<string, readonly CatalogColumn[]>();
  private readonly words: readonly Word[];
  private readonly names: FoundNames;
  private nesting = 0;

  constructor(words: readonly Word[], names: FoundNames) {
    this.words = words;
    this.names = names;
    this.readCtes();
  }

  /** What FROM, JOIN, UPDATE, INTO and the like name between two indexes, at their own depth. */
  tables(from: number, to: number, ctes: Ctes): TableInScope[] {
    const depth = this.words[from]?.depth ?? 0;
    const found: TableInScope[] = [];
    let inList = false;
    for (let index = from; index < to; index++) {
      const word = this.words[index];
      if (word?.depth !== depth || (word.kind !== 'word' && word.text !== ',')) {
        continue;
      }
      if (opensTable(this.words, index) || (inList && word.text === ',')) {
        inList = word.text === ',' || word.lower === 'from' || word.lower === 'using';
        const item = this.item(this.skip(index + 1), ctes);
        found.push(...(item === undefined ? [] : [item]));
      } else if (endsList.has(word.lower)) {
        inList = false;
      }
    }
    return found;
  }

  private skip(index: number): number {
    let at = index;
    while (['only', 'lateral', 'if', 'exists', 'not'].includes(this.words[at]?.lower ?? '')) {
      at++;
    }
    return at;
  }

  private item(index: number, ctes: Ctes): TableInScope | undefined {
    if (this.words[index]?.text === '(') {
      const closing = closingOf(this.words, index);
      return this.aliased(this.output(index + 1, closing, ctes), closing + 1, '');
    }
    const path = pathAt(this.words, index);
    const name = path?.parts.at(-1) ?? '';
    if (path === undefined) {
      return undefined;
    }
    const schema = path.parts.at(-2);
    const cte = schema === undefined ? ctes.get(name) : undefined;
    if (cte !== undefined) {
      return this.aliased(cte, path.next, name);
    }
    if (this.isCall(index, path.next)) {
      return this.aliased(this.names.columnsOfCall({ schema, name }), closingOf(this.words, path.next) + 1, name);
    }
    const relation = this.names.describe({ schema, name });
    const item = this.aliased(relation?.columns ?? [], path.next, name);
    return relation === undefined ? item : { ...item, relation };
  }

  /** `from generate_series(1, 3)`; behind INTO a parenthesis opens the columns. */
  private isCall(index: number, next: number): boolean {
    return this.words[next]?.text === '(' && ['from', 'join', ',', 'lateral'].includes(this.words[index - 1]?.lower ?? '');
  }

  /** With the alias and the columns' names that follow. */
  private aliased(columns: readonly CatalogColumn[], index: number, name: string): TableInScope {
    const at = this.words[index]?.lower === 'as' ? index + 1 : index;
    const word = this.words[at];
    if (!isName(word)) {
      return { alias: name, columns };
    }
    const names = this.words[at + 1]?.text === '(' ? this.namesWithin(at + 1) : [];
    return { alias: nameOf(word.text), columns: renamed(columns, names) };
  }

  private namesWithin(opening: number): string[] {
    const closing = closingOf(this.words, opening);
    return this.words.slice(opening + 1, closing).filter((word, index, list) => isName(word) && (index === 0 || list[index - 1]?.text === ',')).map(({ text }) => nameOf(text));
  }

  private readCtes(): void {
    this.words.forEach((word, index) => {
      if (word.lower !== 'with' || word.kind !== 'word') {
        return;
      }
      let at = this.words[index + 1]?.lower === 'recursive' ? index + 2 : index + 1;
      for (let name = this.words[at]; isName(name); name = this.words[at]) {
        const names = this.words[at + 1]?.text === '(' ? this.namesWithin(at + 1) : [];
        const opening = this.words.findIndex((each, position) => position > at + (names.length > 0 ? closingOf(this.words, at + 1) - at : 0) && each.text === '(' && each.depth === word.depth);
        if (opening === -1) {
          break;
        }
        const closing = closingOf(this.words, opening);
        this.ctes.set(nameOf(name.text), renamed(this.output(opening + 1, closing, this.ctes), names));
        if (this.words[closing + 1]?.text !== ',') {
          break;
        }
        at = closing + 2;
      }
    });
  }

  /** The columns that a query gives, as far as its words tell. */
  private output(from: number, to: number, ctes: Ctes): readonly CatalogColumn[] {
    if (this.nesting > deepest) {
      return [];
    }
    this.nesting++;
    try {
      const depth = this.words[from]?.depth ?? 0;
      const own = this.words.slice(from, to);
      const lists = own.map((word, index) => ({ word, index: from + index })).filter(({ word }) => word.depth === depth && (word.lower === 'select' || word.lower === 'returning'));
      const start = lists[0]?.index;
      return start === undefined ? [] : this.targets(start + 1, to, depth, this.tables(from, to, ctes));
    } finally {
      this.nesting--;
    }
  }

  private targets(from: number, to: number, depth: number, tables: readonly TableInScope[]): CatalogColumn[] {
    const columns: CatalogColumn[] = [];
    let part: Word[] = [];
    const close = (): void => {
      columns.push(...columnsOf(part, tables));
      part = [];
    };
    for (const word of this.words.slice(from, to)) {
      if (word.depth === depth && word.kind === 'word' && endsTargets.has(word.lower)) {
        break;
      }
      if (word.depth === depth && word.text === ',') {
        close();
      } else if (!(part.length === 0 && (word.lower === 'distinct' || word.lower === 'all'))) {
        part.push(word);
      }
    }
    close();
    return columns;
  }
}

const endsList: ReadonlySet<string> = new Set(['where', 'group', 'order', 'having', 'limit', 'set', 'select', 'on', 'returning', 'union', 'values']);
const endsTargets: ReadonlySet<string> = new Set(['from', 'where', 'group', 'order', 'having', 'limit', 'union', 'intersect', 'except', 'into']);

/** The columns that one target of a query gives. */
function columnsOf(part: readonly Word[], tables: readonly TableInScope[]): CatalogColumn[] {
  const last = part.at(-1);
  if (last === undefined) {
    return [];
  }
  if (last.text === '*') {
    const qualifier = part.at(-3);
    const of = qualifier === undefined ? tables : tables.filter(({ alias }) => alias === nameOf(qualifier.text));
    return of.flatMap(({ columns }) => columns);
  }
  if (last.kind === 'word' || last.kind === 'quotedName') {
    const known = sourceOf(part, tables);
    return [{ name: nameOf(last.text), type: known?.type ?? '', notNull: known?.notNull ?? false }];
  }
  // A call without an alias has its function's name.
  const [first, second] = part;
  return first?.kind === 'word' && second?.text === '(' ? [{ name: nameOf(first.text), type: '', notNull: false }] : [];
}

/** `total`, `o.total`, `total as sum`: the column that it is. */
function sourceOf(part: readonly Word[], tables: readonly TableInScope[]): CatalogColumn | undefined {
  const isRenamed = part.at(-2)?.lower === 'as';
  const source = isRenamed ? part.slice(0, -2) : part;
  const isPlain = source.length === 1 || (source.length === 3 && source[1]?.text === '.');
  const name = nameOf(source.at(-1)?.text ?? '');
  return isPlain ? tables.flatMap(({ columns }) => columns).find((column) => column.name === name) : undefined;
}

function renamed(columns: readonly CatalogColumn[], names: readonly string[]): readonly CatalogColumn[] {
  const longer = names.slice(columns.length).map((name) => ({ name, type: '', notNull: false }));
  return [...columns.map((column, index) => ({ ...column, name: names[index] ?? column.name })), ...longer];
}
