/** The words of a statement, for text that may be unfinished: everything but white space and comments. */
import { Lexer, type TokenKind } from './lexer.ts';
import { nameOf } from './lint/statementTree.ts';

export interface Word {
  readonly kind: Exclude<TokenKind, 'space' | 'comment' | 'end'>;
  readonly text: string;
  /** In small letters, unless it is quoted; for keywords. */
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  /** Parentheses around it; those themselves count as outside. */
  readonly depth: number;
}

export function readWords(text: string): Word[] {
  const list: Word[] = [];
  const lexer = new Lexer(text);
  let depth = 0;
  while (lexer.next()) {
    const { kind, start, end, value } = lexer;
    if (kind === 'space' || kind === 'comment' || kind === 'end') {
      continue;
    }
    const sign = kind === 'symbol' ? value : '';
    if (sign === ')' && depth > 0) {
      depth--;
    }
    list.push({ kind, text: value, lower: kind === 'word' ? value.toLowerCase() : value, start, end, depth });
    if (sign === '(') {
      depth++;
    }
  }
  return list;
}

/** A place in a comment, a string or a number, where nothing is to be said. */
export function isOpaqueAt(text: string, offset: number): boolean {
  const lexer = new Lexer(text);
  while (lexer.next() && lexer.start < offset) {
    if (isWithin(lexer, offset)) {
      return true;
    }
  }
  return false;
}

/** In the token, or at its end where what is written next still belongs to it. */
function isWithin({ kind, start, end, unfinished, text }: Lexer, offset: number): boolean {
  if (!opaque.has(kind) || start >= offset) {
    return false;
  }
  const goesOn = unfinished || kind === 'number' || kind === 'parameter' || text.startsWith('--', start);
  return offset < end || (offset === end && goesOn);
}

const opaque: ReadonlySet<TokenKind> = new Set(['comment', 'string', 'dollarString', 'number', 'parameter', 'template']);

export function isName(word: Word | undefined): word is Word {
  return word?.kind === 'quotedName' || (word?.kind === 'word' && !clauseWords.has(word.lower));
}

/** Words that begin or join clauses, and so are no names where a table or an alias is looked for. */
const clauseWords: ReadonlySet<string> = new Set(
  `select from where group order having limit offset fetch window union intersect except for join inner left right full cross natural on using
  set values returning into as and or not in is when then else end case default do conflict with lateral tablesample only`.split(/\s+/),
);

/** The names that stand with dots before an index, outermost first: `a.b.|` */
export function qualifiersBefore(words: readonly Word[], index: number): string[] {
  const names: string[] = [];
  for (let at = index; words[at - 1]?.text === '.'; at -= 2) {
    const name = words[at - 2];
    if (name?.kind !== 'word' && name?.kind !== 'quotedName') {
      break;
    }
    names.unshift(nameOf(name.text));
  }
  return names;
}

/** A dotted name that begins at an index of the words. */
export interface WrittenPath {
  /** As the server reads them. */
  readonly parts: readonly string[];
  /** Index behind it. */
  readonly next: number;
}

export function pathAt(words: readonly Word[], index: number): WrittenPath | undefined {
  const parts: string[] = [];
  let at = index;
  if (!isName(words[at])) {
    return undefined;
  }
  for (let word = words[at]; word?.kind === 'word' || word?.kind === 'quotedName'; word = words[at]) {
    parts.push(nameOf(word.text));
    at++;
    if (words[at]?.text !== '.') {
      break;
    }
    at++;
  }
  return { parts, next: at };
}

/** Index of the parenthesis that closes the one at an index; behind the last word where it is still open. */
export function closingOf(words: readonly Word[], opening: number): number {
  const depth = words[opening]?.depth ?? 0;
  const found = words.findIndex((word, index) => index > opening && word.text === ')' && word.kind === 'symbol' && word.depth === depth);
  return found === -1 ? words.length : found;
}
