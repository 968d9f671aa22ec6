/**
 * The names in calls of supabase-js, against what the database has. Silence where a name may mean something that is not known here: an
 * alias, a column that a function computes, a schema that the API does not serve, a part of a table.
 */
import { moved, type TextRange } from '../runbook/document.ts';
import type { TextFinding } from '../sql/lint/analysis.ts';
import type { Facts, RuleCode } from '../sql/lint/finding.ts';
import { suppresses, suppressionsInProgram } from '../sql/lint/suppressions.ts';
import type { Catalog, CatalogRelation } from '../sql/catalog.ts';
import { nearestNames } from '../sql/nearest.ts';
import { findApiCalls, type ApiCall, type Literal, type MethodCall, type RowKey } from './calls.ts';
import { columnsOfLogic } from './logic.ts';
import { parseSelect, type PlacedName, type SelectItem } from './select.ts';

/** Findings in the offsets of the program. `exposedSchemas` are those that the API serves. */
export function checkApiCalls(program: string, catalog: Catalog, exposedSchemas: readonly string[]): TextFinding[] {
  const found = findApiCalls(program).flatMap((call) => {
    const schemas = schemasOf(call, exposedSchemas);
    return schemas.length === 0 ? [] : new CallCheck(call, catalog, schemas, rowStart(program, call.start)).findings();
  });
  const suppressions = found.length === 0 ? [] : suppressionsInProgram(program);
  return found.filter((finding) => !suppressions.some((each) => suppresses(each, finding) && (each.file || isAt(program, each.range, finding))));
}

/** None where the schema is not known, or the API does not serve it. */
function schemasOf({ schema }: ApiCall, exposed: readonly string[]): readonly string[] {
  switch (schema.kind) {
    case 'default':
      // A client is often made elsewhere, with a schema of its own.
      return exposed;
    case 'named':
      return exposed.filter((each) => each === schema.name);
    default:
      return [];
  }
}

/** The first sign of the row in which something stands: a comment can be put before it. */
function rowStart(program: string, offset: number): number {
  const start = program.lastIndexOf('\n', offset - 1) + 1;
  return start + program.slice(start, offset).search(/\S|$/);
}

/** On the row above the call or the mark, or behind the mark. */
function isAt(program: string, comment: TextRange, { statementStart, range }: TextFinding): boolean {
  const rowsBetween = (one: number, other: number): number => program.slice(one, other).split('\n').length - 1;
  const above = [statementStart, range.start].some((at) => comment.end < at && rowsBetween(comment.start, at) === 1);
  return above || (comment.start > range.end && rowsBetween(range.end, comment.start) === 0);
}

/** The relations that a name may be; `undefined` where that is not known. */
type Relations = readonly CatalogRelation[] | undefined;

class CallCheck {
  private readonly call: ApiCall;
  private readonly catalog: Catalog;
  private readonly schemas: readonly string[];
  private readonly statementStart: number;
  private readonly found: TextFinding[] = [];

  constructor(call: ApiCall, catalog: Catalog, schemas: readonly string[], statementStart: number) {
    this.call = call;
    this.catalog = catalog;
    this.schemas = schemas;
    this.statementStart = statementStart;
  }

  findings(): readonly TextFinding[] {
    const { kind, name, calls } = this.call;
    if (name.text === '') {
      return [];
    }
    if (kind === 'rpc') {
      this.functionNamed(name);
    } else if (tableMethods.has(calls[0]?.method ?? '')) {
      this.table(name, calls);
    }
    return this.found;
  }

  private functionNamed({ text, range }: Literal): void {
    // Some clients have a method of that name that takes a statement.
    if (!this.hasOwnFunction(text) && !/\s/.test(text)) {
      const among = this.catalog.data.functions.filter(({ schema }) => this.schemas.includes(schema)).map((each) => each.name);
      this.add('OB323', { name: text, range }, {}, among);
    }
  }

  private table(name: Literal, calls: readonly MethodCall[]): void {
    const relations = this.served(name.text);
    if (relations.length === 0) {
      this.noTable(name);
      return;
    }
    const select = calls.find(({ method }) => method === 'select');
    const items = select === undefined || select.count === 0 ? [] : select.text && parseSelect(select.text.text);
    if (items !== undefined) {
      this.items(items, relations, select?.text?.range.start ?? 0);
    }
    calls.filter(({ method }) => method !== 'match').forEach(({ keys }) => keys.forEach((key) => this.rowKey(key, relations)));
    // Where it is not known what is selected, a filter may name rows that are embedded.
    if (items !== undefined) {
      calls.flatMap(filteredBy).forEach(({ text, range }) => this.filter(text, range, { relations, items }));
      calls.flatMap(conditionsOf).forEach((conditions) => this.conditions(conditions, { relations, items }));
    }
  }

  /** Of a schema that is not served nobody knows how it is reached; parts of tables have no names in the catalog's relations. */
  private noTable({ text, range }: Literal): void {
    const isNamed = this.call.schema.kind === 'named';
    if (!this.catalog.isPartition(text) && (isNamed || this.own(text).length === 0)) {
      this.add('OB321', { name: text, range }, isNamed ? { schema: this.schemas.join(', ') } : {}, this.servedNames());
    }
  }

  private items(items: readonly SelectItem[], relations: Relations, start: number): void {
    const inProgram = ({ name, range }: PlacedName): PlacedName => ({ name, range: moved(range, start) });
    for (const item of items) {
      if (item.kind === 'column') {
        this.column(inProgram(item.column), relations);
      } else if (item.kind === 'embedded') {
        this.items(item.items, this.embedded(inProgram(item.target), relations), start);
      }
    }
  }

  private embedded(target: PlacedName, relations: Relations): Relations {
    const { name } = target;
    const served = this.served(name);
    const isOther = this.mayNameOther(name, relations);
    if (served.length === 0 && !isOther && this.own(name).length === 0 && !this.isColumnAnywhere(name)) {
      this.add('OB324', target, {}, this.servedNames());
    }
    return served.length === 0 || isOther ? undefined : served;
  }

  /** The name may be that of a foreign key, of a column that has one, or of a function, which lead to another relation's rows. */
  private mayNameOther(name: string, relations: Relations): boolean {
    const isKey = this.catalog.data.foreignKeys?.includes(name) ?? true;
    return isKey || this.hasOwnFunction(name) || this.catalog.isPartition(name) || relations?.some((each) => has(each, name)) === true;
  }

  private column(column: PlacedName, relations: Relations, edit?: (suggestion: string) => string): void {
    if (relations === undefined || column.name === '' || relations.some((each) => !each.complete || has(each, column.name)) || this.hasOwnFunction(column.name)) {
      return;
    }
    this.add('OB322', column, { of: [...new Set(relations.map(({ name }) => name))].join(', ') }, relations.flatMap(({ columns }) => columns.map(({ name }) => name)), edit);
  }

  private rowKey({ name, range, shorthand }: RowKey, relations: Relations): void {
    this.column({ name, range }, relations, shorthand ? (suggestion) => `${suggestion}: ${name}` : undefined);
  }

  /** A column, with a path into its JSON or not, or one of embedded rows: `customers.name`. */
  private filter(text: string, range: TextRange, selected: Inside): void {
    const path = /^(?:[\p{L}\p{N}_]+\.)+(?=[\p{L}_])/u.exec(text)?.[0] ?? '';
    const [only, ...more] = parseSelect(text.slice(path.length)) ?? [];
    const within = path.split('.').slice(0, -1).reduce<Inside | undefined>((inside, step) => inside && this.step(inside, step), selected);
    if (only?.kind !== 'column' || only.alias !== undefined || more.length > 0 || within === undefined) {
      return;
    }
    if (!isSelected(within.items, only.column.name)) {
      const start = range.start + path.length;
      this.column({ name: only.column.name, range: moved(only.column.range, start) }, within.relations);
    }
  }

  private conditions({ text, range: { start } }: Literal, { relations, items }: Inside): void {
    for (const { name, range } of columnsOfLogic(text) ?? []) {
      if (!isSelected(items, name)) {
        this.column({ name, range: { start: start + range.start, end: start + range.end } }, relations);
      }
    }
  }

  private step({ relations, items }: Inside, name: string): Inside | undefined {
    const found = items.flatMap((item) => (item.kind === 'embedded' && (item.alias ?? item.target.name) === name ? [item] : []));
    const [only] = found;
    if (only === undefined || found.length > 1 || this.mayNameOther(only.target.name, relations)) {
      return undefined;
    }
    const served = this.served(only.target.name);
    return served.length === 0 ? undefined : { relations: served, items: only.items };
  }

  private served(name: string): readonly CatalogRelation[] {
    return this.catalog.relationsNamed(name).filter(({ schema, kind }) => this.schemas.includes(schema) && kind !== 'sequence');
  }

  private servedNames(): string[] {
    return this.catalog.data.relations.filter(({ schema, kind }) => this.schemas.includes(schema) && kind !== 'sequence').map(({ name }) => name);
  }

  /** Whoever made it, in whatever schema. */
  private own(name: string): readonly CatalogRelation[] {
    return this.catalog.relationsNamed(name).filter(({ schema, kind }) => !systemSchemas.has(schema) && kind !== 'sequence');
  }

  private hasOwnFunction(name: string): boolean {
    return this.catalog.functionsNamed(name).some(({ schema }) => !systemSchemas.has(schema));
  }

  private isColumnAnywhere(name: string): boolean {
    return this.catalog.data.relations.some((relation) => !systemSchemas.has(relation.schema) && has(relation, name));
  }

  private add(code: RuleCode, { name, range }: PlacedName, facts: Facts, among: readonly string[], edit: (suggestion: string) => string = (suggestion) => suggestion): void {
    // What would need quotes in the grammar or the program is no fix that can be made by writing it.
    const suggestions = nearestNames(name, among.filter((each) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(each)));
    const fixes = suggestions.map((suggestion) => ({ facts: { suggestion }, edits: [{ range, text: edit(suggestion) }] }));
    this.found.push({ code, range, facts: { ...facts, name }, fixes, statementStart: this.statementStart });
  }
}

interface Inside {
  readonly relations: Relations;
  readonly items: readonly SelectItem[];
}

/** By an alias, or as embedded rows: `customers` may be filtered for being there. */
function isSelected(items: readonly SelectItem[], name: string): boolean {
  return items.some((item) => 'alias' in item && (item.alias === name || (item.kind === 'embedded' && item.target.name === name)));
}

function has({ columns }: CatalogRelation, name: string): boolean {
  return columns.some((column) => column.name === name);
}

/** The columns that a call filters or orders by, where they are those of the table; `order` may speak of embedded rows instead. */
function filteredBy(call: MethodCall): readonly Literal[] {
  const { method, text, keys } = call;
  if (method === 'match') {
    return keys.map(({ name, range }) => ({ text: name, range }));
  }
  return text !== undefined && filters.has(method) && (method !== 'order' || isOwn(call)) ? [text] : [];
}

/** `.or('a.eq.1,b.is.null')` */
function conditionsOf(call: MethodCall): readonly Literal[] {
  return call.method === 'or' && call.text !== undefined && isOwn(call) ? [call.text] : [];
}

/** It is not about rows that are embedded. */
function isOwn({ count, options }: MethodCall): boolean {
  return count < 2 || (options !== undefined && !options.some(({ name }) => name === 'referencedTable' || name === 'foreignTable'));
}

const systemSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'information_schema']);
/** What follows the name of a table, but not that of a bucket. */
const tableMethods: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'upsert', 'delete']);
const filters: ReadonlySet<string> = new Set(
  'eq neq gt gte lt lte like ilike likeAllOf likeAnyOf ilikeAllOf ilikeAnyOf is isDistinct in notIn contains containedBy rangeGt rangeGte rangeLt rangeLte rangeAdjacent overlaps order textSearch not filter regexMatch regexIMatch'.split(' '),
);
