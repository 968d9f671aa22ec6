/** The names of queries: SELECT, INSERT, UPDATE, DELETE, MERGE with all that stands in them. */
import { defined } from '../../../util/defined.ts';
import { dottedName, outputName, relationOf } from '../objectNames.ts';
import { fieldsOf, listOf, stringNode, textOf, unwrap, type Fields } from '../tree.ts';
import type { Complaints } from './complaints.ts';
import { Scope, type ScopeItem } from './scope.ts';

/** Columns that a query gives. */
interface Output {
  readonly names: readonly string[];
  readonly complete: boolean;
}

type Ctes = ReadonlyMap<string, Output>;

const nothing: Output = { names: [], complete: false };

export class QueryNames {
  private readonly complaints: Complaints;

  constructor(complaints: Complaints) {
    this.complaints = complaints;
  }

  /** A query in any position; gives its columns. */
  query(node: unknown, parent: Scope | undefined, outer: Ctes): Output {
    const query = unwrap(node);
    if (query === undefined) {
      return nothing;
    }
    const ctes = this.withClause(query.fields['withClause'], parent, outer);
    switch (query.type) {
      case 'SelectStmt':
        return this.select(query.fields, parent, ctes);
      case 'InsertStmt':
        return this.insert(query.fields, parent, ctes);
      case 'UpdateStmt':
        return this.update(query.fields, parent, ctes);
      case 'DeleteStmt':
        return this.remove(query.fields, parent, ctes);
      case 'MergeStmt':
        return this.merge(query.fields, parent, ctes);
      default:
        return nothing;
    }
  }

  private withClause(clause: unknown, parent: Scope | undefined, outer: Ctes): Ctes {
    const { ctes: list, recursive } = fieldsOf(clause);
    const ctes = new Map(outer);
    const parts = listOf(list).map((each) => fieldsOf(fieldsOf(each)['CommonTableExpr']));
    if (recursive === true) {
      // Each may name itself and those behind it.
      parts.forEach(({ ctename }) => ctes.set(textOf(ctename), nothing));
    }
    for (const { ctename, ctequery, aliascolnames, search_clause: search, cycle_clause: cycle } of parts) {
      const output = recursive === true ? this.recursive(fieldsOf(ctequery), textOf(ctename), { parent, ctes, aliases: listOf(aliascolnames).map(stringNode), hasMore: search !== undefined || cycle !== undefined }) : this.query(ctequery, parent, ctes);
      const renamed = withAliases(output, listOf(aliascolnames).map(stringNode));
      ctes.set(textOf(ctename), { ...renamed, complete: renamed.complete && search === undefined && cycle === undefined });
    }
    return ctes;
  }

  /** A part of WITH RECURSIVE: what stands behind its UNION sees the columns of what stands before. */
  private recursive(query: Fields, name: string, { parent, ctes, aliases, hasMore }: { readonly parent: Scope | undefined; readonly ctes: Ctes; readonly aliases: readonly string[]; readonly hasMore: boolean }): Output {
    const select = fieldsOf(query['SelectStmt']);
    if (select['larg'] === undefined || select['withClause'] !== undefined || select['sortClause'] !== undefined) {
      return this.query(query, parent, ctes);
    }
    const first = this.query({ SelectStmt: select['larg'] }, parent, ctes);
    const own = withAliases(first, aliases);
    // SEARCH and CYCLE add columns, which are seen here too.
    this.query({ SelectStmt: select['rarg'] }, parent, new Map([...ctes, [name, { ...own, complete: own.complete && !hasMore }]]));
    return first;
  }

  private select(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    if (fields['larg'] !== undefined) {
      const left = this.query({ SelectStmt: fields['larg'] }, parent, ctes);
      this.query({ SelectStmt: fields['rarg'] }, parent, ctes);
      this.sortedUnion(fields, left);
      return left;
    }
    const scope = new Scope(parent);
    listOf(fields['fromClause']).forEach((item) => this.from(item, scope, ctes));
    if (fields['valuesLists'] !== undefined) {
      this.expression(fields['valuesLists'], scope, ctes);
      const width = listOf(fieldsOf(fieldsOf(listOf(fields['valuesLists'])[0])['List'])['items']).length;
      return { names: Array.from({ length: width }, (_, index) => `column${index + 1}`), complete: true };
    }
    const output = this.targets(fields['targetList'], scope, ctes);
    [fields['whereClause'], fields['havingClause'], fields['windowClause']].forEach((clause) => this.expression(clause, scope, ctes));
    this.sorted(fields, scope, ctes, output);
    [fields['limitCount'], fields['limitOffset']].forEach((clause) => this.expression(clause, scope, ctes));
    for (const relation of listOf(fields['lockingClause']).flatMap((clause) => listOf(fieldsOf(fieldsOf(clause)['LockingClause'])['lockedRels']))) {
      const { relname, location } = fieldsOf(fieldsOf(relation)['RangeVar']);
      this.complaints.itemNamed(textOf(relname), location, scope);
    }
    return output;
  }

  /** What UNION and the like give is sorted by its own columns alone. */
  private sortedUnion(fields: Fields, output: Output): void {
    const scope = new Scope();
    scope.add({ alias: '', columns: new Set(output.names), complete: output.complete });
    listOf(fields['sortClause']).forEach((sort) => this.expression(fieldsOf(fieldsOf(sort)['SortBy'])['node'], scope, new Map()));
  }

  /** ORDER BY, GROUP BY and DISTINCT ON may name a column of the output by itself. */
  private sorted(fields: Fields, scope: Scope, ctes: Ctes, output: Output): void {
    const grouped = listOf(fields['groupClause']).flatMap(groupingKeys);
    const keys = [...grouped, ...listOf(fields['distinctClause']), ...listOf(fields['sortClause']).map((sort) => fieldsOf(fieldsOf(sort)['SortBy'])['node'])];
    for (const key of keys) {
      const parts = listOf(fieldsOf(fieldsOf(key)['ColumnRef'])['fields']);
      if (parts.length !== 1 || (!output.names.includes(stringNode(parts[0])) && output.complete)) {
        this.expression(key, scope, ctes);
      }
    }
  }

  private targets(list: unknown, scope: Scope, ctes: Ctes, more: readonly ScopeItem[] = []): Output {
    const names: string[] = [];
    let complete = true;
    for (const target of listOf(list)) {
      const result = fieldsOf(fieldsOf(target)['ResTarget']);
      this.expression(result['val'], scope, ctes, more);
      const star = starOf(result['val']);
      const items = star === undefined ? [] : star === '' ? scope.items : [more.find(({ alias }) => alias === star) ?? scope.find(star)].filter((item) => item !== undefined);
      if (star !== undefined) {
        names.push(...items.flatMap(({ columns }) => [...columns]));
        complete &&= items.length > 0 && items.every((item) => item.complete);
      } else {
        const name = outputName(result);
        complete &&= name !== '';
        names.push(name);
      }
    }
    return { names, complete };
  }

  private insert(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const item = this.itemOf(fields['relation'], new Map());
    this.assigned(fields['cols'], item);
    if (fields['selectStmt'] !== undefined) {
      this.query(fields['selectStmt'], parent, ctes);
    }
    const scope = new Scope(parent);
    scope.add(item);
    const conflict = fieldsOf(fields['onConflictClause']);
    const infer = fieldsOf(conflict['infer']);
    this.expression([infer['indexElems'], infer['whereClause']], scope, ctes);
    for (const element of listOf(infer['indexElems'])) {
      const { name } = fieldsOf(fieldsOf(element)['IndexElem']);
      if (name !== undefined) {
        this.complaints.columnByName(item, textOf(name), this.complaints.tree.offset(infer['location']));
      }
    }
    this.assigned(conflict['targetList'], item);
    // An unqualified name means the row that is there: what was to be inserted has a name of its own.
    const clauses = [...assignedValues(conflict['targetList']), conflict['whereClause']];
    clauses.forEach((clause) => this.expression(clause, scope, ctes, [{ ...item, alias: 'excluded', qualifiedOnly: true }]));
    return this.returning(fields, item, scope, ctes);
  }

  private update(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const scope = new Scope(parent);
    const item = this.itemOf(fields['relation'], new Map());
    scope.add(item);
    listOf(fields['fromClause']).forEach((each) => this.from(each, scope, ctes));
    this.assigned(fields['targetList'], item);
    [...assignedValues(fields['targetList']), fields['whereClause']].forEach((clause) => this.expression(clause, scope, ctes));
    return this.returning(fields, item, scope, ctes);
  }

  private remove(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const scope = new Scope(parent);
    const item = this.itemOf(fields['relation'], new Map());
    scope.add(item);
    listOf(fields['usingClause']).forEach((each) => this.from(each, scope, ctes));
    this.expression(fields['whereClause'], scope, ctes);
    return this.returning(fields, item, scope, ctes);
  }

  private merge(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const scope = new Scope(parent);
    const item = this.itemOf(fields['relation'], new Map());
    scope.add(item);
    // What is inserted sees the source alone.
    scope.mergesAll = true;
    this.from(fields['sourceRelation'], scope, ctes);
    this.expression(fields['joinCondition'], scope, ctes);
    for (const clause of listOf(fields['mergeWhenClauses']).map((each) => fieldsOf(fieldsOf(each)['MergeWhenClause']))) {
      this.assigned(clause['targetList'], item);
      [clause['condition'], clause['values'], ...assignedValues(clause['targetList'])].forEach((each) => this.expression(each, scope, ctes));
    }
    return this.returning(fields, item, scope, ctes);
  }

  private returning(fields: Fields, item: ScopeItem, scope: Scope, ctes: Ctes): Output {
    // Postgres 18 puts the list into a clause of its own, and the rows as they were and are beside: `returning with (old as o) o.total, new.total`.
    const { exprs, options } = fieldsOf(fields['returningClause']);
    const given = listOf(options).map((option) => textOf(fieldsOf(fieldsOf(option)['ReturningOption'])['value']));
    const rows = ['old', 'new', ...given].map((alias): ScopeItem => ({ ...item, alias, qualifiedOnly: true }));
    return this.targets(fields['returningList'] ?? exprs, scope, ctes, rows);
  }

  /** Columns on the left of `=`, or in INSERT's list. */
  private assigned(list: unknown, item: ScopeItem): void {
    for (const target of listOf(list)) {
      const { name, location } = fieldsOf(fieldsOf(target)['ResTarget']);
      const range = this.complaints.tree.nameAt(location)[0]?.range;
      if (name !== undefined && range !== undefined && item.complete && !item.columns.has(textOf(name)) && !this.complaints.tree.isOpen(range)) {
        this.complaints.missingColumn(textOf(name), range, [item]);
      }
    }
  }

  private from(node: unknown, scope: Scope, ctes: Ctes): void {
    const item = unwrap(node);
    switch (item?.type) {
      case 'RangeVar':
        scope.add(this.itemOf(item.fields, ctes));
        break;
      case 'RangeSubselect': {
        const output = this.query(item.fields['subquery'], item.fields['lateral'] === true ? scope : scope.parent, ctes);
        scope.add(aliased(output, item.fields['alias'], ''));
        break;
      }
      case 'JoinExpr':
        this.join(item.fields, scope, ctes);
        break;
      case 'RangeTableSample':
        this.from(item.fields['relation'], scope, ctes);
        break;
      case 'RangeFunction':
        this.fromFunction(item.fields, scope, ctes);
        break;
      case 'JsonTable':
        this.expression([item.fields['context_item'], item.fields['passing']], scope, ctes);
        scope.add(aliased({ names: columnsOfJson(item.fields['columns']), complete: true }, item.fields['alias'], 'json_table'));
        break;
      case 'RangeTableFunc': {
        const names = listOf(item.fields['columns']).map((column) => textOf(fieldsOf(fieldsOf(column)['RangeTableFuncCol'])['colname']));
        this.expression([item.fields['docexpr'], item.fields['rowexpr']], scope, ctes);
        scope.add(aliased({ names, complete: true }, item.fields['alias'], 'xmltable'));
        break;
      }
      default:
        scope.add(aliased(nothing, undefined, ''));
    }
  }

  private join(fields: Fields, scope: Scope, ctes: Ctes): void {
    const before = scope.items.length;
    this.from(fields['larg'], scope, ctes);
    this.from(fields['rarg'], scope, ctes);
    scope.mergesAll ||= fields['isNatural'] === true;
    listOf(fields['usingClause']).forEach((name) => scope.merged.add(stringNode(name)));
    const { aliasname } = fieldsOf(fields['join_using_alias']);
    if (aliasname !== undefined) {
      scope.add({ alias: textOf(aliasname), columns: new Set(listOf(fields['usingClause']).map(stringNode)), complete: true });
    }
    this.expression(fields['quals'], scope, ctes);
    if (fields['alias'] !== undefined) {
      const inner = scope.items.splice(before);
      const output = { names: inner.flatMap(({ columns }) => [...columns]), complete: inner.every(({ complete }) => complete) };
      scope.add(aliased(output, fields['alias'], ''));
    }
  }

  private fromFunction(fields: Fields, scope: Scope, ctes: Ctes): void {
    for (const list of listOf(fields['functions'])) {
      // A list of the call and its column definitions.
      this.expression(listOf(fieldsOf(fieldsOf(list)['List'])['items'])[0], scope, ctes);
    }
    const defined = listOf(fields['coldeflist']).map((column) => textOf(fieldsOf(fieldsOf(column)['ColumnDef'])['colname']));
    const [call] = listOf(fieldsOf(fieldsOf(listOf(fields['functions'])[0])['List'])['items']);
    const name = dottedName(fieldsOf(fieldsOf(call)['FuncCall'])['funcname']);
    const given = defined.length > 0 ? defined : listOf(fields['functions']).length === 1 ? this.complaints.columnsOfCall(name) : undefined;
    const output = given === undefined ? nothing : { names: [...given, ...(fields['ordinality'] === true ? ['ordinality'] : [])], complete: true };
    scope.add(aliased(output, fields['alias'], name.name));
  }

  /** A table, view or CTE in FROM, or the target of a statement. */
  itemOf(relation: unknown, ctes: Ctes): ScopeItem {
    const name = relationOf(relation);
    const cte = name.schema === undefined ? ctes.get(name.name) : undefined;
    const { alias } = fieldsOf(relation);
    this.complaints.alias(textOf(fieldsOf(alias)['aliasname']));
    if (cte !== undefined) {
      return aliased(cte, alias, name.name);
    }
    const known = this.complaints.known(relation);
    const output = known === undefined ? nothing : { names: known.columns, complete: known.complete };
    const item = aliased(output, alias, name.name);
    const schema = alias === undefined ? (name.schema ?? known?.schema) : undefined;
    return { ...item, ...defined({ relation: known, schema }) };
  }

  expression(node: unknown, scope: Scope, ctes: Ctes, more: readonly ScopeItem[] = []): void {
    if (Array.isArray(node)) {
      node.forEach((each) => this.expression(each, scope, ctes, more));
      return;
    }
    for (const [key, value] of Object.entries(fieldsOf(node))) {
      switch (key) {
        case 'ColumnRef':
          this.complaints.column(fieldsOf(value), scope, more);
          break;
        case 'SelectStmt':
        case 'InsertStmt':
        case 'UpdateStmt':
        case 'DeleteStmt':
          this.query({ [key]: value }, withItems(scope, more), ctes);
          break;
        case 'FuncCall':
          this.complaints.call(fieldsOf(value));
          this.expression(value, scope, ctes, more);
          break;
        case 'TypeName':
        case 'typeName':
          break;
        default:
          if (typeof value === 'object') {
            this.expression(value, scope, ctes, more);
          }
      }
    }
  }
}

/** Those of nested paths are columns of the whole. */
function columnsOfJson(columns: unknown): string[] {
  return listOf(columns).flatMap((column) => {
    const { name, columns: nested } = fieldsOf(fieldsOf(column)['JsonTableColumn']);
    return nested === undefined ? [textOf(name)] : columnsOfJson(nested);
  });
}

function aliased(output: Output, alias: unknown, name: string): ScopeItem {
  const { aliasname, colnames } = fieldsOf(alias);
  const { names, complete } = withAliases(output, listOf(colnames).map(stringNode));
  return { alias: textOf(aliasname) || name, columns: new Set(names), complete };
}

function withAliases({ names, complete }: Output, aliases: readonly string[]): Output {
  // Where not all are known, which of them an alias renames is not known either.
  return { names: complete ? names.map((name, index) => aliases[index] ?? name) : aliases.length > 0 ? aliases : names, complete };
}

function withItems(scope: Scope, more: readonly ScopeItem[]): Scope {
  if (more.length === 0) {
    return scope;
  }
  const wider = new Scope(scope);
  wider.items.push(...more);
  return wider;
}

function assignedValues(list: unknown): unknown[] {
  return listOf(list).map((target) => fieldsOf(fieldsOf(target)['ResTarget'])['val']);
}

/** The keys within `cube (…)`, `rollup (…)`, `grouping sets (…)`. */
function groupingKeys(key: unknown): unknown[] {
  const { content } = fieldsOf(fieldsOf(key)['GroupingSet']);
  const row = fieldsOf(fieldsOf(key)['RowExpr'])['args'];
  const inside = content ?? row;
  return inside === undefined ? [key] : listOf(inside).flatMap(groupingKeys);
}

/** `''` for `*`, the qualifier for `t.*`. */
function starOf(value: unknown): string | undefined {
  const parts = listOf(fieldsOf(fieldsOf(value)['ColumnRef'])['fields']);
  return unwrap(parts.at(-1))?.type === 'A_Star' ? stringNode(parts.at(-2)) : undefined;
}
