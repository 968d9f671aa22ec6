/** Where a statement stands for more than one: the holes of template strings, the words of manuals. */
import { Lexer } from '../lexer.ts';
import type { TextRange } from '../../runbook/document.ts';
import { findSqlPlaceholders } from '../../runbook/sqlPlaceholders.ts';
import type { Statement } from '../split.ts';
import type { Opening } from './reading.ts';

/** Places of a text that somebody else fills in, in its offsets. `isMark`: only where it does not parse otherwise. */
export type Openings = readonly (TextRange & { readonly isMark?: true })[];

/** The openings of one statement, in its own offsets. */
export function openingsWithin({ text, range }: Statement, openings: Openings, isManual: boolean): Opening[] {
  const holes = openings
    .filter((hole) => hole.start >= range.start && hole.end <= range.end)
    .map(({ start, end, isMark }): Opening => ({ range: { start: start - range.start, end: end - range.start }, ...(isMark === true ? { certain: false, isMark } : { certain: true }) }));
  return isManual ? [...holes, ...wordsOfManuals(text)] : holes;
}

function wordsOfManuals(text: string): Opening[] {
  const words = findSqlPlaceholders(text, () => false).map(({ range }): Opening => ({ range, certain: false }));
  return [...words, ...wordsToReplace(text), ...ellipses(text), ...questionMarks(text).map((range): Opening => ({ range, certain: false, isMark: true }))];
}

/** `your_value`, wherever it stands: a reader's own word. */
function wordsToReplace(text: string): Opening[] {
  const found: Opening[] = [];
  const lexer = new Lexer(text);
  while (lexer.next()) {
    if (lexer.kind === 'word' && /^your_/i.test(lexer.value)) {
      found.push({ range: { start: lexer.start, end: lexer.end }, certain: false });
    }
  }
  return found;
}

/** `?` and `??`, by which some clients bind values and names; JSON has operators that look the same. */
export function questionMarks(text: string): TextRange[] {
  const found: TextRange[] = [];
  const lexer = new Lexer(text);
  while (text.includes('?') && lexer.next()) {
    const last = found.at(-1);
    if (lexer.kind === 'symbol' && lexer.value === '?' && last?.end !== lexer.start) {
      found.push({ start: lexer.start, end: text.charAt(lexer.end) === '?' ? lexer.end + 1 : lexer.end });
    }
  }
  return found;
}

/** `select … from t where …`: the reader knows what is left out. */
function ellipses(text: string): Opening[] {
  const found: Opening[] = [];
  for (const dots of ['...', '…']) {
    for (let at = text.indexOf(dots); at !== -1; at = text.indexOf(dots, at + dots.length)) {
      found.push({ range: { start: at, end: at + dots.length }, certain: false });
    }
  }
  return found;
}
