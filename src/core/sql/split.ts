/** Where the statements of a text begin and end, also while it is being typed. Nothing throws; the grammar judges afterwards. */
import type { TextRange } from '../runbook/document.ts';
import { isNewline, Lexer } from './lexer.ts';

export interface Statement {
  /** `psql` is a backslash line (`\d users`), which no server understands. */
  readonly kind: 'sql' | 'psql';
  /** As written, without the semicolon and without the comments around it; `text.slice(range.start, range.end)` of the whole. */
  readonly text: string;
  /** UTF-16 offsets of `text`. */
  readonly range: TextRange;
  /** With the comment lines directly above, the semicolon, a comment behind it on the same line, and COPY's data. */
  readonly whole: TextRange;
  /** A semicolon, or psql's `\g`, ended it. */
  readonly terminated: boolean;
  /** What was opened and is not closed where the text ends. */
  readonly unfinished?: 'string' | 'quotedName' | 'dollarString' | 'comment';
  /** The lines behind `COPY … FROM stdin;` up to and with `\.`; only psql can send them. */
  readonly copyData?: TextRange;
}

/** All statements in order; comments, white space and lone semicolons alone give none. About 20 ms per megabyte. */
export function splitStatements(text: string): Statement[] {
  return [...readStatements(text)];
}

/**
 * The statements one after the other, each read when it is asked for. `from` is where a statement begins, by its `whole`; what lies
 * before is as if it were not there.
 */
export function* readStatements(text: string, from = 0): Generator<Statement, void, undefined> {
  const splitter = new Splitter(text, from);
  for (let statement = splitter.next(); statement !== undefined; statement = splitter.next()) {
    yield statement;
  }
}

/**
 * The statement that an offset (a cursor) is in or touches. Between two that touch each other it is the one that begins there.
 * `undefined` in the empty lines between statements.
 */
export function statementAt(statements: readonly Statement[], offset: number): Statement | undefined {
  let low = 0;
  let high = statements.length - 1;
  let found: Statement | undefined;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const statement = statements[middle];
    if (statement === undefined || statement.whole.start > offset) {
      high = middle - 1;
    } else {
      found = statement;
      low = middle + 1;
    }
  }
  return found !== undefined && offset <= found.whole.end ? found : undefined;
}

/** What the first words of a statement say about the semicolons in it. */
type Shape =
  | 'plain'
  /** `CREATE RULE … DO (a; b)`: the only parentheses with statements in them. */
  | 'rule'
  /** `CREATE FUNCTION | PROCEDURE`, which may have a body `BEGIN ATOMIC a; b; END`. */
  | 'routine'
  | 'copy';

/** One statement while it is being read. */
interface Open {
  readonly wholeStart: number;
  readonly start: number;
  /** End of the last token that is no comment. */
  end: number;
  shape: Shape;
  readonly leadingWords: string[];
  parentheses: number;
  /** `BEGIN ATOMIC` and the `CASE`s in it that wait for their `END`. */
  blocks: number;
  previousWord: string;
  copiesFromStdin: boolean;
  unfinished: Statement['unfinished'];
}

class Splitter {
  private readonly text: string;
  private readonly lexer: Lexer;
  /** Those that were read and not given out yet. */
  private readonly statements: Statement[] = [];
  private open: Open | undefined;
  /** Start of the comments that stand directly above whatever comes next. */
  private leading: number | undefined;
  /** The rest of the line on which the last statement ended is still its own. */
  private onLastLine = false;
  private moreCopyData = true;
  private ended = false;

  constructor(text: string, from: number) {
    this.text = text;
    this.lexer = new Lexer(text, from);
  }

  next(): Statement | undefined {
    // A comment behind it may still belong to the last one.
    while (this.statements.length < 2 && this.lexer.next()) {
      this.take();
    }
    if (this.lexer.kind === 'end' && !this.ended) {
      this.ended = true;
      // What somebody is still typing reaches to the end of the text.
      this.close(false, this.text.length);
    }
    return this.statements.shift();
  }

  private take(): void {
    const { kind } = this.lexer;
    if (kind === 'space') {
      this.space();
    } else if (kind === 'comment') {
      this.comment();
    } else if (kind === 'symbol') {
      this.symbol(this.text.charCodeAt(this.lexer.start));
    } else {
      this.token();
    }
  }

  private space(): void {
    if (this.open !== undefined) {
      return;
    }
    const breaks = lineBreaks(this.text, this.lexer.start, this.lexer.end);
    if (breaks > 0) {
      this.onLastLine = false;
    }
    if (breaks > 1) {
      this.leading = undefined;
    }
  }

  private comment(): void {
    if (this.open !== undefined) {
      if (this.lexer.unfinished) {
        this.open.unfinished = 'comment';
      }
    } else if (this.onLastLine) {
      this.extendLast(this.lexer.end);
    } else if (isHint(this.text, this.lexer.start)) {
      this.token();
    } else {
      this.leading ??= this.lexer.start;
    }
  }

  private symbol(code: number): void {
    if (code === backslash) {
      this.backslashLine();
    } else if (code === semicolon) {
      this.semicolon();
    } else {
      const open = this.token();
      if (code === openParenthesis) {
        open.parentheses++;
      } else if (code === closeParenthesis && open.parentheses > 0) {
        open.parentheses--;
      } else if (code === dot) {
        open.previousWord = '.';
      }
    }
  }

  /** Adds the current token to the statement, opening one if there is none. */
  private token(): Open {
    const { kind, start, end } = this.lexer;
    const open = (this.open ??= begin(this.leading ?? start, start));
    open.end = end;
    if (kind === 'word') {
      noteWord(open, this.text, start, end);
    } else {
      open.previousWord = '';
      if (this.lexer.unfinished) {
        open.unfinished = kind as Statement['unfinished'];
      }
    }
    return open;
  }

  private semicolon(): void {
    const { open } = this;
    if (open === undefined) {
      this.leading = undefined;
    } else if (open.blocks > 0 || (open.shape === 'rule' && open.parentheses > 0)) {
      open.end = this.lexer.end;
      open.previousWord = '';
    } else {
      this.close(true);
    }
  }

  private close(terminated: boolean, wholeEnd = terminated ? this.lexer.end : undefined): void {
    const { open } = this;
    if (open === undefined) {
      return;
    }
    const copyData = terminated && open.copiesFromStdin ? this.copyData() : undefined;
    this.add({
      kind: 'sql',
      text: this.text.slice(open.start, open.end),
      range: { start: open.start, end: open.end },
      whole: { start: open.wholeStart, end: copyData?.end ?? wholeEnd ?? open.end },
      terminated,
      ...(open.unfinished === undefined ? {} : { unfinished: open.unfinished }),
      ...(copyData === undefined ? {} : { copyData }),
    });
    if (copyData !== undefined) {
      this.lexer.end = copyData.end;
    }
  }

  private copyData(): TextRange | undefined {
    const data = this.moreCopyData ? copyDataAfter(this.text, this.lexer.end) : undefined;
    this.moreCopyData = data !== undefined;
    return data;
  }

  private add(statement: Statement): void {
    this.statements.push(statement);
    this.open = undefined;
    this.leading = undefined;
    this.onLastLine = true;
  }

  /** psql takes what follows a backslash to the end of the line as its own; `\;` is a plain semicolon, `\g…` ends a statement. */
  private backslashLine(): void {
    const { start } = this.lexer;
    if (this.text.charCodeAt(start + 1) === semicolon) {
      this.lexer.end = start + 2;
      this.semicolon();
      return;
    }
    this.close(this.text.charCodeAt(start + 1) === letterG, this.open?.end);
    const end = psqlCommandEnd(this.text, start);
    this.add({
      kind: 'psql',
      text: this.text.slice(start, end),
      range: { start, end },
      whole: { start: this.leading ?? start, end },
      terminated: true,
    });
    this.lexer.end = end;
  }

  /** A comment behind the semicolon on the same line belongs to the statement before it. */
  private extendLast(end: number): void {
    const last = this.statements.pop();
    if (last !== undefined) {
      this.statements.push({ ...last, whole: { start: last.whole.start, end } });
    }
  }
}

const backslash = 0x5c;
const semicolon = 0x3b;
const openParenthesis = 0x28;
const closeParenthesis = 0x29;
const dot = 0x2e;
const plus = 0x2b;
const letterG = 0x67;

function begin(wholeStart: number, start: number): Open {
  return {
    wholeStart,
    start,
    end: start,
    shape: 'plain',
    leadingWords: [],
    parentheses: 0,
    blocks: 0,
    previousWord: '',
    copiesFromStdin: false,
    unfinished: undefined,
  };
}

/** Words decide only in few statements, so most are not even read. */
function noteWord(open: Open, text: string, start: number, end: number): void {
  if (open.leadingWords.length < 4) {
    open.leadingWords.push(text.slice(start, end).toLowerCase());
    open.shape = shapeOf(open.leadingWords);
  }
  if (open.shape === 'plain' || open.shape === 'rule' || end - start > 6) {
    open.previousWord = '';
    return;
  }
  const word = text.slice(start, end).toLowerCase();
  if (open.shape === 'copy') {
    open.copiesFromStdin ||= word === 'stdin' && open.previousWord === 'from' && open.parentheses === 0;
  } else {
    noteBlock(open, word);
  }
  open.previousWord = word;
}

function shapeOf(words: readonly string[]): Shape {
  if (words[0] === 'copy') {
    return 'copy';
  }
  if (words[0] !== 'create') {
    return 'plain';
  }
  const kind = words[1] === 'or' && words[2] === 'replace' ? words[3] : words[1];
  return kind === 'function' || kind === 'procedure' ? 'routine' : kind === 'rule' ? 'rule' : 'plain';
}

/** `end` and `case` are reserved: they are names only behind a dot or `as`. */
function noteBlock(open: Open, word: string): void {
  if (open.previousWord === '.' || open.previousWord === 'as') {
    return;
  }
  if (open.blocks === 0) {
    open.blocks = word === 'atomic' && open.previousWord === 'begin' && open.parentheses === 0 ? 1 : 0;
  } else if (word === 'case') {
    open.blocks++;
  } else if (word === 'end') {
    open.blocks--;
  }
}

/** A comment that pg_hint_plan reads is part of the statement. */
function isHint(text: string, start: number): boolean {
  return text.startsWith('/*', start) && text.charCodeAt(start + 2) === plus;
}

function lineBreaks(text: string, start: number, end: number): number {
  let breaks = 0;
  for (let at = start; at < end; at++) {
    if (isNewline(text.charCodeAt(at))) {
      breaks++;
      if (text.startsWith('\r\n', at)) {
        at++;
      }
    }
  }
  return breaks;
}

/** The data begins on the next line. Without its `\.` there is none: somebody is typing, or the data is elsewhere. */
function copyDataAfter(text: string, from: number): TextRange | undefined {
  const lineEnd = text.indexOf('\n', from);
  if (lineEnd === -1) {
    return undefined;
  }
  for (let at = text.indexOf('\n\\.', lineEnd); at !== -1; at = text.indexOf('\n\\.', at + 1)) {
    const end = at + '\n\\.'.length;
    if (end === text.length || isNewline(text.charCodeAt(end))) {
      return { start: lineEnd + 1, end };
    }
  }
  return undefined;
}

/** The end of the line, or before `\\`, psql's separator, unless it stands in quotes. */
function psqlCommandEnd(text: string, start: number): number {
  let quote = '';
  let at = start + 1;
  for (; at < text.length && !isNewline(text.charCodeAt(at)); at++) {
    const sign = text.charAt(at);
    if (quote !== '') {
      quote = sign === quote ? '' : quote;
    } else if (sign === "'" || sign === '"' || sign === '`') {
      quote = sign;
    } else if (sign === '\\' && text.charAt(at + 1) === '\\') {
      return at + 2;
    }
  }
  return trimEnd(text, start, at);
}

function trimEnd(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && (text.charAt(at - 1) === ' ' || text.charAt(at - 1) === '\t')) {
    at--;
  }
  return at;
}
