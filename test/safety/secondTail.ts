/** A window that tails, or that takes turns as fast as it can, in a process of its own. */
import { createSharedTurns } from '../../src/adapters/files/sharedTurns.ts';
import { Governor } from '../../src/adapters/supabase/governor.ts';
import { createTransport } from '../../src/adapters/supabase/http.ts';
import { createHostedLogStore } from '../../src/adapters/supabase/logStore.ts';
import { systemClock } from '../../src/adapters/systemClock.ts';
import { LogTail } from '../../src/core/logs/tail.ts';
import type { Clock } from '../../src/core/ports.ts';
import { FakeLogger } from '../fakes/logger.ts';

export type TailOrder =
  | { readonly kind: 'take'; readonly folder: string; readonly turns: number }
  /** Time runs `haste` times as fast from `began`, epoch milliseconds. Without a folder the window knows of no other. */
  | { readonly kind: 'tail'; readonly folder?: string; readonly origin: string; readonly began: number; readonly haste: number };

/** What it says: the time of a turn; ids of lines; anything else that a tail tells. */
export type Word = { readonly at: number } | { readonly ids: readonly string[] } | { readonly told: string };

export function hastyClock(began: number, haste: number): Clock {
  return { now: () => began + (Date.now() - began) * haste, sleep: async (milliseconds, signal) => systemClock.sleep(milliseconds / haste, signal) };
}

const say = (word: Word) => process.send?.(word);

async function follow(order: Extract<TailOrder, { kind: 'tail' }>): Promise<void> {
  const { folder, origin, began, haste } = order;
  const clock = hastyClock(began, haste);
  const log = new FakeLogger();
  const governor = new Governor(clock, folder === undefined ? undefined : createSharedTurns({ folder, owner: 'me', clock, log }));
  const transport = createTransport({ baseUrl: origin, account: 'me', credential: { header: 'authorization', value: 'Bearer x' }, version: '0', clock, governor, log });
  const hosted = createHostedLogStore({ transport, ref: 'abcdefghijklmnopqrst', clock });
  // The answers' dates are of a real clock: nothing to correct ours by.
  const store = { skewMs: 0, read: hosted.read.bind(hosted) };
  for await (const event of new LogTail({ store, clock }).follow({ services: ['functions'] }, { lookBackMs: 1000 }, new AbortController().signal)) {
    say(event.kind === 'lines' ? { ids: event.lines.map(({ id }) => id) } : { told: event.kind });
  }
}

async function take({ folder, turns }: Extract<TailOrder, { kind: 'take' }>): Promise<void> {
  const shared = createSharedTurns({ folder, owner: 'me', clock: systemClock, log: new FakeLogger() });
  for (let count = 0; count < turns; count++) {
    const turn = await shared.take('logs', { allowed: 30, gapMs: 0 });
    say(turn ? { at: turn.at } : { told: 'no turn' });
  }
  process.disconnect();
}

if (process.argv[2] !== undefined && process.send) {
  const order = JSON.parse(process.argv[2]) as TailOrder;
  await (order.kind === 'take' ? take(order) : follow(order));
}
