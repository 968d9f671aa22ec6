/** What stands in the code of a function, a procedure or DO: its faults, and its statements as far as they are read. */
import type { SqlGrammar } from '../../ports.ts';
import { moved, type TextRange } from '../../runbook/document.ts';
import { statementsWithin } from '../effects/code.ts';
import { Lexer } from '../lexer.ts';
import type { Finding } from '../lint/finding.ts';
import { psqlNames, readStatement, type Opening } from '../lint/reading.ts';
import { StatementTree } from '../lint/statementTree.ts';
import { findCandidates } from '../placeholders.ts';
import { splitStatements } from '../split.ts';
import { systemRelations } from '../systemCatalog.ts';
import { fieldsOf, listOf, unwrap, type Fields } from '../tree.ts';
import { codeBodyOf, rangeInStatement, type CodeBody } from './codeBody.ts';
import { readProcedural } from './proceduralFault.ts';

export interface ReadBody {
  /** Absent where the body is the grammar's own. */
  readonly code?: CodeBody;
  /** Syntax errors, in the offsets of the statement. */
  readonly faults: readonly Finding[];
  readonly statements: readonly CodeStatement[];
  /** Queries about the server in PL/pgSQL, with the variables that their names may mean. */
  readonly aboutServer?: { readonly queries: readonly CodeStatement[]; readonly variables: readonly string[] };
  /** These are all its statements, and what they name is looked up when the function is made. */
  readonly isWhole: boolean;
}

/** A statement in code. */
export interface CodeStatement {
  readonly tree: StatementTree;
  /** A range of the tree's text as one of the statement around it. */
  readonly toStatement: (range: TextRange) => TextRange;
}

/** `undefined` where there is no code that can be read; `openings` are those of the statement. What the statements of DO do is read elsewhere: see `effects/code.ts`. */
export async function readBody(statement: StatementTree, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<ReadBody | undefined> {
  const own = statement.type === 'CreateFunctionStmt' ? statement.fields['sql_body'] : undefined;
  if (own !== undefined) {
    return { faults: [], statements: ownStatements(own).map((tree) => ({ tree: new StatementTree(statement.text, tree, { openings: statement.openings, isCode: true }), toStatement: (range) => range })), isWhole: true };
  }
  const code = codeBodyOf(statement);
  const within = code === undefined ? [] : openings.filter(({ range }) => range.start < code.literal.end && code.literal.start < range.end);
  switch (code?.language) {
    case 'sql':
      return within.length > 0 && !code.isPlain ? undefined : readSql(code, within, grammar, signal);
    case 'plpgsql':
      return within.length > 0 ? undefined : readProcedure(statement, code, grammar, signal);
    default:
      return undefined;
  }
}

/** `return …`, or the statements between `begin atomic` and `end`. */
function ownStatements(body: unknown): Fields[] {
  const node = unwrap(body);
  if (node?.type !== 'List') {
    return [fieldsOf(body)];
  }
  return listOf(node.fields['items']).flatMap((each) => listOf(fieldsOf(fieldsOf(each)['List'])['items'])).map(fieldsOf);
}

async function readSql(code: CodeBody, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<ReadBody> {
  const found = splitStatements(code.text);
  const statements: CodeStatement[] = [];
  const faults: Finding[] = [];
  for (const { text, range } of found) {
    const by = code.start + range.start;
    const own = openings.filter((opening) => opening.range.start >= by && opening.range.end <= by + text.length);
    const reading = await readStatement(text, own.map((opening) => ({ ...opening, range: moved(opening.range, -by) })), grammar, signal);
    if (reading.kind === 'parsed') {
      statements.push(inCode(code, reading.statement, range.start));
    } else if (reading.kind === 'invalid') {
      faults.push(faultAt(code, moved(reading.range, range.start), reading.message));
    }
  }
  // Behind a quote that was never closed all may be inside out.
  const certain = found.at(-1)?.unfinished === undefined ? faults : faults.slice(0, 1);
  return { code, faults: faults.length > 0 && isOfExtension(code.text) ? [] : certain, statements, isWhole: statements.length === found.length };
}

async function readProcedure(statement: StatementTree, code: CodeBody, grammar: SqlGrammar, signal: AbortSignal): Promise<ReadBody> {
  const { fault, variables } = await readProcedural(statement, code, grammar, signal);
  const isCertain = fault !== undefined && !isLeftOpen(code.text, fault.range) && !isOfExtension(code.text);
  // The Postgres Language Server looks into functions, but not into DO.
  const beside = statement.type === 'DoStmt' ? { alsoIn: [] } : {};
  const faults = isCertain ? [{ ...faultAt(code, fault.range, fault.message), ...beside }] : [];
  const statements = statement.type === 'DoStmt' ? [] : await proceduralStatements(code, verbs, soughtWords, grammar, signal);
  const queries = variables === undefined ? [] : await proceduralStatements(code, queryVerbs, serverWords, grammar, signal);
  return { code, faults, statements, isWhole: false, ...(variables === undefined || queries.length === 0 ? {} : { aboutServer: { queries, variables } }) };
}

/** As far as they stand there as they would elsewhere: see {@link statementsWithin}. */
async function proceduralStatements(code: CodeBody, firstWords: ReadonlySet<string>, sought: readonly string[], grammar: SqlGrammar, signal: AbortSignal): Promise<CodeStatement[]> {
  const statements: CodeStatement[] = [];
  const lower = code.text.toLowerCase();
  // Most code has nothing that a rule is about, and need not be looked through.
  const range = sought.some((word) => lower.includes(word)) ? { start: 0, end: code.text.length } : undefined;
  for (const { start, end } of statementsWithin(code.text, range, firstWords)) {
    const text = code.text.slice(start, end);
    const parsed = await grammar.parse(text, signal);
    if (parsed.kind === 'parsed') {
      statements.push(inCode(code, new StatementTree(text, parsed.tree, { isCode: true }), start));
    }
  }
  return statements;
}

const soughtWords: readonly string[] = ['delete', 'update', 'policy'];
/** Those that some rule is about, and those that make what is then the code's own. */
const verbs: ReadonlySet<string> = new Set(['delete', 'update', 'with', 'create', 'alter']);

const serverWords: readonly string[] = [...systemRelations.keys()];
const queryVerbs: ReadonlySet<string> = new Set(['select', 'with', 'insert', 'update', 'delete']);

function inCode(code: CodeBody, tree: StatementTree, start: number): CodeStatement {
  return { tree, toStatement: (range) => rangeInStatement(code, moved(range, start)) };
}

function faultAt(code: CodeBody, range: TextRange, message: string): Finding {
  return { code: 'OB001', range: rangeInStatement(code, range), facts: { message }, fixes: [] };
}

/** In the same statement of the code, up to the fault, something may stand for what somebody else puts there. */
function isLeftOpen(code: string, fault: TextRange): boolean {
  const places = [...findCandidates(code), ...psqlNames(code)].filter(({ range }) => range.start < fault.end && code.charAt(range.start - 1) !== '<');
  const from = Math.max(-1, ...splitStatements(code.slice(0, fault.start)).filter(({ terminated }) => terminated).map(({ range }) => range.end));
  return places.some(({ range }) => range.start > from);
}

/** `@extschema@`: in the scripts of extensions, CREATE EXTENSION puts names there. */
function isOfExtension(code: string): boolean {
  const lexer = new Lexer(code);
  let open = -1;
  while (lexer.next()) {
    if (lexer.kind === 'symbol' && lexer.value === '@') {
      if (open !== -1 && lexer.start > open + 1) {
        return true;
      }
      open = lexer.start;
    } else if (lexer.kind !== 'word' && lexer.value !== ':') {
      open = -1;
    }
  }
  return false;
}
