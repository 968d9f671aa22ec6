import { l10n } from '../../../../util/l10n.ts';
import { dottedName } from '../../objectNames.ts';
import { fieldsOf, listOf, textOf } from '../../tree.ts';
import type { Finding } from '../finding.ts';
import { schemaRoles, type Rule } from '../rule.ts';
import type { StatementTree, WrittenName } from '../statementTree.ts';

export const mixedCaseName: Rule = {
  code: 'OB209',
  name: 'mixed-case-name',
  severity: 'hint',
  title: 'A name with capital letters',
  why: 'Without quotes the server makes them small: `userId` becomes `userid`. With quotes they stay, and every statement for ever after must quote the name.',
  whatToDo: 'Write names in small letters with underscores: `user_id`.',
  alsoIn: [],
  roles: schemaRoles,
  message: ({ written = '', name = '' }) => (written === name ? l10n.t('{0} must be quoted in every statement that names it.', written) : l10n.t('The server reads {0} as {1}.', written, name)),
  statement: check,
};

function check(statement: StatementTree): Finding[] {
  return definedNames(statement).flatMap((written) => {
    const quoted = written.text.startsWith('"');
    // All in capitals is a way to write SQL, not a name that is meant to have them.
    const mixed = quoted ? /[A-Z]/.test(written.name) : /[A-Z]/.test(written.text) && /[a-z]/.test(written.text);
    return mixed ? [{ code: 'OB209' as const, range: written.range, facts: { written: quoted ? written.name : written.text, name: written.name }, fixes: [] }] : [];
  });
}

/** The names that a statement gives, not those that it uses. Policies, triggers, indexes and constraints are left out: no query names them. */
function definedNames(statement: StatementTree): WrittenName[] {
  const { type, fields } = statement;
  const lastOf = (location: unknown): WrittenName[] => statement.nameAt(location).slice(-1);
  switch (type) {
    case 'CreateStmt':
      return [...lastOf(fieldsOf(fields['relation'])['location']), ...columnNames(statement, fields['tableElts'])];
    case 'CreateTableAsStmt':
      return lastOf(fieldsOf(fieldsOf(fields['into'])['rel'])['location']);
    case 'ViewStmt':
      return lastOf(fieldsOf(fields['view'])['location']);
    case 'CreateFunctionStmt':
      return named(statement, dottedName(fields['funcname']).name);
    case 'CreateEnumStmt':
      return named(statement, dottedName(fields['typeName']).name);
    case 'CreateDomainStmt':
      return named(statement, dottedName(fields['domainname']).name);
    case 'CompositeTypeStmt':
      return [...lastOf(fieldsOf(fields['typevar'])['location']), ...columnNames(statement, fields['coldeflist'])];
    case 'RenameStmt':
      return renamed.has(fields['renameType']) ? named(statement, textOf(fields['newname']), statement.wordFrom(0, 'to')?.end) : [];
    case 'AlterTableStmt':
      return columnNames(
        statement,
        listOf(fields['cmds'])
          .map((command) => fieldsOf(fieldsOf(command)['AlterTableCmd']))
          .filter(({ subtype }) => subtype === 'AT_AddColumn')
          .map(({ def }) => def),
      );
    default:
      return [];
  }
}

const renamed: ReadonlySet<unknown> = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_COLUMN', 'OBJECT_FUNCTION', 'OBJECT_TYPE', 'OBJECT_SCHEMA']);

/** A name that the grammar gives no place for: the first one in the text that means it. */
function named(statement: StatementTree, name: string, from = 0): WrittenName[] {
  const range = statement.nameFrom(from, name);
  return range === undefined ? [] : [{ text: statement.text.slice(range.start, range.end), name, range }];
}

function columnNames(statement: StatementTree, elements: unknown): WrittenName[] {
  return listOf(elements).flatMap((element) => {
    const column = fieldsOf(fieldsOf(element)['ColumnDef']);
    return column['colname'] === undefined ? [] : statement.nameAt(column['location']).slice(0, 1);
  });
}
