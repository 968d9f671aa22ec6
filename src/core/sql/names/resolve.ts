/** Names of a statement that mean nothing, or more than one thing. Where it cannot be told, nothing is said. */
import { dottedName, relationOf, type ObjectName } from '../objectNames.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { fieldsOf, listOf, stringNode, textOf, unwrap, type Fields } from '../tree.ts';
import { Complaints, type NameProblem } from './complaints.ts';
import { QueryNames } from './queries.ts';
import { Scope, type ScopeItem } from './scope.ts';
import type { NameWorld } from './world.ts';

/** `outer`: what the names of a query may mean besides, where it stands in code. */
export function resolveNames(statement: StatementTree, world: NameWorld, outer?: Scope): NameProblem[] {
  const complaints = new Complaints(statement, world);
  try {
    new StatementNames(complaints, outer).statement(statement.type, statement.fields);
  } catch (error) {
    // Nested deeper than the stack: the server may well take it.
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }
  return complaints.problems;
}

/** Bare names of the relations and functions that a statement uses: what its other names mean depends on these. */
export function mentionedNames(statement: StatementTree): readonly string[] {
  const relations = statement.relations.map(({ relname }) => textOf(relname));
  const functions = statement.nodes('FuncCall').map(({ funcname }) => dottedName(funcname).name);
  return [...new Set([...relations, ...functions])];
}

class StatementNames {
  private readonly complaints: Complaints;
  private readonly queries: QueryNames;
  private readonly outer: Scope | undefined;

  constructor(complaints: Complaints, outer: Scope | undefined) {
    this.complaints = complaints;
    this.queries = new QueryNames(complaints);
    this.outer = outer;
  }

  statement(type: string, fields: Fields): void {
    switch (type) {
      case 'SelectStmt':
      case 'InsertStmt':
      case 'UpdateStmt':
      case 'DeleteStmt':
      case 'MergeStmt':
        this.queries.query({ [type]: fields }, this.outer, new Map());
        break;
      case 'ReturnStmt':
        this.queries.expression(fields['returnval'], new Scope(this.outer), new Map());
        break;
      case 'ExplainStmt':
      case 'ViewStmt':
      case 'CreateTableAsStmt':
      case 'DeclareCursorStmt':
      case 'PrepareStmt':
      case 'CopyStmt':
        this.inside(fields);
        break;
      case 'CreatePolicyStmt':
      case 'AlterPolicyStmt':
        this.ofTable(fields['table'], [fields['qual'], fields['with_check']]);
        break;
      case 'IndexStmt':
        this.index(fields);
        break;
      case 'CreateStmt':
        this.createTable(fields);
        break;
      case 'AlterTableStmt':
        this.alterTable(fields);
        break;
      case 'CreateTrigStmt':
        this.trigger(fields);
        break;
      case 'LockStmt':
      case 'TruncateStmt':
      case 'RefreshMatViewStmt':
      case 'GrantStmt':
        this.mentioned(fields);
        break;
      case 'CallStmt':
        this.queries.expression({ FuncCall: fields['funccall'] }, new Scope(), new Map());
        break;
      default:
    }
  }

  /** Statements that hold a query, or name a table. */
  private inside(fields: Fields): void {
    if (fields['query'] !== undefined) {
      const query = unwrap(fields['query']);
      this.statement(query?.type ?? '', query?.fields ?? {});
    } else if (fields['relation'] !== undefined) {
      this.complaints.known(fields['relation']);
    }
  }

  private mentioned(fields: Fields): void {
    const lists = [...listOf(fields['relations']), ...(fields['objtype'] === 'OBJECT_TABLE' || fields['objtype'] === undefined ? listOf(fields['objects']) : [])];
    for (const relation of [...lists, fields['relation']]) {
      const range = fieldsOf(fieldsOf(relation)['RangeVar'] ?? relation);
      if (range['relname'] !== undefined) {
        this.complaints.known(range);
      }
    }
  }

  /** Expressions about one table's row. */
  private ofTable(relation: unknown, expressions: readonly unknown[]): Scope {
    const scope = new Scope();
    scope.add(this.queries.itemOf(relation, new Map()));
    expressions.forEach((expression) => this.queries.expression(expression, scope, new Map()));
    return scope;
  }

  private index(fields: Fields): void {
    const elements = listOf(fields['indexParams']).map((element) => fieldsOf(fieldsOf(element)['IndexElem']));
    const scope = this.ofTable(fields['relation'], [...elements.map(({ expr }) => expr), fields['whereClause']]);
    const [item] = scope.items;
    // Elements have no place of their own: the columns' list is behind the table's name.
    elements.forEach(({ name }) => name !== undefined && item !== undefined && this.complaints.columnByName(item, textOf(name), this.complaints.tree.relationRange(fields['relation']).end));
  }

  private trigger(fields: Fields): void {
    const item = this.queries.itemOf(fields['relation'], new Map());
    let from = this.complaints.tree.wordFrom(0, 'of')?.end ?? 0;
    for (const column of listOf(fields['columns'])) {
      from = this.complaints.columnByName(item, stringNode(column), from) ?? from;
    }
    this.queries.expression(fields['whenClause'], new Scope(), new Map(), ['old', 'new'].map((alias) => ({ ...item, alias })));
  }

  private createTable(fields: Fields): void {
    const own = relationOf(fields['relation']);
    const elements = listOf(fields['tableElts']).map(unwrap);
    const columns = elements.flatMap((element) => (element?.type === 'ColumnDef' ? [element.fields] : []));
    const takesOthers = elements.some((element) => element?.type === 'TableLikeClause') || ['inhRelations', 'partbound', 'ofTypename'].some((key) => fields[key] !== undefined);
    const item = { alias: own.name, columns: new Set(columns.map(({ colname }) => textOf(colname))), complete: !takesOthers };
    columns.forEach((column) => this.constraints(column['constraints'], item, own));
    elements.forEach((element) => element?.type === 'Constraint' && this.constraint(element.fields, item, own));
    for (const part of listOf(fieldsOf(fields['partspec'])['partParams']).map((each) => fieldsOf(fieldsOf(each)['PartitionElem']))) {
      this.complaints.columnByName(item, textOf(part['name']), this.complaints.tree.offset(part['location']));
    }
  }

  private constraints(list: unknown, item: ScopeItem, own: ObjectName): void {
    listOf(list).forEach((each) => this.constraint(fieldsOf(fieldsOf(each)['Constraint']), item, own));
  }

  /** `item` are the columns of the table that has it. */
  private constraint(constraint: Fields, item: ScopeItem, own: ObjectName): void {
    const scope = new Scope();
    // The value that a column begins with sees no row.
    if (constraint['contype'] !== 'CONSTR_DEFAULT') {
      scope.add(item);
    }
    this.queries.expression([constraint['raw_expr'], constraint['where_clause'], constraint['exclusions']], scope, new Map());
    const start = this.complaints.tree.offset(constraint['location']);
    const keys = ['keys', 'fk_attrs'].flatMap((key) => listOf(constraint[key]).map(stringNode));
    const excluded = listOf(constraint['exclusions']).map((part) => textOf(fieldsOf(fieldsOf(listOf(fieldsOf(fieldsOf(part)['List'])['items'])[0])['IndexElem'])['name']));
    [...keys, ...excluded].forEach((name) => this.complaints.columnByName(item, name, start));
    this.foreignKey(constraint, own);
  }

  private foreignKey(constraint: Fields, own: ObjectName): void {
    const target = constraint['pktable'];
    if (target === undefined || sameName(relationOf(target), own)) {
      return;
    }
    const item = this.queries.itemOf(target, new Map());
    const { end } = this.complaints.tree.relationRange(target);
    listOf(constraint['pk_attrs']).forEach((column) => this.complaints.columnByName(item, stringNode(column), end));
  }

  private alterTable(fields: Fields): void {
    const tables = ['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE', undefined];
    if (fields['missing_ok'] === true || !tables.includes(textOf(fields['objtype']) || undefined)) {
      return;
    }
    const own = relationOf(fields['relation']);
    const item = this.queries.itemOf(fields['relation'], new Map());
    const commands = listOf(fields['cmds']).map((command) => fieldsOf(fieldsOf(command)['AlterTableCmd']));
    const added = new Set(commands.filter(({ subtype }) => subtype === 'AT_AddColumn').map(({ def }) => textOf(fieldsOf(fieldsOf(def)['ColumnDef'])['colname'])));
    const after = { ...item, columns: new Set([...item.columns, ...added]) };
    let from = this.complaints.tree.relationRange(fields['relation']).end;
    for (const command of commands) {
      this.added(command, after, own);
      const column = columnCommands.has(command['subtype']) && command['missing_ok'] !== true ? textOf(command['name']) : undefined;
      if (column !== undefined && !added.has(column)) {
        from = this.complaints.columnByName(item, column, from) ?? from;
      }
    }
  }

  /** What a part of ALTER TABLE brings in: a constraint, a value, another table. */
  private added({ subtype, def }: Fields, item: ScopeItem, own: ObjectName): void {
    const definition = fieldsOf(def);
    const column = fieldsOf(definition['ColumnDef']);
    const scope = new Scope();
    switch (subtype) {
      case 'AT_AddConstraint':
        this.constraint(fieldsOf(definition['Constraint']), item, own);
        break;
      case 'AT_AddColumn':
        this.constraints(column['constraints'], item, own);
        break;
      case 'AT_AlterColumnType':
        scope.add(item);
        this.queries.expression(column['raw_default'], scope, new Map());
        break;
      case 'AT_ColumnDefault':
        this.queries.expression(def, scope, new Map());
        break;
      case 'AT_AttachPartition':
        this.complaints.known(fieldsOf(definition['PartitionCmd'])['name']);
        break;
      case 'AT_AddInherit':
        this.complaints.known(definition['RangeVar']);
        break;
      default:
    }
  }
}

const columnCommands: ReadonlySet<unknown> = new Set(['AT_DropColumn', 'AT_AlterColumnType', 'AT_ColumnDefault', 'AT_SetNotNull', 'AT_DropNotNull', 'AT_SetStatistics', 'AT_SetStorage', 'AT_AddIdentity', 'AT_DropIdentity']);

function sameName(one: ObjectName, other: ObjectName): boolean {
  return one.name === other.name && (one.schema === other.schema || one.schema === undefined || other.schema === undefined);
}
