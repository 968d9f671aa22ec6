/**
 * Calls of supabase-js in programs: `supabase.from('x').select('a').eq('b', …)`, `supabase.rpc('f')`. A receiver counts as a client only
 * - where its last name has `supabase` in it (`this.supabase`, `supabaseAdmin`, `getSupabase()`) and neither `storage` nor `bucket` (there
 *   it is files), nor `mock`, `fake` or `stub`, or
 * - where the program imports something with `supabase` in its name, and declares the receiver's last name as what a function
 *   `create…Client` gives, or of the type `SupabaseClient`; or calls `create…Client` on the spot.
 * Whatever else has a `from` (`Array`, `Buffer`, query builders, `supabase.storage`) is passed over.
 */
import type { TextRange } from '../runbook/document.ts';
import { tokenize, type Token } from '../secrets/scanner.ts';
import type { PlacedName } from './select.ts';

/** A string of the program without escapes, in whose range the offsets of its text are those of the program. */
export interface Literal {
  readonly text: string;
  readonly range: TextRange;
}

/** A key of an object that is written down as a row. */
export interface RowKey extends PlacedName {
  /** `{ name }`: the key is the variable as well. */
  readonly shorthand: boolean;
}

export interface MethodCall {
  readonly method: string;
  /** The first argument, where it is a plain string. */
  readonly text: Literal | undefined;
  /** How many arguments there are. */
  readonly count: number;
  /** Keys of the object that the second argument is; `undefined` where it is something else. */
  readonly options: readonly RowKey[] | undefined;
  /** Keys of the row or the rows that the first argument is. */
  readonly keys: readonly RowKey[];
}

export interface ApiCall {
  readonly kind: 'from' | 'rpc';
  readonly name: Literal;
  /** What `.schema(…)` says: `default` where nothing is said, `open` where it is not a plain string. */
  readonly schema: { readonly kind: 'named'; readonly name: string } | { readonly kind: 'default' | 'open' };
  /** What is called on the result, in the same chain. */
  readonly calls: readonly MethodCall[];
  /** Where the chain begins. */
  readonly start: number;
}

/** Every call of a client whose first argument is a plain string, in order. Text that is being typed never throws. */
export function findApiCalls(program: string): ApiCall[] {
  return /supabase/i.test(program) && /\.\s*(?:from|rpc)\b/.test(program) ? new Program(program).apiCalls() : [];
}

interface Receiver {
  /** Index of its first token. */
  readonly first: number;
  readonly schema: ApiCall['schema'];
}

class Program {
  private readonly source: string;
  private readonly tokens: readonly Token[];
  private readonly importsClient: boolean;
  private readonly declared: ReadonlySet<string>;

  constructor(source: string) {
    this.source = source;
    this.tokens = tokenize(source);
    this.importsClient = this.tokens.some(({ kind, text }, index) => kind === 'string' && /supabase/i.test(text) && this.isImport(index));
    this.declared = new Set(this.importsClient ? this.tokens.flatMap((_, index) => this.declaredAt(index) ?? []) : []);
  }

  apiCalls(): ApiCall[] {
    return this.tokens.flatMap(({ kind, text }, index) => (kind === 'name' && (text === 'from' || text === 'rpc') && this.text(index - 1) === '.' ? (this.apiCall(text, index) ?? []) : []));
  }

  private apiCall(kind: ApiCall['kind'], index: number): ApiCall | undefined {
    const open = this.openOf(index);
    const name = open === undefined ? undefined : this.literalAt(open + 1);
    const receiver = name && this.client(index - 2);
    if (open === undefined || name === undefined || receiver === undefined) {
      return undefined;
    }
    return { kind, name, schema: receiver.schema, calls: this.chainAfter(this.closeOf(open)), start: this.tokens[receiver.first]?.offset ?? 0 };
  }

  /** `from 'x'`, `import 'x'`, `import('x')`, `require('x')`. */
  private isImport(index: number): boolean {
    const word = this.text(index - 1) === '(' ? this.text(index - 2) : this.text(index - 1);
    return word === 'from' || word === 'import' || word === 'require';
  }

  private text(index: number): string {
    const token = this.tokens[index];
    return token === undefined || token.kind === 'string' ? '' : token.text;
  }

  private isName(index: number): boolean {
    return this.tokens[index]?.kind === 'name';
  }

  /** The client that an expression is which ends with a token. */
  private client(end: number): Receiver | undefined {
    const last = this.text(end) === '?' || this.text(end) === '!' ? end - 1 : end;
    if (this.isName(last)) {
      return isClientsName(this.text(last)) || this.declared.has(this.text(last)) ? { first: this.pathStart(last), schema: { kind: 'default' } } : undefined;
    }
    if (this.text(last) !== ')') {
      return undefined;
    }
    const open = this.openBefore(last);
    const callee = this.calleeOf(open);
    if (callee === undefined) {
      return this.grouped(open, last);
    }
    if (this.text(callee) === 'schema' && this.text(callee - 1) === '.') {
      const before = this.client(callee - 2);
      const literal = this.literalAt(open + 1);
      return before && { first: before.first, schema: literal === undefined ? { kind: 'open' } : { kind: 'named', name: literal.text } };
    }
    return this.isMaker(callee) ? { first: this.pathStart(callee), schema: { kind: 'default' } } : undefined;
  }

  /** `(await createClient())`, `(supabase as any)`. */
  private grouped(open: number, close: number): Receiver | undefined {
    const first = this.text(open + 1) === 'await' ? open + 2 : open + 1;
    const cast = this.topLevel(open, close).find((index) => this.text(index) === 'as' && index > first);
    const inside = this.client((cast ?? close) - 1);
    return inside?.first === first ? { ...inside, first: open } : undefined;
  }

  private isMaker(callee: number): boolean {
    const name = this.text(callee);
    return isClientsName(name) || (this.importsClient && /^create\w*Client$/.test(name));
  }

  /** The first token of a path of names. */
  private pathStart(last: number): number {
    let first = last;
    while (this.text(first - 1) === '.') {
      const before = this.text(first - 2) === '?' || this.text(first - 2) === '!' ? first - 3 : first - 2;
      if (!this.isName(before)) {
        return first;
      }
      first = before;
    }
    return first;
  }

  /** The name that a token declares to be a client: `x = await createClient(`, `x: SupabaseClient`. */
  private declaredAt(index: number): string | undefined {
    if (!this.isName(index)) {
      return undefined;
    }
    if (this.text(index) === 'SupabaseClient' && this.text(index - 1) === ':') {
      const name = this.text(index - 2) === '?' || this.text(index - 2) === '!' ? index - 3 : index - 2;
      return this.isName(name) ? this.text(name) : undefined;
    }
    const open = this.isMaker(index) ? this.openOf(index) : undefined;
    const start = this.pathStart(index);
    const equals = this.text(start - 1) === 'await' ? start - 2 : start - 1;
    // What is called on a new client gives something else: `createClient().storage`.
    const isWhole = open !== undefined && this.text(this.closeOf(open) + 1) !== '.';
    return isWhole && this.text(equals) === '=' && this.isName(equals - 1) ? this.text(equals - 1) : undefined;
  }

  private chainAfter(close: number): MethodCall[] {
    const calls: MethodCall[] = [];
    let at = close;
    for (;;) {
      const dot = this.text(at + 1) === '?' || this.text(at + 1) === '!' ? at + 2 : at + 1;
      const open = this.text(dot) === '.' && this.isName(dot + 1) ? this.openOf(dot + 1) : undefined;
      if (open === undefined) {
        return calls;
      }
      at = this.closeOf(open);
      calls.push(this.methodCall(this.text(dot + 1), open, at));
    }
  }

  private methodCall(method: string, open: number, close: number): MethodCall {
    const commas = this.topLevel(open, close).filter((index) => this.text(index) === ',' && index + 1 < close);
    const second = commas[0] === undefined ? undefined : commas[0] + 1;
    return {
      method,
      text: this.literalAt(open + 1),
      count: close === open + 1 ? 0 : commas.length + 1,
      options: second !== undefined && this.text(second) === '{' ? this.objectKeys(second) : undefined,
      keys: rowMethods.has(method) ? this.rowKeys(open + 1) : [],
    };
  }

  private rowKeys(first: number): RowKey[] {
    if (this.text(first) === '{') {
      return this.objectKeys(first);
    }
    return this.text(first) === '[' ? this.topLevel(first, this.closeOf(first)).flatMap((index) => (this.text(index) === '{' && beginsElement.has(this.text(index - 1)) ? this.objectKeys(index) : [])) : [];
  }

  private objectKeys(open: number): RowKey[] {
    const inside = this.topLevel(open, this.closeOf(open));
    // Commas between the types of a generic call look like those between keys.
    const maySplit = inside.some((index) => this.text(index) === '<');
    return inside.flatMap((index) => {
      const before = this.text(index - 1);
      const isFirst = index === open + 1 || before === ',';
      const token = this.tokens[index];
      const after = this.text(index + 1);
      if (!isFirst || token === undefined) {
        return [];
      }
      const literal = this.stringAt(index);
      if (literal !== undefined) {
        return after === ':' ? [{ name: literal.text, range: literal.range, shorthand: false }] : [];
      }
      const shorthand = after === ',' || after === '}';
      const isKey = token.kind === 'name' && (after === ':' || (shorthand && !maySplit));
      return isKey ? [{ name: token.text, range: { start: token.offset, end: token.offset + token.text.length }, shorthand }] : [];
    });
  }

  /** The string that is a whole argument. */
  private literalAt(index: number): Literal | undefined {
    return endsArgument.has(this.text(index + 1)) ? this.stringAt(index) : undefined;
  }

  private stringAt(index: number): Literal | undefined {
    const token = this.tokens[index];
    if (token?.kind !== 'string') {
      return undefined;
    }
    const range = { start: token.offset + 1, end: token.offset + 1 + token.text.length };
    const isPlain = this.source.slice(range.start, range.end) === token.text && this.source.charAt(range.end) === this.source.charAt(token.offset);
    return isPlain ? { text: token.text, range } : undefined;
  }

  /** The parenthesis of a call, also behind the types of a generic one. */
  private openOf(name: number): number | undefined {
    let at = name + 1;
    if (this.text(at) === '<') {
      for (let depth = 0; at < this.tokens.length && at < name + longestTypes; at++) {
        const isArrow = this.text(at) === '>' && this.text(at - 1) === '=';
        depth += this.text(at) === '<' ? 1 : this.text(at) === '>' && !isArrow ? -1 : 0;
        if (depth === 0) {
          at++;
          break;
        }
      }
    }
    return this.text(at) === '(' ? at : undefined;
  }

  /** The name that is called with a parenthesis. */
  private calleeOf(open: number): number | undefined {
    let at = open - 1;
    if (this.text(at) === '>') {
      for (let depth = 0; at >= 0 && at > open - longestTypes; at--) {
        depth += this.text(at) === '>' ? 1 : this.text(at) === '<' ? -1 : 0;
        if (depth === 0) {
          at--;
          break;
        }
      }
    }
    return this.isName(at) && !wordsBeforeGroups.has(this.text(at)) ? at : undefined;
  }

  private closeOf(open: number): number {
    let at = open;
    for (let depth = 0; at < this.tokens.length; at++) {
      depth += this.nesting(at);
      if (depth === 0) {
        return at;
      }
    }
    return at;
  }

  private openBefore(close: number): number {
    let at = close;
    for (let depth = 0; at >= 0; at--) {
      depth += this.nesting(at);
      if (depth === 0) {
        return at;
      }
    }
    return at;
  }

  /** The tokens between two brackets that stand in no others; brackets themselves are among them. */
  private topLevel(open: number, close: number): number[] {
    const found: number[] = [];
    for (let at = open + 1, depth = 0; at < close; at++) {
      const nesting = this.nesting(at);
      if (depth === 0) {
        found.push(at);
      }
      depth += nesting;
    }
    return found;
  }

  private nesting(index: number): number {
    const token = this.tokens[index];
    if (token?.kind === 'template') {
      return (token.text.endsWith('${') ? 1 : 0) - (token.text.startsWith('}') ? 1 : 0);
    }
    return token?.kind === 'punctuation' ? (brackets[token.text] ?? 0) : 0;
  }
}

const brackets: Readonly<Record<string, number>> = { '(': 1, '[': 1, '{': 1, ')': -1, ']': -1, '}': -1 };
const rowMethods: ReadonlySet<string> = new Set(['insert', 'update', 'upsert', 'match']);
const beginsElement: ReadonlySet<string> = new Set(['[', ',']);
const endsArgument: ReadonlySet<string> = new Set([',', ')']);
const wordsBeforeGroups: ReadonlySet<string> = new Set(['await', 'return', 'void', 'yield', 'else', 'if', 'while', 'case']);
/** In tokens. */
const longestTypes = 200;

function isClientsName(name: string): boolean {
  return /supabase/i.test(name) && !/storage|bucket|mock|fake|stub/i.test(name);
}
