/** Statements that the server refuses inside a transaction block. */
import { fieldsOf, listOf, optionValue, type Fields } from './tree.ts';

/** https://www.postgresql.org/docs/current/sql-commands.html: “cannot be executed inside a transaction block”. */
export function runsOutsideTransaction(type: string, fields: Fields): boolean {
  switch (type) {
    case 'VacuumStmt':
      return fields['is_vacuumcmd'] === true;
    case 'IndexStmt':
    case 'DropStmt':
      return fields['concurrent'] === true;
    case 'ReindexStmt':
      return optionValue(fields['params'], 'concurrently') === 'on' || fields['relation'] === undefined;
    case 'ClusterStmt':
      return fields['relation'] === undefined;
    case 'AlterTableStmt':
      return detachesConcurrently(fields);
    case 'AlterDatabaseStmt':
      return optionValue(fields['options'], 'tablespace') !== undefined;
    default:
      return outsideTransactionTypes.has(type);
  }
}

/** CALL and DO are not among them: most do not commit in the middle, and the server says so of those that do. */
const outsideTransactionTypes: ReadonlySet<string> = new Set([
  'CreatedbStmt',
  'DropdbStmt',
  'CreateTableSpaceStmt',
  'DropTableSpaceStmt',
  'AlterSystemStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
]);

function detachesConcurrently(fields: Fields): boolean {
  return listOf(fields['cmds']).some((command) => {
    const { subtype, def } = fieldsOf(fieldsOf(command)['AlterTableCmd']);
    return subtype === 'AT_DetachPartition' && fieldsOf(fieldsOf(def)['PartitionCmd'])['concurrent'] === true;
  });
}
