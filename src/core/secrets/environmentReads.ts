import { isReservedSecretName } from './secret.ts';
import { tokenize, type Token } from './scanner.ts';

/** A variable of the environment that code reads, and where its name stands (UTF-16 offset). */
export interface EnvironmentRead {
  readonly name: string;
  readonly offset: number;
}

/** Set by the runtime or by convention, never as a secret. */
const conventional: readonly string[] = ['NODE_ENV', 'DENO_REGION'];

export interface EnvironmentReads {
  /** In the order of the text; variables that the platform sets itself are left out. */
  readonly reads: readonly EnvironmentRead[];
  /** The code also reads a variable whose name it makes up as it runs: what it does not name may be read all the same. */
  readonly dynamic: boolean;
}

/**
 * Finds `Deno.env.get('X')` and `.has('X')`, `Deno.env.toObject().X`, `process.env.X`, the same in brackets, and
 * `const { X } = …` of the two objects. Comments and strings that hold such text are no reads.
 */
export function readsOfEnvironment(source: string): EnvironmentReads {
  const tokens = tokenize(source).filter((_, index, all) => !isOptionalMark(all, index));
  const reads: EnvironmentRead[] = [];
  let dynamic = false;
  const take = (found: readonly Token[] | 'dynamic') => {
    if (found === 'dynamic') {
      dynamic = true;
    } else {
      // A string begins with its quote.
      reads.push(...found.map(({ kind, text, offset }) => ({ name: text, offset: kind === 'string' ? offset + 1 : offset })));
    }
  };
  for (const index of tokens.keys()) {
    const getter = starts(tokens, index, ['Deno', '.', 'env', '.', 'get', '(']) || starts(tokens, index, ['Deno', '.', 'env', '.', 'has', '(']);
    const object = objectEnd(tokens, index);
    if (getter) {
      take(literalBefore(tokens, index + 6, ')') ?? 'dynamic');
    } else if (object !== undefined) {
      take(readOfObject(tokens, index, object));
    }
  }
  const ordered = reads.filter(({ name }) => !isReservedSecretName(name) && !conventional.includes(name)).sort((a, b) => a.offset - b.offset);
  return { reads: ordered, dynamic };
}

/** `?.` is two tokens: the first goes, so that `a?.b` reads as `a.b`, and before a bracket the second as well. */
function isOptionalMark(tokens: readonly Token[], index: number): boolean {
  const [before, token, next] = [tokens[index - 1], tokens[index], tokens[index + 1]];
  const mark = (first: Token | undefined, second: Token | undefined) => first?.text === '?' && second?.text === '.' && second.offset === first.offset + 1;
  return mark(token, next) || (mark(before, token) && (next?.text === '(' || next?.text === '['));
}

function starts(tokens: readonly Token[], index: number, texts: readonly string[]): boolean {
  return texts.every((text, at) => {
    const token = tokens[index + at];
    return token?.text === text && token.kind !== 'string';
  }) && tokens[index - 1]?.text !== '.';
}

/** Where an expression that gives the whole environment ends; `undefined` where none begins. */
function objectEnd(tokens: readonly Token[], index: number): number | undefined {
  if (starts(tokens, index, ['Deno', '.', 'env', '.', 'toObject', '(', ')'])) {
    return index + 7;
  }
  return starts(tokens, index, ['process', '.', 'env']) ? index + 3 : undefined;
}

function readOfObject(tokens: readonly Token[], start: number, end: number): readonly Token[] | 'dynamic' {
  const next = tokens[end];
  const member = tokens[end + 1];
  if (next?.text === '.' && member?.kind === 'name') {
    return [member];
  }
  if (next?.text === '[') {
    return literalBefore(tokens, end + 1, ']') ?? 'dynamic';
  }
  return destructured(tokens, start) ?? 'dynamic';
}

/** The one literal between here and a closing mark; a second argument or an operator makes it an expression. */
function literalBefore(tokens: readonly Token[], index: number, closing: string): readonly Token[] | undefined {
  const token = tokens[index];
  const after = tokens[index + 1]?.text;
  const closed = after === closing || (after === ',' && tokens[index + 2]?.text === closing);
  return token?.kind === 'string' && closed ? [token] : undefined;
}

/** The keys of `{ X, Y: y, Z = '' } =` before an expression; `undefined` when there is no such pattern, or it takes the rest. */
function destructured(tokens: readonly Token[], start: number): readonly Token[] | undefined {
  if (tokens[start - 1]?.text !== '=' || tokens[start - 2]?.text !== '}') {
    return undefined;
  }
  const pattern = tokens.slice(openingOf(tokens, start - 2) + 1, start - 2);
  if (pattern.some(({ text }) => text === '.')) {
    return undefined;
  }
  let depth = 0;
  return pattern.filter(({ kind, text }, at) => {
    const before = pattern[at - 1]?.text ?? ',';
    const isKey = depth === 0 && before === ',' && (kind === 'name' || kind === 'string');
    depth += step(text, '{[(', '}])');
    return isKey;
  });
}

/** Where the brace begins that ends here; -1 when it begins nowhere. */
function openingOf(tokens: readonly Token[], closing: number): number {
  let depth = 0;
  for (let at = closing; at >= 0; at--) {
    depth += step(tokens[at]?.text ?? '', '}', '{');
    if (depth === 0) {
      return at;
    }
  }
  return -1;
}

function step(text: string, up: string, down: string): number {
  if (text.length !== 1) {
    return 0;
  }
  return up.includes(text) ? 1 : down.includes(text) ? -1 : 0;
}
