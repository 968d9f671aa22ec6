/** Columns of one name in a query: over a way that gives rows as objects they become one. */
import { fieldsOf, listOf, unwrap, walk, type Fields } from './tree.ts';

/**
 * How many columns a query has that did not come, from libpg_query's tree and the number of those that came. `undefined` where a star
 * stands for the columns of several tables: nobody knows how many they are.
 */
export function lostColumns(tree: unknown, came: number): number | undefined {
  const query = firstQuery(unwrap(tree)?.fields ?? {});
  const targets = listOf(query['targetList']);
  if (!targets.some(isStar)) {
    return Math.max(0, targets.length - came);
  }
  return countTables(query['fromClause']) > 1 ? undefined : 0;
}

/** Of a UNION it is the first that names the columns. */
function firstQuery(fields: Fields): Fields {
  let query = fields;
  while (query['larg'] !== undefined) {
    query = fieldsOf(query['larg']);
  }
  return query;
}

function isStar(target: unknown): boolean {
  const reference = fieldsOf(fieldsOf(fieldsOf(fieldsOf(target)['ResTarget'])['val'])['ColumnRef']);
  return unwrap(listOf(reference['fields']).at(-1))?.type === 'A_Star';
}

/** What stands in FROM; tables within a subquery are that subquery's. */
function countTables(from: unknown): number {
  let count = 0;
  walk(from, (key) => {
    const isTable = ['RangeVar', 'RangeSubselect', 'RangeFunction', 'RangeTableFunc', 'JsonTable'].includes(key);
    count += isTable ? 1 : 0;
    return !isTable;
  });
  return count;
}
