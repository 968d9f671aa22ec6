import { l10n } from '../../../../util/l10n.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const constraintReadsRows: Rule = {
  code: 'OB210',
  name: 'constraint-reads-rows',
  severity: 'info',
  title: 'A new constraint is held against every row while nobody can write',
  why: 'Adding a foreign key, a check or `not null` reads the whole table under a lock: a foreign key keeps writers of both tables waiting, the others keep readers waiting too.',
  whatToDo: 'Add it `not valid`, which holds for all rows from then on and takes a moment, and put `alter table … validate constraint …` into a later migration: it reads the rows while everybody goes on. For `not null` (before Postgres 18, which knows `add constraint … not null … not valid`) add `check (column is not null) not valid`, validate that, then set `not null`, which finds its proof in the check. Small tables need none of this. https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-NOTES',
  alsoIn: ['constraintMissingNotValid', 'addingForeignKeyConstraint', 'addingNotNullField'],
  roles: changeRoles,
  message: ({ by = '', table = '', target = '' }) =>
    by === 'foreignKey' ? l10n.t('Each row of {0} is looked up in {1}, and nobody can write to either meanwhile.', table, target) : l10n.t('Each row of {0} is looked at, and nobody can read or write it meanwhile.', table),
  fixTitle: () => l10n.t('Add it not valid, to be validated later'),
  file: check,
};

/** Of what comes with a new column the server marks less. */
const alsoIn = {
  foreignKey: { alone: ['constraintMissingNotValid', 'addingForeignKeyConstraint'], withColumn: ['addingForeignKeyConstraint'] },
  check: { alone: ['constraintMissingNotValid'], withColumn: [] },
  notNull: { alone: ['addingNotNullField'], withColumn: ['addingNotNullField'] },
} as const;

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('constrain')) {
    const { by, column, insertAt } = effect;
    const table = context.history.relationOf(placed);
    if (effect.later || !(by in alsoIn) || table === undefined || !context.isExisting(table) || (column !== undefined && table.neverNull.has(column))) {
      continue;
    }
    const facts = { by, table: table.name, target: effect.target?.name ?? '' };
    // Before Postgres 18 a foreign key of a table with parts cannot be left unchecked.
    const fixes = insertAt === undefined || (table.partitioned && by === 'foreignKey') ? [] : [{ facts, edits: [{ range: { start: insertAt, end: insertAt }, text: ' not valid' }] }];
    const shared = alsoIn[by as keyof typeof alsoIn][insertAt === undefined ? 'withColumn' : 'alone'];
    findings.push({ statement: placed.statement, finding: { code: 'OB210', range: effect.at, facts, fixes, alsoIn: shared } });
  }
  return findings;
}
