import { Lexer } from '../sql/lexer.ts';

/** A statement that fails as manuals write it, and what runs instead. */
export interface Correction {
  readonly statement: string;
  /** `total_exec_time for total_time` */
  readonly changes: readonly string[];
}

/** Columns that are called otherwise, by the only relation that a statement reads. */
const columns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Postgres 13 parted planning from executing, 17 shared from local blocks: https://www.postgresql.org/docs/current/pgstatstatements.html
  pg_stat_statements: {
    total_time: 'total_exec_time',
    mean_time: 'mean_exec_time',
    min_time: 'min_exec_time',
    max_time: 'max_exec_time',
    stddev_time: 'stddev_exec_time',
  },
  pg_stat_user_tables: { tablename: 'relname', table_name: 'relname' },
  pg_stat_all_tables: { tablename: 'relname', table_name: 'relname' },
  pg_statio_user_tables: { tablename: 'relname', table_name: 'relname' },
  pg_stat_user_indexes: { tablename: 'relname', indexname: 'indexrelname' },
  pg_stat_activity: { procpid: 'pid', current_query: 'query' },
};

/** Text cannot be summed, so the cast behind the sum was meant for what is summed. */
const castBehindSum = /\b(sum|avg)\s*\(\s*([\w."]+\s*->>\s*'[^']*')\s*\)\s*::\s*(bigint|int8|int|integer|numeric)\b/gi;

/** `undefined` when nothing is wrong that is known here. A statement of several relations is left alone: a name may be another's. */
export function correctSql(statement: string): Correction | undefined {
  const changes: string[] = [];
  const cast = statement.replace(castBehindSum, (written, sum: string, value: string, type: string) => {
    const right = `${sum}((${value})::${type})`;
    changes.push(`${right} for ${written}`);
    return right;
  });
  const renames = columns[onlyRelation(cast) ?? ''];
  const corrected = renames === undefined ? cast : renameColumns(cast, renames, changes);
  return changes.length === 0 ? undefined : { statement: corrected, changes };
}

function onlyRelation(statement: string): string | undefined {
  const relations = [...statement.matchAll(/\b(?:from|join)\s+(?:[\w"]+\.)?([\w"]+)(\s*,)?/gi)];
  const [only, another] = relations;
  return another === undefined && only?.[2] === undefined ? only?.[1]?.toLowerCase() : undefined;
}

function renameColumns(statement: string, renames: Readonly<Record<string, string>>, changes: string[]): string {
  const lexer = new Lexer(statement);
  let corrected = '';
  let afterAs = false;
  while (lexer.next()) {
    const word = lexer.kind === 'word' ? lexer.value.toLowerCase() : '';
    const right = afterAs || !Object.hasOwn(renames, word) ? undefined : renames[word];
    const change = `${right} for ${lexer.value}`;
    if (right !== undefined && !changes.includes(change)) {
      changes.push(change);
    }
    corrected += right ?? lexer.value;
    afterAs = lexer.kind === 'space' ? afterAs : word === 'as';
  }
  return corrected;
}
