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
      const output = this.query(ctequery, parent, ctes);
      const renamed = withAliases(output, listOf(aliascolnames).map(stringNode));
      ctes.set(textOf(ctename), { ...renamed, complete: renamed.complete && search === undefined && cycle === undefined });
    }
    return ctes;
  }

  private select(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    if (fields['larg'] !== undefined) {
      const left = this.query({ SelectStmt: fields['larg'] }, parent, ctes);
      this.query({ SelectStmt: fields['rarg'] }, parent, ctes);
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
    return output;
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

  private targets(list: unknown, scope: Scope, ctes: Ctes): Output {
    const names: string[] = [];
    let complete = true;
    for (const target of listOf(list)) {
      const result = fieldsOf(fieldsOf(target)['ResTarget']);
      this.expression(result['val'], scope, ctes);
      const star = starOf(result['val']);
      const items = star === undefined ? [] : star === '' ? scope.items : [scope.find(star)].filter((item) => item !== undefined);
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
    this.assigned(conflict['targetList'], item);
    // An unqualified name means the row that is there: what was to be inserted has a name of its own.
    const clauses = [...assignedValues(conflict['targetList']), conflict['whereClause']];
    clauses.forEach((clause) => this.expression(clause, scope, ctes, [{ ...item, alias: 'excluded' }]));
    return this.returning(fields, scope, ctes);
  }

  private update(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const scope = new Scope(parent);
    const item = this.itemOf(fields['relation'], new Map());
    scope.add(item);
    listOf(fields['fromClause']).forEach((each) => this.from(each, scope, ctes));
    this.assigned(fields['targetList'], item);
    [...assignedValues(fields['targetList']), fields['whereClause']].forEach((clause) => this.expression(clause, scope, ctes));
    return this.returning(fields, scope, ctes);
  }

  private remove(fields: Fields, parent: Scope | undefined, ctes: Ctes): Output {
    const scope = new Scope(parent);
    scope.add(this.itemOf(fields['relation'], new Map()));
    listOf(fields['usingClause']).forEach((each) => this.from(each, scope, ctes));
    this.expression(fields['whereClause'], scope, ctes);
    return this.returning(fields, scope, ctes);
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
    return this.returning(fields, scope, ctes);
  }

  private returning(fields: Fields, scope: Scope, ctes: Ctes): Output {
    // Postgres 18 puts the list into a clause of its own.
    const list = fields['returningList'] ?? fieldsOf(fields['returningClause'])['exprs'];
    return this.targets(list, scope, ctes);
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
      default:
        // Their columns are in their own words.
        scope.add(aliased(nothing, item?.fields['alias'], item?.type === 'JsonTable' ? 'json_table' : 'xmltable'));
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
    const { name } = dottedName(fieldsOf(fieldsOf(call)['FuncCall'])['funcname']);
    scope.add(aliased(defined.length > 0 ? { names: defined, complete: true } : nothing, fields['alias'], name));
  }

  /** A table, view or CTE in FROM, or the target of a statement. */
  itemOf(relation: unknown, ctes: Ctes): ScopeItem {
    const name = relationOf(relation);
    const cte = name.schema === undefined ? ctes.get(name.name) : undefined;
    const { alias } = fieldsOf(relation);
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
