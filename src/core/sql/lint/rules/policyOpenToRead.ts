import { l10n } from '../../../../util/l10n.ts';
import type { Finding } from '../finding.ts';
import { notData, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';
import { constantLocation, isAlwaysTrue, policyOf, policyStands } from './policies.ts';

export const policyOpenToRead: Rule = {
  code: 'OB103',
  name: 'policy-open-to-read',
  severity: 'info',
  title: 'A policy lets everybody read every row',
  why: '`using (true)` shows every row, with every column, to each of the policy’s roles; with `public` or `anon` that is the whole world.',
  whatToDo: 'Right for what is public: prices, published posts. Say so in a comment that suppresses this. Else compare a column with who asks, such as `(select auth.uid()) = user_id`.',
  alsoIn: [],
  roles: notData,
  message: ({ policy = '' }) => l10n.t('The policy {0} lets everybody it is for read every row.', policy),
  statement: check,
  holds: policyStands,
};

function check(statement: StatementTree): Finding[] {
  const policy = policyOf(statement);
  if (policy === undefined || (policy.command !== 'select' && policy.command !== undefined) || !policy.permissive || policy.serviceOnly || !isAlwaysTrue(policy.using)) {
    return [];
  }
  return [{ code: 'OB103', range: statement.tokenAt(constantLocation(policy.using)), facts: { policy: policy.name }, fixes: [] }];
}
