/**
 * What a statement leaves open: `$1`, `:name`, `{{name}}`, `<name>`, and `${…}` in the strings of programs. All but the first and the
 * last are placeholders only where the text does not parse without them (`a < b and c > d`, `a[1:n]` and `x::text` are none). Each
 * becomes a parameter for the server, whose value is bound and never put into the text. Only where no parameter can stand, the place of
 * a name, the value is put in: as a quoted identifier, see {@link spliceIdentifiers}.
 */
import { OpsError } from '../errors.ts';
import type { SqlGrammar } from '../ports.ts';
import type { TextRange } from '../runbook/document.ts';
import { quoteIdentifierPath } from './identifiers.ts';
import { isDigit, isWordPart, isWordStart, Lexer } from './lexer.ts';
import { convertPosition } from './positions.ts';
import type { Cell } from './result.ts';
import { fieldsOf, listOf, walk } from './tree.ts';

export interface SqlPlaceholder {
  /** `$1`, or what stands between the signs: `user_id` for `:user_id`, `{{ user_id }}` and `<user_id>` alike. */
  readonly name: string;
  /** Its number as a parameter, from 1; absent in the place of a name. */
  readonly parameter?: number;
  /** Every place in the statement, in UTF-16 offsets. */
  readonly ranges: readonly TextRange[];
}

export type PreparedStatement =
  | {
      readonly kind: 'parsed';
      /** What is sent: as long as the statement, so that positions are the same in both. Names that are still open stand in it as `p_`. */
      readonly text: string;
      readonly tree: Readonly<Record<string, unknown>>;
      /** In the order of the text. */
      readonly placeholders: readonly SqlPlaceholder[];
    }
  /** `position` counts code points of the statement from 1. */
  | { readonly kind: 'invalid'; readonly message: string; readonly position: number };

/** A candidate that is taken for a placeholder. */
interface Taken extends Candidate {
  readonly as: 'parameter' | 'identifier';
}

/** Parses a statement, taking for placeholders what must be one; `openings` are placeholders whatever the grammar says. */
export async function prepareStatement(statement: string, grammar: SqlGrammar, signal: AbortSignal, openings: readonly Candidate[] = []): Promise<PreparedStatement> {
  const candidates = findCandidates(statement).filter(({ range }) => !openings.some((opening) => range.start < opening.range.end && opening.range.start < range.end));
  let taken: readonly Taken[] = openings.map((opening): Taken => ({ ...opening, as: 'parameter' }));
  let text = replaceAll(statement, taken) ?? statement;
  const asWritten = await grammar.parse(text, signal);
  let parsed = asWritten;
  for (;;) {
    const next = parsed.kind === 'parsed' ? sortedByValue(parsed.tree, statement, taken) : blame(parsed.position, text, candidates, taken);
    const replaced = next === undefined ? undefined : replaceAll(statement, next);
    if (next === undefined || replaced === undefined) {
      break;
    }
    taken = next;
    text = replaced;
    parsed = await grammar.parse(text, signal);
  }
  if (parsed.kind === 'parsed') {
    return { kind: 'parsed', text, tree: parsed.tree, placeholders: placeholdersOf(statement, taken) };
  }
  // Where a placeholder now stands the fault is not the placeholder: the text was wrong as it was written.
  const at = convertPosition(text, parsed.position - 1, 'codePoint', 'utf16');
  return asWritten.kind === 'invalid' && taken.some(({ range }) => at >= range.start && at < range.end) ? asWritten : parsed;
}

/** A fault at a parameter says that a name must stand there; any other one that the candidate before it is a placeholder. */
function blame(position: number, text: string, candidates: readonly Candidate[], taken: readonly Taken[]): readonly Taken[] | undefined {
  const at = convertPosition(text, position - 1, 'codePoint', 'utf16');
  const asName = (misplaced: Taken) => (misplaced.as === 'identifier' ? undefined : taken.map((each): Taken => (each === misplaced ? { ...each, as: 'identifier' } : each)));
  const misplaced = taken.find(({ range }) => at >= range.start && at < range.end);
  if (misplaced !== undefined) {
    return asName(misplaced);
  }
  // `{{name}}(1)`: what is called has a name.
  const called = text.charAt(at) === '(' ? taken.find(({ range }) => range.end <= at && text.slice(range.end, at).trim() === '') : undefined;
  if (called !== undefined) {
    return asName(called);
  }
  const blamed = candidates.findLast((candidate) => candidate.range.start <= at && !taken.some(({ range }) => range.start === candidate.range.start));
  return blamed && [...taken, { ...blamed, as: 'parameter' }];
}

/** `order by :column`: sorted by a value nothing would be sorted, so a name is meant. */
function sortedByValue(tree: Readonly<Record<string, unknown>>, statement: string, taken: readonly Taken[]): readonly Taken[] | undefined {
  if (taken.length === 0) {
    return undefined;
  }
  const numbers = new Set<number>();
  const add = (node: unknown) => {
    const parameter = fieldsOf(node)['ParamRef'];
    numbers.add(Number(fieldsOf(parameter)['number'] ?? 0));
  };
  walk(tree, (key, value) => {
    if (key === 'SortBy') {
      add(fieldsOf(value)['node']);
    } else if (key === 'groupClause') {
      listOf(value).forEach(add);
    }
    return undefined;
  });
  const named = numberNames(statement, taken);
  const next = taken.map((each): Taken => (each.as === 'parameter' && numbers.has(named.get(each.name) ?? -1) ? { ...each, as: 'identifier' } : each));
  return next.some((each, index) => each !== taken[index]) ? next : undefined;
}

/** A statement with names in the places where they were missing, and what is still open in it. */
export interface SplicedStatement {
  readonly text: string;
  /** The openings of a program's string that are still open, where they stand now. */
  readonly openings: readonly Candidate[];
  /** A place in `text` as one in the statement as written, in UTF-16 offsets. */
  readonly toWritten: (offset: number) => number;
}

/** Puts names into their places, each quoted by rule. Throws `placeholdersLeft` for those without one. */
export function spliceIdentifiers(statement: string, placeholders: readonly SqlPlaceholder[], values: ReadonlyMap<string, Cell>, openings: readonly Candidate[] = []): SplicedStatement {
  const names = placeholders.filter(({ parameter }) => parameter === undefined);
  const edits = names
    .flatMap(({ name, ranges }) => ranges.map((range) => ({ range, name, put: quoteIdentifierPath(values.get(name) ?? '') })))
    .sort((one, other) => one.range.start - other.range.start);
  const left = edits.filter(({ put }) => put === undefined).map(({ name }) => name);
  if (left.length > 0) {
    throw new OpsError('placeholdersLeft', { names: [...new Set(left)] });
  }
  let text = '';
  let at = 0;
  const pieces: { readonly from: number; readonly written: number; readonly isName: boolean }[] = [];
  for (const { range, put = '' } of edits) {
    pieces.push({ from: text.length, written: at, isName: false });
    text += statement.slice(at, range.start);
    pieces.push({ from: text.length, written: range.start, isName: true });
    text += put;
    at = range.end;
  }
  pieces.push({ from: text.length, written: at, isName: false });
  text += statement.slice(at);
  const toWritten = (offset: number): number => {
    const piece = pieces.findLast(({ from }) => from <= offset);
    return piece === undefined ? offset : piece.isName ? piece.written : piece.written + offset - piece.from;
  };
  const shift = (offset: number): number => offset + edits.filter(({ range }) => range.end <= offset).reduce((sum, { range, put = '' }) => sum + put.length - (range.end - range.start), 0);
  const open = openings.filter(({ range }) => !edits.some((edit) => edit.range.start === range.start));
  return { text, openings: open.map(({ name, range }) => ({ name, range: { start: shift(range.start), end: shift(range.end) } })), toWritten };
}

/**
 * The values in the order of the parameters. Throws `placeholdersLeft` with the names that have none, and with those of names that were
 * not put in; a number that the text skips is null.
 */
export function bindValues(placeholders: readonly SqlPlaceholder[], values: ReadonlyMap<string, Cell>): Cell[] {
  const left = placeholders.filter(({ name, parameter }) => parameter === undefined || !values.has(name)).map(({ name }) => name);
  if (left.length > 0) {
    throw new OpsError('placeholdersLeft', { names: left });
  }
  const bound: Cell[] = Array.from({ length: Math.max(0, ...placeholders.map(({ parameter = 0 }) => parameter)) }, () => null);
  for (const { name, parameter = 0 } of placeholders) {
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

/** The statement with parameters and names in place of these; `undefined` when one is too short for its number. */
function replaceAll(statement: string, taken: readonly Taken[]): string | undefined {
  const numbers = numberNames(statement, taken);
  let text = statement;
  for (const { name, range, as } of taken) {
    const length = range.end - range.start;
    // Glued to a word, `$1` would become part of it, or the word of it.
    const before = isWordPart(statement.charCodeAt(range.start - 1)) ? ' ' : '';
    const after = isWordPart(statement.charCodeAt(range.end)) ? ' ' : '';
    const room = length - before.length - after.length;
    const written = as === 'identifier' ? 'p'.padEnd(room, '_') : `$${numbers.get(name)}`;
    if (room < 1 || written.length > room) {
      return undefined;
    }
    text = text.slice(0, range.start) + `${before}${written}${after}`.padEnd(length) + text.slice(range.end);
  }
  return text;
}

/** Behind the numbers that the text itself has; the shortest names get the shortest numbers, because they have least room. */
function numberNames(statement: string, taken: readonly Taken[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const { name, range } of taken.filter(({ as }) => as === 'parameter')) {
    lengths.set(name, Math.min(lengths.get(name) ?? Infinity, range.end - range.start));
  }
  const first = 1 + Math.max(0, ...writtenParameters(statement).map(({ parameter }) => parameter));
  const names = [...lengths].sort(([, one], [, other]) => one - other).map(([name]) => name);
  return new Map(names.map((name, index) => [name, first + index]));
}

/** One for each parameter and each name; what stands in both kinds of places is two. */
function placeholdersOf(statement: string, taken: readonly Taken[]): SqlPlaceholder[] {
  const numbers = numberNames(statement, taken);
  const named = taken.map(({ name, range, as }): SqlPlaceholder => ({ name, ...(as === 'parameter' ? { parameter: numbers.get(name) ?? 0 } : {}), ranges: [range] }));
  const found = new Map<string, SqlPlaceholder>();
  for (const place of [...named, ...writtenParameters(statement)].sort((one, other) => startOf(one) - startOf(other))) {
    const key = place.parameter === undefined ? `name ${place.name}` : `${place.parameter}`;
    const known = found.get(key);
    found.set(key, known === undefined ? place : { ...known, ranges: [...known.ranges, ...place.ranges] });
  }
  return [...found.values()];
}

function startOf(placeholder: SqlPlaceholder): number {
  return placeholder.ranges[0]?.start ?? 0;
}

/** `$1`, `$2`: parameters to the grammar itself. One range each. */
function writtenParameters(statement: string): (SqlPlaceholder & { readonly parameter: number })[] {
  const found: (SqlPlaceholder & { readonly parameter: number })[] = [];
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
