import { l10n } from '../../../../util/l10n.ts';
import type { Finding } from '../finding.ts';
import { notData, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';
import { constantLocation, isAlwaysTrue, policyOf, policyStands, type Policy } from './policies.ts';

export const policyOpenToWrite: Rule = {
  code: 'OB102',
  name: 'policy-open-to-write',
  severity: 'warning',
  title: 'A policy lets everybody write every row',
  why: 'A condition that is always true holds nobody back: each of the policy’s roles may change every row. Row-level security is on, and does nothing.',
  whatToDo: 'Compare a column with who asks, such as `(select auth.uid()) = user_id`. Where writing is open on purpose (a form that anybody may send), let the policy be for `insert` alone and say so in a comment that suppresses this.',
  alsoIn: [],
  roles: notData,
  message: ({ policy = '', command = '' }) => l10n.t('The policy {0} lets everybody it is for {1} every row.', policy, command),
  statement: check,
  holds: policyStands,
};

const verbs: Readonly<Record<string, string>> = { all: 'read and write', write: 'write', insert: 'insert', update: 'update', delete: 'delete' };

function check(statement: StatementTree): Finding[] {
  const policy = policyOf(statement);
  const command = policy && commandOf(policy);
  if (policy === undefined || command === undefined || command === 'select' || !policy.permissive || policy.serviceOnly) {
    return [];
  }
  // Without a check of its own, what may be written is what may be seen.
  const open = parts(policy).filter((expression) => expression !== undefined && isAlwaysTrue(expression));
  const [first] = open;
  const decides = command === 'insert' || command === 'delete' || open.length === 2 || policy.check === undefined || policy.using === undefined || isAlwaysTrue(policy.check);
  return first !== undefined && decides
    ? [{ code: 'OB102', range: statement.tokenAt(constantLocation(first)), facts: { policy: policy.name, command: verbs[command] ?? command }, fixes: [] }]
    : [];
}

/** What is said of one that is altered is its check: what its USING opens is told beside, as far as reading goes. */
function parts({ command, using, check: written }: Policy): readonly unknown[] {
  return command === undefined ? [written] : [using, written];
}

/** ALTER POLICY does not say for what it is, but only one for writing has a check. */
function commandOf({ command, check: written }: Policy): string | undefined {
  return command ?? (written === undefined ? undefined : 'write');
}
