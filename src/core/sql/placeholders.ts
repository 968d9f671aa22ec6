/**
 * What a statement leaves open: `$1`, `:name`, `{{name}}`, `<name>`. All but the first are placeholders only where the text does not
 * parse without them (`a < b and c > d`, `a[1:n]` and `x::text` are none). Each becomes a parameter for the server, whose value is
 * bound; nothing is ever put into the text.
 */
import { OpsError } from '../errors.ts';
import type { SqlGrammar } from '../ports.ts';
import type { TextRange } from '../runbook/document.ts';
import { isDigit, isWordPart, isWordStart, Lexer } from './lexer.ts';
import { convertPosition } from './positions.ts';
import type { Cell } from './result.ts';

export interface SqlPlaceholder {
  /** `$1`, or what stands between the signs: `user_id` for `:user_id`, `{{ user_id }}` and `<user_id>` alike. */
  readonly name: string;
  /** Its number as a parameter, from 1. */
  readonly parameter: number;
  /** Every place in the statement, in UTF-16 offsets. */
  readonly ranges: readonly TextRange[];
}

export type PreparedStatement =
  | {
      readonly kind: 'parsed';
      /** What is sent: as long as the statement, so that positions are the same in both. */
      readonly text: string;
      readonly tree: Readonly<Record<string, unknown>>;
      /** In the order of the text. */
      readonly placeholders: readonly SqlPlaceholder[];
    }
  /** `position` counts code points of the statement from 1. */
  | { readonly kind: 'invalid'; readonly message: string; readonly position: number };

/** Parses a statement, taking for placeholders what must be one. */
export async function prepareStatement(statement: string, grammar: SqlGrammar, signal: AbortSignal): Promise<PreparedStatement> {
  const candidates = findCandidates(statement);
  const taken: Candidate[] = [];
  let text = statement;
  const asWritten = await grammar.parse(statement, signal);
  let parsed = asWritten;
  while (parsed.kind === 'invalid') {
    const at = convertPosition(text, parsed.position - 1, 'codePoint', 'utf16');
    const blamed = candidates.findLast((candidate) => candidate.range.start <= at && !taken.includes(candidate));
    const replaced = blamed === undefined ? undefined : replaceAll(statement, [...taken, blamed]);
    if (blamed === undefined || replaced === undefined) {
      // Where a placeholder now stands the fault is not the parameter: the text was wrong as it was written.
      return asWritten.kind === 'invalid' && taken.some(({ range }) => at >= range.start && at < range.end) ? asWritten : parsed;
    }
    taken.push(blamed);
    text = replaced;
    parsed = await grammar.parse(text, signal);
  }
  return { kind: 'parsed', text, tree: parsed.tree, placeholders: placeholdersOf(statement, taken) };
}

/**
 * The values in the order of the parameters. Throws `placeholdersLeft` with the names that have none; a number that the text skips
 * is null.
 */
export function bindValues(placeholders: readonly SqlPlaceholder[], values: ReadonlyMap<string, Cell>): Cell[] {
  const left = placeholders.filter(({ name }) => !values.has(name)).map(({ name }) => name);
  if (left.length > 0) {
    throw new OpsError('placeholdersLeft', { names: left });
  }
  const bound: Cell[] = Array.from({ length: Math.max(0, ...placeholders.map(({ parameter }) => parameter)) }, () => null);
  for (const { name, parameter } of placeholders) {
    bound[parameter - 1] = values.get(name) ?? null;
  }
  return bound;
}

/** Text that may be a placeholder; never in strings, quoted names or comments. */
export interface Candidate {
  readonly name: string;
  readonly range: TextRange;
}

/** All of them in order; whether one is a placeholder is decided by whether the text parses without it. */
export function findCandidates(statement: string): Candidate[] {
  const found: Candidate[] = [];
  const lexer = new Lexer(statement);
  while (lexer.next()) {
    const candidate = candidateAt(statement, lexer);
    // Positions are counted in code points too: the parameter must be as long in these.
    if (candidate !== undefined && !hasSurrogate(statement.slice(candidate.range.start, candidate.range.end))) {
      found.push(candidate);
      lexer.end = candidate.range.end;
    }
  }
  return found;
}

function candidateAt(text: string, { kind, start, end }: Lexer): Candidate | undefined {
  if (kind === 'template') {
    const name = text.slice(start + 2, end - 2).trim();
    return name === '' ? undefined : { name, range: { start, end } };
  }
  if (kind !== 'symbol') {
    return undefined;
  }
  const sign = text.charAt(start);
  return sign === ':' ? colonName(text, start) : sign === '<' ? angleName(text, start) : undefined;
}

/** `:name`, also as psql writes it for a quoted value, `:'name'`. */
function colonName(text: string, start: number): Candidate | undefined {
  if (text.charAt(start - 1) === ':') {
    return undefined;
  }
  const quoted = text.charAt(start + 1) === "'";
  const from = quoted ? start + 2 : start + 1;
  const to = wordEnd(text, from);
  if (to === from || (quoted && text.charAt(to) !== "'")) {
    return undefined;
  }
  return { name: text.slice(from, to), range: { start, end: quoted ? to + 1 : to } };
}

function wordEnd(text: string, from: number): number {
  if (!isWordStart(text.charCodeAt(from))) {
    return from;
  }
  let end = from + 1;
  while (isWordPart(text.charCodeAt(end))) {
    end++;
  }
  return end;
}

const longestAngleName = 60;

/** `<name>`, `<your-project-ref>`, `<user id>`: words within one line. */
function angleName(text: string, start: number): Candidate | undefined {
  const end = text.indexOf('>', start);
  if (end === -1 || end - start > longestAngleName || !isWordStart(text.charCodeAt(start + 1))) {
    return undefined;
  }
  for (let at = start + 1; at < end; at++) {
    if (!isWordPart(text.charCodeAt(at)) && !' -.'.includes(text.charAt(at))) {
      return undefined;
    }
  }
  return { name: text.slice(start + 1, end).trim(), range: { start, end: end + 1 } };
}

/** The statement with parameters in place of these; `undefined` when one is too short for its number. */
function replaceAll(statement: string, taken: readonly Candidate[]): string | undefined {
  const numbers = numberNames(statement, taken);
  let text = statement;
  for (const { name, range } of taken) {
    const length = range.end - range.start;
    // Glued to a word, `$1` would become part of it, or the word of it.
    const before = isWordPart(statement.charCodeAt(range.start - 1)) ? ' ' : '';
    const after = isWordPart(statement.charCodeAt(range.end)) ? ' ' : '';
    const parameter = `${before}$${numbers.get(name)}${after}`;
    if (parameter.length > length) {
      return undefined;
    }
    text = text.slice(0, range.start) + parameter.padEnd(length) + text.slice(range.end);
  }
  return text;
}

/** Behind the numbers that the text itself has; the shortest names get the shortest numbers, because they have least room. */
function numberNames(statement: string, taken: readonly Candidate[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const { name, range } of taken) {
    lengths.set(name, Math.min(lengths.get(name) ?? Infinity, range.end - range.start));
  }
  const first = 1 + Math.max(0, ...writtenParameters(statement).map(({ parameter }) => parameter));
  const names = [...lengths].sort(([, one], [, other]) => one - other).map(([name]) => name);
  return new Map(names.map((name, index) => [name, first + index]));
}

function placeholdersOf(statement: string, taken: readonly Candidate[]): SqlPlaceholder[] {
  const numbers = numberNames(statement, taken);
  const named = taken.map(({ name, range }) => ({ name, parameter: numbers.get(name) ?? 0, ranges: [range] }));
  const byNumber = new Map<number, SqlPlaceholder>();
  for (const place of [...named, ...writtenParameters(statement)].sort((one, other) => startOf(one) - startOf(other))) {
    const known = byNumber.get(place.parameter);
    byNumber.set(place.parameter, known === undefined ? place : { ...known, ranges: [...known.ranges, ...place.ranges] });
  }
  return [...byNumber.values()];
}

function startOf(placeholder: SqlPlaceholder): number {
  return placeholder.ranges[0]?.start ?? 0;
}

/** `$1`, `$2`: parameters to the grammar itself. One range each. */
function writtenParameters(statement: string): SqlPlaceholder[] {
  const found: SqlPlaceholder[] = [];
  const lexer = new Lexer(statement);
  while (lexer.next()) {
    if (lexer.kind === 'parameter' && isDigit(statement.charCodeAt(lexer.start + 1))) {
      const range = { start: lexer.start, end: lexer.end };
      found.push({ name: lexer.value, parameter: Number(lexer.value.slice(1)), ranges: [range] });
    }
  }
  return found;
}

function hasSurrogate(text: string): boolean {
  return [...text].length !== text.length;
}
