import type { CallOptions, LogStore } from '../ports.ts';
import type { LogFilter, LogLine, LogWindow } from './log.ts';

/** The endpoint takes 24 hours at most, rounded to minutes. */
export const longestPieceMs = (24 * 60 - 1) * 60_000;

const largestPage = 1000;

/** The newest `limit` lines of a window of any length, oldest first; a long window is read in pieces, the newest piece first. */
export async function readHistory(store: LogStore, filter: LogFilter, window: LogWindow, limit: number, options: CallOptions): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let to = window.to;
  while (lines.length < limit && to > window.from) {
    const piece = { from: Math.max(window.from, to - longestPieceMs), to };
    // The first millisecond of a page is read again with the next, since it may hold more lines.
    const known = new Set(lines.filter(({ time }) => time < to).map(({ id }) => id));
    const wanted = Math.min(largestPage, limit - lines.length + known.size);
    const page = await store.read(filter, piece, { ...options, limit: wanted, order: 'newest' });
    const fresh = page.filter(({ id }) => !known.has(id));
    lines.unshift(...fresh);
    const [first] = page;
    to = first !== undefined && page.length === wanted && fresh.length > 0 ? first.time + 1 : piece.from;
  }
  return lines.slice(-limit);
}
