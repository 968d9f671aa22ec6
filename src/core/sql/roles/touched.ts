/** Which tables a statement touches and how, as far as its own text tells: what views and functions do within is not here. */
import { relationOf, type ObjectName } from '../objectNames.ts';
import { fieldsOf, listOf, textOf, unwrap, walk, type Fields } from '../tree.ts';

/** What a policy is for, and a right is given for. */
export type TableCommand = 'select' | 'insert' | 'update' | 'delete';

export interface TouchedTable {
  readonly name: ObjectName;
  readonly commands: readonly TableCommand[];
}

/** From libpg_query's tree of one statement, in the order in which they stand there. */
export function touchedTables(tree: Fields): readonly TouchedTable[] {
  const ctes = new Set<string>();
  walk(tree, (key, value) => {
    if (key === 'CommonTableExpr') {
      ctes.add(textOf(fieldsOf(value)['ctename']));
    }
    return undefined;
  });
  const found = new Map<string, { name: ObjectName; commands: Set<TableCommand> }>();
  const touch = (relation: unknown, ...commands: TableCommand[]): void => {
    const name = relationOf(relation);
    if (name.name === '' || (name.schema === undefined && ctes.has(name.name))) {
      return;
    }
    const key = JSON.stringify([name.schema, name.name]);
    const entry = found.get(key) ?? { name, commands: new Set() };
    commands.forEach((command) => entry.commands.add(command));
    found.set(key, entry);
  };
  walk(tree, (key, value) => {
    const fields = fieldsOf(value);
    const commands = commandsOf(key, fields);
    if (commands.length > 0) {
      touch(fields['relation'] ?? value, ...commands);
    }
    return undefined;
  });
  return [...found.values()].map(({ name, commands }) => ({ name, commands: [...commands] }));
}

/** What is compared or returned has to be readable too: https://www.postgresql.org/docs/current/sql-createpolicy.html, table 318. */
function commandsOf(key: string, fields: Fields): TableCommand[] {
  const returns = fields['returningList'] !== undefined || fields['returningClause'] !== undefined;
  switch (key) {
    case 'RangeVar':
      return ['select'];
    case 'InsertStmt': {
      const conflict = fieldsOf(fields['onConflictClause'])['action'];
      return ['insert', ...(conflict === 'ONCONFLICT_UPDATE' ? (['update'] as const) : []), ...(returns || conflict !== undefined ? (['select'] as const) : [])];
    }
    case 'UpdateStmt':
      return ['update', ...(returns || fields['whereClause'] !== undefined ? (['select'] as const) : [])];
    case 'DeleteStmt':
      return ['delete', ...(returns || fields['whereClause'] !== undefined ? (['select'] as const) : [])];
    case 'MergeStmt':
      return ['select', ...listOf(fields['mergeWhenClauses']).flatMap((clause) => mergeCommands[textOf(fieldsOf(fieldsOf(clause)['MergeWhenClause'])['commandType'])] ?? [])];
    default:
      return [];
  }
}

const mergeCommands: Readonly<Record<string, TableCommand>> = { CMD_INSERT: 'insert', CMD_UPDATE: 'update', CMD_DELETE: 'delete' };

/** Whether the statement itself asks who is signed in: then it may give each role other rows without any policy. */
export function asksWho(tree: Fields): boolean {
  let asks = false;
  walk(tree, (key, value) => {
    const node = unwrap({ [key]: value });
    if (node?.type === 'FuncCall') {
      const names = listOf(node.fields['funcname']).map((part) => textOf(fieldsOf(fieldsOf(part)['String'])['sval']));
      asks ||= names.at(-2) === 'auth' || names.at(-1) === 'current_setting';
    }
    asks ||= key === 'SQLValueFunction' && /USER|ROLE/.test(textOf(fieldsOf(value)['op']));
    return undefined;
  });
  return asks;
}
