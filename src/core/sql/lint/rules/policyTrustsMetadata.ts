import { l10n } from '../../../../util/l10n.ts';
import { fieldsOf, listOf, stringNode, textOf, walk } from '../../tree.ts';
import type { Finding } from '../finding.ts';
import { notData, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';
import { policyOf, policyStands } from './policies.ts';

export const policyTrustsMetadata: Rule = {
  code: 'OB107',
  name: 'policy-trusts-user-metadata',
  severity: 'warning',
  title: 'A policy trusts what users write about themselves',
  why: 'Every signed-in user can change the own `user_metadata`, with the public key and one call. Whoever sets `role: admin` there passes the policy.',
  whatToDo: 'Keep rights in `app_metadata`, which only the service role writes, or in a table with row-level security.',
  alsoIn: [],
  roles: notData,
  message: ({ name = '' }) => l10n.t('Users can change their own {0}: a policy must not trust it.', name),
  inBodies: 'all',
  statement: check,
  holds: policyStands,
};

const ownWords: ReadonlySet<string> = new Set(['user_metadata', 'raw_user_meta_data']);

/** The word itself, or those of a path: `{user_metadata,role}`. */
function wordsOf(text: string): readonly string[] {
  return text.startsWith('{') ? text.replace(/[{}"]/g, '').split(',') : [text];
}

function check(statement: StatementTree): Finding[] {
  const policy = policyOf(statement);
  const findings: Finding[] = [];
  const add = (name: string, location: unknown): void => {
    if (ownWords.has(name)) {
      findings.push({ code: 'OB107', range: statement.nameRange(location), facts: { name }, fixes: [] });
    }
  };
  walk([policy?.using, policy?.check], (key, value) => {
    const fields = fieldsOf(value);
    if (key === 'A_Const') {
      wordsOf(textOf(fieldsOf(fields['sval'])['sval'])).forEach((word) => add(word, fields['location']));
    } else if (key === 'ColumnRef') {
      add(stringNode(listOf(fields['fields']).at(-1)), fields['location']);
    }
    return undefined;
  });
  return findings;
}
