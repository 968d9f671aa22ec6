import { l10n } from '../../../../util/l10n.ts';
import { schemaRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const definerWithoutSearchPath: Rule = {
  code: 'OB105',
  name: 'definer-without-search-path',
  severity: 'warning',
  title: 'A security-definer function takes its names from the caller’s search path',
  why: 'The function runs with its owner’s rights, but finds tables and operators where the caller’s search path says. Whoever can create objects in a schema of that path can put another table or function in the place of the one that is meant.',
  whatToDo: 'Add `set search_path = \'\'` and write each name in the body with its schema.',
  alsoIn: [],
  roles: schemaRoles,
  message: ({ name = '' }) => l10n.t('{0} runs with its owner’s rights and finds names by the caller’s search path.', name),
  fixTitle: () => l10n.t("Add set search_path = '' (then every name in the body needs its schema)"),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of [...context.ofKind('createFunction'), ...context.ofKind('alterFunction')]) {
    const { definer, name } = effect;
    // Nobody but the session that makes it can call one of its own.
    if (definer !== undefined && definer !== 'off' && name.schema !== 'pg_temp' && context.history.isOpenDefiner(placed)) {
      const facts = { name: name.name };
      const edits = [{ range: { start: definer.end, end: definer.end }, text: " set search_path = ''" }];
      findings.push({ statement: placed.statement, finding: { code: 'OB105', range: definer, facts, fixes: [{ facts, edits }] } });
    }
  }
  return findings;
}
