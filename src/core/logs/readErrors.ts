import type { CallOptions, LogStore } from '../ports.ts';
import { countMessages, groupErrors, type ErrorGroup, type MessageCount, type VersionSeen } from './errorGroups.ts';
import { longestPieceMs, readHistory } from './history.ts';
import type { LogFilter, LogWindow } from './log.ts';

export interface ErrorReport {
  readonly groups: readonly ErrorGroup[];
  /** False: there were more messages than the store counts, or than lines that were read. */
  readonly complete: boolean;
}

/** What a store that counts gives at most. */
const mostCounts = 1000;
/** Lines that are counted here where the store cannot. */
const mostLines = 5000;

/** Errors of a window of any length in groups; a long one is counted in pieces. Two queries for each day. */
export async function readErrors(store: LogStore, filter: LogFilter, window: LogWindow, options: CallOptions): Promise<ErrorReport> {
  const wanted: LogFilter = { ...filter, levels: ['error'] };
  if (!store.messageCounts) {
    const lines = await readHistory(store, wanted, window, mostLines, options);
    return { groups: groupErrors(countMessages(lines), []), complete: lines.length < mostLines };
  }
  const counts: MessageCount[] = [];
  const seen: VersionSeen[] = [];
  let complete = true;
  for (let to = window.to; to > window.from; to -= longestPieceMs) {
    const piece = { from: Math.max(window.from, to - longestPieceMs), to };
    const [some, versions] = await Promise.all([store.messageCounts(wanted, piece, options), versionsOf(store, filter, piece, options)]);
    counts.push(...some);
    seen.push(...versions);
    complete &&= some.length < mostCounts;
  }
  return { groups: groupErrors(counts, seen), complete };
}

async function versionsOf(store: LogStore, { services, functionIds }: LogFilter, window: LogWindow, options: CallOptions): Promise<readonly VersionSeen[]> {
  const ofFunctions = services.includes('functions') || services.includes('invocations');
  return ofFunctions ? ((await store.versionsSeen?.(functionIds ? { functionIds } : {}, window, options)) ?? []) : [];
}
