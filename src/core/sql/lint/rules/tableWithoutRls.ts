import { l10n } from '../../../../util/l10n.ts';
import { schemaRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';
import { writeName } from '../statementTree.ts';

export const tableWithoutRls: Rule = {
  code: 'OB101',
  name: 'table-without-rls',
  severity: 'warning',
  title: 'A table of an exposed schema has no row-level security',
  why: 'The API serves every table of an exposed schema. Without row-level security whoever holds the public key reads and writes all rows, as far as grants go.',
  whatToDo: 'Add `alter table … enable row level security` to the same set of migrations, and a policy for each thing that a role may do. A table that only the service role uses needs row-level security too, and no policy. So does each part of a partitioned table: who asks for the part by its own name meets its own policies alone. Tables that nobody should reach over the API belong in a schema that is not exposed.',
  alsoIn: [],
  roles: schemaRoles,
  message: ({ table = '', partition = '' }) =>
    partition === ''
      ? l10n.t('The table {0} is open to the API: none of these migrations enables row-level security on it.', table)
      : l10n.t('{0} is open to the API by its own name: policies of the table that it is part of do not hold there.', table),
  fixTitle: ({ table = '' }) => l10n.t('Enable row-level security on {0}', table),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('createRelation')) {
    const table = context.history.relationOf(placed);
    if (effect.relation !== 'table' || effect.temporary || table === undefined || context.history.rowSecurityByCode) {
      continue;
    }
    if (table.createdBy === placed && !table.dropped && !table.rowSecurity && table.readers.size > 0 && context.isExposed(table)) {
      const name = `${writeName(table.schema)}.${writeName(table.name)}`;
      const facts = { table: name, partition: effect.partition ? 'yes' : '' };
      const edit = context.statementAfter(placed.statement, `alter table ${name} enable row level security`);
      findings.push({ statement: placed.statement, finding: { code: 'OB101', range: effect.at, facts, fixes: [{ facts, edits: [edit] }] } });
    }
  }
  return findings;
}
