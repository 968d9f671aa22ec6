import { l10n } from '../../../../util/l10n.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const columnNeedsValue: Rule = {
  code: 'OB203',
  name: 'column-needs-value',
  severity: 'warning',
  title: 'A new column may not be null and has nothing to begin with',
  why: '`add column … not null` without a default fails as soon as the table has a row: it passes where the table is empty, and stops the migration in production.',
  whatToDo: 'Give it a default (a constant costs nothing since Postgres 11), or add it without `not null`, fill it, and set `not null` then.',
  alsoIn: ['addingRequiredField'],
  roles: changeRoles,
  message: ({ column = '', table = '' }) => l10n.t('{0} may not be null and has no default: this fails as soon as {1} has a row.', column, table),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('addColumn')) {
    const table = context.history.relationOf(placed);
    const { name, at, needsValue } = effect.column;
    if (needsValue && table !== undefined && context.isExisting(table)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB203', range: at, facts: { column: name, table: table.name }, fixes: [] } });
    }
  }
  return findings;
}
