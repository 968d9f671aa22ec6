import type { OpsError } from '../errors.ts';
import type { LogFilter, LogLine } from './log.ts';
import type { TailControl } from './tailControl.ts';

export type TailEvent =
  /** New lines, in (time, id) order; a line that arrived late may be older than those before it. */
  | { readonly kind: 'lines'; readonly lines: readonly LogLine[] }
  /** Lines between these times may be missing, epoch milliseconds. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly because: 'tooManyLines' | 'tooLongAgo' }
  | { readonly kind: 'following' }
  /** What was read with the filter before is replaced by what comes from here on; it was readable until now. */
  | { readonly kind: 'reread'; readonly filter: LogFilter; readonly span: TailSpan }
  /** Nothing is asked until somebody resumes it. */
  | { readonly kind: 'paused' }
  /** Nothing can be read just now; the tail asks again by itself. */
  | { readonly kind: 'waiting'; readonly error: OpsError; readonly retryInMs: number }
  /** The end of the span was read: the last event of a tail that does not go on. */
  | { readonly kind: 'ended' }
  /** The last event: asking again would not help. */
  | { readonly kind: 'stopped'; readonly error: OpsError };

/** Where a tail begins and ends, epoch milliseconds. */
export interface TailSpan {
  readonly from: number;
  /** Absent: it follows. */
  readonly until?: number;
  /** How many lines of the past; the newest 1000 unless said. */
  readonly lines?: number;
}

export interface TailOptions {
  /** How much of the past comes first. More than a day is read in pieces of a day, newest first. */
  readonly lookBackMs: number;
  readonly until?: number;
  readonly lines?: number;
  /** To pause it, and to give it another filter while it runs. */
  readonly control?: TailControl;
}
