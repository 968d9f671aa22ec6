import { isCancelled, isOpsError, type OpsError } from '../errors.ts';
import type { LogLine } from '../logs/log.ts';
import type { Clock, LogStore } from '../ports.ts';

/** One call of a function, as the log must know it. Times are this machine's, epoch milliseconds. */
export interface Call {
  readonly functionId: string;
  /** Absent when the answer named none: the platform refused, or no worker stood. */
  readonly executionId?: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/**
 * The log lines of one call, as far as they have arrived. `by`: `execution`, those of its execution id since it was sent; `time`,
 * those of the function while it ran, because no execution is known or none of the lines names it.
 */
export interface CallLog {
  readonly lines: readonly LogLine[];
  readonly by: 'execution' | 'time';
  /** Answered requests among the lines: more than one share the execution, and their lines cannot be told apart. */
  readonly requests: number;
  /** `waiting`: more may come; `complete`: the request itself and what it said are there; `ended`: no longer asked for. */
  readonly state: 'waiting' | 'complete' | 'ended';
  /** Why the log could not be read this time. */
  readonly error?: OpsError;
}

/** Lines arrive seconds late. Six questions of the thirty that a minute allows (SUPABASE, log endpoints). */
const pauses = [800, 1200, 2000, 3000, 4000, 6000];

/** Clocks differ a little, and a worker says that it boots before the request reaches it. */
const marginMs = 1500;

const mostLines = 1000;

interface Needs {
  readonly store: LogStore;
  readonly clock: Clock;
}

/** Asks for the lines of a call, again and again for some seconds; each answer holds all lines so far. Throws `cancelled` alone. */
export async function* followCall(needs: Needs, call: Call, signal: AbortSignal): AsyncGenerator<CallLog> {
  let before = -1;
  for (const [round, pause] of pauses.entries()) {
    await needs.clock.sleep(pause, signal);
    const isLast = round === pauses.length - 1;
    const log = isLast ? await readCall(needs, call, signal) : await readBy(call.executionId === undefined ? 'time' : 'execution', needs, call, signal);
    // One more question after the request's own line: console lines come a little after it.
    const complete = log.error === undefined && log.requests > 0 && log.lines.length === before;
    const ended = isLast || isFinal(log.error);
    yield { ...log, state: complete ? 'complete' : ended ? 'ended' : 'waiting' };
    if (complete || ended) {
      return;
    }
    before = log.lines.length;
  }
}

/** The lines that are there now; where none names the execution, those of the function at that time. */
export async function readCall(needs: Needs, call: Call, signal: AbortSignal): Promise<CallLog> {
  const own = call.executionId === undefined ? undefined : await readBy('execution', needs, call, signal);
  if (own !== undefined && (own.lines.length > 0 || own.error !== undefined)) {
    return own;
  }
  const around = await readBy('time', needs, call, signal);
  return own !== undefined && around.lines.length === 0 ? own : around;
}

async function readBy(by: CallLog['by'], { store, clock }: Needs, call: Call, signal: AbortSignal): Promise<CallLog> {
  const until = by === 'execution' ? clock.now() : Math.min(clock.now(), call.answeredAt);
  const own = by === 'execution' && call.executionId !== undefined ? { executionId: call.executionId } : {};
  try {
    const lines = await store.read(
      { services: ['functions', 'invocations'], functionIds: [call.functionId], ...own },
      { from: call.sentAt + store.skewMs - marginMs, to: until + store.skewMs + marginMs },
      { signal, priority: 'user', limit: mostLines, order: 'oldest' },
    );
    return { lines, by, requests: lines.filter(({ service }) => service === 'invocations').length, state: 'ended' };
  } catch (error) {
    if (isCancelled(error) || !isOpsError(error)) {
      throw error;
    }
    return { lines: [], by, requests: 0, state: 'ended', error };
  }
}

/** What asking again would not change. */
function isFinal(error: OpsError | undefined): boolean {
  return error !== undefined && !isOpsError(error, 'rateLimited', 'unreachable', 'timedOut', 'serviceFailed', 'badAnswer');
}
