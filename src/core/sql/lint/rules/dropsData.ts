import { l10n } from '../../../../util/l10n.ts';
import type { RelationHistory } from '../../schemaHistory.ts';
import type { FileContext, PlacedFinding, Rule } from '../rule.ts';

export const dropsData: Rule = {
  code: 'OB212',
  name: 'drops-data',
  severity: 'info',
  title: 'A column or table goes with all that is in it',
  why: 'What is dropped comes back from a backup alone, and programs that still run ask for it until their next version is out.',
  whatToDo: 'Let the programs go first, then drop it in a later migration. Where you may want it back, rename it or move it to a schema that nobody is served, and drop it when nobody has missed it.',
  alsoIn: ['banDropColumn', 'banDropTable'],
  roles: ['migration'],
  message: ({ column = '', table = '' }) =>
    column === '' ? l10n.t('All rows of {0} are gone after this, and whatever still asks for it fails.', table) : l10n.t('All values of {0} in {1} are gone after this, and whatever still asks for it fails.', column, table),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('dropColumn')) {
    const table = context.history.relationOf(placed);
    if (effect.at !== undefined && isInUse(context, table, effect.tolerant)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB212', range: effect.at, facts: { column: effect.column, table: table?.name ?? '' }, fixes: [], alsoIn: ['banDropColumn'] } });
    }
  }
  for (const { placed, effect } of context.ofKind('dropRelation')) {
    if (effect.at !== undefined && isInUse(context, context.history.relationOf(placed), effect.tolerant)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB212', range: effect.at, facts: { table: effect.name.name }, fixes: [], alsoIn: ['banDropTable'] } });
    }
  }
  return findings;
}

/** `if exists` of what no file made is there to clear the ground. */
function isInUse(context: FileContext, table: RelationHistory | undefined, tolerant: boolean): boolean {
  return table !== undefined && context.isExisting(table) && (!tolerant || table.createdBy !== undefined);
}
