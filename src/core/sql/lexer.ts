/**
 * Tokens of Postgres' SQL as its own scanner sees them (`src/backend/parser/scan.l`), for text that may be unfinished: whatever
 * is opened and never closed ends with the text, and nothing ever throws. What only psql and manuals know (backslash lines,
 * `{{name}}`) is recognised too. The real grammar checks the statements afterwards.
 */

export type TokenKind =
  | 'space'
  /** `--` to the end of the line, or a block comment with those inside it. */
  | 'comment'
  /** A keyword or an unquoted name. */
  | 'word'
  | 'number'
  /** `'…'`, `E'…'`; the letters of `B''`, `X''`, `N''` and `U&''` are tokens of their own. */
  | 'string'
  /** `"…"` */
  | 'quotedName'
  /** `$tag$…$tag$` */
  | 'dollarString'
  /** `$1` */
  | 'parameter'
  /** `{{name}}` within one line */
  | 'template'
  /** Any other single character. */
  | 'symbol'
  | 'end';

/**
 * A cursor over the tokens of a text. `kind`, `start` and `end` (UTF-16 offsets) describe the token that {@link next} found; they
 * are fields rather than objects because a large file has half a million tokens.
 */
export class Lexer {
  readonly text: string;
  kind: TokenKind = 'end';
  start = 0;
  end = 0;
  /** The token was still open at the end of the text. */
  unfinished = false;

  constructor(text: string, from = 0) {
    this.text = text;
    this.end = from;
  }

  /** Moves to the next token; `false` at the end of the text. */
  next(): boolean {
    this.start = this.end;
    this.unfinished = false;
    if (this.start >= this.text.length) {
      this.kind = 'end';
      return false;
    }
    const code = this.text.charCodeAt(this.start);
    if (code === byteOrderMark && this.start === 0) {
      this.take('space', 1);
    } else if (isWordStart(code)) {
      this.word();
    } else if (isSpace(code)) {
      this.take('space', skip(this.text, this.start + 1, isSpace));
    } else if (isDigit(code)) {
      this.take('number', skip(this.text, this.start + 1, isNumberPart));
    } else {
      this.sign(code);
    }
    return true;
  }

  /** The token's own text. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  private sign(code: number): void {
    const following = this.text.charCodeAt(this.start + 1);
    if (code === quote) {
      this.quoted('string', quote);
    } else if (code === doubleQuote) {
      this.quoted('quotedName', doubleQuote);
    } else if (code === dollar) {
      this.dollarSign(following);
    } else if (code === dash && following === dash) {
      this.take('comment', skip(this.text, this.start + 2, isNotNewline));
    } else if (code === slash && following === star) {
      this.blockComment();
    } else if (code === openBrace && following === openBrace) {
      this.template();
    } else {
      this.take('symbol', this.start + 1);
    }
  }

  private take(kind: TokenKind, end: number): void {
    this.kind = kind;
    this.end = end;
  }

  private takeOpen(kind: TokenKind): void {
    this.unfinished = true;
    this.take(kind, this.text.length);
  }

  private word(): void {
    const end = skip(this.text, this.start + 1, isWordPart);
    const first = this.text.charCodeAt(this.start);
    if (end === this.start + 1 && (first === letterE || first === letterE - 32) && this.text.charCodeAt(end) === quote) {
      this.escapeString(end);
    } else {
      this.take('word', end);
    }
  }

  /** A doubled quote stands for itself, which reads the same as one string after another. */
  private quoted(kind: 'string' | 'quotedName', mark: number): void {
    const sign = mark === quote ? "'" : '"';
    let end = this.text.indexOf(sign, this.start + 1);
    while (end !== -1 && this.text.charCodeAt(end + 1) === mark) {
      end = this.text.indexOf(sign, end + 2);
    }
    if (end === -1) {
      this.takeOpen(kind);
    } else {
      this.take(kind, end + 1);
    }
  }

  private escapeString(opening: number): void {
    let at = opening + 1;
    for (; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === backslash) {
        at++;
      } else if (code === quote) {
        if (this.text.charCodeAt(at + 1) === quote) {
          at++;
          continue;
        }
        const continued = continuation(this.text, at + 1);
        if (continued === undefined) {
          this.take('string', at + 1);
          return;
        }
        at = continued;
      }
    }
    this.takeOpen('string');
  }

  private dollarSign(following: number): void {
    if (isDigit(following)) {
      this.take('parameter', skip(this.text, this.start + 2, isDigit));
      return;
    }
    const tagEnd = isWordStart(following) ? skip(this.text, this.start + 2, isTagPart) : this.start + 1;
    if (this.text.charCodeAt(tagEnd) !== dollar) {
      this.take('symbol', this.start + 1);
      return;
    }
    const delimiter = this.text.slice(this.start, tagEnd + 1);
    const closing = this.text.indexOf(delimiter, tagEnd + 1);
    if (closing === -1) {
      this.takeOpen('dollarString');
    } else {
      this.take('dollarString', closing + delimiter.length);
    }
  }

  private blockComment(): void {
    let depth = 1;
    let at = this.start + 2;
    while (depth > 0) {
      const closing = this.text.indexOf('*/', at);
      if (closing === -1) {
        this.takeOpen('comment');
        return;
      }
      const opening = this.text.indexOf('/*', at);
      if (opening !== -1 && opening < closing) {
        depth++;
        at = opening + 2;
      } else {
        depth--;
        at = closing + 2;
      }
    }
    this.take('comment', at);
  }

  private template(): void {
    const near = this.text.slice(this.start, this.start + longestTemplate);
    const closing = near.indexOf('}}', 2);
    if (closing === -1 || closing > skip(near, 0, isNotNewline)) {
      this.take('symbol', this.start + 1);
    } else {
      this.take('template', this.start + closing + 2);
    }
  }
}

const longestTemplate = 200;

const quote = 0x27;
const doubleQuote = 0x22;
const dollar = 0x24;
const dash = 0x2d;
const slash = 0x2f;
const star = 0x2a;
const openBrace = 0x7b;
const backslash = 0x5c;
const underscore = 0x5f;
const letterE = 0x65;
const newline = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = 0xfeff;

function skip(text: string, from: number, belongs: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && belongs(text.charCodeAt(at))) {
    at++;
  }
  return at;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

export function isNewline(code: number): boolean {
  return code === newline || code === carriageReturn;
}

function isNotNewline(code: number): boolean {
  return code !== newline && code !== carriageReturn;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Everything beyond ASCII is a letter to Postgres, a no-break space too. */
export function isWordStart(code: number): boolean {
  const lower = code | 0x20;
  return code >= 0x80 || (lower >= 0x61 && lower <= 0x7a) || code === underscore;
}

function isTagPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

export function isWordPart(code: number): boolean {
  return isTagPart(code) || code === dollar;
}

/** `1e-5` and `1.5` need not stay in one piece; letters and digits do, so that `0xE'…'` opens no escape string. */
function isNumberPart(code: number): boolean {
  return isTagPart(code);
}

/**
 * Strings that only white space with a line break separates are one string, in which the escapes of the first go on.
 * Returns the offset of the next part's opening quote.
 */
function continuation(text: string, from: number): number | undefined {
  let at = from;
  let brokeLine = false;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code)) {
      brokeLine ||= isNewline(code);
      at++;
    } else {
      return code === quote && brokeLine ? at : undefined;
    }
  }
  return undefined;
}
