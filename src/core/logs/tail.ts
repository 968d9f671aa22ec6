import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { Clock, LogStore } from '../ports.ts';
import { compareLines, type LogCursor, type LogFilter, type LogLine, type LogWindow } from './log.ts';

export type TailEvent =
  /** New lines, in (time, id) order; a line that arrived late may be older than those before it. */
  | { readonly kind: 'lines'; readonly lines: readonly LogLine[] }
  /** Lines between these times may be missing, epoch milliseconds. */
  | { readonly kind: 'gap'; readonly from: number; readonly to: number; readonly because: 'tooManyLines' | 'tooLongAgo' }
  | { readonly kind: 'following' }
  /** Nothing can be read just now; the tail asks again by itself. */
  | { readonly kind: 'waiting'; readonly error: OpsError; readonly retryInMs: number }
  /** The last event: asking again would not help. */
  | { readonly kind: 'stopped'; readonly error: OpsError };

export interface TailOptions {
  /** How much of the past comes first; at most a day, and of that the newest 1000 lines. */
  readonly lookBackMs: number;
}

const second = 1000;
const minute = 60 * second;

/** Rows may arrive so much later than their own time says: each window begins this much before the last one ended. */
const overlapMs = minute;
/** A window reaches into the future, so that a clock of ours that is slow hides nothing. */
const aheadMs = 5 * minute;
/** The endpoint reads at most 24 hours at once, rounded to minutes; after an outage of that length a plan may keep no more either. */
const longestWindowMs = 24 * 60 * minute - minute;
const pageSize = 1000;
const mostPages = 5;

const fastestMs = 2 * second;
const slowestMs = 15 * second;
const firstRetryMs = 2 * second;
const lastRetryMs = minute;
/** The allowance is counted by the month: a used-up one comes back when the plan is changed. */
const allowanceRetryMs = 5 * minute;

/**
 * Follows logs by asking again and again: no part of the platform pushes them. Nothing ends it but the signal, or an error that
 * asking again cannot mend; what it may have missed it says.
 */
export class LogTail {
  private readonly store: LogStore;
  private readonly clock: Clock;

  constructor({ store, clock }: { store: LogStore; clock: Clock }) {
    this.store = store;
    this.clock = clock;
  }

  /** Ends without an error when the signal aborts. */
  async *follow(filter: LogFilter, { lookBackMs }: TailOptions, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    const reader = new TailReader(this.store, this.clock, filter, lookBackMs);
    let idle = 0;
    let failures = 0;
    let following = false;
    while (!signal.aborted) {
      try {
        const events = await reader.read(signal);
        if (!following) {
          following = true;
          yield { kind: 'following' };
        }
        failures = 0;
        idle = events.length > 0 ? 0 : idle + 1;
        yield* events;
        await this.clock.sleep(Math.min(slowestMs, fastestMs * 1.5 ** Math.max(0, idle - 1)), signal);
      } catch (error) {
        if (signal.aborted || isCancelled(error)) {
          return;
        }
        if (!isOpsError(error)) {
          throw error;
        }
        const retryInMs = retryDelay(error, failures++);
        if (retryInMs === undefined) {
          yield { kind: 'stopped', error };
          return;
        }
        following = false;
        yield { kind: 'waiting', error, retryInMs };
        if (!(await this.rest(retryInMs, signal))) {
          return;
        }
      }
    }
  }

  private async rest(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    try {
      await this.clock.sleep(milliseconds, signal);
      return true;
    } catch {
      return false;
    }
  }
}

/** When to ask again; `undefined` when only a person can help. */
function retryDelay(error: OpsError, failures: number): number | undefined {
  if (isOpsError(error, 'rateLimited')) {
    return Math.max(second, error.facts.retryAfterSeconds * second);
  }
  if (isOpsError(error, 'allowanceExhausted')) {
    return allowanceRetryMs;
  }
  const refused = isOpsError(error, 'serviceFailed') && error.facts.status >= 400 && error.facts.status < 500;
  if (refused || !isOpsError(error, 'serviceFailed', 'unreachable', 'tlsRefused', 'timedOut', 'badAnswer')) {
    return undefined;
  }
  return Math.min(lastRetryMs, firstRetryMs * 2 ** Math.min(failures, 10));
}

/** One poll after the other: where the next window begins, and which lines were seen. Times are the service's. */
class TailReader {
  private readonly store: LogStore;
  private readonly clock: Clock;
  private readonly filter: LogFilter;
  private readonly lookBackMs: number;
  /** Up to here everything was read, but for rows that arrive late; `undefined` before the first answer. */
  private readUntil: number | undefined;
  /** Times of the lines that the next window may show again, by id. */
  private readonly seen = new Map<string, number>();

  constructor(store: LogStore, clock: Clock, filter: LogFilter, lookBackMs: number) {
    this.store = store;
    this.clock = clock;
    this.filter = filter;
    this.lookBackMs = lookBackMs;
  }

  async read(signal: AbortSignal): Promise<TailEvent[]> {
    const supposed = this.store.skewMs;
    const first = await this.readOnce(signal);
    const misled = Math.abs(this.store.skewMs - supposed) > overlapMs;
    // The answer tells that one of the clocks is, or was just set, far off: the window lay in the wrong place.
    const { poll, until } = misled ? await this.readOnce(signal) : first;
    this.readUntil = Math.max(this.readUntil ?? -Infinity, until);
    return [...poll.lost, ...this.unseen(poll.oldest), ...poll.skipped, ...this.unseen(poll.newest)];
  }

  private async readOnce(signal: AbortSignal): Promise<{ poll: Poll; until: number }> {
    const began = this.clock.now();
    const now = began + this.store.skewMs;
    const to = now + aheadMs;
    const wanted = this.readUntil === undefined ? now - this.lookBackMs : this.readUntil - overlapMs;
    const window = { from: Math.max(wanted, to - longestWindowMs), to };
    const poll = this.readUntil === undefined ? await this.readNewest(window, signal) : await this.readPages(window, signal);
    if (this.readUntil !== undefined && window.from > this.readUntil) {
      poll.lost.push({ kind: 'gap', from: this.readUntil, to: window.from, because: 'tooLongAgo' });
    }
    return { poll, until: Math.min(to, began + this.store.skewMs) };
  }

  /** The start: what is newest, whatever came before it. */
  private async readNewest(window: LogWindow, signal: AbortSignal): Promise<Poll> {
    const newest = await this.page(window, { order: 'newest' }, signal);
    const [oldest] = newest;
    const full = newest.length >= pageSize && oldest !== undefined;
    return { lost: [], oldest: [], skipped: full ? [tooMany(window.from, oldest.time)] : [], newest };
  }

  /** Oldest first, page by page; after the last page that is granted, on with what is newest. */
  private async readPages(window: LogWindow, signal: AbortSignal): Promise<Poll> {
    const oldest: LogLine[] = [];
    let after: LogCursor | undefined;
    for (let count = 0; count < mostPages; count++) {
      const page = await this.page(window, { order: 'oldest', ...(after ? { after } : {}) }, signal);
      oldest.push(...page);
      after = page.at(-1);
      if (page.length < pageSize || after === undefined) {
        return { lost: [], oldest, skipped: [], newest: [] };
      }
    }
    const newest = await this.page(window, { order: 'newest' }, signal);
    const [next] = newest;
    const skipped = after && next && compareLines(next, after) > 0 ? [tooMany(after.time, next.time)] : [];
    return { lost: [], oldest, skipped, newest };
  }

  private page(window: LogWindow, part: { order: 'oldest' | 'newest'; after?: LogCursor }, signal: AbortSignal): Promise<readonly LogLine[]> {
    return this.store.read(this.filter, window, { ...part, limit: pageSize, priority: 'tail', signal });
  }

  /** Lines not given out before; forgets those that no later window can show again. */
  private unseen(lines: readonly LogLine[]): TailEvent[] {
    const fresh: LogLine[] = [];
    for (const line of lines) {
      if (!this.seen.has(line.id)) {
        this.seen.set(line.id, line.time);
        fresh.push(line);
      }
    }
    for (const [id, time] of this.seen) {
      if (time < (this.readUntil ?? 0) - overlapMs) {
        this.seen.delete(id);
      }
    }
    return fresh.length === 0 ? [] : [{ kind: 'lines', lines: fresh }];
  }
}

/** What one poll brought, in the order in which it is told. */
interface Poll {
  readonly lost: TailEvent[];
  readonly oldest: readonly LogLine[];
  readonly skipped: readonly TailEvent[];
  readonly newest: readonly LogLine[];
}

function tooMany(from: number, to: number): TailEvent {
  return { kind: 'gap', from, to, because: 'tooManyLines' };
}
