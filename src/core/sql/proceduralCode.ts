/** What can be said of code that the grammar does not look into: the body of DO. */
import type { Risk } from '../runbook/operation.ts';
import { Lexer } from './lexer.ts';
import { splitStatements } from './split.ts';

/** The words of a body cannot say that it is harmless, only that it is not. `why` is a verb phrase for the user. */
export function judgeCode(code: string): { readonly risk: Risk; readonly why: string } {
  const destroys = destroyingWord(code, 0);
  return destroys === undefined
    ? { risk: 'writes', why: 'runs a block of code, which may change something' }
    : { risk: 'destroys', why: `runs a block of code with ${destroys} in it` };
}

/** Strings may hold statements too: `execute 'drop table t'`. */
const stringsWithinStrings = 3;

function destroyingWord(code: string, depth: number): string | undefined {
  for (const { text } of splitStatements(code)) {
    const found = destroyingPart(text, depth);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

function destroyingPart(statement: string, depth: number): string | undefined {
  const words = new Set<string>();
  const lexer = new Lexer(statement);
  while (lexer.next()) {
    if (lexer.kind === 'word') {
      words.add(lexer.value.toLowerCase());
    } else if (depth < stringsWithinStrings && (lexer.kind === 'string' || lexer.kind === 'dollarString')) {
      const inside = destroyingWord(contents(lexer), depth + 1);
      if (inside !== undefined) {
        return inside;
      }
    }
  }
  return destroyingAmong(words);
}

function destroyingAmong(words: ReadonlySet<string>): string | undefined {
  if (words.has('drop')) {
    return 'DROP';
  }
  if (words.has('truncate')) {
    return 'TRUNCATE';
  }
  if (words.has('where')) {
    return undefined;
  }
  return words.has('delete') ? 'DELETE' : words.has('update') ? 'UPDATE' : undefined;
}

/** The text between the quotes or dollars. */
function contents({ value, kind, unfinished }: Lexer): string {
  const start = (kind === 'string' ? value.indexOf("'") : value.indexOf('$', 1)) + 1;
  const closing = kind === 'string' ? 1 : start;
  return value.slice(start, unfinished ? value.length : value.length - closing);
}
