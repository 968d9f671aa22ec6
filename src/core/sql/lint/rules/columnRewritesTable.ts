import { l10n } from '../../../../util/l10n.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const columnRewritesTable: Rule = {
  code: 'OB202',
  name: 'column-rewrites-table',
  severity: 'warning',
  title: 'Adding this column writes the whole table anew',
  why: 'A default that differs from row to row (`gen_random_uuid()`, `random()`, an identity, a stored generated column) must be computed for each row there is. Meanwhile nobody can read or write the table. A function of your own is taken for volatile where these files declare it as nothing else.',
  whatToDo: 'Add the column without the default, then set the default for new rows, fill the old ones in batches, and set `not null` at last. `now()` is no such default: it is the same for all rows and costs nothing.',
  alsoIn: ['addingFieldWithDefault', 'addSerialColumn'],
  roles: changeRoles,
  message: ({ column = '', table = '', cause = '' }) => l10n.t('Adding {0} with {1} writes all of {2} anew, and nobody can read it meanwhile.', column, cause, table),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('addColumn')) {
    const table = context.history.relationOf(placed);
    const { name, at, asks } = effect.column;
    const rewrites = effect.column.rewrites ?? (asks !== undefined && context.history.isVolatile(asks.function) ? asks.call : undefined);
    if (rewrites !== undefined && table !== undefined && context.isExisting(table)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB202', range: at, facts: { column: name, table: table.name, cause: rewrites }, fixes: [], ...(rewrites === 'identity' ? { alsoIn: [] } : {}) } });
    }
  }
  return findings;
}
