import { Lexer } from '../sql/lexer.ts';
import { replaceNames } from './replaceNames.ts';
import { namePlaces } from './sqlPlaceholders.ts';

/**
 * Puts values into a statement: escaped within a string, quoted as a name where a name stands, a literal elsewhere. A number stays
 * a number.
 */
export function fillSql(statement: string, answers: ReadonlyMap<string, string>): string {
  const lexer = new Lexer(statement);
  let filled = '';
  let before: readonly string[] = [];
  while (lexer.next()) {
    const { kind, start } = lexer;
    const written = placeholderAt(lexer, answers);
    if (written !== undefined) {
      lexer.end = start + written.length;
    }
    const value = statement.slice(start, lexer.end);
    // A bare word is only taken for a placeholder where it is a name.
    const name = kind === 'word' || isName(before, statement, lexer.end);
    filled += written === undefined ? fillQuoted(kind, value, answers) : bareValue(answers.get(written) ?? '', name);
    if (kind !== 'space' && kind !== 'comment') {
      before = [value.toLowerCase(), ...before.slice(0, 2)];
    }
  }
  return filled;
}

/** The placeholder that begins with this token; a word must be one as a whole. */
function placeholderAt(lexer: Lexer, answers: ReadonlyMap<string, string>): string | undefined {
  if (lexer.kind === 'word' || lexer.kind === 'template') {
    return answers.has(lexer.value) ? lexer.value : undefined;
  }
  return lexer.kind === 'symbol' ? [...answers.keys()].find((name) => lexer.text.startsWith(name, lexer.start)) : undefined;
}

function fillQuoted(kind: Lexer['kind'], value: string, answers: ReadonlyMap<string, string>): string {
  if (kind !== 'string' && kind !== 'quotedName') {
    return value;
  }
  const quote = kind === 'string' ? "'" : '"';
  const hasEscapes = /^e/i.test(value);
  return replaceNames(value, answers, (answer) => (hasEscapes ? answer.replaceAll('\\', '\\\\') : answer).replaceAll(quote, quote + quote));
}

function isName([previous = '', , third = '']: readonly string[], statement: string, end: number): boolean {
  return namePlaces.has(previous === '.' ? third : previous) || /^\s*[.(]/.test(statement.slice(end, end + 20));
}

function bareValue(answer: string, isName: boolean): string {
  if (isName) {
    return answer.split('.').map(quoteName).join('.');
  }
  return /^[+-]?\d+(?:\.\d+)?$/.test(answer) ? answer : `'${answer.replaceAll("'", "''")}'`;
}

function quoteName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) || /^"(?:[^"]|"")*"$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
