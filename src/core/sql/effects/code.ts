/** Code that runs when it is read, and may do anything. */
import { Lexer } from '../lexer.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { dottedName } from '../objectNames.ts';
import { fieldsOf, listOf, unwrap, type Fields } from '../tree.ts';
import type { Effect } from './effect.ts';

export function opaque({ text }: StatementTree, isWhole: boolean): Extract<Effect, { kind: 'opaque' }> {
  return { kind: 'opaque', words: wordsOf(text), isWhole };
}

/** A plain query that calls something by its schema may change the schema with it: `select pgmq.create('jobs')`. */
export function callsOf(statement: StatementTree, fields: Fields): Effect[] {
  const calls = listOf(fields['targetList']).some((target) => {
    const value = unwrap(fieldsOf(fieldsOf(target)['ResTarget'])['val']);
    const { schema } = dottedName(value?.fields['funcname']);
    return value?.type === 'FuncCall' && schema !== undefined && !harmlessSchemas.has(schema);
  });
  return calls && fields['fromClause'] === undefined ? [opaque(statement, false)] : [];
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
