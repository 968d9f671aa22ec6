import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Logger } from '../../core/ports.ts';
import { digest } from './digest.ts';
import { ifPresent } from './present.ts';
import { systemCode } from './storageError.ts';

/** What somebody wants of a budget that is counted by the minute. */
export interface Wish {
  /** How many turns of a minute, whoever takes them, may be taken when this one is. */
  readonly allowed: number;
  /** Milliseconds to the turn before of those who also keep a distance; 0 for who keeps none. */
  readonly gapMs: number;
}

export interface Turn {
  /** Epoch milliseconds. */
  readonly at: number;
  /** The turns of the last minute and those to come, this one among them. */
  readonly taken: readonly number[];
  /** It was not used. */
  giveBack(): Promise<void>;
}

/** The turns that all windows of this machine take from one budget. */
export interface SharedTurns {
  /** `undefined` when the windows cannot hear of each other just now. */
  take(budget: string, wish: Wish): Promise<Turn | undefined>;
}

/** A minute, and what a request may take longer on its way than the one before it. */
const minuteMs = 61_000;
/** A file holds the turns of so long, and the one before it is all that still counts. */
const periodMs = 600_000;
/** Turns that were asked for so far ahead of ours were so before the clock was set back. */
const clockStepMs = 5_000;

/**
 * Each window appends its wish to a file and reads the file: the system puts the lines in one order, and from this order every window
 * works out the same turns. So nobody waits for anybody’s word, nobody holds anything that would stay held when he is killed, and
 * the turn of a window that died passes like any other. `owner` is whom the service counts by: the account.
 */
export function createSharedTurns({ folder, owner, clock, log }: { folder: string; owner: string; clock: Pick<Clock, 'now'>; log: Logger }): SharedTurns {
  const fileOf = (budget: string, period: number) => path.join(folder, `${digest('sha256', Buffer.from(`${owner} ${budget}`))}.${period}`);
  let swept = -1;

  const note = async (file: string, line: string): Promise<void> => {
    // Whoever died within a line has spoilt his own only.
    await appendFile(file, `\n${line}\n`, { mode: 0o600 });
  };

  const take = async (budget: string, { allowed, gapMs }: Wish): Promise<Turn> => {
    for (;;) {
      const id = randomUUID();
      const asked = Math.floor(clock.now());
      const period = Math.floor(asked / periodMs);
      if (swept !== period) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await sweep(folder, period - 1);
        swept = period;
      }
      const file = fileOf(budget, period);
      await note(file, `${id} ${asked} ${allowed} ${Math.ceil(gapMs)}`);
      const giveBack = async () => note(file, `${id} back`);
      // Who has begun the next file may have read this one before our line was in it.
      if (Math.floor(clock.now() / periodMs) !== period) {
        await giveBack();
        continue;
      }
      const texts = await Promise.all([fileOf(budget, period - 1), file].map(async (one) => ifPresent(readFile(one, 'utf8'), '')));
      const turns = turnsOf(texts.join('\n'));
      const own = turns.get(id);
      if (own) {
        return { at: own.at, taken: [...turns.values()].map(({ at }) => at).filter((at) => at > asked - minuteMs), giveBack };
      }
      throw new Error('what was just written is not in the file');
    }
  };

  return {
    take: async (budget, wish) => {
      try {
        return await take(budget, wish);
      } catch (error) {
        log.warn('the log queries of other windows cannot be counted', { reason: systemCode(error) ?? String(error) });
        return undefined;
      }
    },
  };
}

interface Given {
  readonly asked: number;
  readonly at: number;
  readonly spaced: boolean;
}

/** The turns in the order in which they were asked for, by the id of each wish; the same for everybody who has read as far. */
function turnsOf(text: string): Map<string, Given> {
  const turns = new Map<string, Given>();
  for (const line of text.split('\n')) {
    const [, id = '', asked, allowed, gap] = /^([\w-]{36}) (?:(\d+) (\d+) (\d+)|back)$/.exec(line) ?? [];
    if (asked === undefined) {
      turns.delete(id);
    } else {
      const wish = { asked: Number(asked), allowed: Math.max(1, Number(allowed)), gapMs: Number(gap) };
      turns.set(id, { asked: wish.asked, at: turnAfter([...turns.values()], wish), spaced: wish.gapMs > 0 });
    }
  }
  return turns;
}

function turnAfter(earlier: readonly Given[], { asked, allowed, gapMs }: Wish & { readonly asked: number }): number {
  const counted = earlier.filter((turn) => turn.at > asked - minuteMs && turn.asked <= asked + clockStepMs);
  const times = counted.map(({ at }) => at).sort((a, b) => a - b);
  const room = (times.at(-allowed) ?? -Infinity) + minuteMs;
  const distance = gapMs === 0 ? [] : counted.filter(({ spaced }) => spaced).map(({ at }) => at + gapMs);
  return Math.max(asked, room, ...distance);
}

/** Files of periods before this one. */
async function sweep(folder: string, period: number): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^[0-9a-f]{64}\.\d+$/.test(name) && Number(name.slice(65)) < period) {
      await rm(path.join(folder, name), { force: true });
    }
  }
}
