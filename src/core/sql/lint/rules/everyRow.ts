import { l10n } from '../../../../util/l10n.ts';
import { notData, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const everyRow: Rule = {
  code: 'OB206',
  name: 'every-row',
  severity: 'warning',
  title: 'DELETE or UPDATE without a condition',
  why: 'It changes every row of the table; on a large one it also locks them all until it is done.',
  whatToDo: 'Add a `where`. If all rows are meant, `where true` says so; for emptying a table `truncate` is quicker.',
  alsoIn: ['banDeleteWithoutWhere', 'banUpdateWithoutWhere'],
  roles: notData,
  message: ({ verb = '', table = '' }) => (verb === 'delete' ? l10n.t('This deletes every row of {0}.', table) : l10n.t('This updates every row of {0}.', table)),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('everyRow')) {
    const table = context.history.relationOf(placed);
    if (context.isExisting(table)) {
      const facts = { verb: effect.verb, table: effect.table.name };
      const alsoIn = effect.isWithin ? [] : [effect.verb === 'delete' ? 'banDeleteWithoutWhere' : 'banUpdateWithoutWhere'];
      findings.push({ statement: placed.statement, finding: { code: 'OB206', range: effect.at, facts, fixes: [], alsoIn } });
    }
  }
  return findings;
}
