import { OpsError, isCancelled, isOpsError } from '../errors.ts';
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

/** Asks for the lines of a call, again and again for some seconds; each answer holds all lines so far. Throws `cancelled` alone. */
export async function* followCall({ store, clock }: { store: LogStore; clock: Clock }, call: Call, signal: AbortSignal): AsyncGenerator<CallLog> {
  let before = -1;
  for (const [round, pause] of pauses.entries()) {
    await clock.sleep(pause, signal);
    const log = await readCall({ store, clock }, call, signal);
    const isLast = round === pauses.length - 1;
    // One more question after the request's own line: console lines come a little after it.
    const complete = log.error === undefined && log.requests > 0 && log.by === 'execution' && log.lines.length === before;
    yield { ...log, state: complete ? 'complete' : isLast || isFinal(log.error) ? 'ended' : 'waiting' };
    if (complete || isFinal(log.error)) {
      return;
    }
    before = log.lines.length;
  }
}

/** The lines that are there now. */
export async function readCall({ store, clock }: { store: LogStore; clock: Clock }, call: Call, signal: AbortSignal): Promise<CallLog> {
  try {
    const lines = await store.read(
      { services: ['functions', 'invocations'], functionIds: [call.functionId] },
      { from: call.sentAt + store.skewMs - marginMs, to: clock.now() + store.skewMs + marginMs },
      { signal, priority: 'user', limit: mostLines, order: 'oldest' },
    );
    return select(lines, call, store.skewMs);
  } catch (error) {
    if (isCancelled(error) || !isOpsError(error)) {
      throw error;
    }
    return { lines: [], by: call.executionId === undefined ? 'time' : 'execution', requests: 0, state: 'ended', error };
  }
}

function select(all: readonly LogLine[], call: Call, skewMs: number): CallLog {
  const own = call.executionId === undefined ? [] : all.filter((line) => line.executionId === call.executionId);
  const duringCall = all.filter((line) => line.time <= call.answeredAt + skewMs + marginMs);
  const by = own.length > 0 || (call.executionId !== undefined && duringCall.length === 0) ? 'execution' : 'time';
  const lines = by === 'execution' ? own : duringCall;
  return { lines, by, requests: lines.filter(({ service }) => service === 'invocations').length, state: 'waiting' };
}

/** What asking again would not change. */
function isFinal(error: OpsError | undefined): boolean {
  return error !== undefined && !isOpsError(error, 'rateLimited', 'unreachable', 'timedOut', 'serviceFailed', 'badAnswer');
}
