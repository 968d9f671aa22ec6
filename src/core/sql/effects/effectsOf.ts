/** What a statement does to the schema, as far as its text tells. */
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName, relationOf, type ObjectName } from '../objectNames.ts';
import { fieldsOf, listOf, optionValue, stringConstant, stringNode, textOf, unwrap, type Fields } from '../tree.ts';
import { callsOf, checkBodies, opaque, type ReadCode } from './code.ts';
import type { ApiRole, Effect } from './effect.ts';
import { alterFunction, createFunction, createRange, madeFunction, signatureOf } from './functions.ts';
import { createFromQuery, createView } from './queries.ts';
import { alterTable, createIndex, createRelation, createTable } from './tables.ts';

type Read = (statement: StatementTree, fields: Fields) => Effect[];

export function effectsOf(statement: StatementTree): Effect[] {
  // What stands in a function is done when that is called.
  const changes = statement.type === 'CreateFunctionStmt' ? [] : changesOfEveryRow(statement);
  return [...effectsOfNode(statement, statement.type, statement.fields), ...changes];
}

/** Of DO: what its statements do, and what may be done besides. */
export function effectsOfCode({ statements, code }: ReadCode): Effect[] {
  return [...statements.flatMap(effectsOf), code];
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
  DefineStmt: (_statement, fields) => (fields['kind'] === 'OBJECT_AGGREGATE' ? [madeFunction(dottedName(fields['defnames']))] : [{ kind: 'createType', name: dottedName(fields['defnames']) }]),
  CreateFunctionStmt: createFunction,
  AlterFunctionStmt: alterFunction,
  CreateSchemaStmt: createSchema,
  AlterTableStmt: alterTable,
  IndexStmt: createIndex,
  RefreshMatViewStmt: (_statement, fields) => rebuild(fields['relation']),
  ReindexStmt: (_statement, fields) => (fields['kind'] === 'REINDEX_OBJECT_TABLE' ? rebuild(fields['relation']) : []),
  ClusterStmt: (_statement, fields) => rebuild(fields['relation']),
  VacuumStmt: (_statement, fields) => (optionValue(fields['options'], 'full') === 'on' ? listOf(fields['rels']).flatMap((each) => rebuild(fieldsOf(fieldsOf(each)['VacuumRelation'])['relation'])) : []),
  RenameStmt: rename,
  AlterObjectSchemaStmt: moveToSchema,
  DropStmt: drop,
  GrantStmt: grant,
  AlterDefaultPrivilegesStmt: defaultRights,
  CreatePolicyStmt: policy,
  AlterPolicyStmt: policy,
  VariableSetStmt: setVariable,
  DoStmt: (statement) => [opaque(statement, true)],
  CallStmt: (statement) => [opaque(statement, false)],
  CreateExtensionStmt: (statement, fields) => [{ ...opaque(statement, false), extension: textOf(fields['extname']) }],
  ImportForeignSchemaStmt: (statement) => [opaque(statement, false)],
  CreateEventTrigStmt: (statement) => [opaque(statement, true)],
  TransactionStmt: (_statement, fields) => transaction(textOf(fields['kind'])),
};

/** What was done since it began, or since a savepoint, is undone by a rollback: to whom the names matter, anything may be there. */
function transaction(kind: string): Effect[] {
  const undone: Effect[] = kind.startsWith('TRANS_STMT_ROLLBACK') ? [{ kind: 'opaque', words: new Set(), unread: new Set(), isWhole: false }] : [];
  const control = controls[kind];
  return control === undefined ? undone : [{ kind: 'transaction', control }, ...undone];
}

const controls: Readonly<Record<string, 'begin' | 'commit' | 'rollback'>> = {
  TRANS_STMT_BEGIN: 'begin',
  TRANS_STMT_START: 'begin',
  TRANS_STMT_COMMIT: 'commit',
  TRANS_STMT_ROLLBACK: 'rollback',
};

function rebuild(relation: unknown): Effect[] {
  return relation === undefined ? [] : [{ kind: 'rebuild', table: relationOf(relation) }];
}

/** Each DELETE and UPDATE without a condition, wherever it stands in a statement. */
export function changesOfEveryRow(statement: StatementTree): Extract<Effect, { kind: 'everyRow' }>[] {
  return (['delete', 'update'] as const)
    .filter((verb) => statement.mayHold(verb))
    .flatMap((verb) => statement.nodes(verb === 'delete' ? 'DeleteStmt' : 'UpdateStmt').map((fields) => ({ verb, fields })))
    .filter(({ fields }) => fields['whereClause'] === undefined)
    .map(({ verb, fields }) => ({ kind: 'everyRow', table: relationOf(fields['relation']), verb, isWithin: fields !== statement.fields, at: statement.relationRange(fields['relation']) }));
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

function rename(statement: StatementTree, fields: Fields): Effect[] {
  const to = textOf(fields['newname']);
  const at = statement.relationRange(fields['relation']);
  switch (fields['renameType']) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_FOREIGN_TABLE':
      return [{ kind: 'renameRelation', name: relationOf(fields['relation']), to, at }];
    case 'OBJECT_COLUMN':
      return [{ kind: 'renameColumn', table: relationOf(fields['relation']), column: textOf(fields['subname']), to, at: statement.nameFrom(at.end, textOf(fields['subname'])) ?? at }];
    case 'OBJECT_SCHEMA':
      return [{ kind: 'renameSchema', name: textOf(fields['subname']), to }];
    case 'OBJECT_FUNCTION':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_AGGREGATE':
      return [{ kind: 'moveFunction', ...signatureOf(fields['object']), to: { name: to } }];
    case 'OBJECT_INDEX':
      return [{ kind: 'renameIndex', name: relationOf(fields['relation']), to }];
    case 'OBJECT_TABCONSTRAINT':
      return [{ kind: 'renameConstraint', table: relationOf(fields['relation']), name: textOf(fields['subname']), to }];
    case 'OBJECT_POLICY':
      return [{ kind: 'renamePolicy', table: relationOf(fields['relation']), name: textOf(fields['subname']), to }];
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
  return movable.has(fields['objectType']) ? [{ kind: 'moveFunction', ...signatureOf(fields['object']), to: { schema: toSchema } }] : [];
}

const movable: ReadonlySet<unknown> = new Set(['OBJECT_FUNCTION', 'OBJECT_ROUTINE', 'OBJECT_PROCEDURE', 'OBJECT_AGGREGATE']);

function drop(statement: StatementTree, fields: Fields): Effect[] {
  const tolerant = fields['missing_ok'] === true;
  return listOf(fields['objects']).flatMap((object): Effect[] => {
    switch (fields['removeType']) {
      case 'OBJECT_TABLE': {
        const name = dottedName(object);
        return [{ kind: 'dropRelation', name, tolerant, at: statement.nameFrom(statement.head.end, name.name) ?? statement.head }];
      }
      case 'OBJECT_VIEW':
      case 'OBJECT_MATVIEW':
      case 'OBJECT_FOREIGN_TABLE':
      case 'OBJECT_SEQUENCE':
        return [{ kind: 'dropRelation', name: dottedName(object), tolerant }];
      case 'OBJECT_FUNCTION':
      case 'OBJECT_PROCEDURE':
      case 'OBJECT_ROUTINE':
      case 'OBJECT_AGGREGATE':
        return [{ kind: 'dropFunction', ...signatureOf(object) }];
      case 'OBJECT_INDEX':
        return [{ kind: 'dropIndex', name: dottedName(object) }];
      case 'OBJECT_TYPE':
      case 'OBJECT_DOMAIN':
        return [{ kind: 'dropType', name: dottedName(object) }];
      case 'OBJECT_POLICY':
        return [dropPolicy(listOf(fieldsOf(fieldsOf(object)['List'])['items']).map(stringNode))];
      case 'OBJECT_SCHEMA':
        return [{ kind: 'dropSchema', name: dottedName(object).name }];
      default:
        return [];
    }
  });
}

/** `[schema,] table, policy` */
function dropPolicy(path: readonly string[]): Effect {
  return { kind: 'dropPolicy', table: { schema: path.at(-3), name: path.at(-2) ?? '' }, name: path.at(-1) ?? '' };
}

function policy({ type }: StatementTree, fields: Fields): Effect[] {
  const alter = type === 'AlterPolicyStmt';
  return [{ kind: 'policy', table: relationOf(fields['table']), name: textOf(fields['policy_name']), alter, using: fields['qual'] !== undefined, check: fields['with_check'] !== undefined }];
}

const apiRoles: readonly ApiRole[] = ['anon', 'authenticated'];

/** `grant … to anon`, `revoke all on t from anon, authenticated`: what is taken in part leaves the rest. */
function grant(_statement: StatementTree, fields: Fields): Effect[] {
  const given = fields['is_grant'] === true;
  const roles = granteesOf(fields, given);
  if (roles.length === 0 || fields['objtype'] !== 'OBJECT_TABLE' || (!given && !takesAll(fields))) {
    return [];
  }
  return listOf(fields['objects']).map((object): Effect => (fields['targtype'] === 'ACL_TARGET_ALL_IN_SCHEMA' ? { kind: 'schemaRights', schema: stringNode(object), roles, given, default: false } : { kind: 'rights', table: relationOf(object), roles, given }));
}

const apiRights = ['select', 'insert', 'update', 'delete'];

/** `revoke all`, or all that the API has a use for. */
function takesAll({ privileges }: Fields): boolean {
  const named = listOf(privileges).map((privilege) => textOf(fieldsOf(fieldsOf(privilege)['AccessPriv'])['priv_name']));
  return privileges === undefined || apiRights.every((right) => named.includes(right));
}

/** What is taken from everybody is not taken from a role to which it was given. */
function granteesOf(fields: Fields, given: boolean): ApiRole[] {
  const named = listOf(fields['grantees']).map((grantee) => fieldsOf(fieldsOf(grantee)['RoleSpec']));
  const toAll = given && named.some(({ roletype }) => roletype === 'ROLESPEC_PUBLIC');
  return apiRoles.filter((role) => toAll || named.some(({ rolename }) => rolename === role));
}

/** Those of a schema: a project's own rights for tables to come are given by schema. */
function defaultRights(_statement: StatementTree, fields: Fields): Effect[] {
  const action = fieldsOf(fields['action']);
  const given = action['is_grant'] === true;
  const roles = granteesOf(action, given);
  const listed = (name: string): readonly unknown[] => listOf(fields['options']).map((option) => fieldsOf(fieldsOf(option)['DefElem'])).filter(({ defname }) => defname === name).flatMap(({ arg }) => listOf(fieldsOf(fieldsOf(arg)['List'])['items']));
  const makers = listed('roles').map((role) => textOf(fieldsOf(fieldsOf(role)['RoleSpec'])['rolename']));
  const counts = action['objtype'] === 'OBJECT_TABLE' && roles.length > 0 && (given || takesAll(action)) && (makers.length === 0 || makers.includes('postgres'));
  return counts ? listed('schemas').map((schema): Effect => ({ kind: 'schemaRights', schema: stringNode(schema), roles, given, default: true })) : [];
}

function setVariable(_statement: StatementTree, fields: Fields): Effect[] {
  if (fields['kind'] === 'VAR_RESET_ALL' || (fields['name'] === 'search_path' && fields['kind'] !== 'VAR_SET_VALUE')) {
    return [{ kind: 'searchPath' }];
  }
  const values = listOf(fields['args']).map(stringConstant);
  switch (fields['name']) {
    case 'search_path':
      return [{ kind: 'searchPath', schemas: values }];
    case 'check_function_bodies':
      return [checkBodies(fields['kind'] === 'VAR_SET_VALUE' ? values[0] : 'on')];
    default:
      return [];
  }
}

