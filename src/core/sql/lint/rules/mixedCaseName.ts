import { l10n } from '../../../../util/l10n.ts';
import { fieldsOf, listOf } from '../../tree.ts';
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

/** The names that a statement gives, not those that it uses. */
function definedNames(statement: StatementTree): WrittenName[] {
  const { type, fields } = statement;
  const lastOf = (location: unknown): WrittenName[] => statement.nameAt(location).slice(-1);
  switch (type) {
    case 'CreateStmt':
      return [...lastOf(fieldsOf(fields['relation'])['location']), ...columnNames(statement, fields['tableElts'])];
    case 'ViewStmt':
      return lastOf(fieldsOf(fields['view'])['location']);
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

function columnNames(statement: StatementTree, elements: unknown): WrittenName[] {
  return listOf(elements).flatMap((element) => {
    const column = fieldsOf(fieldsOf(element)['ColumnDef']);
    return column['colname'] === undefined ? [] : statement.nameAt(column['location']).slice(0, 1);
  });
}
