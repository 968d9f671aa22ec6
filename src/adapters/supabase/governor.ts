import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import type { Clock, Priority } from '../../core/ports.ts';
import type { SharedTurns, Wish } from '../files/sharedTurns.ts';

/**
 * Log queries have a budget of their own. Both are counted per user and project, or user and organisation:
 * https://supabase.com/docs/reference/api/introduction#rate-limits
 */
export type Budget = 'standard' | 'logs';

export interface GovernedCall {
  /** The project's ref; empty for what belongs to the account. */
  readonly scope: string;
  readonly budget: Budget;
  readonly priority: Priority;
  /** For the error: `list functions`. */
  readonly operation: string;
}

/** What an answer says of the budget; members that it does not mention are absent. */
export interface Standing {
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetSeconds?: number;
  /** The call was refused (429): nothing will pass for so long. */
  readonly refusedForSeconds?: number;
}

/** Requests per minute before a header says otherwise. */
const perMinute: Record<Budget, number> = { standard: 120, logs: 30 };

const minute = 60_000;

interface Manners {
  /** Lower goes first. */
  readonly rank: number;
  /** Calls in flight, of any priority, at which this one waits. */
  readonly slots: number;
  /** The part of the budget that this priority and those below it may use up. */
  readonly share: number;
  /** Milliseconds after which it is better to be told than to wait. */
  readonly patience: number;
  /** Spread evenly over the minute instead of sent as they come. */
  readonly paced: boolean;
}

/** Nothing of lower urgency can take the last slot or the last requests of the minute from what the user pressed. */
const manners: Record<Priority, Manners> = {
  user: { rank: 0, slots: 8, share: 1, patience: 15_000, paced: false },
  view: { rank: 1, slots: 6, share: 0.9, patience: 15_000, paced: false },
  check: { rank: 2, slots: 4, share: 0.8, patience: minute, paced: false },
  tail: { rank: 3, slots: 2, share: 0.7, patience: Infinity, paced: true },
};

/** A turn that is so long past was slept through: by now others may have had theirs. */
const missedMs = 5000;

/**
 * Decides when each call to the Management API goes out: one governor per access token, in it one queue per project and budget.
 * It follows the rate-limit headers, and counts by itself as long as there are none. Log queries, of which several windows that tail
 * would ask for more than there are, also wait for their turn among those of the other windows.
 */
export class Governor {
  private readonly clock: Clock;
  private readonly turns: SharedTurns | undefined;
  private readonly lanes = new Map<string, Lane>();

  constructor(clock: Clock, turns?: SharedTurns) {
    this.clock = clock;
    this.turns = turns;
  }

  /** Does the work in its turn. Throws `rateLimited` when its turn is further away than its priority is ready to wait. */
  async run<T>(call: GovernedCall, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    throwIfCancelled(signal);
    const lane = this.lane(call);
    await lane.enter(call, signal);
    try {
      await this.waitForOthers(call, lane, signal);
      return await work();
    } finally {
      lane.leave();
    }
  }

  observe(call: GovernedCall, standing: Standing): void {
    this.lane(call).observe(standing);
  }

  /** How much of a budget is used; `undefined` before its first call. */
  used({ scope, budget }: Pick<GovernedCall, 'scope' | 'budget'>): { readonly limit: number; readonly used: number; readonly resetsAt: number } | undefined {
    return this.lanes.get(laneKey(scope, budget))?.standing();
  }

  /** Whether a call of this priority would rather wait so long than fail. */
  waits(priority: Priority, seconds: number): boolean {
    return seconds * 1000 <= manners[priority].patience;
  }

  /** Turns come in the order in which they are asked for, over all windows. */
  private async waitForOthers({ scope, budget, priority, operation }: GovernedCall, lane: Lane, signal: AbortSignal): Promise<void> {
    for (let missed = true; missed && this.turns && budget === 'logs'; ) {
      const turn = await this.turns.take(laneKey(scope, budget), lane.wish(priority));
      if (!turn) {
        return;
      }
      const wait = turn.at - this.clock.now();
      if (!this.waits(priority, wait / 1000)) {
        await turn.giveBack().catch(() => undefined);
        throw new OpsError('rateLimited', { operation, retryAfterSeconds: Math.ceil(wait / 1000) });
      }
      try {
        throwIfCancelled(signal);
        await (wait > 0 ? this.clock.sleep(wait, signal) : undefined);
        missed = wait > 0 && this.clock.now() > turn.at + missedMs;
      } catch (error) {
        await turn.giveBack().catch(() => undefined);
        throw error;
      }
      if (missed) {
        await turn.giveBack().catch(() => undefined);
      } else {
        lane.noteTurns(turn.taken);
      }
    }
  }

  private lane({ scope, budget }: GovernedCall): Lane {
    const key = laneKey(scope, budget);
    let lane = this.lanes.get(key);
    if (!lane) {
      lane = new Lane(this.clock, perMinute[budget]);
      this.lanes.set(key, lane);
    }
    return lane;
  }
}

function laneKey(scope: string, budget: Budget): string {
  return `${budget} ${scope}`;
}

function allowedOf(limit: number, share: number): number {
  return Math.max(1, Math.floor(limit * share));
}

interface Waiter {
  readonly call: GovernedCall;
  readonly start: () => void;
  readonly fail: (error: OpsError) => void;
}

/** The queue before one budget of one project. */
class Lane {
  private readonly clock: Clock;
  private waiting: Waiter[] = [];
  private inFlight = 0;
  private limit: number;
  private used = 0;
  private windowEnds = -Infinity;
  private blockedUntil = -Infinity;
  private lastPaced = -Infinity;
  private lastPump = -Infinity;
  private alarm: AbortController | undefined;
  /** When calls went out or will, those of other windows among them. */
  private turns: readonly number[] = [];

  constructor(clock: Clock, limit: number) {
    this.clock = clock;
    this.limit = limit;
  }

  enter(call: GovernedCall, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = () => {
        this.waiting = this.waiting.filter((other) => other !== waiter);
        reject(new OpsError('cancelled', {}));
        this.pump();
      };
      const end = (settle: () => void) => {
        signal.removeEventListener('abort', cancel);
        settle();
      };
      const waiter: Waiter = { call, start: () => end(resolve), fail: (error) => end(() => reject(error)) };
      signal.addEventListener('abort', cancel, { once: true });
      this.waiting.push(waiter);
      this.waiting.sort((a, b) => manners[a.call.priority].rank - manners[b.call.priority].rank);
      this.pump();
    });
  }

  leave(): void {
    this.inFlight--;
    this.pump();
  }

  wish(priority: Priority): Wish {
    const { share, paced } = manners[priority];
    const allowed = allowedOf(this.limit, share);
    return { allowed, gapMs: paced ? minute / allowed : 0 };
  }

  noteTurns(turns: readonly number[]): void {
    this.turns = turns;
  }

  standing(): { limit: number; used: number; resetsAt: number } {
    const now = this.clock.now();
    const blocked = this.blockedUntil > now;
    const shared = this.turns.filter((at) => at > now - minute && at <= now).length;
    const used = blocked ? this.limit : Math.max(now < this.windowEnds ? this.used : 0, shared);
    return { limit: this.limit, used: Math.min(this.limit, used), resetsAt: Math.max(this.windowEnds, this.blockedUntil) };
  }

  observe({ limit, remaining, resetSeconds, refusedForSeconds }: Standing): void {
    const now = this.clock.now();
    this.limit = limit ?? this.limit;
    if (remaining !== undefined && resetSeconds !== undefined) {
      const ends = now + resetSeconds * 1000;
      // The reset is in whole seconds, so the same window may seem to end a second later than before.
      const sameWindow = ends < this.windowEnds + 2000;
      this.used = Math.max(sameWindow ? this.used : 0, this.limit - remaining);
      this.windowEnds = ends;
    }
    if (refusedForSeconds !== undefined) {
      this.blockedUntil = now + refusedForSeconds * 1000;
    }
    this.pump();
  }

  /** Starts what may start now, turns away what would wait too long, and sets the alarm for the rest. */
  private pump(): void {
    this.alarm?.abort();
    this.alarm = undefined;
    this.noticeClockSetBack();
    let next = Infinity;
    for (const waiter of [...this.waiting]) {
      const { priority, operation } = waiter.call;
      const now = this.clock.now();
      const at = this.earliest(manners[priority], now);
      if (at <= now) {
        this.admit(waiter, now);
      } else if (at !== Infinity && at - now > manners[priority].patience) {
        this.remove(waiter);
        waiter.fail(new OpsError('rateLimited', { operation, retryAfterSeconds: Math.ceil((at - now) / 1000) }));
      } else {
        next = Math.min(next, at);
      }
    }
    if (next !== Infinity) {
      this.setAlarm(next);
    }
  }

  /** Times that were noted before the clock was set back would lie hours ahead. */
  private noticeClockSetBack(): void {
    const now = this.clock.now();
    if (now < this.lastPump) {
      this.windowEnds = this.blockedUntil = this.lastPaced = -Infinity;
    }
    this.lastPump = now;
  }

  /** When a call may start: `Infinity` means when another one ends. */
  private earliest({ slots, share, paced }: Manners, now: number): number {
    if (this.inFlight >= slots) {
      return Infinity;
    }
    const allowed = allowedOf(this.limit, share);
    const budget = now < this.windowEnds && this.used >= allowed ? this.windowEnds : now;
    const pace = paced ? this.lastPaced + minute / allowed : now;
    return Math.max(now, budget, pace, this.blockedUntil);
  }

  private admit(waiter: Waiter, now: number): void {
    this.remove(waiter);
    if (now >= this.windowEnds) {
      this.used = 0;
      this.windowEnds = now + minute;
    }
    if (manners[waiter.call.priority].paced) {
      this.lastPaced = now;
    }
    this.used++;
    this.inFlight++;
    waiter.start();
  }

  private remove(waiter: Waiter): void {
    this.waiting = this.waiting.filter((other) => other !== waiter);
  }

  private setAlarm(at: number): void {
    const alarm = new AbortController();
    this.alarm = alarm;
    const woken = this.clock.sleep(Math.max(1, at - this.clock.now()), alarm.signal);
    // Rejected only when a newer alarm has taken its place.
    woken.then(
      () => this.pump(),
      () => undefined,
    );
  }
}
