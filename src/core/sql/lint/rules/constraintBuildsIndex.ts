import { l10n } from '../../../../util/l10n.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const constraintBuildsIndex: Rule = {
  code: 'OB211',
  name: 'constraint-builds-index',
  severity: 'info',
  title: 'A new constraint builds its index while nobody can read the table',
  why: 'Adding a primary key, a unique or an exclusion constraint builds an index under the strongest lock: nobody reads or writes the table until it is done.',
  whatToDo: 'Build the index first, with `create unique index concurrently`, then `alter table … add constraint … unique using index …` (or `primary key using index …`), which takes a moment. An exclusion constraint cannot be made that way: choose a quiet hour. Small tables need none of this. https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ADD-TABLE-CONSTRAINT-USING-INDEX',
  alsoIn: ['disallowUniqueConstraint', 'addingPrimaryKeyConstraint', 'avoidAddingExclusionConstraint'],
  roles: changeRoles,
  message: ({ table = '' }) => l10n.t('While the index of this constraint is built nobody can read or write {0}.', table),
  file: check,
};

const alsoIn = { unique: ['disallowUniqueConstraint'], primaryKey: ['addingPrimaryKeyConstraint'], exclusion: ['avoidAddingExclusionConstraint'] } as const;

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('constrain')) {
    const { by, later } = effect;
    const table = context.history.relationOf(placed);
    if (!later && (by === 'unique' || by === 'primaryKey' || by === 'exclusion') && table !== undefined && context.isExisting(table)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB211', range: effect.at, facts: { table: table.name }, fixes: [], alsoIn: alsoIn[by] } });
    }
  }
  return findings;
}
