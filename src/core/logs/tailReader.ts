import { defined } from '../../util/defined.ts';
import type { Clock, LogStore } from '../ports.ts';
import { readHistory } from './history.ts';
import { compareLines, type LogCursor, type LogFilter, type LogLine, type LogWindow } from './log.ts';
import type { Reread } from './tailControl.ts';
import type { TailEvent, TailOptions } from './tailEvent.ts';

const second = 1000;
const minute = 60 * second;

/** Rows may arrive so much later than their own time says: each window begins this much before the last one ended. */
const overlapMs = minute;
/**
 * With more lines than this in a minute, reading the last minute again with each poll is all that a tail would do. Then windows overlap
 * by less, and a second reading follows a minute behind for what arrived late, so that each line is read twice and not thirty times.
 */
const crowd = 3000;
const crowdedOverlapMs = 10 * second;
/** The second reading goes in steps of this length, and gives up what it is further behind with. */
const trailStepMs = 10 * second;
const longestTrailMs = 5 * minute;
/** A window reaches into the future, so that a clock of ours that is slow hides nothing. */
const aheadMs = 5 * minute;
/** The endpoint reads at most 24 hours at once, rounded to minutes; after an outage of that length a plan may keep no more either. */
const longestWindowMs = 24 * 60 * minute - minute;
const pageSize = 1000;
const mostPages = 5;

interface Assignment {
  readonly filter: LogFilter;
  readonly options: Omit<TailOptions, 'control'>;
  /** The same moment for every reading of a tail, so that a changed filter shows the same span. */
  readonly from?: number;
  /** It replaces what another filter has shown. */
  readonly again?: boolean;
}

/** One poll after the other: where the next window begins, and which lines were seen. Times are the service's. */
export class TailReader {
  private readonly store: LogStore;
  private readonly clock: Clock;
  private readonly assignment: Assignment;
  /** Up to here everything was read, but for rows that arrive late; `undefined` before the first answer. */
  private readUntil: number | undefined;
  private began: number | undefined;
  /** Of the second reading, while lines crowd: up to here it has come. */
  private trailedUntil: number | undefined;
  /** Times of the lines that the next window may show again, by id. */
  private readonly seen = new Map<string, number>();

  constructor(store: LogStore, clock: Clock, assignment: Assignment) {
    this.store = store;
    this.clock = clock;
    this.assignment = assignment;
  }

  /** A changed filter is answered even while the tail is paused. */
  get mustRead(): boolean {
    return this.assignment.again === true && !this.hasRead;
  }

  private get hasRead(): boolean {
    return this.readUntil !== undefined;
  }

  get isDone(): boolean {
    const { until } = this.assignment.options;
    return until !== undefined && this.readUntil !== undefined && this.readUntil >= until;
  }

  /** Reads with another filter, from where this one began unless told otherwise. */
  anew({ filter, ...options }: Reread): TailReader {
    const from = options.from ?? this.began ?? this.assignment.from;
    const { lookBackMs } = this.assignment.options;
    return new TailReader(this.store, this.clock, { filter, options: { lookBackMs, ...options }, again: true, ...(from === undefined ? {} : { from }) });
  }

  async read(signal: AbortSignal): Promise<TailEvent[]> {
    const supposed = this.store.skewMs;
    const first = await this.readOnce(signal);
    const misled = Math.abs(this.store.skewMs - supposed) > overlapMs;
    // The answer tells that one of the clocks is, or was just set, far off: the window lay in the wrong place.
    const { poll, from, until, trail } = misled ? await this.readOnce(signal) : first;
    const events = this.hasRead ? [] : this.announce(from);
    this.began ??= from;
    this.readUntil = Math.max(this.readUntil ?? -Infinity, until);
    const late = trail ? [...trail.lost, ...this.unseen(trail.lines)] : [];
    const lines = [...poll.lost, ...late, ...this.unseen(poll.oldest), ...poll.skipped, ...this.unseen(poll.newest)];
    this.trailedUntil = trail?.until;
    this.forget();
    this.watchCrowd();
    return [...events, ...lines];
  }

  private watchCrowd(): void {
    if (this.trailedUntil === undefined && this.seen.size > crowd) {
      this.trailedUntil = (this.readUntil ?? 0) - overlapMs;
    }
  }

  private announce(from: number): TailEvent[] {
    const { filter, options, again } = this.assignment;
    const { until, lines } = options;
    return again ? [{ kind: 'reread', filter, span: { from, ...defined({ until, lines }) } }] : [];
  }

  private async readOnce(signal: AbortSignal): Promise<{ poll: Poll; from: number; until: number; trail?: Trail }> {
    const began = this.clock.now();
    // Whole milliseconds, as lines have: a window that is asked for from a fraction on begins before it.
    const now = Math.floor(began + this.store.skewMs);
    const { lookBackMs, until = Infinity } = this.assignment.options;
    const to = Math.min(now + aheadMs, until);
    if (this.readUntil === undefined) {
      const from = this.assignment.from ?? now - lookBackMs;
      return { poll: await this.readPast({ from, to }, signal), from, until: Math.min(to, Math.floor(began + this.store.skewMs)) };
    }
    const trail = await this.readTrail(this.readUntil, signal);
    const again = trail ? this.readUntil - crowdedOverlapMs : Math.min(this.readUntil - overlapMs, this.trailedUntil ?? Infinity);
    const window = { from: Math.max(again, to - longestWindowMs), to };
    const poll = await this.readPages(window, this.readUntil, signal);
    if (window.from > this.readUntil) {
      poll.lost.push({ kind: 'gap', from: this.readUntil, to: window.from, because: 'tooLongAgo' });
    }
    return { poll, from: window.from, until: Math.min(to, Math.floor(began + this.store.skewMs)), ...(trail ? { trail } : {}) };
  }

  /** What arrived late in the time that lies a minute behind; `undefined` while lines do not crowd. */
  private async readTrail(readUntil: number, signal: AbortSignal): Promise<Trail | undefined> {
    const from = this.trailedUntil;
    const to = readUntil - overlapMs;
    if (from === undefined || this.seen.size < crowd / 2) {
      return undefined;
    }
    if (to - from > longestTrailMs) {
      return { lost: [tooMany(from, to)], lines: [], until: to };
    }
    if (to - from < trailStepMs) {
      return { lost: [], lines: [], until: from };
    }
    const { lines, after } = await this.readOldest({ from, to }, signal);
    return { lost: [], lines, until: after?.time ?? to };
  }

  /** The start: what is newest, whatever came before it. */
  private async readPast(window: LogWindow, signal: AbortSignal): Promise<Poll> {
    const lines = this.assignment.options.lines ?? pageSize;
    const newest =
      lines <= pageSize && window.to - window.from <= longestWindowMs
        ? await this.page(window, { order: 'newest', limit: lines }, signal)
        : await readHistory(this.store, this.assignment.filter, window, lines, { signal, priority: 'view' });
    const [oldest] = newest;
    const full = newest.length >= lines && oldest !== undefined;
    return { lost: [], oldest: [], skipped: full ? [tooMany(window.from, oldest.time)] : [], newest };
  }

  /** Oldest first, page by page; after the last page that is granted, on with what is newest. */
  private async readPages(window: LogWindow, readUntil: number, signal: AbortSignal): Promise<Poll> {
    const { lines: oldest, after } = await this.readOldest(window, signal);
    if (!after) {
      return { lost: [], oldest, skipped: [], newest: [] };
    }
    const newest = await this.page(window, { order: 'newest', limit: pageSize }, signal);
    const [next] = newest;
    // What lies before was read by an earlier poll.
    const from = Math.max(after.time, readUntil);
    const skipped = next && compareLines(next, after) > 0 && next.time > from ? [tooMany(from, next.time)] : [];
    return { lost: [], oldest, skipped, newest };
  }

  /** As many pages as are granted; with the line after which there may be more, if there may. */
  private async readOldest(window: LogWindow, signal: AbortSignal): Promise<{ lines: readonly LogLine[]; after?: LogCursor }> {
    const lines: LogLine[] = [];
    for (let count = 0; count < mostPages; count++) {
      const last = lines.at(-1);
      const page = await this.page(window, { order: 'oldest', limit: pageSize, ...(last ? { after: { time: last.time, id: last.id } } : {}) }, signal);
      lines.push(...page);
      if (page.length < pageSize) {
        return { lines };
      }
    }
    const after = lines.at(-1);
    return { lines, ...(after ? { after } : {}) };
  }

  private page(window: LogWindow, part: { order: 'oldest' | 'newest'; limit: number; after?: LogCursor }, signal: AbortSignal): Promise<readonly LogLine[]> {
    return this.store.read(this.assignment.filter, window, { ...part, priority: 'tail', signal });
  }

  /** Lines not given out before. */
  private unseen(lines: readonly LogLine[]): TailEvent[] {
    const fresh: LogLine[] = [];
    for (const line of lines) {
      if (!this.seen.has(line.id)) {
        this.seen.set(line.id, line.time);
        fresh.push(line);
      }
    }
    return fresh.length === 0 ? [] : [{ kind: 'lines', lines: fresh }];
  }

  /** Drops the ids that no later window can show again. */
  private forget(): void {
    const before = Math.min((this.readUntil ?? 0) - overlapMs, this.trailedUntil ?? Infinity);
    for (const [id, time] of this.seen) {
      if (time < before) {
        this.seen.delete(id);
      }
    }
  }
}

/** What the second reading brought, and how far it came. */
interface Trail {
  readonly lost: readonly TailEvent[];
  readonly lines: readonly LogLine[];
  readonly until: number;
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
