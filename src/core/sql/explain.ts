/** The statement that asks for a statement's plan: made for one, or written by a person. */
import { Lexer } from './lexer.ts';
import { convertPosition } from './positions.ts';
import { fieldsOf, listOf, stringNode, textOf, unwrap, type Fields } from './tree.ts';

/** https://www.postgresql.org/docs/current/sql-explain.html */
const explained: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CreateTableAsStmt', 'ExecuteStmt']);

/** Whether Postgres has a plan for it, from libpg_query's tree. */
export function hasPlan(tree: unknown): boolean {
  return explained.has(unwrap(tree)?.type ?? '');
}

export interface Explanation {
  readonly text: string;
  /** A position in `text`, in code points from 1 as the server counts, as one in the statement. */
  readonly toWritten: (position: number) => number;
}

/** With `analyze` the statement is really run. `prefix` is what stands before it. */
export function explain(statement: string, { analyze }: { readonly analyze: boolean }): Explanation & { readonly prefix: string } {
  const prefix = analyze ? 'explain (analyze, buffers, verbose, format json) ' : 'explain (verbose, format json) ';
  return { ...insert(statement, { at: 0, end: 0, put: prefix }), prefix };
}

/** An EXPLAIN that was written by a person. */
export interface WrittenExplain extends Explanation {
  /** What comes is the plan as JSON. Not so where another format was asked for: then `text` is the statement as it is. */
  readonly isJson: boolean;
}

/** With FORMAT JSON where no format is named, so that the plan can be drawn; `undefined` for what is no EXPLAIN. `tree` is that of `statement`. */
export function writtenExplain(statement: string, tree: Fields): WrittenExplain | undefined {
  const node = unwrap(tree);
  if (node?.type !== 'ExplainStmt') {
    return undefined;
  }
  const options = listOf(node.fields['options']).map((option) => fieldsOf(fieldsOf(option)['DefElem']));
  const format = options.findLast(({ defname }) => textOf(defname).toLowerCase() === 'format');
  if (format !== undefined) {
    return { text: statement, toWritten: (position) => position, isJson: formatName(format['arg']) === 'json' };
  }
  return { ...insert(statement, placeOfFormat(statement, options)), isJson: true };
}

interface Insertion {
  readonly at: number;
  /** What stands from `at` up to here is replaced. */
  readonly end: number;
  readonly put: string;
}

/** Behind the bracket of the options, in place of the words that are older than it, or behind the word EXPLAIN itself. */
function placeOfFormat(statement: string, options: readonly Fields[]): Insertion {
  const lexer = new Lexer(statement);
  nextWord(lexer);
  const behind = lexer.end;
  if (options.length === 0) {
    return { at: behind, end: behind, put: ' (format json)' };
  }
  nextWord(lexer);
  if (lexer.value === '(') {
    return { at: lexer.end, end: lexer.end, put: 'format json, ' };
  }
  const first = lexer.start;
  // ANALYZE, VERBOSE, or one after the other: there are no others without a bracket.
  for (let word = 1; word < options.length; word++) {
    nextWord(lexer);
  }
  return { at: first, end: lexer.end, put: `(${options.map(({ defname }) => textOf(defname)).join(', ')}, format json)` };
}

function nextWord(lexer: Lexer): void {
  while (lexer.next() && (lexer.kind === 'space' || lexer.kind === 'comment')) {
    // Goes on to the next.
  }
}

function formatName(argument: unknown): string {
  const node = unwrap(argument);
  const name = node?.type === 'TypeName' ? stringNode(listOf(node.fields['names']).at(-1)) : stringNode(argument);
  return name.toLowerCase();
}

function insert(statement: string, { at, end, put }: Insertion): Explanation {
  const first = convertPosition(statement, at, 'utf16', 'codePoint');
  const [replaced, added] = [convertPosition(statement, end, 'utf16', 'codePoint') - first, [...put].length];
  return {
    text: `${statement.slice(0, at)}${put}${statement.slice(end)}`,
    toWritten: (position) => (position <= first ? position : position <= first + added ? first + 1 : position - added + replaced),
  };
}
