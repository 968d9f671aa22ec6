/** What a statement does to the schema, as far as its text tells. */
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName, relationOf, type ObjectName } from '../objectNames.ts';
import { fieldsOf, listOf, textOf, unwrap, type Fields } from '../tree.ts';
import { callsOf, opaque } from './code.ts';
import type { Effect } from './effect.ts';
import { alterFunction, createFunction, createRange } from './functions.ts';
import { createFromQuery, createView } from './queries.ts';
import { alterTable, createIndex, createRelation, createTable } from './tables.ts';

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

function changesOfEveryRow(statement: StatementTree): Effect[] {
  const changes = [...statement.nodes('DeleteStmt').map((fields) => ({ verb: 'delete', fields }) as const), ...statement.nodes('UpdateStmt').map((fields) => ({ verb: 'update', fields }) as const)];
  return changes
    .filter(({ fields }) => fields['whereClause'] === undefined)
    .map(({ verb, fields }) => ({ kind: 'everyRow', table: relationOf(fields['relation']), verb, at: statement.relationRange(fields['relation']) }));
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

