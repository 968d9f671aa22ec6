import { l10n } from '../../../../util/l10n.ts';
import type { RelationHistory } from '../../schemaHistory.ts';
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
  message: ({ table = '', partition = '', switchedOff: off = '' }) =>
    off !== ''
      ? l10n.t('From here on the table {0} is open to the API: its policies no longer hold.', table)
      : partition === ''
        ? l10n.t('The table {0} is open to the API: none of these migrations enables row-level security on it.', table)
        : l10n.t('{0} is open to the API by its own name: policies of the table that it is part of do not hold there.', table),
  fixTitle: ({ table = '' }) => l10n.t('Enable row-level security on {0}', table),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  return context.history.rowSecurityByCode ? [] : [...madeWithout(context), ...switchedOff(context)];
}

function* madeWithout(context: FileContext): Generator<PlacedFinding> {
  for (const { placed, effect } of context.ofKind('createRelation')) {
    const table = context.history.relationOf(placed);
    if (effect.relation === 'table' && !effect.temporary && table?.createdBy === placed && isOpen(context, table)) {
      const name = nameOf(table);
      const facts = { table: name, partition: effect.partition ? 'yes' : '' };
      const edit = context.statementAfter(placed.statement, `alter table ${name} enable row level security`);
      yield { statement: placed.statement, finding: { code: 'OB101', range: effect.at, facts, fixes: [{ facts, edits: [edit] }] } };
    }
  }
}

/** Of a table that was there before: one that is made here is marked where it is made. */
function* switchedOff(context: FileContext): Generator<PlacedFinding> {
  for (const { placed, effect } of context.ofKind('rowSecurity')) {
    const table = context.history.relationOf(placed);
    if (!effect.on && table !== undefined && context.isExisting(table) && isOpen(context, table)) {
      yield { statement: placed.statement, finding: { code: 'OB101', range: effect.at, facts: { table: nameOf(table), switchedOff: 'yes' }, fixes: [] } };
    }
  }
}

function isOpen(context: FileContext, table: RelationHistory): boolean {
  return !table.dropped && !table.rowSecurity && table.readers.size > 0 && context.isExposed(table);
}

function nameOf({ schema, name }: RelationHistory): string {
  return `${writeName(schema)}.${writeName(name)}`;
}
