import { l10n } from '../../../../util/l10n.ts';
import type { RelationHistory } from '../../schemaHistory.ts';
import { schemaRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';

export const viewWithoutInvoker: Rule = {
  code: 'OB106',
  name: 'view-without-security-invoker',
  severity: 'warning',
  title: 'A view of an exposed schema passes by row-level security',
  why: 'A view reads with its owner’s rights, and the owner of migrations is held by no policy: whoever may read the view sees all rows of its tables.',
  whatToDo: 'Write `create view … with (security_invoker = on) as …` (Postgres 15 and later), or put the view into a schema that is not exposed. A view that shows more on purpose: say so in a comment that suppresses this.',
  alsoIn: [],
  roles: schemaRoles,
  message: ({ view = '' }) => l10n.t('The view {0} reads with its owner’s rights: policies of its tables do not hold.', view),
  fixTitle: () => l10n.t('Add security_invoker = on'),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('createRelation')) {
    const view = context.history.relationOf(placed);
    if (effect.relation === 'view' && !effect.temporary && view?.createdBy === placed && passesBy(context, view)) {
      const facts = { view: view.name };
      const { invokerAt } = effect;
      const fixes = invokerAt === undefined ? [] : [{ facts, edits: [{ range: { start: invokerAt.offset, end: invokerAt.offset }, text: invokerAt.text }] }];
      findings.push({ statement: placed.statement, finding: { code: 'OB106', range: effect.at, facts, fixes } });
    }
  }
  // Of a view that was there before: one that is made here is marked where it is made.
  for (const { placed, effect } of context.ofKind('viewInvoker')) {
    const view = context.history.relationOf(placed);
    if (!effect.on && view !== undefined && context.isExisting(view) && passesBy(context, view)) {
      findings.push({ statement: placed.statement, finding: { code: 'OB106', range: effect.at, facts: { view: view.name }, fixes: [] } });
    }
  }
  return findings;
}

function passesBy(context: FileContext, view: RelationHistory): boolean {
  return !view.dropped && !view.invoker && view.readers.size > 0 && context.isExposed(view);
}
