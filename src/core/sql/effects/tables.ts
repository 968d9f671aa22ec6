/** Tables with their columns, constraints and indexes. */
import type { TextRange } from '../../runbook/document.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { defined } from '../../../util/defined.ts';
import { dottedName, relationOf, typeModifiers, typeText, type ObjectName } from '../objectNames.ts';
import { harmlessVolatileFunctions, stableFunctions } from '../readingFunctions.ts';
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
      partitioned: false,
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
    effect.kind === 'createRelation' ? { ...effect, partition, partitioned: fields['partspec'] !== undefined, complete: effect.complete && !inherits, tolerant: fields['if_not_exists'] === true } : effect,
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
  const calls = constraints.filter(({ contype }) => contype === 'CONSTR_DEFAULT').flatMap(({ raw_expr: expression }) => callsIn(statement, expression));
  const rewrites = rewritingPart(type, constraints) ?? calls.find(({ function: { name } }) => isVolatile(name))?.call;
  const asks = calls.find(({ function: { name } }) => !stableFunctions.has(name));
  const given = rewrites !== undefined || has('CONSTR_DEFAULT', 'CONSTR_GENERATED', 'CONSTR_IDENTITY');
  const needsValue = notNull && !given;
  return [{ name: textOf(fields['colname']), type, ...typeModifiers(fields['typeName']), notNull, at: statement.tokenAt(fields['location']), ...defined({ rewrites, asks }), needsValue }];
}

const serialTypes: ReadonlySet<string> = new Set(['serial', 'serial2', 'serial4', 'serial8', 'bigserial', 'smallserial']);

/** Since Postgres 11 a default that is the same for all rows is kept once, beside the table: https://www.postgresql.org/docs/current/sql-altertable.html */
function rewritingPart(type: string, constraints: readonly Fields[]): string | undefined {
  if (serialTypes.has(type)) {
    return type;
  }
  for (const { contype, generated_kind: stored } of constraints) {
    if (contype === 'CONSTR_IDENTITY') {
      return 'identity';
    }
    if (contype === 'CONSTR_GENERATED' && stored !== 'v') {
      return 'generated … stored';
    }
  }
  return undefined;
}

function callsIn(statement: StatementTree, expression: unknown): NonNullable<ColumnDefinition['asks']>[] {
  const found: NonNullable<ColumnDefinition['asks']>[] = [];
  walk(expression, (key, value) => {
    if (key === 'FuncCall') {
      const { start, end } = statement.callRange(fieldsOf(value)['location']);
      found.push({ function: dottedName(fieldsOf(value)['funcname']), call: statement.text.slice(start, end) });
    }
    return undefined;
  });
  return found;
}

/** Of functions that nobody here knows the best is assumed. */
function isVolatile(name: string): boolean {
  return harmlessVolatileFunctions.has(name) || otherVolatileFunctions.has(name);
}

const otherVolatileFunctions: ReadonlySet<string> = new Set(['nextval', 'uuid_generate_v1', 'uuid_generate_v1mc', 'uuid_generate_v4', 'gen_random_bytes', 'uuidv4', 'uuidv7', 'uuid_generate_v7']);

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
  const nameOr = (parts: readonly string[]): string => textOf(constraint['conname']) || serverName([table.name, ...parts]);
  switch (constraint['contype']) {
    case 'CONSTR_PRIMARY':
    case 'CONSTR_UNIQUE':
    case 'CONSTR_EXCLUSION':
      return indexOfConstraint(table, constraint, column, at);
    case 'CONSTR_FOREIGN': {
      const own = column === undefined ? listOf(constraint['fk_attrs']).map(stringNode) : [column];
      return [{ kind: 'foreignKey', table, name: nameOr([...own, 'fkey']), columns: own, target: relationOf(constraint['pktable']), at }];
    }
    case 'CONSTR_CHECK': {
      const proven = notNullColumn(constraint['raw_expr']);
      const named: Effect[] = constraint['conname'] === undefined ? [] : [{ kind: 'checkConstraint', table, name: nameOr([]) }];
      return proven === undefined ? named : [...named, { kind: 'neverNull', table, column: proven }];
    }
    default:
      return [];
  }
}

/** A primary key, `unique` or `exclude`. */
function indexOfConstraint(table: ObjectName, constraint: Fields, column: string | undefined, at: TextRange): Effect[] {
  const { contype, conname, indexname, keys, exclusions } = constraint;
  if (indexname !== undefined) {
    // It is there already, and gets the constraint's name.
    return [{ kind: 'renameIndex', name: { schema: table.schema, name: textOf(indexname) }, to: textOf(conname) || textOf(indexname) }];
  }
  const excluded = listOf(exclusions).map(excludedBy);
  const written = column === undefined ? [...listOf(keys).map(stringNode), ...excluded.map(({ column: each }) => each)] : [column];
  const firstOther = excluded.findIndex(({ column: each, equal }) => !equal || each === '');
  const leading = firstOther === -1 ? written : written.slice(0, firstOther);
  const suffix = contype === 'CONSTR_PRIMARY' ? ['pkey'] : contype === 'CONSTR_UNIQUE' ? [...written, 'key'] : [...written.map((each) => each || 'expr'), 'excl'];
  const columns = contype !== 'CONSTR_EXCLUSION' || findsRows({ accessMethod: constraint['access_method'], whereClause: constraint['where_clause'] }, leading) ? leading : [];
  return [{ kind: 'createIndex', table, name: textOf(conname) || serverName([table.name, ...suffix]), columns, at, concurrently: false, only: false, ofConstraint: true }];
}

/** `room with =` */
function excludedBy(part: unknown): { readonly column: string; readonly equal: boolean } {
  const [element, operator] = listOf(fieldsOf(fieldsOf(part)['List'])['items']);
  return { column: textOf(fieldsOf(fieldsOf(element)['IndexElem'])['name']), equal: stringNode(listOf(fieldsOf(fieldsOf(operator)['List'])['items']).at(-1)) === '=' };
}

export function alterTable(statement: StatementTree, fields: Fields): Effect[] {
  const table = relationOf(fields['relation']);
  const at = statement.relationRange(fields['relation']);
  const effects = listOf(fields['cmds']).flatMap((command) => alterCommand(statement, { ...table, at }, fieldsOf(fieldsOf(command)['AlterTableCmd'])));
  return fields['objtype'] === 'OBJECT_FOREIGN_TABLE' || fields['objtype'] === 'OBJECT_TYPE' ? effects.filter(({ kind }) => kind !== 'constrain').map(withoutRows) : effects;
}

/** The rows of a foreign table lie elsewhere, and a type that a column has is not changed by the server: no rows are written anew. */
function withoutRows(effect: Effect): Effect {
  if (effect.kind === 'addColumn') {
    const { rewrites: _rewrites, asks: _asks, ...column } = effect.column;
    return { ...effect, column: { ...column, needsValue: false } };
  }
  if (effect.kind === 'dropColumn') {
    const { at: _at, ...rest } = effect;
    return rest;
  }
  return effect.kind === 'changeType' ? { ...effect, hasRows: false } : effect;
}

function alterCommand(statement: StatementTree, { at, ...table }: ObjectName & { readonly at: TextRange }, command: Fields): Effect[] {
  const definition = fieldsOf(command['def']);
  const name = textOf(command['name']);
  switch (command['subtype']) {
    case 'AT_AddColumn': {
      const column = fieldsOf(definition['ColumnDef']);
      const tolerant = command['missing_ok'] === true;
      const added = columnOf(statement, column).map((each): Effect => ({ kind: 'addColumn', table, column: each, tolerant }));
      return [...added, ...constraintsOfColumn(statement, table, column), ...constrainedWithColumn(statement, table, column)];
    }
    case 'AT_DropColumn':
      return [{ kind: 'dropColumn', table, column: name, tolerant: command['missing_ok'] === true, at: statement.nameFrom(at.end, name) ?? at }];
    case 'AT_AlterColumnType':
      return changeType(statement, table, name, fieldsOf(fieldsOf(definition['ColumnDef'])['typeName']));
    case 'AT_DropConstraint':
      return [{ kind: 'dropConstraint', table, name }];
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
      return viewOptions(table, at, command);
    case 'AT_EnableRowSecurity':
      return [{ kind: 'rowSecurity', table, on: true, at }];
    case 'AT_DisableRowSecurity':
      return [{ kind: 'rowSecurity', table, on: false, at }];
    case 'AT_AddConstraint':
      return [...constraintEffects(statement, table, fieldsOf(definition['Constraint']), undefined), ...constrain(statement, table, fieldsOf(definition['Constraint']))];
    case 'AT_SetNotNull':
      return [{ kind: 'constrain', table, by: 'notNull', column: name, at, later: false }];
    default:
      return [];
  }
}

const constrainedBy: Readonly<Record<string, Extract<Effect, { kind: 'constrain' }>['by']>> = {
  CONSTR_FOREIGN: 'foreignKey',
  CONSTR_CHECK: 'check',
  CONSTR_NOTNULL: 'notNull',
  CONSTR_UNIQUE: 'unique',
  CONSTR_PRIMARY: 'primaryKey',
  CONSTR_EXCLUSION: 'exclusion',
};

function constrain(statement: StatementTree, table: ObjectName, constraint: Fields): Effect[] {
  const by = constrainedBy[textOf(constraint['contype'])];
  if (by === undefined) {
    return [];
  }
  const readsRows = by === 'foreignKey' || by === 'check' || by === 'notNull';
  const target = by === 'foreignKey' ? relationOf(constraint['pktable']) : undefined;
  const column = by === 'notNull' ? stringNode(listOf(constraint['keys'])[0]) : undefined;
  const later = constraint['skip_validation'] === true || constraint['indexname'] !== undefined;
  const insertAt = readsRows && !later ? statement.partsFrom(statement.offset(constraint['location']))[0]?.end : undefined;
  return [{ kind: 'constrain', table, by, at: statement.tokenAt(constraint['location']), later, ...defined({ target, column, insertAt }) }];
}

/**
 * A new column that is empty refers to nothing, and holds no two of the same; a check is made of all rows, and an index is built of them
 * (`transformFKConstraints`, `ATExecAddColumn`).
 */
function constrainedWithColumn(statement: StatementTree, table: ObjectName, column: Fields): Effect[] {
  const constraints = listOf(column['constraints']).map((constraint) => fieldsOf(fieldsOf(constraint)['Constraint']));
  const hasValue = constraints.some(({ contype }) => contype === 'CONSTR_DEFAULT' || contype === 'CONSTR_GENERATED' || contype === 'CONSTR_IDENTITY');
  return constraints
    .filter(({ contype }) => contype !== 'CONSTR_NOTNULL' && (contype !== 'CONSTR_FOREIGN' || hasValue))
    .flatMap((constraint) => constrain(statement, table, constraint))
    .map((effect) => {
      const { insertAt: _nowhere, ...rest } = effect as Extract<Effect, { kind: 'constrain' }>;
      return rest;
    });
}

/** Of `column is not null`, which the server takes for proof: https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-SET-DROP-NOT-NULL */
function notNullColumn(expression: unknown): string | undefined {
  const test = fieldsOf(fieldsOf(expression)['NullTest']);
  const column = stringNode(listOf(fieldsOf(fieldsOf(test['arg'])['ColumnRef'])['fields']).at(-1));
  return test['nulltesttype'] === 'IS_NOT_NULL' && column !== '' ? column : undefined;
}

function changeType(statement: StatementTree, table: ObjectName, column: string, type: Fields): Effect[] {
  return [{ kind: 'changeType', table, hasRows: true, column, type: typeText(type), ...typeModifiers(type), at: statement.tokenAt(type['location']) }];
}

function viewOptions(table: ObjectName, at: TextRange, command: Fields): Effect[] {
  const options = fieldsOf(fieldsOf(command['def'])['List'])['items'];
  const value = optionValue(options, 'security_invoker');
  return value === undefined ? [] : [{ kind: 'viewInvoker', table, on: value === 'on' && command['subtype'] === 'AT_SetRelOptions', at }];
}

export function createIndex(statement: StatementTree, fields: Fields): Effect[] {
  const names = (key: string): string[] => listOf(fields[key]).map((element) => textOf(fieldsOf(fieldsOf(element)['IndexElem'])['name']));
  const elements = names('indexParams');
  const expression = elements.indexOf('');
  const leading = expression === -1 ? elements : elements.slice(0, expression);
  const table = relationOf(fields['relation']);
  const derived = [table.name, ...[...elements, ...names('indexIncludingParams')].map((name) => name || 'expr'), 'idx'];
  const insertAt = statement.wordFrom(0, 'index')?.end;
  return [
    {
      kind: 'createIndex',
      table,
      name: textOf(fields['idxname']) || serverName(derived),
      columns: findsRows(fields, leading) ? leading : [],
      at: statement.relationRange(fields['relation']),
      concurrently: fields['concurrent'] === true,
      only: fieldsOf(fields['relation'])['inh'] !== true,
      ofConstraint: false,
      ...(insertAt === undefined ? {} : { insertAt }),
    },
  ];
}

/** By equality, whichever rows are sought: under a condition only rows are in it that meet it, and who looks for a value has no use for rows without. */
function findsRows({ accessMethod, whereClause }: Fields, columns: readonly string[]): boolean {
  const test = fieldsOf(fieldsOf(whereClause)['NullTest']);
  const tested = stringNode(listOf(fieldsOf(fieldsOf(test['arg'])['ColumnRef'])['fields']).at(-1));
  const leavesOutNulls = test['nulltesttype'] === 'IS_NOT_NULL' && columns.includes(tested);
  return (accessMethod === undefined || findsEqual.has(accessMethod)) && (whereClause === undefined || leavesOutNulls);
}

/** GiST takes keys by an extension (`btree_gist`) that finds them by equality too; what GIN has a key's array for is what is in it. */
const findsEqual: ReadonlySet<unknown> = new Set(['btree', 'hash', 'gist', 'spgist']);

const longestName = 63;

/** How the server names what has no name (`makeObjectName`), as long as it is short enough to be kept whole. */
function serverName(parts: readonly string[]): string {
  return parts.join('_').slice(0, longestName);
}
