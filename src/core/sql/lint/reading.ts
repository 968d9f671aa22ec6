/** A statement as somebody writes it, with what it leaves open, brought before the grammar. */
import type { SqlGrammar } from '../../ports.ts';
import type { TextRange } from '../../runbook/document.ts';
import { Lexer } from '../lexer.ts';
import { findCandidates } from '../placeholders.ts';
import { convertPosition } from '../positions.ts';
import { StatementTree } from './statementTree.ts';

/** Part of a statement that stands for something else. */
export interface Opening {
  readonly range: TextRange;
  /** It cannot be SQL itself: `${…}` of a template string. Else it counts only where the text does not parse with it. */
  readonly certain: boolean;
  /** A mark that is an operator as well: where the text parses with it, it stands for nothing. */
  readonly isMark?: true;
}

export type Reading =
  | { readonly kind: 'parsed'; readonly statement: StatementTree }
  | { readonly kind: 'invalid'; readonly message: string; readonly range: TextRange }
  /** What is left open may be more than a value or a name, so that nothing can be said. */
  | { readonly kind: 'unknown' };

/** Parses one statement. Openings become the first that parses of: themselves, a parameter, a name, a string, a list, nothing; always of the same length. */
export async function readStatement(text: string, openings: readonly Opening[], grammar: SqlGrammar, signal: AbortSignal): Promise<Reading> {
  if (openings.length === 0) {
    // Most statements leave nothing open, and need not be looked through for what they do.
    const parsed = await grammar.parse(text, signal);
    if (parsed.kind === 'parsed') {
      return { kind: 'parsed', statement: new StatementTree(text, parsed.tree) };
    }
  }
  const slots = slotsOf(text, openings);
  let blamed: Slot | undefined;
  let first: { readonly message: string; readonly at: number } | undefined;
  for (let turn = 0; turn < mostTurns; turn++) {
    const filled = fill(text, slots);
    const parsed = await grammar.parse(filled, signal);
    if (parsed.kind === 'parsed') {
      const filledSlots = slots.filter((slot) => slot.isWord || slot.forms[slot.form] !== 'itself').map(({ range }) => range);
      return { kind: 'parsed', statement: new StatementTree(filled, parsed.tree, { openings: filledSlots }) };
    }
    const at = convertPosition(filled, parsed.position - 1, 'codePoint', 'utf16');
    first ??= { message: parsed.message, at };
    blamed = slots.findLast((slot) => slot.range.start <= at && slot.form < slot.forms.length - 1);
    if (blamed === undefined) {
      break;
    }
    blamed.form++;
  }
  if (first === undefined || blamed !== undefined || openings.some(({ certain }) => certain) || slots.some(({ range }) => isAt(first.at, range))) {
    return { kind: 'unknown' };
  }
  return { kind: 'invalid', message: first.message, range: faultRange(text, first.at) };
}

/** The text goes wrong with what somebody else fills in, perhaps with more than a value or a name. */
function isAt(offset: number, { start, end }: TextRange): boolean {
  return offset >= start && offset < end;
}

const mostTurns = 40;

type Form = 'itself' | 'parameter' | 'name' | 'string' | 'list' | 'nothing';

interface Slot {
  readonly range: TextRange;
  readonly forms: readonly Form[];
  /** Somebody else's word, also where it parses as it is. */
  readonly isWord: boolean;
  form: number;
}

function slotsOf(text: string, openings: readonly Opening[]): Slot[] {
  const slots = openings.map(({ range, certain, isMark }): Slot => ({ range, forms: certain ? [...valueForms, 'nothing'] : ['itself', ...valueForms], isWord: isMark !== true, form: 0 }));
  for (const { range } of [...findCandidates(text), ...psqlNames(text)]) {
    if (!slots.some((slot) => slot.range.start < range.end && range.start < slot.range.end)) {
      slots.push({ range, forms: ['itself', ...valueForms], isWord: false, form: 0 });
    }
  }
  return slots.sort((one, other) => one.range.start - other.range.start);
}

const valueForms: readonly Form[] = ['parameter', 'name', 'string', 'list'];

/** `:"name"`, which psql replaces by a quoted name. */
export function psqlNames(text: string): { readonly range: TextRange }[] {
  const found: { readonly range: TextRange }[] = [];
  const lexer = new Lexer(text);
  let colon = -1;
  while (lexer.next()) {
    if (lexer.kind === 'quotedName' && colon === lexer.start - 1 && text.charAt(colon - 1) !== ':') {
      found.push({ range: { start: colon, end: lexer.end } });
    }
    colon = lexer.kind === 'symbol' && lexer.value === ':' ? lexer.start : -2;
  }
  return found;
}

/** Positions count code points as well, so a slot with characters beyond the first plane would move what follows. */
function fill(text: string, slots: readonly Slot[]): string {
  let filled = '';
  let from = 0;
  for (const { range, forms, form } of slots) {
    filled += text.slice(from, range.start) + formed(text.slice(range.start, range.end), forms[form] ?? 'itself');
    from = range.end;
  }
  return filled + text.slice(from);
}

function formed(written: string, form: Form): string {
  const { length } = written;
  switch (form) {
    case 'itself':
      return written;
    case 'parameter':
      return length < 2 ? written : '$1'.padEnd(length);
    case 'name':
      return 'p'.padEnd(length, '_').slice(0, length);
    case 'string':
      return length < 2 ? written : `'${'s'.repeat(length - 2)}'`;
    case 'list':
      return length < 3 ? written : `(${'1'.padEnd(length - 2)})`;
    case 'nothing':
      return ' '.repeat(length);
    default:
      return form satisfies never;
  }
}

/** The token with which the grammar could not go on; at the end of the text the last one there is. */
export function faultRange(text: string, at: number): TextRange {
  const lexer = new Lexer(text, Math.min(at, text.length));
  if (lexer.next() && lexer.kind !== 'space') {
    // What was opened and never closed would paint everything behind it.
    const lineEnd = text.indexOf('\n', at);
    return { start: at, end: lexer.unfinished && lineEnd !== -1 ? Math.min(lexer.end, lineEnd) : lexer.end };
  }
  const end = text.trimEnd().length;
  return { start: Math.max(0, end - 1), end: Math.max(end, Math.min(1, text.length)) };
}
