import { l10n } from '../../../../util/l10n.ts';
import { dottedName } from '../../objectNames.ts';
import { formatFunctionName } from '../../functions.ts';
import { fieldsOf, unwrap } from '../../tree.ts';
import type { Finding } from '../finding.ts';
import { notData, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';
import { policyOf, policyStands } from './policies.ts';

export const policyCallsPerRow: Rule = {
  code: 'OB104',
  name: 'policy-calls-per-row',
  severity: 'info',
  title: 'A policy asks who is signed in once for every row',
  why: 'A bare `auth.uid()` in a policy is called for each row that is looked at. Wrapped in a query of its own, `(select auth.uid())`, it is called once per statement: on large tables the difference is a hundredfold. https://supabase.com/docs/guides/database/postgres/row-level-security#call-functions-with-select',
  whatToDo: 'Write `(select auth.uid())`.',
  alsoIn: [],
  roles: notData,
  message: ({ call = '' }) => l10n.t('{0} is called for every row; in a query of its own, once.', call),
  fixTitle: ({ call = '' }) => l10n.t('Wrap as (select {0})', call),
  inBodies: 'all',
  statement: check,
  holds: policyStands,
};

/** Stable within a statement, and what Supabase's policies call. */
const calledOnce: ReadonlySet<string> = new Set(['auth.uid', 'auth.jwt', 'auth.role', 'auth.email', 'current_setting']);

function check(statement: StatementTree): Finding[] {
  const policy = policyOf(statement);
  if (policy === undefined) {
    return [];
  }
  const findings: Finding[] = [];
  for (const location of [...bareCalls(policy.using), ...bareCalls(policy.check)]) {
    const range = statement.callRange(location);
    const call = statement.text.slice(range.start, range.end);
    findings.push({ code: 'OB104', range, facts: { call }, fixes: [{ facts: { call }, edits: [{ range, text: `(select ${call})` }] }] });
  }
  return findings;
}

/** Calls whose nearest query reads rows: one without FROM is evaluated once. */
function* bareCalls(node: unknown): Generator<unknown> {
  const inner = unwrap(node);
  if (Array.isArray(node)) {
    for (const each of node) {
      yield* bareCalls(each);
    }
  } else if (inner?.type === 'SelectStmt' && inner.fields['fromClause'] === undefined && inner.fields['larg'] === undefined) {
    return;
  } else if (inner?.type === 'FuncCall' && calledOnce.has(formatFunctionName(dottedName(inner.fields['funcname'])))) {
    yield inner.fields['location'];
  } else {
    for (const child of Object.values(fieldsOf(node))) {
      if (typeof child === 'object') {
        yield* bareCalls(child);
      }
    }
  }
}
