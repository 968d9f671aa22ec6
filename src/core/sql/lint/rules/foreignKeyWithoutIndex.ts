import { l10n } from '../../../../util/l10n.ts';
import { schemaRoles, type FileContext, type PlacedFinding, type Rule } from '../rule.ts';
import { writeName } from '../statementTree.ts';

export const foreignKeyWithoutIndex: Rule = {
  code: 'OB207',
  name: 'foreign-key-without-index',
  severity: 'info',
  title: 'A foreign key has no index',
  why: 'Deleting a row of the other table, or changing its key, looks for the rows that point to it: without an index it reads this whole table each time, under a lock. Joins and policies along the key are slow as well.',
  whatToDo: 'Create an index (a B-tree, not under a condition) whose first columns are those of the key.',
  alsoIn: [],
  roles: schemaRoles,
  message: ({ columns = '', table = '' }) => l10n.t('No index of {0} begins with {1}.', table, columns),
  fixTitle: ({ columns = '' }) => l10n.t('Create an index on {0}', columns),
  file: check,
};

function check(context: FileContext): PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  for (const { placed, effect } of context.ofKind('foreignKey')) {
    const table = context.history.relationOf(placed);
    const key = table?.foreignKeys.find((each) => each.placed === placed);
    if (table === undefined || key === undefined || table.dropped || table.indexes.some(({ columns }) => covers(columns, key.columns))) {
      continue;
    }
    // An index of a column that was there before these files is not known here.
    if (key.columns.some((column) => !table.columns.has(column))) {
      continue;
    }
    const columns = key.columns.map(writeName).join(', ');
    const facts = { columns, table: table.name };
    // Of a table with parts an index cannot be built concurrently.
    const how = context.isExisting(table) && !table.partitioned ? 'index concurrently' : 'index';
    const edit = context.statementAfter(placed.statement, `create ${how} on ${writeName(table.schema)}.${writeName(table.name)} (${columns})`);
    findings.push({ statement: placed.statement, finding: { code: 'OB207', range: effect.at, facts, fixes: [{ facts, edits: [edit] }] } });
  }
  return findings;
}

/** In any order: a lookup by all of them uses each index that begins with them. */
function covers(index: readonly string[], key: readonly string[]): boolean {
  const first = index.slice(0, key.length);
  return key.every((column) => first.includes(column));
}
