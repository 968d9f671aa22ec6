import { l10n } from '../../../../util/l10n.ts';
import type { FileContext, PlacedFinding, Rule } from '../rule.ts';

export const renamesInUse: Rule = {
  code: 'OB213',
  name: 'renames-in-use',
  severity: 'info',
  title: 'Programs that run ask for the old name',
  why: 'From the moment of the migration until their next version is out, whatever asks for the old name gets an error.',
  whatToDo: 'Keep the old name alive for a while: a view of that name over the renamed table (`with (security_invoker = on)`), or a new column beside the old one, both filled until the programs have changed over.',
  alsoIn: ['renamingColumn', 'renamingTable'],
  roles: ['migration'],
  message: ({ name = '', to = '' }) => l10n.t('Whatever asks for {0} fails from now on; it is {1} now.', name, to),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  const add = (statement: number, finding: Pick<PlacedFinding['finding'], 'range' | 'facts' | 'alsoIn'>): unknown => findings.push({ statement, finding: { code: 'OB213', fixes: [], ...finding } });
  for (const { placed, effect } of context.ofKind('renameColumn')) {
    if (context.isExisting(context.history.relationOf(placed))) {
      add(placed.statement, { range: effect.at, facts: { name: effect.column, to: effect.to }, alsoIn: ['renamingColumn'] });
    }
  }
  const freed = new Set([...context.ofKind('renameRelation'), ...context.ofKind('dropRelation')].map(({ effect }) => effect.name.name));
  for (const { placed, effect } of context.ofKind('renameRelation')) {
    // What takes the place of another was made for that; and something else of the old name may well stand in for it.
    if (context.isExisting(context.history.relationOf(placed)) && !freed.has(effect.to) && !context.history.isMade(effect.name)) {
      add(placed.statement, { range: effect.at, facts: { name: effect.name.name, to: effect.to }, alsoIn: ['renamingTable'] });
    }
  }
  return findings;
}
