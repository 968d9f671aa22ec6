import { l10n } from '../../../../util/l10n.ts';
import { dottedName, typeText } from '../../objectNames.ts';
import { Lexer } from '../../lexer.ts';
import { fieldsOf, listOf, textOf, type Fields } from '../../tree.ts';
import type { Edit, Finding } from '../finding.ts';
import { schemaRoles, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';

export const timestampWithoutZone: Rule = {
  code: 'OB208',
  name: 'timestamp-without-zone',
  severity: 'info',
  title: 'A timestamp that does not say which moment it is',
  why: '`timestamp` keeps what a clock on the wall shows. Without the zone nobody can tell which moment was meant: after a change of the server’s or the program’s zone, and twice a year, times are wrong by hours.',
  whatToDo: 'Use `timestamptz`. It needs no more room, and keeps the moment itself.',
  alsoIn: ['preferTimestamptz'],
  roles: schemaRoles,
  message: ({ column = '' }) => l10n.t('{0} keeps no moment: timestamp has no zone.', column),
  fixTitle: () => l10n.t('Use timestamp with time zone'),
  statement: check,
};

function check(statement: StatementTree): Finding[] {
  const findings: Finding[] = [];
  for (const { name, type } of statement.mayHold('timestamp') ? typedNames(statement) : []) {
    if (typeText({ ...type, arrayBounds: undefined }) === 'timestamp') {
      const range = statement.nameRange(type['location']);
      const facts = { column: name };
      const isPlain = statement.text.slice(range.start, range.end).toLowerCase() === 'timestamp';
      // What is quoted or has its schema before it takes no words behind it.
      const edit = isPlain ? withZone(statement.text, range.end) : { range, text: 'timestamptz' };
      findings.push({ code: 'OB208', range, facts, fixes: [{ facts, edits: [edit] }], ...(statement.type === 'CreateStmt' || statement.type === 'AlterTableStmt' ? {} : { alsoIn: [] }) });
    }
  }
  return findings;
}

/** Columns and domains that a statement makes or changes, with the types that it gives them. */
function typedNames(statement: StatementTree): { readonly name: string; readonly type: Fields }[] {
  const { type, fields } = statement;
  if (type === 'CreateDomainStmt') {
    return [{ name: dottedName(fields['domainname']).name, type: fieldsOf(fields['typeName']) }];
  }
  if (type === 'AlterTableStmt') {
    const commands = listOf(fields['cmds']).map((command) => fieldsOf(fieldsOf(command)['AlterTableCmd']));
    return commands.map(({ name, def }) => columnIn(fieldsOf(fieldsOf(def)['ColumnDef']), textOf(name)));
  }
  return type.startsWith('Create') || type === 'CompositeTypeStmt' ? statement.nodes('ColumnDef').map((column) => columnIn(column, '')) : [];
}

/** Where the type alone is changed, the name stands elsewhere. */
function columnIn({ colname, typeName }: Fields, name: string): { readonly name: string; readonly type: Fields } {
  return { name: textOf(colname) || name, type: fieldsOf(typeName) };
}

/** `timestamp(3) without time zone` says `without`; else the zone comes behind the precision. */
function withZone(text: string, typeEnd: number): Edit {
  const lexer = new Lexer(text, typeEnd);
  let end = typeEnd;
  let inPrecision = false;
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') {
      continue;
    }
    if (lexer.kind === 'word' && lexer.value.toLowerCase() === 'without') {
      return { range: { start: lexer.start, end: lexer.end }, text: 'with' };
    }
    if (lexer.value !== '(' && !inPrecision) {
      break;
    }
    inPrecision = lexer.value !== ')';
    end = lexer.end;
  }
  return { range: { start: end, end }, text: ' with time zone' };
}
