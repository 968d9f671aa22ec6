import { pathAt, readWords, type Word } from '../sql/words.ts';

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

/** `undefined` when nothing is wrong that is known here. A statement of several relations is left alone: a name may be another's. */
export function correctSql(statement: string): Correction | undefined {
  const words = readWords(statement);
  const edits = [...castsBehindSums(statement, words), ...renamedColumns(words)];
  if (edits.length === 0) {
    return undefined;
  }
  let corrected = statement;
  for (const { start, end, text } of edits.toSorted((a, b) => b.start - a.start)) {
    corrected = corrected.slice(0, start) + text + corrected.slice(end);
  }
  return { statement: corrected, changes: [...new Set(edits.map(({ start, end, text }) => `${text} for ${statement.slice(start, end)}`))] };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const numberTypes: ReadonlySet<string> = new Set(['bigint', 'int8', 'int', 'integer', 'numeric']);

/** Text cannot be summed, so the cast behind `sum(name->>'key')` was meant for what is summed. */
function castsBehindSums(statement: string, words: readonly Word[]): Edit[] {
  return words.flatMap((word, index) => {
    const path = ['sum', 'avg'].includes(word.lower) && words[index + 1]?.text === '(' ? pathAt(words, index + 2) : undefined;
    if (path === undefined) {
      return [];
    }
    const behind = words.slice(path.next, path.next + 7);
    const type = words[path.next + 7];
    const shape = behind.map(({ kind, text }) => (kind === 'string' ? "'" : text)).join('');
    if (shape !== "->>')::" || type === undefined || !numberTypes.has(type.lower)) {
      return [];
    }
    const value = statement.slice(words[index + 2]?.start, behind[3]?.end);
    return [{ start: word.start, end: type.end, text: `${word.text}((${value})::${type.text})` }];
  });
}

/** Of the only relation; a name behind AS is the statement's own. */
function renamedColumns(words: readonly Word[]): Edit[] {
  const only = onlyRelation(words) ?? '';
  const renames = Object.hasOwn(columns, only) ? columns[only] : undefined;
  return words.flatMap(({ kind, lower, start, end }, index) => {
    const right = kind === 'word' && words[index - 1]?.lower !== 'as' && renames !== undefined && Object.hasOwn(renames, lower) ? renames[lower] : undefined;
    return right === undefined ? [] : [{ start, end, text: right }];
  });
}

function onlyRelation(words: readonly Word[]): string | undefined {
  const places = words.flatMap(({ kind, lower }, index) => (kind === 'word' && (lower === 'from' || lower === 'join') ? [index + 1] : []));
  const [place, another] = places;
  const path = place === undefined || another !== undefined ? undefined : pathAt(words, place);
  return path === undefined || words[path.next]?.text === ',' ? undefined : path.parts.at(-1);
}
