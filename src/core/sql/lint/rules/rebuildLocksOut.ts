import { l10n } from '../../../../util/l10n.ts';
import { fieldsOf, listOf, optionValue, textOf } from '../../tree.ts';
import type { Finding } from '../finding.ts';
import { changeRoles, type Rule } from '../rule.ts';
import type { StatementTree } from '../statementTree.ts';

export const rebuildLocksOut: Rule = {
  code: 'OB214',
  name: 'rebuild-locks-out',
  severity: 'info',
  title: 'While this is built anew nobody can use it',
  why: 'REFRESH MATERIALIZED VIEW, VACUUM FULL and CLUSTER keep readers and writers out until they are done; REINDEX keeps writers out, and readers who would use the index.',
  whatToDo: 'Write `refresh materialized view concurrently` (the view needs a unique index over all its rows), `reindex … concurrently`, and in place of VACUUM FULL or CLUSTER a plain `vacuum`, or the extension pg_repack, which works beside those who read and write. https://www.postgresql.org/docs/current/explicit-locking.html',
  alsoIn: ['requireConcurrentRefreshMatview', 'requireConcurrentReindex', 'banVacuumFull'],
  roles: changeRoles,
  message: ({ command = '', name = '' }) =>
    command === 'REINDEX' ? l10n.t('Until {0} is built anew nobody can write to the table, nor read with the index.', name) : name === '' ? l10n.t('What {0} works on can be neither read nor written meanwhile.', command) : l10n.t('Until {0} is done nobody can read or write {1}.', command, name),
  fixTitle: () => l10n.t('Rebuild it concurrently'),
  statement: check,
  holds: (context, placed) => placed.effect.kind !== 'rebuild' || context.isExisting(context.history.relationOf(placed)),
};

function check(statement: StatementTree): Finding[] {
  const { type, fields } = statement;
  const relation = type === 'VacuumStmt' ? fieldsOf(fieldsOf(listOf(fields['rels'])[0])['VacuumRelation'])['relation'] : fields['relation'];
  const facts = { name: textOf(fieldsOf(relation)['relname']) || textOf(fields['name']) };
  const range = relation === undefined ? statement.head : statement.relationRange(relation);
  const found = (command: string, alsoIn: readonly string[], fixes: Finding['fixes'] = []): Finding[] => [{ code: 'OB214', range, facts: { ...facts, command }, fixes, alsoIn }];
  switch (type) {
    case 'RefreshMatViewStmt':
      return fields['concurrent'] === true || fields['skipData'] === true ? [] : found('REFRESH', ['requireConcurrentRefreshMatview']);
    case 'ReindexStmt':
      return optionValue(fields['params'], 'concurrently') === 'on' ? [] : found('REINDEX', ['requireConcurrentReindex'], concurrently(statement));
    case 'VacuumStmt':
      return optionValue(fields['options'], 'full') === 'on' ? found('VACUUM FULL', ['banVacuumFull']) : [];
    case 'ClusterStmt':
      return found('CLUSTER', []);
    default:
      return [];
  }
}

const kindWords: Readonly<Record<string, string>> = { REINDEX_OBJECT_INDEX: 'index', REINDEX_OBJECT_TABLE: 'table', REINDEX_OBJECT_SCHEMA: 'schema', REINDEX_OBJECT_DATABASE: 'database' };

/** Behind the word that says what is rebuilt; the server refuses it for its own catalog. */
function concurrently(statement: StatementTree): Finding['fixes'] {
  const word = kindWords[textOf(statement.fields['kind'])];
  const insertAt = word === undefined ? undefined : statement.wordFrom(0, word)?.end;
  return insertAt === undefined ? [] : [{ facts: {}, edits: [{ range: { start: insertAt, end: insertAt }, text: ' concurrently' }] }];
}
