/** Where code in PL/pgSQL goes wrong: its grammar says what is wrong, but not where. */
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import { Lexer } from '../lexer.ts';
import { nameOf, type StatementTree } from '../lint/statementTree.ts';
import { fieldsOf, listOf, stringNode, textOf } from '../tree.ts';
import type { CodeBody } from './codeBody.ts';

export interface ProceduralFault {
  readonly message: string;
  /** In the code. */
  readonly range: TextRange;
}

/** What the grammar says of code: its variables where it parses, else its fault; neither where what it objects to may only be that it knows no types and no functions. */
export interface ProceduralReading {
  readonly variables?: readonly string[];
  readonly fault?: ProceduralFault;
}

export async function readProcedural(statement: StatementTree, body: CodeBody, grammar: SqlGrammar, signal: AbortSignal): Promise<ProceduralReading> {
  for (const { around, certain } of surroundingsOf(statement, body)) {
    const parse = async (code: string) => grammar.parseProcedural(around(code), signal);
    const parsed = await parse(body.text);
    if (parsed.kind === 'parsed') {
      return parsed;
    }
    const { message } = parsed;
    if (certain.some((pattern) => pattern.test(message))) {
      const search = new Search(body.text, message, async (code) => {
        const again = await parse(code);
        return again.kind === 'invalid' ? again.message : undefined;
      });
      return { fault: { message, range: await search.place() } };
    }
  }
  return {};
}

/** A statement around code, and what of the grammar's objections within it needs no types, tables and functions to be right. */
interface Surroundings {
  readonly around: (code: string) => string;
  readonly certain: readonly RegExp[];
}

/** The statement with other code in its place; and one that has nothing of it but the names of its parameters. */
function* surroundingsOf({ type, fields, text }: StatementTree, { literal, text: code }: CodeBody): Generator<Surroundings> {
  let tag = 'code';
  while (code.includes(`$${tag}$`)) {
    tag += '_';
  }
  const quoted = (inner: string): string => `$${tag}$${inner}$${tag}$`;
  yield { around: (inner) => text.slice(0, literal.start) + quoted(inner) + text.slice(literal.end), certain: [...ofCode, ...ofResult] };
  if (type === 'CreateFunctionStmt') {
    const { names, setof } = fieldsOf(fields['returnType']);
    const result = stringNode(listOf(names).at(-1));
    const parameters = listOf(fields['parameters']).map((each) => textOf(fieldsOf(fieldsOf(each)['FunctionParameter'])['name'])).filter((name) => name !== '');
    const isTrigger = result === 'trigger' || result === 'event_trigger';
    const header = `create function f(${isTrigger ? '' : parameters.map((name) => `"${name.replaceAll('"', '""')}" text`).join(', ')}) returns ${setof === true ? 'setof ' : ''}${isTrigger || result === 'void' ? result : 'text'} language plpgsql as `;
    yield { around: (inner) => header + quoted(inner), certain: ofCode };
  }
}

const ofCode: readonly RegExp[] = [
  /^(syntax error|missing |mismatched parentheses|incomplete data type declaration|unterminated |unexpected end of function definition|duplicate declaration|unrecognized (RAISE|GET DIAGNOSTICS)|block label must be placed)/,
  /^too (few|many) parameters specified for RAISE$/,
  /^(EXIT|CONTINUE) cannot be used outside a loop/,
  /^unrecognized exception condition "/,
  /^variable "[^"]*" (is declared CONSTANT$|must have a default value)/,
  // With a dot before it, the name may be one of the function's or of a type's.
  /^"[^".]*" is not a known variable$/,
];

const ofResult: readonly RegExp[] = [/^RETURN (NEXT )?cannot have a parameter in /, /^cannot use RETURN (NEXT|QUERY) in a non-SETOF function/];

/** What the message speaks of without saying where. */
const blamedWords = ['raise', 'exit', 'continue', 'return'];

interface Token {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

class Search {
  private readonly code: string;
  private readonly message: string;
  private readonly objectionTo: (code: string) => Promise<string | undefined>;
  private readonly tokens: readonly Token[];

  constructor(code: string, message: string, objectionTo: (code: string) => Promise<string | undefined>) {
    this.code = code;
    this.message = message;
    this.objectionTo = objectionTo;
    this.tokens = tokensOf(code);
  }

  async place(): Promise<TextRange> {
    const atEnd = this.message.endsWith(' at end of input');
    // Code that is cut off ends too early as well: behind it stands what nobody can read on.
    const behind = atEnd ? ' "' : '';
    if (atEnd && (await this.objectionTo(this.code + behind)) !== this.message) {
      return this.rangeOf(this.tokens.length - 1);
    }
    const last = await this.firstThat(async (index) => (await this.objectionTo(this.code.slice(0, this.tokens[index]?.end) + behind)) === this.message);
    const named = / at or near "([^]*)"$/.exec(this.message)?.[1];
    if (named === undefined) {
      return this.rangeOf(atEnd ? last : this.blamedBy(last));
    }
    return this.rangeOf(await this.nearest(named, last));
  }

  /** The first token with which a fault is there: with fewer it is another one, with more the same. */
  private async firstThat(isThere: (index: number) => Promise<boolean>): Promise<number> {
    let low = 0;
    let high = this.tokens.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (await isThere(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** What is named may stand before the token at which it was noticed: SQL within the code is read once its end was found. */
  private async nearest(named: string, last: number): Promise<number> {
    const ending = this.tokens[last];
    const isAt = ({ start }: Token): boolean => this.code.startsWith(named, start);
    if (ending === undefined || isAt(ending)) {
      return last;
    }
    const begin = this.tokens.findLastIndex(({ text }, index) => index < last && text === ';') + 1;
    const candidates = this.tokens.flatMap((token, index) => (index >= begin && index < last && isAt(token) ? [index] : []));
    for (const index of candidates.slice(0, -1)) {
      const until = this.code.slice(0, this.tokens[index]?.end);
      if ((await this.objectionTo(`${until} ${this.closing(begin, index)} ${ending.text}`)) === this.message) {
        return index;
      }
    }
    return candidates.at(-1) ?? last;
  }

  private closing(from: number, to: number): string {
    const open: string[] = [];
    for (const { text } of this.tokens.slice(from, to + 1)) {
      if (text === '(' || text === '[') {
        open.unshift(text === '(' ? ')' : ']');
      } else if (text === ')' || text === ']') {
        open.shift();
      }
    }
    return open.join('');
  }

  /** The word that the message is about, from where it was noticed backwards. */
  private blamedBy(last: number): number {
    const name = /^(?:variable |unrecognized exception condition )?"([^"]*)"/.exec(this.message)?.[1];
    const word = name ?? blamedWords.find((each) => this.message.includes(each.toUpperCase()));
    const index = this.tokens.findLastIndex(({ text }, at) => at <= last && nameOf(text) === word);
    return index === -1 ? last : index;
  }

  private rangeOf(index: number): TextRange {
    const { start, end } = this.tokens[Math.max(0, index)] ?? { start: 0, end: this.code.length };
    const lineEnd = this.code.indexOf('\n', start);
    // What was opened and never closed would paint everything behind it.
    return { start, end: index === this.tokens.length - 1 && lineEnd !== -1 ? Math.min(end, lineEnd) : end };
  }
}

/** Signs that may be one operator together stay together. */
function tokensOf(code: string): Token[] {
  const tokens: Token[] = [];
  const lexer = new Lexer(code);
  while (lexer.next()) {
    if (lexer.kind === 'space' || lexer.kind === 'comment') {
      continue;
    }
    const { value: text, start, end } = lexer;
    const before = tokens.at(-1);
    if (lexer.kind === 'symbol' && before?.end === start && operatorSigns.includes(text) && [...before.text].every((sign) => operatorSigns.includes(sign))) {
      tokens[tokens.length - 1] = { start: before.start, end, text: before.text + text };
    } else {
      tokens.push({ start, end, text });
    }
  }
  return tokens;
}

const operatorSigns = '+-*/<>=~!@#%^&|`?:.';
