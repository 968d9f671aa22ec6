/** Tables with their columns, constraints and indexes. */
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName, relationOf, typeText, type ObjectName } from '../objectNames.ts';
import { harmlessVolatileFunctions } from '../readingFunctions.ts';
import { fieldsOf, listOf, optionValue, stringNode, textOf, unwrap, walk, type Fields } from '../tree.ts';
import type { ColumnDefinition, Effect, RelationKind } from './effect.ts';

export function createRelation(statement: StatementTree, relation: unknown, kind: RelationKind, elements: unknown): Effect[] {
  const columns = listOf(elements).flatMap((element) => columnOf(statement, fieldsOf(element)['ColumnDef']));
  return [
    {
      kind: 'createRelation',
      relation: kind,
      name: relationOf(relation),
      at: statement.relationRange(relation),
      columns,
      complete: listOf(elements).every((element) => unwrap(element)?.type !== 'TableLikeClause'),
      temporary: fieldsOf(relation)['relpersistence'] === 't',
      partition: false,
      tolerant: false,
      invoker: false,
    },
  ];
}

export function createTable(statement: StatementTree, fields: Fields, kind: RelationKind): Effect[] {
  const { relation, tableElts } = fields;
  const partition = fields['partbound'] !== undefined;
  const inherits = listOf(fields['inhRelations']).length > 0 || fields['ofTypename'] !== undefined;
  const created = createRelation(statement, relation, kind, tableElts).map((effect) =>
    effect.kind === 'createRelation' ? { ...effect, partition, complete: effect.complete && !inherits, tolerant: fields['if_not_exists'] === true } : effect,
  );
  const name = relationOf(relation);
  return [...created, ...listOf(tableElts).flatMap((element) => constraintsOfElement(statement, name, element))];
}

function columnOf(statement: StatementTree, definition: unknown): ColumnDefinition[] {
  const fields = fieldsOf(definition);
  if (fields['colname'] === undefined) {
    return [];
  }
  const constraints = listOf(fields['constraints']).map((constraint) => fieldsOf(fieldsOf(constraint)['Constraint']));
  const has = (...kinds: string[]): boolean => constraints.some(({ contype }) => kinds.includes(textOf(contype)));
  const type = typeText(fields['typeName']);
  const notNull = has('CONSTR_NOTNULL', 'CONSTR_PRIMARY', 'CONSTR_IDENTITY');
  const rewrites = rewritingPart(statement, type, constraints);
  const given = rewrites !== undefined || has('CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY');
  return [{ name: textOf(fields['colname']), type, notNull, at: statement.tokenAt(fields['location']), ...(rewrites === undefined ? {} : { rewrites }), needsValue: notNull && !given }];
}

const serialTypes: ReadonlySet<string> = new Set(['serial', 'serial2', 'serial4', 'serial8', 'bigserial', 'smallserial']);

/** Since Postgres 11 a default that is the same for all rows is kept once, beside the table: https://www.postgresql.org/docs/current/sql-altertable.html */
function rewritingPart(statement: StatementTree, type: string, constraints: readonly Fields[]): string | undefined {
  if (serialTypes.has(type)) {
    return type;
  }
  for (const { contype, raw_expr: expression, generated_kind: stored } of constraints) {
    if (contype === 'CONSTR_IDENTITY') {
      return 'identity';
    }
    if (contype === 'CONSTR_GENERATED' && stored !== 'v') {
      return 'generated … stored';
    }
    const volatile = contype === 'CONSTR_DEFAULT' ? volatileCall(statement, expression) : undefined;
    if (volatile !== undefined) {
      return volatile;
    }
  }
  return undefined;
}

/** Of functions that nobody here knows the best is assumed. */
function volatileCall(statement: StatementTree, expression: unknown): string | undefined {
  let found: string | undefined;
  walk(expression, (key, value) => {
    const { name } = key === 'FuncCall' ? dottedName(fieldsOf(value)['funcname']) : { name: '' };
    if (found === undefined && (harmlessVolatileFunctions.has(name) || otherVolatileFunctions.has(name))) {
      const { start, end } = statement.callRange(fieldsOf(value)['location']);
      found = statement.text.slice(start, end);
    }
    return undefined;
  });
  return found;
}

const otherVolatileFunctions: ReadonlySet<string> = new Set(['nextval', 'uuid_generate_v1', 'uuid_generate_v1mc', 'uuid_generate_v4', 'gen_random_bytes', 'uuidv4', 'uuidv7']);

function constraintsOfElement(statement: StatementTree, table: ObjectName, element: unknown): Effect[] {
  const node = unwrap(element);
  if (node?.type === 'Constraint') {
    return constraintEffects(statement, table, node.fields, undefined);
  }
  return node?.type === 'ColumnDef' ? constraintsOfColumn(statement, table, node.fields) : [];
}

function constraintsOfColumn(statement: StatementTree, table: ObjectName, column: Fields): Effect[] {
  return listOf(column['constraints']).flatMap((constraint) => constraintEffects(statement, table, fieldsOf(fieldsOf(constraint)['Constraint']), textOf(column['colname'])));
}

function constraintEffects(statement: StatementTree, table: ObjectName, constraint: Fields, column: string | undefined): Effect[] {
  const at = statement.tokenAt(constraint['location']);
  const columns = (key: string): string[] => (column === undefined ? listOf(constraint[key]).map(stringNode) : [column]);
  switch (constraint['contype']) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
      return [{ kind: 'createIndex', table, columns: columns('keys'), at, concurrently: false, ofConstraint: true }];
    case 'CONSTR_FOREIGN': {
      const own = columns('fk_attrs');
      const name = textOf(constraint['conname']) || [table.name, ...own, 'fkey'].join('_');
      return [{ kind: 'foreignKey', table, name, columns: own, target: relationOf(constraint['pktable']), at }];
    }
    default:
      return [];
  }
}

export function alterTable(statement: StatementTree, fields: Fields): Effect[] {
  const table = relationOf(fields['relation']);
  return listOf(fields['cmds']).flatMap((command) => alterCommand(statement, table, fieldsOf(fieldsOf(command)['AlterTableCmd'])));
}

function alterCommand(statement: StatementTree, table: ObjectName, command: Fields): Effect[] {
  const definition = fieldsOf(command['def']);
  const name = textOf(command['name']);
  switch (command['subtype']) {
    case 'AT_AddColumn': {
      const column = fieldsOf(definition['ColumnDef']);
      return [...columnOf(statement, column).map((each): Effect => ({ kind: 'addColumn', table, column: each })), ...constraintsOfColumn(statement, table, column)];
    }
    case 'AT_DropColumn':
      return [{ kind: 'dropColumn', table, column: name }];
    case 'AT_AlterColumnType':
      return changeType(statement, table, name, fieldsOf(fieldsOf(definition['ColumnDef'])['typeName']));
    case 'AT_DropConstraint':
      return [{ kind: 'dropConstraint', table, name }];
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      return viewOptions(table, command);
    case 'AT_EnableRowSecurity':
      return [{ kind: 'rowSecurity', table, on: true }];
    case 'AT_DisableRowSecurity':
      return [{ kind: 'rowSecurity', table, on: false }];
    case 'AT_AddConstraint':
      return constraintEffects(statement, table, fieldsOf(definition['Constraint']), undefined);
    default:
      return [];
  }
}

function changeType(statement: StatementTree, table: ObjectName, column: string, type: Fields): Effect[] {
  return [{ kind: 'changeType', table, column, type: typeText(type), at: statement.tokenAt(type['location']) }];
}

function viewOptions(table: ObjectName, command: Fields): Effect[] {
  const options = fieldsOf(fieldsOf(command['def'])['List'])['items'];
  const value = optionValue(options, 'security_invoker');
  return value === undefined ? [] : [{ kind: 'viewInvoker', table, on: value === 'on' && command['subtype'] === 'AT_SetRelOptions' }];
}

export function createIndex(statement: StatementTree, fields: Fields): Effect[] {
  const elements = listOf(fields['indexParams']).map((element) => textOf(fieldsOf(fieldsOf(element)['IndexElem'])['name']));
  const expression = elements.indexOf('');
  const insertAt = statement.wordFrom(0, 'index')?.end;
  return [
    {
      kind: 'createIndex',
      table: relationOf(fields['relation']),
      columns: expression === -1 ? elements : elements.slice(0, expression),
      at: statement.relationRange(fields['relation']),
      concurrently: fields['concurrent'] === true,
      ofConstraint: false,
      ...(insertAt === undefined ? {} : { insertAt }),
    },
  ];
}
