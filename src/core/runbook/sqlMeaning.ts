import { splitStatements } from '../sql/split.ts';
import { closingOf, pathAt, readWords, type Word } from '../sql/words.ts';
import type { Operation, StatementKind } from './operation.ts';

const firstWords: Readonly<Record<string, StatementKind>> = {
  select: 'read',
  values: 'read',
  table: 'read',
  show: 'read',
  explain: 'read',
  with: 'read',
  insert: 'write',
  update: 'write',
  delete: 'write',
  merge: 'write',
  truncate: 'write',
  create: 'ddl',
  alter: 'ddl',
  drop: 'ddl',
  grant: 'ddl',
  revoke: 'ddl',
  comment: 'ddl',
  reindex: 'ddl',
};

/** Functions that act although a SELECT calls them (SAFETY 11). */
const actingFunctions = /^(?:pg_(?:terminate|cancel)_backend|pg_stat_reset\w*|pg_(?:try_)?advisory_\w*|pg_notify|dblink\w*|lo_\w+|nextval|setval|http_\w+)$/;

/**
 * What a statement's words say it does: enough for a sign beside it. Whether it may run is decided later by the real grammar, and
 * that it only reads is enforced by the server.
 */
export function statementKindOf(statement: string): StatementKind {
  const words = readWords(statement);
  const first = words.find(({ kind }) => kind === 'word')?.lower ?? '';
  if (first === 'copy') {
    return parseCopy(statement) === undefined ? 'write' : 'export';
  }
  const kind = Object.hasOwn(firstWords, first) ? firstWords[first] : undefined;
  if (kind !== 'read') {
    return kind ?? 'unknown';
  }
  // A table may be named like a function (`net.http_request_queue`): only a call acts.
  const acts = words.some(({ kind: of, lower }, index) => of === 'word' && (changes.has(lower) || (words[index + 1]?.text === '(' && actingFunctions.test(lower))));
  return acts ? 'write' : 'read';
}

/** Within what begins like a read: a CTE that changes, `explain analyze delete`, `select … into`. */
const changes: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge', 'into']);

type SqlOperation = Extract<Operation, { kind: 'sql' }>;

export function sqlOperation(statement: string): SqlOperation {
  return parseCopy(statement) ?? { kind: 'sql', statement, statementKind: statementKindOf(statement) };
}

/** A statement in quotes, as `psql -c` has it; `undefined` for several and for psql's own commands. */
export function quotedStatement(text: string): SqlOperation | undefined {
  const [statement, another] = splitStatements(text);
  return statement?.kind === 'sql' && another === undefined ? sqlOperation(statement.text) : undefined;
}

/** `COPY (SELECT …) TO 'file' CSV HEADER`: a hosted server writes no files, so the query runs alone and the rows are saved here. */
function parseCopy(statement: string): SqlOperation | undefined {
  const words = readWords(statement);
  const to = words.findIndex(({ lower, depth }) => lower === 'to' && depth === 0);
  const target = words[to + 1];
  const query = words[0]?.lower === 'copy' && to > 0 && (target?.kind === 'string' || target?.lower === 'stdout') ? queryOfCopy(statement, words.slice(1, to)) : undefined;
  if (query === undefined) {
    return undefined;
  }
  const options = words.slice(to + 2).map(({ lower }) => lower);
  const header = options.indexOf('header');
  const file = {
    name: target?.kind === 'string' ? contentOf(target.text) : 'export.csv',
    format: options.includes('csv') ? ('csv' as const) : ('text' as const),
    header: header >= 0 && !['false', 'off', '0'].includes(options[header + 1] ?? ''),
  };
  return { kind: 'sql', statement: query, statementKind: 'export', file };
}

/** Between COPY and TO stands a query in parentheses, or a table's name, perhaps with columns. */
function queryOfCopy(statement: string, source: readonly Word[]): string | undefined {
  const [first] = source;
  const last = source.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  if (first.text === '(') {
    const query = statement.slice(first.end, last.start).trim();
    return closingOf(source, 0) === source.length - 1 && statementKindOf(query) === 'read' ? query : undefined;
  }
  const path = pathAt(source, 0);
  const behind = path === undefined ? undefined : source[path.next];
  if (path === undefined || (behind !== undefined && (behind.text !== '(' || closingOf(source, path.next) !== source.length - 1))) {
    return undefined;
  }
  const table = statement.slice(first.start, source[path.next - 1]?.end);
  return `SELECT ${behind === undefined ? '*' : statement.slice(behind.end, last.start).trim()} FROM ${table}`;
}

function contentOf(literal: string): string {
  return literal.slice(literal.indexOf("'") + 1, -1).replaceAll("''", "'");
}
