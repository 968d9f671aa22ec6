/** Code that runs when it is read, and may do anything. */
import { Lexer } from '../lexer.ts';
import { StatementTree } from '../lint/statementTree.ts';
import { dottedName } from '../objectNames.ts';
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import { fieldsOf, listOf, stringNode, textOf, unwrap, type Fields } from '../tree.ts';
import type { Effect } from './effect.ts';

export type Opaque = Extract<Effect, { readonly kind: 'opaque' }>;

export function opaque({ text }: StatementTree, isWhole: boolean): Opaque {
  const words = wordsOf(text);
  return { kind: 'opaque', words, unread: words, isWhole };
}

/** The statements that stand in the code of DO as they would elsewhere, in its own offsets, and the code as a whole. */
export interface ReadCode {
  readonly statements: readonly StatementTree[];
  readonly code: Opaque;
}

/**
 * What `DO` runs, as far as it is written as statements: not what is put together of strings, nor what has variables where the grammar
 * knows none. Whether a condition or a loop stands around a statement is not looked at.
 */
export async function readCode(statement: StatementTree, grammar: SqlGrammar, signal: AbortSignal): Promise<ReadCode> {
  const statements: StatementTree[] = [];
  const { text } = statement;
  let unread = text;
  for (const { start, end } of statementsWithin(text, bodyOf(statement), verbs)) {
    // Blanks before it keep every place where it is.
    const alone = ' '.repeat(start) + text.slice(start, end);
    const parsed = await grammar.parse(alone, signal);
    if (parsed.kind === 'parsed') {
      statements.push(new StatementTree(alone, parsed.tree, { isCode: true }));
      unread = unread.slice(0, start) + ' '.repeat(end - start) + unread.slice(end);
    }
  }
  return { statements, code: { ...opaque(statement, true), unread: wordsOf(unread) } };
}

/** Between the dollars; within simple quotes nothing stands where it seems to. */
function bodyOf({ text, fields }: StatementTree): TextRange | undefined {
  const options = listOf(fields['args']).map((option) => fieldsOf(fieldsOf(option)['DefElem']));
  const language = options.find(({ defname }) => textOf(defname) === 'language');
  const lexer = new Lexer(text);
  while ((language === undefined || stringNode(language['arg']) === 'plpgsql') && lexer.next()) {
    if (lexer.kind === 'dollarString' && !lexer.unfinished) {
      const mark = lexer.value.indexOf('$', 1) + 1;
      return { start: lexer.start + mark, end: lexer.end - mark };
    }
  }
  return undefined;
}

/** Behind these a statement may begin without a semicolon before it. */
const beginners: ReadonlySet<string> = new Set(['begin', 'then', 'else', 'loop', 'declare', 'query']);
const verbs: ReadonlySet<string> = new Set(['alter', 'create', 'drop', 'grant', 'revoke', 'delete', 'update', 'insert', 'truncate', 'comment']);

/** Where statements begin with one of these words, up to their semicolons. */
export function* statementsWithin(text: string, body: TextRange | undefined, firstWords: ReadonlySet<string>): Generator<TextRange> {
  const lexer = new Lexer(text.slice(0, body?.end ?? 0), body?.start ?? 0);
  let begins = true;
  let start: number | undefined;
  while (lexer.next()) {
    const { kind } = lexer;
    if (kind === 'space' || kind === 'comment') {
      continue;
    }
    const word = kind === 'word' ? lexer.value.toLowerCase() : '';
    if (kind === 'symbol' && lexer.value === ';') {
      if (start !== undefined) {
        yield { start, end: lexer.start };
      }
      start = undefined;
      begins = true;
    } else if (start === undefined) {
      start = begins && firstWords.has(word) ? lexer.start : undefined;
      begins = beginners.has(word);
    }
  }
}

/** A plain query that calls something by its schema, or by a name that speaks of row-level security, may change the schema with it: `select pgmq.create('jobs')`. */
export function callsOf(statement: StatementTree, fields: Fields): Effect[] {
  const calls = listOf(fields['targetList']).map((target) => unwrap(fieldsOf(fieldsOf(target)['ResTarget'])['val'])).filter((value) => value?.type === 'FuncCall');
  const paths = calls.flatMap((value) => settingOf(value?.fields ?? {}));
  const acts = calls.some((value) => {
    const { schema, name } = dottedName(value?.fields['funcname']);
    return schema === undefined ? speaksOfRowSecurity(new Set([name])) : !harmlessSchemas.has(schema);
  });
  return acts && fields['fromClause'] === undefined ? [...paths, opaque(statement, false)] : paths;
}

/** `select set_config('search_path', …)`, as dumps begin. */
function settingOf(call: Fields): Effect[] {
  const [setting, value] = listOf(call['args']).map((argument) => fieldsOf(fieldsOf(fieldsOf(argument)['A_Const'])['sval'])['sval']);
  switch (dottedName(call['funcname']).name === 'set_config' ? setting : undefined) {
    case 'search_path':
      return [{ kind: 'searchPath', schemas: textOf(value).split(',').map((schema) => schema.trim().replace(/^"(.*)"$/, '$1')) }];
    case 'check_function_bodies':
      return [checkBodies(textOf(value))];
    default:
      return [];
  }
}

/** What is written in another way than most do is taken for off: nothing is said then. */
export function checkBodies(value: string | undefined): Effect {
  return { kind: 'checkBodies', on: ['on', 'true', 'yes', '1'].includes(value?.toLowerCase() ?? '') };
}

/** Code that names it is taken at its word. */
export function speaksOfRowSecurity(words: ReadonlySet<string>): boolean {
  return (words.has('row') && words.has('level') && words.has('security')) || [...words].some((word) => /(^|_)rls(_|$)|row_?(level_?)?security/.test(word));
}

/** Their functions make no tables. */
const harmlessSchemas: ReadonlySet<string> = new Set(['pg_catalog', 'cron', 'net', 'vault', 'auth', 'storage', 'realtime', 'extensions']);

const wordsWithinWords = 3;

/** The words of code, those within its strings and dollar quotes too. */
function wordsOf(code: string, depth = 0, words = new Set<string>()): ReadonlySet<string> {
  const lexer = new Lexer(code);
  while (lexer.next()) {
    if (lexer.kind === 'word') {
      words.add(lexer.value.toLowerCase());
    } else if (depth < wordsWithinWords && (lexer.kind === 'string' || lexer.kind === 'dollarString')) {
      const { value } = lexer;
      const opening = lexer.kind === 'string' ? value.indexOf("'") + 1 : value.indexOf('$', 1) + 1;
      wordsOf(value.slice(opening, Math.max(opening, value.length - opening)), depth + 1, words);
    }
  }
  return words;
}
