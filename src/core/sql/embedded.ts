/** SQL in programs: `sql` templates, and the first argument of calls that run a query. Text that is being typed never throws. */
import { tokenize, type Token } from '../secrets/scanner.ts';
import type { TextRange } from '../runbook/document.ts';
import { Lexer } from './lexer.ts';

/** A string of a program that is SQL. */
export interface EmbeddedSql {
  /** What the program would send; `${…}` is as long as it is written. */
  readonly text: string;
  /** The places of `${…}` in `text`. */
  readonly openings: readonly TextRange[];
  /** For each UTF-16 offset of `text`, and one behind it, the offset in the program. */
  readonly offsets: readonly number[];
}

/** `sql`…``, `SQL`…``, `db.sql`…``; deno-postgres' and Prisma's methods are tags as well. */
const tags: ReadonlySet<string> = new Set(['sql', 'SQL', 'queryObject', 'queryArray', '$queryRaw', '$executeRaw']);
/** Methods whose first argument is a statement, in the clients that people use with Postgres; that of `rpc` is mostly a function's name. */
const runners: ReadonlySet<string> = new Set(['query', 'rpc', 'queryObject', 'queryArray', 'execute', 'unsafe', 'raw', '$queryRawUnsafe', '$executeRawUnsafe']);

/** What a whole statement begins with; fragments of one are left alone. */
const firstWords: ReadonlySet<string> = new Set(
  'select insert update delete merge with values create alter drop truncate explain grant revoke comment call do begin commit rollback set reset show refresh vacuum analyze reindex copy lock listen notify'.split(' '),
);

/** All SQL strings of a program, in order. */
export function findEmbeddedSql(program: string): EmbeddedSql[] {
  if (!mayHold(program)) {
    return [];
  }
  const tokens = tokenize(program);
  const found: EmbeddedSql[] = [];
  tokens.forEach((token, index) => {
    const place = placeOf(tokens, index);
    const embedded = place === undefined ? undefined : readString(program, token.offset);
    if (embedded !== undefined && beginsStatement(embedded.text) && (place === 'tagged' || isWholeArgument(tokens, index, embedded))) {
      found.push(embedded);
    }
  });
  return found;
}

/** Spares the tokens of most programs. */
function mayHold(program: string): boolean {
  return [...tags].some((tag) => program.includes(tag)) || [...runners].some((runner) => program.includes(`${runner}(`) || program.includes(`${runner}<`));
}

/** Of a string or the beginning of a template: whether it stands behind a tag, or first in the parentheses of a runner. */
function placeOf(tokens: readonly Token[], index: number): 'tagged' | 'argument' | undefined {
  const token = tokens[index];
  if (token === undefined || (token.kind !== 'string' && !(token.kind === 'template' && token.text.startsWith('`')))) {
    return undefined;
  }
  if (tokens[index - 1]?.text === '(') {
    const at = beforeTypes(tokens, index - 2);
    const [dot, method] = [tokens[at - 1], tokens[at]];
    return method?.kind === 'name' && dot?.text === '.' && runners.has(method.text) ? 'argument' : undefined;
  }
  const tag = tokens[beforeTypes(tokens, index - 1)];
  return tag?.kind === 'name' && tags.has(tag.text) ? 'tagged' : undefined;
}

/** The index of the name that stands before the types of something generic: `sql<Row>`…``, `.query<Row>(…)`; the same index where there are none. */
function beforeTypes(tokens: readonly Token[], index: number): number {
  if (tokens[index]?.text !== '>') {
    return index;
  }
  for (let depth = 0, at = index; at >= 0 && index - at < 60; at--) {
    depth += tokens[at]?.text === '>' ? 1 : tokens[at]?.text === '<' ? -1 : 0;
    if (depth === 0) {
      return at - 1;
    }
  }
  return index;
}

/** Not the first piece of what is put together: `'select ' + columns`. */
function isWholeArgument(tokens: readonly Token[], index: number, { offsets }: EmbeddedSql): boolean {
  const end = offsets.at(-1) ?? 0;
  const next = tokens.slice(index + 1).find(({ offset }) => offset > end)?.text;
  return next === undefined || behindArgument.has(next);
}

const behindArgument: ReadonlySet<string> = new Set([')', ',', 'as', 'satisfies']);

/** One word alone is mostly a name or a search: `.rpc('refresh')`, `.query('update')`; and selectors of style sheets begin with it: `select.small`. */
function beginsStatement(text: string): boolean {
  const lexer = new Lexer(text);
  let first = '';
  let end = 0;
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment' || lexer.value === '(') {
      continue;
    }
    if (first !== '') {
      return lexer.value !== '>' && (lexer.start > end || !ofSelectors.has(lexer.value));
    }
    first = lexer.kind === 'word' ? lexer.value.toLowerCase() : '';
    end = lexer.end;
    if (!firstWords.has(first)) {
      return false;
    }
  }
  return wholeWords.has(first);
}

const ofSelectors: ReadonlySet<string> = new Set(['.', '#', '[', ':', ',', '~', '+']);
const wholeWords: ReadonlySet<string> = new Set(['begin', 'commit', 'rollback', 'vacuum', 'analyze']);

/** The string that begins at an offset; `undefined` when it does not end. */
function readString(program: string, start: number): EmbeddedSql | undefined {
  const quote = program.charAt(start);
  const reader = new StringReader(program, start + 1);
  while (reader.at < program.length && program.charAt(reader.at) !== quote) {
    reader.part(quote);
  }
  return reader.at < program.length ? reader.done() : undefined;
}

class StringReader {
  at: number;
  private readonly program: string;
  private text = '';
  private readonly offsets: number[] = [];
  private readonly openings: TextRange[] = [];

  constructor(program: string, at: number) {
    this.program = program;
    this.at = at;
  }

  part(quote: string): void {
    if (this.program.charAt(this.at) === '\\') {
      this.escape();
    } else if (quote === '`' && this.program.startsWith('${', this.at)) {
      this.hole();
    } else {
      this.put(this.program.charAt(this.at), this.at);
      this.at++;
    }
  }

  done(): EmbeddedSql {
    return { text: this.text, openings: this.openings, offsets: [...this.offsets, this.at] };
  }

  private put(text: string, from: number): void {
    this.text += text;
    for (let index = 0; index < text.length; index++) {
      this.offsets.push(from);
    }
  }

  /** A name takes the hole's place until something fits better: it joins what it touches, as a value would. */
  private hole(): void {
    const end = holeEnd(this.program, this.at);
    const from = this.text.length;
    for (let at = this.at; at < end; at++) {
      this.put(at === this.at ? 'p' : '_', at);
    }
    this.openings.push({ start: from, end: this.text.length });
    this.at = end;
  }

  private escape(): void {
    const [length, text] = unescaped(this.program, this.at);
    this.put(text, this.at);
    this.at += length;
  }
}

const simple: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', '0': '\0', '\n': '' };

/** The length of an escape and what it stands for. */
function unescaped(program: string, at: number): readonly [length: number, text: string] {
  const sign = program.charAt(at + 1);
  const digits = sign === 'x' ? program.slice(at + 2, at + 4) : sign === 'u' ? program.slice(at + 2, at + 6) : '';
  const braced = sign === 'u' && digits.startsWith('{') ? program.slice(at + 3, program.indexOf('}', at)) : undefined;
  const code = Number.parseInt(braced ?? digits, 16);
  if (Number.isNaN(code) || code > 0x10ffff) {
    return [2, simple[sign] ?? sign];
  }
  return [braced === undefined ? 2 + digits.length : 4 + braced.length, String.fromCodePoint(code)];
}

/** The end of `${…}`: the scanner knows strings, comments and templates within it. */
function holeEnd(program: string, start: number): number {
  // One hole is seldom long; the whole rest of a program would take as long as the program.
  const ahead = program.slice(start + 2, start + 2 + longestHole);
  let depth = 0;
  for (const { kind, text, offset } of tokenize(ahead)) {
    depth += kind === 'punctuation' && text === '{' ? 1 : kind === 'punctuation' && text === '}' ? -1 : 0;
    if (depth < 0) {
      return start + 2 + offset + 1;
    }
  }
  return Math.min(program.length, start + 2 + longestHole);
}

const longestHole = 4000;
