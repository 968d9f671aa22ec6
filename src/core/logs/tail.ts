import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { Clock, LogStore } from '../ports.ts';
import type { LogFilter } from './log.ts';
import type { TailControl } from './tailControl.ts';
import type { TailEvent, TailOptions } from './tailEvent.ts';
import { TailReader } from './tailReader.ts';

const second = 1000;
const minute = 60 * second;

const fastestMs = 2 * second;
const slowestMs = 15 * second;
const firstRetryMs = 2 * second;
const lastRetryMs = minute;
/** The allowance is counted by the month: a used-up one comes back when the plan is changed. */
const allowanceRetryMs = 5 * minute;

/** For pauses: the system's timers do not take any longer time. */
const longMs = 24 * 60 * minute;

/**
 * Follows logs by asking again and again: no part of the platform pushes them. Nothing ends it but the signal, the end of its span, or
 * an error that asking again cannot mend; what it may have missed it says.
 */
export class LogTail {
  private readonly store: LogStore;
  private readonly clock: Clock;

  constructor({ store, clock }: { store: LogStore; clock: Clock }) {
    this.store = store;
    this.clock = clock;
  }

  /** Ends without an error when the signal aborts. */
  async *follow(filter: LogFilter, options: TailOptions, signal: AbortSignal): AsyncGenerator<TailEvent, void> {
    const { control } = options;
    const mood: Mood = { reader: new TailReader(this.store, this.clock, { filter, options }), idle: 0, failures: 0, following: false };
    while (!signal.aborted) {
      const revision = control?.revision;
      const wanted = control?.take();
      if (wanted) {
        mood.reader = mood.reader.anew(wanted);
        mood.following = false;
      }
      const turn = control?.paused && !mood.reader.mustRead ? hold(mood) : await this.turn(mood, control, signal);
      if (signal.aborted) {
        return;
      }
      yield* turn.events;
      if (turn.restMs === undefined) {
        return;
      }
      await this.rest(turn.restMs, control, revision, signal);
    }
  }

  private async turn(mood: Mood, control: TailControl | undefined, signal: AbortSignal): Promise<Turn> {
    try {
      const events = await interruptible(control, signal, async (within) => mood.reader.read(within));
      return succeed(mood, events);
    } catch (error) {
      if (isCancelled(error)) {
        return { events: [], restMs: 0 };
      }
      if (!isOpsError(error)) {
        throw error;
      }
      return fail(mood, error);
    }
  }

  /** Ends early when the signal aborts, or when the control says something new. */
  private async rest(milliseconds: number, control: TailControl | undefined, revision: number | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted || control?.revision !== revision) {
      return;
    }
    try {
      await interruptible(control, signal, async (turn) => this.clock.sleep(milliseconds, turn));
    } catch (error) {
      if (!isCancelled(error)) {
        throw error;
      }
    }
  }
}

/** How a tail has fared so far. */
interface Mood {
  reader: TailReader;
  /** Polls in a row that brought nothing. */
  idle: number;
  failures: number;
  following: boolean;
}

/** What a poll brought, and how long to rest after it; without a rest it was the last. */
interface Turn {
  readonly events: readonly TailEvent[];
  readonly restMs: number | undefined;
}

function hold(mood: Mood): Turn {
  mood.following = false;
  return { events: [{ kind: 'paused' }], restMs: longMs };
}

function succeed(mood: Mood, events: readonly TailEvent[]): Turn {
  const began: readonly TailEvent[] = mood.following ? [] : [{ kind: 'following' }];
  mood.following = true;
  mood.failures = 0;
  mood.idle = events.length > 0 ? 0 : mood.idle + 1;
  if (mood.reader.isDone) {
    return { events: [...began, ...events, { kind: 'ended' }], restMs: undefined };
  }
  return { events: [...began, ...events], restMs: Math.min(slowestMs, fastestMs * 1.5 ** Math.max(0, mood.idle - 1)) };
}

function fail(mood: Mood, error: OpsError): Turn {
  const retryInMs = retryDelay(error, mood.failures++);
  mood.following = false;
  return { events: [retryInMs === undefined ? { kind: 'stopped', error } : { kind: 'waiting', error, retryInMs }], restMs: retryInMs };
}

/** Work whose signal also aborts when the control asks for another filter, is paused or resumed. */
async function interruptible<T>(control: TailControl | undefined, signal: AbortSignal, work: (turn: AbortSignal) => Promise<T>): Promise<T> {
  if (!control) {
    return work(signal);
  }
  const turn = new AbortController();
  const end = () => turn.abort();
  signal.addEventListener('abort', end, { once: true });
  const subscription = control.onDidChange(end);
  if (signal.aborted) {
    end();
  }
  try {
    return await work(turn.signal);
  } finally {
    subscription.dispose();
    signal.removeEventListener('abort', end);
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
