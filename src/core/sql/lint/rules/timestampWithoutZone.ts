import { l10n } from '../../../../util/l10n.ts';
import { typeText } from '../../objectNames.ts';
import { Lexer } from '../../lexer.ts';
import { fieldsOf } from '../../tree.ts';
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
  if (!statement.type.startsWith('Create') && statement.type !== 'AlterTableStmt' && statement.type !== 'CompositeTypeStmt') {
    return findings;
  }
  for (const { typeName, colname } of statement.nodes('ColumnDef')) {
    const type = fieldsOf(typeName);
    if (typeName !== undefined && typeText({ ...type, arrayBounds: undefined }) === 'timestamp') {
      const range = statement.tokenAt(type['location']);
      const facts = { column: String(colname ?? '') };
      findings.push({ code: 'OB208', range, facts, fixes: [{ facts, edits: [withZone(statement.text, range.end)] }] });
    }
  }
  return findings;
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
