import { l10n } from '../../../../util/l10n.ts';
import type { ColumnDefinition } from '../../effects/effect.ts';
import { changeRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const columnTypeChange: Rule = {
  code: 'OB204',
  name: 'column-type-change',
  severity: 'warning',
  title: 'Changing a column’s type writes the whole table anew',
  why: 'Most changes of a type rewrite the table and its indexes, while nobody can read or write it; and programs that run still expect the old type.',
  whatToDo: 'Add a new column, fill it in batches, let the programs change over, then drop the old one. Changes between `varchar` and `text`, and longer lengths, only touch the catalog; so does `timestamp` to `timestamptz` where the session’s zone is UTC.',
  alsoIn: ['changingColumnType'],
  roles: changeRoles,
  message: ({ column = '', table = '', type = '' }) => l10n.t('Changing {0} to {1} may write all of {2} anew, and nobody can read it meanwhile.', column, type, table),
  file: check,
};

/** Kept as they are, by the catalog's binary-coercible casts. */
const coercible: ReadonlySet<string> = new Set(['varchar text', 'text varchar', 'cidr inet']);
/** Types whose values stay when there is only more room for them: https://www.postgresql.org/docs/current/release-9-2.html#AEN114949 */
const widening: ReadonlySet<string> = new Set(['varchar', 'varbit', 'numeric', 'timestamp', 'timestamptz', 'time', 'timetz']);

function keepsRows(before: ColumnDefinition, after: Pick<ColumnDefinition, 'type' | 'modifiers'>): boolean {
  if (before.type !== after.type) {
    return after.modifiers === undefined && coercible.has(`${before.type} ${after.type}`);
  }
  if (after.modifiers === undefined || after.modifiers.join() === before.modifiers?.join()) {
    return after.modifiers === before.modifiers || widening.has(after.type);
  }
  const [room = 0, scale] = after.modifiers;
  const [formerly = Infinity, formerScale] = before.modifiers ?? [];
  return widening.has(after.type) && room >= formerly && scale === formerScale;
}

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('changeType')) {
    const table = context.history.relationOf(placed);
    const before = context.history.previousColumn(placed);
    if (table !== undefined && effect.hasRows && context.isExisting(table) && (before === undefined || !keepsRows(before, effect))) {
      const facts = { column: effect.column, table: table.name, type: effect.type };
      findings.push({ statement: placed.statement, finding: { code: 'OB204', range: effect.at, facts, fixes: [] } });
    }
  }
  return findings;
}
