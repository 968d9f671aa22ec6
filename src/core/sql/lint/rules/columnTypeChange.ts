import { l10n } from '../../../../util/l10n.ts';
import { schemaRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const columnTypeChange: Rule = {
  code: 'OB204',
  name: 'column-type-change',
  severity: 'warning',
  title: 'Changing a column’s type writes the whole table anew',
  why: 'Most changes of a type rewrite the table and its indexes, while nobody can read or write it; and programs that run still expect the old type.',
  whatToDo: 'Add a new column, fill it in batches, let the programs change over, then drop the old one. Changes between `varchar` and `text`, and longer lengths, only touch the catalog.',
  alsoIn: ['changingColumnType'],
  roles: schemaRoles,
  message: ({ column = '', table = '', type = '' }) => l10n.t('Changing {0} to {1} may write all of {2} anew, and nobody can read it meanwhile.', column, type, table),
  file: check,
};

/** Kept as they are, by the catalog's binary-coercible casts. */
const harmless: ReadonlySet<string> = new Set(['varchar text', 'varchar varchar', 'cidr inet', 'text varchar']);

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('changeType')) {
    const table = context.history.relationOf(placed);
    const before = context.history.previousType(placed);
    if (table !== undefined && context.isExisting(table) && before !== effect.type && !harmless.has(`${before} ${effect.type}`)) {
      const facts = { column: effect.column, table: table.name, type: effect.type };
      findings.push({ statement: placed.statement, finding: { code: 'OB204', range: effect.at, facts, fixes: [] } });
    }
  }
  return findings;
}
