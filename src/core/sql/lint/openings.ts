/** Where a statement stands for more than one: the holes of template strings, the words of manuals. */
import type { TextRange } from '../../runbook/document.ts';
import { findSqlPlaceholders } from '../../runbook/sqlPlaceholders.ts';
import type { Statement } from '../split.ts';
import type { Opening } from './reading.ts';

/** Places of a text that somebody else fills in, in its offsets. */
export type Openings = readonly TextRange[];

/** The openings of one statement, in its own offsets. */
export function openingsWithin({ text, range }: Statement, openings: Openings, isManual: boolean): Opening[] {
  const holes = openings
    .filter((hole) => hole.start >= range.start && hole.end <= range.end)
    .map((hole): Opening => ({ range: { start: hole.start - range.start, end: hole.end - range.start }, certain: true }));
  return isManual ? [...holes, ...wordsOfManuals(text)] : holes;
}

function wordsOfManuals(text: string): Opening[] {
  const words = findSqlPlaceholders(text, () => false).map(({ range }): Opening => ({ range, certain: false }));
  return [...words, ...ellipses(text)];
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
