/** Code that a statement holds as a string: what a function, a procedure or DO runs. */
import { moved, type TextRange } from '../../runbook/document.ts';
import { isDigit, Lexer } from '../lexer.ts';
import type { StatementTree } from '../lint/statementTree.ts';
import { fieldsOf, listOf, stringNode, textOf } from '../tree.ts';

export interface CodeBody {
  readonly language: string;
  /** What the server is given to read. */
  readonly text: string;
  /** The string with its quotes, in the statement. */
  readonly literal: TextRange;
  /** Between dollars all stands as it is written. */
  readonly isPlain: boolean;
  /** Where the places of `text`, and the one behind it, are in the statement; absent where that cannot be told. */
  readonly offsets?: readonly number[];
  /** Of plain text: where it begins. */
  readonly start: number;
}

/** `undefined` where no code stands in the statement, or where it stands as the grammar's own: `begin atomic`, `return`. */
export function codeBodyOf(statement: StatementTree): CodeBody | undefined {
  const { type, fields, text } = statement;
  if (type !== 'DoStmt' && type !== 'CreateFunctionStmt') {
    return undefined;
  }
  const options = listOf(fields[type === 'DoStmt' ? 'args' : 'options']).map((option) => fieldsOf(fieldsOf(option)['DefElem']));
  const code = options.find(({ defname }) => defname === 'as');
  const language = options.find(({ defname }) => defname === 'language');
  // Whoever is still typing has yet to say in which language a function is; that of DO goes without saying.
  if (code === undefined || (language === undefined && type !== 'DoStmt')) {
    return undefined;
  }
  const parts = type === 'DoStmt' ? [code['arg']] : listOf(fieldsOf(fieldsOf(code['arg'])['List'])['items']);
  const literal = literalFrom(text, statement.offset(code['location']));
  // Compiled code is named by two.
  if (parts.length !== 1 || literal === undefined) {
    return undefined;
  }
  const written = read(text, literal);
  const given = textOf(fieldsOf(fieldsOf(parts[0])['String'])['sval']);
  const body = { language: language === undefined ? 'plpgsql' : stringNode(language['arg']).toLowerCase(), text: given, literal };
  if (written === undefined || written.text !== given) {
    return { ...body, isPlain: false, start: literal.start };
  }
  return written.offsets === undefined ? { ...body, isPlain: true, start: written.start } : { ...body, isPlain: false, start: written.start, offsets: written.offsets };
}

/** A range of the code as one of the statement: the whole string where no place within it can be told. */
export function rangeInStatement({ isPlain, start, offsets, literal }: CodeBody, range: TextRange): TextRange {
  if (isPlain) {
    return moved(range, start);
  }
  const [from, to] = [offsets?.[range.start], offsets?.[range.end]];
  return from === undefined || to === undefined ? literal : { start: from, end: to };
}

function literalFrom(text: string, from: number): TextRange | undefined {
  const lexer = new Lexer(text, from);
  while (lexer.next()) {
    if (lexer.kind === 'string' || lexer.kind === 'dollarString') {
      return { start: lexer.start, end: lexer.end };
    }
  }
  return undefined;
}

interface Written {
  readonly text: string;
  readonly start: number;
  readonly offsets?: readonly number[];
}

function read(statement: string, { start, end }: TextRange): Written | undefined {
  if (statement.charAt(start) === '$') {
    const mark = statement.indexOf('$', start + 1) + 1 - start;
    return { text: statement.slice(start + mark, end - mark), start: start + mark };
  }
  const escapes = statement.charAt(start) !== "'";
  const opening = start + (escapes ? 2 : 1);
  const offsets: number[] = [];
  let text = '';
  for (let at = opening; at < end - 1; ) {
    const [length, sign] = escapes && statement.charAt(at) === '\\' ? escaped(statement, at) : [statement.startsWith("''", at) ? 2 : 1, statement.charAt(at)];
    text += sign;
    for (let unit = 0; unit < sign.length; unit++) {
      offsets.push(at);
    }
    at += length;
  }
  return { text, start: opening, offsets: [...offsets, end - 1] };
}

const named: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** The length of an escape and what it stands for; bytes beyond ASCII, which may be part of a character, are not put together. */
function escaped(text: string, at: number): readonly [length: number, sign: string] {
  const sign = text.charAt(at + 1);
  const [digits, base, from] = sign === 'x' ? [2, 16, 2] : sign === 'u' ? [4, 16, 2] : sign === 'U' ? [8, 16, 2] : isDigit(sign.charCodeAt(0)) ? [3, 8, 1] : [0, 0, 0];
  const number = (base === 8 ? /^[0-7]*/ : /^[\da-f]*/i).exec(text.slice(at + from, at + from + digits))?.[0] ?? '';
  const code = Number.parseInt(number, base);
  return number === '' || code > 0x10ffff ? [2, named[sign] ?? sign] : [from + number.length, String.fromCodePoint(code)];
}
