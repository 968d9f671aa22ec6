import { l10n } from '../../../../util/l10n.ts';
import { notData, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const everyRow: Rule = {
  code: 'OB206',
  name: 'every-row',
  severity: 'warning',
  title: 'DELETE or UPDATE without a condition',
  why: 'It changes every row of the table; on a large one it also locks them all until it is done. In a function that the API calls it is refused: Supabase loads `safeupdate` for the API’s role.',
  whatToDo: 'Add a `where`. If all rows are meant, `where true` says so; for emptying a table `truncate` is quicker.',
  alsoIn: ['banDeleteWithoutWhere', 'banUpdateWithoutWhere'],
  roles: notData,
  inBodies: 'all',
  message: ({ verb = '', table = '' }) => (verb === 'delete' ? l10n.t('This deletes every row of {0}.', table) : l10n.t('This updates every row of {0}.', table)),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('everyRow')) {
    const table = context.history.relationOf(placed);
    if (context.isExisting(table)) {
      const facts = { verb: effect.verb, table: effect.table.name };
      const alsoIn = effect.isWithin ? [] : banned(effect.verb);
      findings.push({ statement: placed.statement, finding: { code: 'OB206', range: effect.at, facts, fixes: [], alsoIn } });
    }
  }
  const temporary = new Set([...context.ofKind('createRelation')].filter(({ effect }) => effect.temporary).map(({ effect }) => effect.name.name));
  for (const { placed, effect } of context.ofKind('everyRowLater')) {
    if (!temporary.has(effect.of.name)) {
      const facts = { verb: effect.verb, table: effect.of.name };
      findings.push({ statement: placed.statement, finding: { code: 'OB206', range: effect.at, facts, fixes: [], begins: effect.begins, alsoIn: effect.isAlone ? banned(effect.verb) : [] } });
    }
  }
  return findings;
}

/** As the Postgres Language Server calls it, which looks into functions of one statement in SQL. */
function banned(verb: 'delete' | 'update'): string[] {
  return [verb === 'delete' ? 'banDeleteWithoutWhere' : 'banUpdateWithoutWhere'];
}
