import { Lexer } from '../sql/lexer.ts';
import { splitStatements } from '../sql/split.ts';
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
  const lexer = new Lexer(statement);
  let kind: StatementKind | undefined;
  while (lexer.next()) {
    if (lexer.kind !== 'word') {
      continue;
    }
    const word = lexer.value.toLowerCase();
    if (kind === undefined) {
      kind = word === 'copy' ? copyKind(statement) : (firstWords[word] ?? 'unknown');
    }
    if (kind !== 'read') {
      return kind;
    }
    // A table may be named like a function (`net.http_request_queue`): only a call acts.
    const isCall = /^\s*\(/.test(statement.slice(lexer.end));
    if (/^(?:insert|update|delete|merge|into)$/.test(word) || (isCall && actingFunctions.test(word))) {
      return 'write';
    }
  }
  return kind ?? 'unknown';
}

function copyKind(statement: string): StatementKind {
  return parseCopy(statement) === undefined ? 'write' : 'export';
}

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
  const [, source = '', name, options = ''] = /^\s*copy\s+(.+)\s+to\s+(?:'([^']*)'|stdout)(.*)$/is.exec(statement) ?? [];
  const query = source === '' ? undefined : queryOfCopy(source.trim());
  if (query === undefined) {
    return undefined;
  }
  const file = { name: name ?? 'export.csv', format: /\bcsv\b/i.test(options) ? ('csv' as const) : ('text' as const), header: /\bheader\b/i.test(options) };
  return { kind: 'sql', statement: query, statementKind: 'export', file };
}

function queryOfCopy(source: string): string | undefined {
  if (source.startsWith('(') && source.endsWith(')')) {
    const query = source.slice(1, -1).trim();
    return statementKindOf(query) === 'read' ? query : undefined;
  }
  const [, table, columns] = /^([\w."$]+)\s*(?:\(([^()]*)\))?$/.exec(source) ?? [];
  return table === undefined ? undefined : `SELECT ${columns?.trim() ?? '*'} FROM ${table}`;
}
