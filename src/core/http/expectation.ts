import type { HttpAnswer } from '../ports.ts';
import type { Expectation } from '../runbook/operation.ts';
import { parseJsonc } from '../../util/jsonc.ts';

/**
 * How much of a manual's expected answer must be there. `status`: that alone. `words`: also every member, with fixed words, booleans
 * and null as written; numbers, times, ids and members of lists are examples, so only their type counts. `exact`: every value.
 */
export type Strictness = 'status' | 'words' | 'exact';

export type Difference =
  | { readonly kind: 'status'; readonly expected: number; readonly found: number }
  /** `path` as in `secrets.CIRCLE_API_KEY`; empty for the answer itself. */
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'type'; readonly path: string; readonly expected: JsonType; readonly found: JsonType }
  | { readonly kind: 'value'; readonly path: string; readonly expected: string; readonly found: string }
  | { readonly kind: 'notJson' };

export type JsonType = 'object' | 'list' | 'text' | 'number' | 'boolean' | 'null';

export interface Judgement {
  readonly differences: readonly Difference[];
  /** The expected JSON of the manual cannot be read, so only the status was compared. */
  readonly unreadable: boolean;
}

export function judgeAnswer(expectation: Expectation, answer: Pick<HttpAnswer, 'status' | 'body'>, strictness: Strictness = 'words'): Judgement {
  const differences: Difference[] = [];
  if (expectation.status !== undefined && expectation.status !== answer.status) {
    differences.push({ kind: 'status', expected: expectation.status, found: answer.status });
  }
  if (expectation.json === undefined || strictness === 'status') {
    return { differences, unreadable: false };
  }
  const expected = readExample(expectation.json);
  if (expected === undefined) {
    return { differences, unreadable: true };
  }
  const found = parse(() => JSON.parse(answer.body) as unknown);
  return { differences: [...differences, ...(found === undefined ? [{ kind: 'notJson' as const }] : compare(expected.value, found.value, '', strictness))], unreadable: false };
}

/** JSON as people write it into manuals: with comments, commas too many, and `...` for what is left out. */
function readExample(json: string): { readonly value: unknown } | undefined {
  const whole = json.replace(/"(?:[^"\\\n]|\\.)*"|,?\s*(?:\.\.\.|…)/g, (piece) => (piece.startsWith('"') ? piece : ''));
  return parse(() => parseJsonc(whole));
}

function parse(read: () => unknown): { readonly value: unknown } | undefined {
  try {
    return { value: read() };
  } catch {
    return undefined;
  }
}

function compare(expected: unknown, found: unknown, path: string, strictness: Strictness): Difference[] {
  const type = typeOf(expected);
  if (typeOf(found) !== type) {
    return [{ kind: 'type', path, expected: type, found: typeOf(found) }];
  }
  if (isObject(expected) && isObject(found)) {
    return Object.entries(expected).flatMap(([key, value]) => {
      const below = path === '' ? key : `${path}.${key}`;
      return Object.hasOwn(found, key) ? compare(value, found[key], below, strictness) : [{ kind: 'missing' as const, path: below }];
    });
  }
  if (Array.isArray(expected) && Array.isArray(found)) {
    return compareLists(expected, found, path, strictness);
  }
  const fixed = strictness === 'exact' || isFixed(expected);
  return fixed && expected !== found ? [{ kind: 'value', path, expected: JSON.stringify(expected), found: JSON.stringify(found) }] : [];
}

/** Members of a list are examples of what may come: their shape counts, and how many there are only when asked for exactly. */
function compareLists(expected: readonly unknown[], found: readonly unknown[], path: string, strictness: Strictness): Difference[] {
  if (strictness === 'exact') {
    const missing = expected.slice(found.length).map((_, index): Difference => ({ kind: 'missing', path: `${path}[${found.length + index}]` }));
    const surplus: Difference[] = found.length > expected.length ? [{ kind: 'value', path: `${path}.length`, expected: String(expected.length), found: String(found.length) }] : [];
    return [...expected.slice(0, found.length).flatMap((value, index) => compare(value, found[index], `${path}[${index}]`, strictness)), ...missing, ...surplus];
  }
  const [example] = expected;
  return example === undefined ? [] : found.flatMap((value, index) => compareShape(example, value, `${path}[${index}]`)).slice(0, mostOfAList);
}

const mostOfAList = 5;

function compareShape(example: unknown, found: unknown, path: string): Difference[] {
  return compare(example, found, path, 'words').filter(({ kind }) => kind === 'missing' || kind === 'type');
}

/** `healthy` and `Email sent` are words; a text with a digit in it, dots for what is left out, or a placeholder is an example. */
function isFixed(value: unknown): boolean {
  return typeof value === 'string' ? /^[A-Za-z][A-Za-z _-]*$/.test(value) && !/^your\b|^X{2,}/i.test(value) : typeof value === 'boolean' || value === null;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(value: unknown): JsonType {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'object';
}
