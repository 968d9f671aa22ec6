/**
 * What the hosted logs endpoint lets through to ClickHouse: one SELECT over the table `logs`, columns named, with a LIMIT
 * of at most 1000 (SUPABASE.md §3). The checks work on tokens, so that text in strings and comments never counts; words of
 * refusals follow github.com/Logflare/logflare, `lib/logflare/sql.ex`, where it has them.
 */

interface Token {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'symbol';
  /** Text as written; of a quoted identifier its name. */
  text: string;
  /** Upper case for words, '' for all else: what keywords are compared with. */
  word: string;
  end: number;
}

export const maxRows = 1000;

class Refusal extends Error {}

export interface AdmittedQuery {
  /** Ready for the engine: comments blanked, no trailing semicolon, and the given subquery standing in for `logs`. */
  sql: string;
  /** How much further right the caller's own text stands in `sql`. */
  shift: number;
}

/** Judges `sql`; `source` is the subquery that becomes `logs`, forbidden functions are in lower case. */
export function admitLogQuery(
  sql: string,
  source: string,
  forbiddenFunctions: ReadonlySet<string>,
): AdmittedQuery | { error: string } {
  try {
    const { text, tokens } = tokenize(sql);
    checkStatement(tokens);
    checkWildcards(tokens);
    checkFunctions(tokens, forbiddenFunctions);
    checkTables(tokens);
    checkLimit(tokens);
    const first = tokens[0];
    const head = `WITH logs AS (${source})${first?.word === 'WITH' ? ',' : ' '}`;
    const own = first?.word === 'WITH' ? first.end : 0;
    return { sql: head + text.slice(own), shift: head.length - own };
  } catch (error) {
    if (error instanceof Refusal) {
      return { error: error.message };
    }
    throw error;
  }
}

const tokenPattern = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*|\/\/[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/)`,
    String.raw`(?<word>[A-Za-z_]\w*)`,
    '(?<quoted>`(?:[^`\\\\]|\\\\[\\s\\S]|``)*`|"(?:[^"\\\\]|\\\\[\\s\\S]|"")*")',
    String.raw`(?<string>'(?:[^'\\]|\\[\s\S]|'')*')`,
    String.raw`(?<number>(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)(?!\w))`,
    String.raw`(?<symbol>::|->|<=>|<=|>=|<>|!=|==|\|\||[-+*\/%=<>(),.;\[\]?:])`,
  ].join('|'),
  'y',
);

const kinds = ['word', 'quoted', 'string', 'number', 'symbol'] as const;

/** `text` is the statement with comments blanked; positions in it are those of `sql`. */
function tokenize(sql: string): { text: string; tokens: Token[] } {
  const tokens: Token[] = [];
  let text = '';
  let at = 0;
  while (at < sql.length) {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(sql);
    if (match?.groups === undefined) {
      throw new Refusal(`Syntax error at position ${at + 1}: ${sql.slice(at, at + 20)}`);
    }
    at = tokenPattern.lastIndex;
    const groups = match.groups;
    const kind = kinds.find((one) => groups[one] !== undefined);
    text += kind === undefined ? ' '.repeat(match[0].length) : match[0];
    if (kind !== undefined) {
      const word = kind === 'word' ? match[0].toUpperCase() : '';
      tokens.push({ kind, text: kind === 'quoted' ? match[0].slice(1, -1) : match[0], word, end: text.length });
    }
  }
  const last = tokens.at(-1);
  if (last?.text === ';' && last.kind === 'symbol') {
    tokens.pop();
    text = text.slice(0, last.end - 1);
  }
  return { text, tokens };
}

function checkStatement(tokens: Token[]): void {
  if (tokens[0]?.word !== 'SELECT' && tokens[0]?.word !== 'WITH') {
    throw new Refusal('Only SELECT queries allowed');
  }
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (isSymbol(token, ';')) {
      throw new Refusal('Only singular query allowed');
    }
    const formats = token.word === 'FORMAT' && next !== undefined && (next.kind === 'word' || next.kind === 'quoted');
    const clause = token.word === 'SETTINGS' || token.word === 'INTO' || token.word === 'RECURSIVE' || formats;
    if (clause && !isName(tokens, index)) {
      throw new Refusal(`Restricted clause ${token.word}`);
    }
  }
}

/** A keyword after AS or a dot is a name. */
function isName(tokens: Token[], index: number): boolean {
  const before = tokens[index - 1];
  return before?.word === 'AS' || isSymbol(before, '.');
}

function checkWildcards(tokens: Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const matchesColumns = token.word === 'COLUMNS' && isSymbol(tokens[index + 1], '(');
    const multiplies = endsOperand(tokens[index - 1]) && startsOperand(tokens[index + 1]);
    if (matchesColumns || (isSymbol(token, '*') && !multiplies)) {
      throw new Refusal('restricted wildcard (*) in a result column');
    }
  }
}

const wordsBeforeWildcard = new Set(['SELECT', 'DISTINCT', 'ALL']);
const wordsAfterWildcard = new Set(['FROM', 'EXCEPT', 'REPLACE', 'APPLY', 'WHERE', 'LIMIT', 'UNION', 'ORDER', 'GROUP']);

function endsOperand(token: Token | undefined): boolean {
  if (token === undefined || token.kind === 'symbol') {
    return isSymbol(token, ')') || isSymbol(token, ']');
  }
  return !wordsBeforeWildcard.has(token.word);
}

function startsOperand(token: Token | undefined): boolean {
  if (token === undefined || token.kind === 'symbol') {
    return ['(', '[', '-', '+'].some((symbol) => isSymbol(token, symbol));
  }
  return !wordsAfterWildcard.has(token.word);
}

function checkFunctions(tokens: Token[], forbidden: ReadonlySet<string>): void {
  for (const [index, token] of tokens.entries()) {
    const called = isSymbol(tokens[index + 1], '(') && (token.kind === 'word' || token.kind === 'quoted');
    if (called && forbidden.has(token.text.toLowerCase())) {
      throw new Refusal(`Restricted function ${token.text}`);
    }
  }
}

/** What is known inside one pair of parentheses. */
interface Level {
  /** Arguments of a function, until a SELECT shows that they are a subquery. */
  arguments: string | undefined;
  /** A table name must come next. */
  wantsTable: boolean;
  /** In a FROM clause, where a comma brings another table. */
  listsTables: boolean;
}

const wordsAfterFrom = new Set([
  'WHERE', 'PREWHERE', 'GROUP', 'ORDER', 'HAVING', 'LIMIT', 'OFFSET', 'FETCH', 'UNION', 'INTERSECT', 'EXCEPT', 'WINDOW',
  'QUALIFY', 'SELECT', 'WITH',
]);

function checkTables(tokens: Token[]): void {
  const known = new Set(['logs', ...commonTables(tokens)]);
  const levels: Level[] = [{ arguments: undefined, wantsTable: false, listsTables: false }];
  for (const [index, token] of tokens.entries()) {
    const level = levels.at(-1);
    if (level === undefined) {
      throw new Refusal('Syntax error: unbalanced parentheses');
    }
    const opens = isSymbol(token, '(') || isSymbol(token, '[');
    if (opens) {
      levels.push(openLevel(tokens, index, level));
      level.wantsTable = false;
    } else if (isSymbol(token, ')') || isSymbol(token, ']')) {
      levels.pop();
    } else {
      checkTable(tokens, index, level, known);
    }
  }
}

function openLevel(tokens: Token[], index: number, outside: Level): Level {
  const before = tokens[index - 1];
  const named = before?.kind === 'word' || before?.kind === 'quoted' ? before.text.toLowerCase() : undefined;
  // `FROM (logs)`: what stands in parentheses there is a table again, unless a subquery begins.
  return { arguments: outside.wantsTable ? undefined : named, wantsTable: outside.wantsTable, listsTables: outside.wantsTable };
}

function checkTable(tokens: Token[], index: number, level: Level, known: ReadonlySet<string>): void {
  const token = tokens[index];
  if (token === undefined || isName(tokens, index)) {
    return;
  }
  if (token.word === 'SELECT' || token.word === 'WITH') {
    Object.assign(level, { arguments: undefined, wantsTable: false, listsTables: false });
  } else if (level.wantsTable || isTableAfterIn(tokens, index, level)) {
    const called = isSymbol(tokens[index + 1], '(') || isSymbol(tokens[index + 1], '.');
    if (called || !known.has(token.text)) {
      throw new Refusal(`can't find source ${token.text}`);
    }
    level.wantsTable = false;
  } else if (bringsTable(tokens, index, level)) {
    level.wantsTable = true;
    level.listsTables = true;
  } else if (wordsAfterFrom.has(token.word) || token.word === 'ARRAY') {
    level.listsTables = false;
  }
}

function bringsTable(tokens: Token[], index: number, level: Level): boolean {
  const token = tokens[index];
  const before = tokens[index - 1];
  if (token?.word === 'JOIN') {
    return before?.word !== 'ARRAY';
  }
  if (token?.word === 'FROM') {
    // `IS DISTINCT FROM`, `extract(year FROM t)`, `substring(t FROM 2)`.
    const begins = isSymbol(before, '(');
    return before?.word !== 'DISTINCT' && (level.arguments === undefined || begins);
  }
  return isSymbol(token, ',') && level.listsTables;
}

/** `x IN name` reads a table; `position(x IN name)` does not. */
function isTableAfterIn(tokens: Token[], index: number, level: Level): boolean {
  const token = tokens[index];
  const nameLike = token?.kind === 'quoted' || (token?.kind === 'word' && !isSymbol(tokens[index + 1], '('));
  return tokens[index - 1]?.word === 'IN' && nameLike && level.arguments !== 'position';
}

/** Names of `WITH name AS (SELECT …`. */
function commonTables(tokens: Token[]): string[] {
  const names: string[] = [];
  for (const [index, token] of tokens.entries()) {
    const named = token.kind === 'word' || token.kind === 'quoted';
    const body = tokens[index + 3];
    const query = body?.word === 'SELECT' || body?.word === 'WITH' || isSymbol(body, '(');
    if (named && tokens[index + 1]?.word === 'AS' && isSymbol(tokens[index + 2], '(') && query) {
      names.push(token.text);
    }
  }
  if (names.includes('logs')) {
    throw new Refusal('logs cannot be redefined');
  }
  return names;
}

function checkLimit(tokens: Token[]): void {
  let depth = 0;
  let limited = false;
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'symbol') {
      depth += ['(', '['].includes(token.text) ? 1 : [')', ']'].includes(token.text) ? -1 : 0;
    } else if (depth === 0 && token.word === 'LIMIT' && !isName(tokens, index)) {
      limited ||= readLimit(tokens, index + 1);
    } else if (depth === 0 && ['UNION', 'INTERSECT', 'EXCEPT'].includes(token.word) && !isName(tokens, index)) {
      requireLimit(limited);
      limited = false;
    }
  }
  requireLimit(limited);
}

function requireLimit(limited: boolean): void {
  if (!limited) {
    throw new Refusal(`LIMIT is required and must be at most ${maxRows}`);
  }
}

/** `LIMIT n`, `LIMIT skip, n`; false for `LIMIT n BY …`, which limits groups only. */
function readLimit(tokens: Token[], at: number): boolean {
  const skips = isSymbol(tokens[at + 1], ',');
  const count = tokens[skips ? at + 2 : at];
  const after = tokens[skips ? at + 3 : at + 1];
  if (after?.word === 'BY') {
    return false;
  }
  const ends = after === undefined || ['OFFSET', 'WITH', 'UNION', 'INTERSECT', 'EXCEPT'].includes(after.word);
  const plain = count?.kind === 'number' && /^\d+$/.test(count.text);
  requireLimit(ends && plain && Number(count.text) <= maxRows);
  return true;
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol;
}
