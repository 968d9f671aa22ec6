import type { CallOptions, LogStore } from '../ports.ts';
import type { LogFilter, LogLine, LogWindow } from './log.ts';

/** The endpoint takes 24 hours at most, rounded to minutes. */
const longestPieceMs = (24 * 60 - 1) * 60_000;

const largestPage = 1000;

/** The newest `limit` lines of a window of any length, oldest first; a long window is read in pieces, the newest piece first. */
export async function readHistory(store: LogStore, filter: LogFilter, window: LogWindow, limit: number, options: CallOptions): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  let to = window.to;
  while (lines.length < limit && to > window.from) {
    const piece = { from: Math.max(window.from, to - longestPieceMs), to };
    const wanted = Math.min(largestPage, limit - lines.length);
    const found = await store.read(filter, piece, { ...options, limit: wanted, order: 'newest' });
    const known = new Set(lines.map(({ id }) => id));
    const fresh = found.filter(({ id }) => !known.has(id));
    lines.unshift(...fresh);
    // A full page has more before it in the same piece; its first millisecond is read again, since it may hold more lines.
    const [first] = found;
    const more = found.length === wanted && first !== undefined && fresh.length > 0;
    to = more ? Math.min(to - 1, first.time + 1) : piece.from;
  }
  return lines.slice(-limit);
}
