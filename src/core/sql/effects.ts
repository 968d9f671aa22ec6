/** What a statement does to the schema, as far as its text tells. Ranges are UTF-16 offsets within the statement. */
import type { TextRange } from '../runbook/document.ts';
import { Lexer } from './lexer.ts';
import type { StatementTree } from './lint/statementTree.ts';
import { harmlessVolatileFunctions } from './readingFunctions.ts';
import { fieldsOf, listOf, optionValue, stringNode, textOf, unwrap, walk, type Fields } from './tree.ts';

export interface ObjectName {
  /** Absent where the search path decides. */
  readonly schema: string | undefined;
  readonly name: string;
}

export interface ColumnDefinition {
  readonly name: string;
  /** As the grammar names it, without `pg_catalog`: `int4`, `text[]`, `public.mood`; empty where it is not written (views). */
  readonly type: string;
  readonly notNull: boolean;
  readonly at: TextRange;
  /** Why each row needs a value of its own the moment the column is added: a volatile default as it is written, `identity`, … */
  readonly rewrites?: string;
  /** `not null` with nothing that gives a value. */
  readonly needsValue: boolean;
}

export type RelationKind = 'table' | 'view' | 'materializedView' | 'foreignTable' | 'sequence' | 'compositeType';

export type Effect =
  | {
      readonly kind: 'createRelation';
      readonly relation: RelationKind;
      readonly name: ObjectName;
      readonly at: TextRange;
      readonly columns: readonly ColumnDefinition[];
      /** All columns are written: no `LIKE`, no `INHERITS`, no `*`. */
      readonly complete: boolean;
      readonly temporary: boolean;
      readonly partition: boolean;
      /** `if not exists`, `or replace`: it may have been there. */
      readonly tolerant: boolean;
      /** Of a view: its queries run with the rights of whoever asks, not of its owner. */
      readonly invoker: boolean;
      /** Of a view without options: where `with (…)` would stand. */
      readonly optionsAt?: number;
    }
  | { readonly kind: 'dropRelation'; readonly name: ObjectName }
  | { readonly kind: 'renameRelation'; readonly name: ObjectName; readonly to: string }
  | { readonly kind: 'moveRelation'; readonly name: ObjectName; readonly toSchema: string }
  | { readonly kind: 'addColumn'; readonly table: ObjectName; readonly column: ColumnDefinition }
  | { readonly kind: 'dropColumn'; readonly table: ObjectName; readonly column: string }
  | { readonly kind: 'renameColumn'; readonly table: ObjectName; readonly column: string; readonly to: string }
  | { readonly kind: 'changeType'; readonly table: ObjectName; readonly column: string; readonly type: string; readonly at: TextRange }
  | { readonly kind: 'rowSecurity'; readonly table: ObjectName; readonly on: boolean }
  /** No role of the API may touch it any more. */
  | { readonly kind: 'hideFromApi'; readonly table: ObjectName }
  /** `columns` are those in front; an expression ends them. A primary key or unique constraint is an index too. */
  | {
      readonly kind: 'createIndex';
      readonly table: ObjectName;
      readonly columns: readonly string[];
      readonly at: TextRange;
      readonly concurrently: boolean;
      readonly ofConstraint: boolean;
      /** Where the word `concurrently` would stand. */
      readonly insertAt?: number;
    }
  | {
      readonly kind: 'foreignKey';
      readonly table: ObjectName;
      /** As written, or as the server would name it. */
      readonly name: string;
      readonly columns: readonly string[];
      readonly target: ObjectName;
      readonly at: TextRange;
    }
  | { readonly kind: 'dropConstraint'; readonly table: ObjectName; readonly name: string }
  /** `alter view v set (security_invoker = …)` */
  | { readonly kind: 'viewInvoker'; readonly table: ObjectName; readonly on: boolean }
  /** A DELETE or UPDATE without a condition. */
  | { readonly kind: 'everyRow'; readonly table: ObjectName; readonly verb: 'delete' | 'update'; readonly at: TextRange }
  | { readonly kind: 'createSchema'; readonly name: string }
  | { readonly kind: 'dropSchema'; readonly name: string }
  | { readonly kind: 'renameSchema'; readonly name: string; readonly to: string }
  | {
      readonly kind: 'createFunction';
      readonly name: ObjectName;
      /** It runs with its owner's rights and finds names by the caller's search path; `insertAt` is behind `security definer`. */
      readonly openDefiner?: { readonly at: TextRange; readonly insertAt: number };
    }
  /** `alter function f set search_path …` */
  | { readonly kind: 'functionPath'; readonly name: ObjectName }
  | { readonly kind: 'dropFunction'; readonly name: ObjectName }
  | { readonly kind: 'createType'; readonly name: ObjectName }
  /** Absent: the session's own path again. */
  | { readonly kind: 'searchPath'; readonly schemas?: readonly string[] }
  /** Code that runs, or an extension: what it does, its words may tell (lower case, also those within its strings), if it is all there. */
  | { readonly kind: 'opaque'; readonly words: ReadonlySet<string>; readonly isWhole: boolean; readonly extension?: string };

/** An effect and the statement of its text that has it. */
export interface PlacedEffect {
  readonly statement: number;
  readonly effect: Effect;
}

type Read = (statement: StatementTree, fields: Fields) => Effect[];

export function effectsOf(statement: StatementTree): Effect[] {
  return [...effectsOfNode(statement, statement.type, statement.fields), ...changesOfEveryRow(statement)];
}

function effectsOfNode(statement: StatementTree, type: string, fields: Fields): Effect[] {
  return readers[type]?.(statement, fields) ?? [];
}

const readers: Readonly<Record<string, Read>> = {
  CreateStmt: (statement, fields) => createTable(statement, fields, 'table'),
  CreateForeignTableStmt: (statement, fields) => createTable(statement, fieldsOf(fields['base']), 'foreignTable'),
  CreateTableAsStmt: (statement, fields) => {
    const into = fieldsOf(fields['into']);
    return createFromQuery(statement, into['rel'], fields['objtype'] === 'OBJECT_MATVIEW' ? 'materializedView' : 'table', fields['query'], into['colNames'], fields['if_not_exists'] === true);
  },
  SelectStmt: (statement, fields) => {
    const into = fieldsOf(fieldsOf(fields['intoClause'])['rel']);
    const created = into['relname'] === undefined ? [] : createFromQuery(statement, into, 'table', statement.tree, undefined, false);
    return [...created, ...callsOf(statement, fields)];
  },
  ViewStmt: createView,
  CompositeTypeStmt: (statement, fields) => [{ kind: 'createType', name: relationOf(fields['typevar']) }, ...createRelation(statement, fields['typevar'], 'compositeType', fields['coldeflist'])],
  CreateSeqStmt: (statement, fields) => createRelation(statement, fields['sequence'], 'sequence', []),
  CreateEnumStmt: (_statement, fields) => [{ kind: 'createType', name: dottedName(fields['typeName']) }],
  CreateRangeStmt: createRange,
  CreateDomainStmt: (_statement, fields) => [{ kind: 'createType', name: dottedName(fields['domainname']) }],
  DefineStmt: (_statement, fields) => (fields['kind'] === 'OBJECT_AGGREGATE' ? [{ kind: 'createFunction', name: dottedName(fields['defnames']) }] : [{ kind: 'createType', name: dottedName(fields['defnames']) }]),
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  CreateSchemaStmt: createSchema,
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  DropStmt: drop,
  GrantStmt: grant,
  VariableSetStmt: setVariable,
  DoStmt: (statement) => [opaque(statement, true)],
  CallStmt: (statement) => [opaque(statement, false)],
  CreateExtensionStmt: (statement, fields) => [{ ...opaque(statement, false), extension: textOf(fields['extname']) }],
  ImportForeignSchemaStmt: (statement) => [opaque(statement, false)],
  CreateEventTrigStmt: (statement) => [opaque(statement, true)],
  // What was done since the transaction began is undone.
  TransactionStmt: (_statement, fields) => (textOf(fields['kind']).startsWith('TRANS_STMT_ROLLBACK') ? [{ kind: 'opaque', words: new Set(), isWhole: false }] : []),
};

function opaque({ text }: StatementTree, isWhole: boolean): Extract<Effect, { kind: 'opaque' }> {
  return { kind: 'opaque', words: wordsOf(text), isWhole };
}

export function relationOf(relation: unknown): ObjectName {
  const { schemaname, relname } = fieldsOf(fieldsOf(relation)['RangeVar'] ?? relation);
  return { schema: schemaname === undefined ? undefined : textOf(schemaname), name: textOf(relname) };
}

/** `[schema,] name` as a list of `String` nodes, or a node that holds one. */
export function dottedName(names: unknown): ObjectName {
  const node = Array.isArray(names) ? undefined : unwrap(names);
  const parts = (node === undefined ? listOf(names) : node.type === 'String' ? [names] : listOf(node.fields['items'] ?? node.fields['names'] ?? node.fields['objname'])).map(stringNode);
  return { schema: parts.at(-2), name: parts.at(-1) ?? '' };
}

/** A type as it is written, without the schema of Postgres' own: `int4`, `timestamptz[]`, `public.mood`. */
export function typeText(typeName: unknown): string {
  const fields = fieldsOf(typeName);
  const parts = listOf(fields['names']).map(stringNode);
  const name = parts[0] === 'pg_catalog' ? parts.slice(1) : parts;
  return name.join('.') + '[]'.repeat(listOf(fields['arrayBounds']).length);
}

function createRelation(statement: StatementTree, relation: unknown, kind: RelationKind, elements: unknown): Effect[] {
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

function createTable(statement: StatementTree, fields: Fields, kind: RelationKind): Effect[] {
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

function createFromQuery(statement: StatementTree, relation: unknown, kind: RelationKind, query: unknown, aliases: unknown, tolerant: boolean): Effect[] {
  const { columns, complete } = outputColumns(statement, query);
  const names = listOf(aliases).map(stringNode);
  const renamed = columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
  return createRelation(statement, relation, kind, []).map((effect) =>
    effect.kind === 'createRelation'
      ? {
          ...effect,
          columns: complete ? renamed : names.map((name) => ({ name, type: '', notNull: false, needsValue: false, at: effect.at })),
          complete: complete || (names.length > 0 && columns.length === names.length),
          tolerant,
        }
      : effect,
  );
}

function createView(statement: StatementTree, fields: Fields): Effect[] {
  const invoker = optionValue(fields['options'], 'security_invoker') === 'on';
  const optionsAt = fields['options'] === undefined ? behindColumnList(statement, statement.relationRange(fields['view']).end) : undefined;
  return createFromQuery(statement, fields['view'], 'view', fields['query'], fields['aliases'], fields['replace'] === true).map((effect) =>
    effect.kind === 'createRelation' ? { ...effect, invoker, ...(optionsAt === undefined ? {} : { optionsAt }) } : effect,
  );
}

/** Behind a name, or behind the list of columns that follows it. */
function behindColumnList(statement: StatementTree, nameEnd: number): number {
  const lexer = new Lexer(statement.text, nameEnd);
  let within = false;
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') {
      continue;
    }
    if (!within && lexer.value !== '(') {
      return nameEnd;
    }
    within = true;
    if (lexer.value === ')') {
      return lexer.end;
    }
  }
  return nameEnd;
}

/** The names that a query's columns get; not complete where a `*` stands or a name cannot be told. */
function outputColumns(statement: StatementTree, query: unknown): { readonly columns: ColumnDefinition[]; readonly complete: boolean } {
  let select = fieldsOf(fieldsOf(query)['SelectStmt']);
  while (select['larg'] !== undefined) {
    select = fieldsOf(select['larg']);
  }
  const targets = listOf(select['targetList']).map((target) => fieldsOf(fieldsOf(target)['ResTarget']));
  const columns = targets.map((target) => ({ name: outputName(target), type: '', notNull: false, needsValue: false, at: statement.tokenAt(target['location']) }));
  return { columns, complete: columns.length > 0 && columns.every(({ name }) => name !== '') };
}

/** As the server names a column (`FigureColname`): the alias, a column's or function's own name; empty where it is harder to tell. */
export function outputName(target: Fields): string {
  if (target['name'] !== undefined) {
    return textOf(target['name']);
  }
  const value = unwrap(target['val']);
  if (value?.type === 'ColumnRef') {
    return stringNode(listOf(value.fields['fields']).at(-1));
  }
  return value?.type === 'FuncCall' ? dottedName(value.fields['funcname']).name : '';
}

/** A range type comes with functions that make its values, and those of its multirange. */
function createRange(_statement: StatementTree, fields: Fields): Effect[] {
  const name = dottedName(fields['typeName']);
  const written = optionNamed(fields['params'], 'multirange_type_name')[0]?.['arg'];
  const multirange = dottedName(fieldsOf(fieldsOf(written)['TypeName'])['names']).name;
  const derived = name.name.includes('range') ? name.name.replace('range', 'multirange') : `${name.name}_multirange`;
  return [
    { kind: 'createType', name },
    { kind: 'createFunction', name },
    { kind: 'createFunction', name: { schema: name.schema, name: multirange || derived } },
  ];
}

function createSchema(statement: StatementTree, fields: Fields): Effect[] {
  const name = textOf(fields['schemaname']) || textOf(fieldsOf(fields['authrole'])['rolename']);
  const inside = listOf(fields['schemaElts']).flatMap((element) => {
    const node = unwrap(element);
    return node === undefined ? [] : effectsOfNode(statement, node.type, node.fields);
  });
  return [{ kind: 'createSchema', name }, ...inside.map((effect) => inSchema(effect, name))];
}

function inSchema(effect: Effect, schema: string): Effect {
  const named = <T extends ObjectName>(name: T): T => (name.schema === undefined ? { ...name, schema } : name);
  if ('table' in effect) {
    return { ...effect, table: named(effect.table) };
  }
  return 'name' in effect && typeof effect.name !== 'string' ? ({ ...effect, name: named(effect.name) } as Effect) : effect;
}

function alterTable(statement: StatementTree, fields: Fields): Effect[] {
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

function optionNamed(options: unknown, name: string): readonly Fields[] {
  return listOf(options).map((option) => fieldsOf(fieldsOf(option)['DefElem'])).filter(({ defname }) => defname === name);
}

function setsSearchPath(options: unknown): boolean {
  return optionNamed(options, 'set').some(({ arg }) => fieldsOf(fieldsOf(arg)['VariableSetStmt'])['name'] === 'search_path');
}

function createFunction(statement: StatementTree, fields: Fields): Effect[] {
  const name = dottedName(fields['funcname']);
  const definer = optionNamed(fields['options'], 'security').find(({ arg }) => fieldsOf(fieldsOf(arg)['Boolean'])['boolval'] === true);
  const language = stringNode(optionNamed(fields['options'], 'language')[0]?.['arg']);
  // Names of a body that is SQL itself are looked up when the function is made, and compiled code looks none up.
  const looksUp = fields['sql_body'] === undefined && language !== 'c' && language !== 'internal';
  if (definer === undefined || setsSearchPath(fields['options']) || !looksUp) {
    return [{ kind: 'createFunction', name }];
  }
  const start = statement.offset(definer['location']);
  const { end } = statement.wordFrom(start, 'definer') ?? { end: start };
  return [{ kind: 'createFunction', name, openDefiner: { at: { start, end }, insertAt: end } }];
}

function alterFunction(_statement: StatementTree, fields: Fields): Effect[] {
  return setsSearchPath(fields['actions']) ? [{ kind: 'functionPath', name: dottedName(fieldsOf(fields['func'])['objname']) }] : [];
}

function changesOfEveryRow(statement: StatementTree): Effect[] {
  const changes = [...statement.nodes('DeleteStmt').map((fields) => ({ verb: 'delete', fields }) as const), ...statement.nodes('UpdateStmt').map((fields) => ({ verb: 'update', fields }) as const)];
  return changes
    .filter(({ fields }) => fields['whereClause'] === undefined)
    .map(({ verb, fields }) => ({ kind: 'everyRow', table: relationOf(fields['relation']), verb, at: statement.relationRange(fields['relation']) }));
}

function createIndex(statement: StatementTree, fields: Fields): Effect[] {
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

function rename(_statement: StatementTree, fields: Fields): Effect[] {
  const to = textOf(fields['newname']);
  switch (fields['renameType']) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return [{ kind: 'renameRelation', name: relationOf(fields['relation']), to }];
    case 'OBJECT_COLUMN':
      return [{ kind: 'renameColumn', table: relationOf(fields['relation']), column: textOf(fields['subname']), to }];
    case 'OBJECT_SCHEMA':
      return [{ kind: 'renameSchema', name: textOf(fields['subname']), to }];
    case 'OBJECT_FUNCTION':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_PROCEDURE': {
      const name = dottedName(fields['object']);
      return [
        { kind: 'dropFunction', name },
        { kind: 'createFunction', name: { schema: name.schema, name: to } },
      ];
    }
    case 'OBJECT_TYPE':
      return [{ kind: 'createType', name: { schema: dottedName(fields['object']).schema, name: to } }];
    default:
      return [];
  }
}

function moveToSchema(_statement: StatementTree, fields: Fields): Effect[] {
  const toSchema = textOf(fields['newschema']);
  if (fields['relation'] !== undefined) {
    return [{ kind: 'moveRelation', name: relationOf(fields['relation']), toSchema }];
  }
  const { name } = dottedName(fields['object']);
  return fields['objectType'] === 'OBJECT_FUNCTION' ? [{ kind: 'createFunction', name: { schema: toSchema, name } }] : [];
}

const droppedRelations: ReadonlySet<unknown> = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE', 'OBJECT_SEQUENCE']);
const droppedFunctions: ReadonlySet<unknown> = new Set(['OBJECT_FUNCTION', 'OBJECT_PROCEDURE', 'OBJECT_ROUTINE', 'OBJECT_AGGREGATE']);

function drop(_statement: StatementTree, fields: Fields): Effect[] {
  return listOf(fields['objects']).flatMap((object): Effect[] => {
    const name = dottedName(object);
    if (droppedRelations.has(fields['removeType'])) {
      return [{ kind: 'dropRelation', name }];
    }
    if (droppedFunctions.has(fields['removeType'])) {
      return [{ kind: 'dropFunction', name }];
    }
    return fields['removeType'] === 'OBJECT_SCHEMA' ? [{ kind: 'dropSchema', name: name.name }] : [];
  });
}

/** `revoke all on t from anon, authenticated` */
function grant(_statement: StatementTree, fields: Fields): Effect[] {
  const roles = listOf(fields['grantees']).map((grantee) => textOf(fieldsOf(fieldsOf(grantee)['RoleSpec'])['rolename']));
  const all = fields['privileges'] === undefined && fields['is_grant'] !== true && fields['objtype'] === 'OBJECT_TABLE' && fields['targtype'] === 'ACL_TARGET_OBJECT';
  return all && roles.includes('anon') && roles.includes('authenticated') ? listOf(fields['objects']).map((object): Effect => ({ kind: 'hideFromApi', table: relationOf(object) })) : [];
}

function setVariable(_statement: StatementTree, fields: Fields): Effect[] {
  if (fields['kind'] === 'VAR_RESET_ALL' || (fields['name'] === 'search_path' && fields['kind'] !== 'VAR_SET_VALUE')) {
    return [{ kind: 'searchPath' }];
  }
  if (fields['name'] !== 'search_path') {
    return [];
  }
  const schemas = listOf(fields['args']).map((argument) => textOf(fieldsOf(fieldsOf(fieldsOf(argument)['A_Const'])['sval'])['sval']));
  return [{ kind: 'searchPath', schemas }];
}

/** A plain query that calls something by its schema may change the schema with it: `select pgmq.create('jobs')`. */
function callsOf(statement: StatementTree, fields: Fields): Effect[] {
  const calls = listOf(fields['targetList']).some((target) => {
    const value = unwrap(fieldsOf(fieldsOf(target)['ResTarget'])['val']);
    const { schema } = dottedName(value?.fields['funcname']);
    return value?.type === 'FuncCall' && schema !== undefined && !harmlessSchemas.has(schema);
  });
  return calls && fields['fromClause'] === undefined ? [opaque(statement, false)] : [];
}

/** Their functions make no tables. */
const harmlessSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'cron', 'net', 'vault', 'auth', 'storage', 'realtime', 'extensions']);

const wordsWithinWords = 3;

/** The words of code, those within its strings and dollar quotes too. */
function wordsOf(code: string, depth = 0, words = new Set<string>()): ReadonlySet<string> {
  const lexer = new Lexer(code);
  while (lexer.next()) {
    if (lexer.kind === 'word') {
      words.add(lexer.value.toLowerCase());
    } else if (depth < wordsWithinWords && (lexer.kind === 'string' || lexer.kind === 'dollarString')) {
      const { value } = lexer;
      const opening = lexer.kind === 'string' ? value.indexOf("'") + 1 : value.indexOf('$', 1) + 1;
      wordsOf(value.slice(opening, Math.max(opening, value.length - opening)), depth + 1, words);
    }
  }
  return words;
}
