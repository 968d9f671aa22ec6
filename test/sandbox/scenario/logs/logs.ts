/** The project's log history: five days that end at a given moment, the last hours much denser than the days before. */
import type { LogRow } from '../../types.ts';
import { invocations } from './invocations.ts';
import { Random } from './random.ts';
import { services } from './services.ts';
import type { Minute, Story } from './story.ts';

const minuteLength = 60_000;
const historyMinutes = 5 * 24 * 60;
const makers = [invocations, ...services];

/** Oldest first, nothing after `now` (epoch ms); the same rows for the same `now`. Made as they are read. */
export function* logHistory(story: Story, now: number): Generator<LogRow> {
  // What takes longer than its minute is logged in a later one.
  let waiting: LogRow[] = [];
  for (let minutesAgo = historyMinutes; minutesAgo > 0; minutesAgo--) {
    const minute = minuteOf(minutesAgo, now);
    waiting.push(...makers.flatMap((make) => make(minute, story)));
    waiting.sort((a, b) => a.timestamp - b.timestamp);
    const end = minute.start + minuteLength;
    const due = waiting.findIndex((row) => row.timestamp >= end);
    const count = due < 0 ? waiting.length : due;
    yield* waiting.slice(0, count);
    waiting = waiting.slice(count);
  }
}

function minuteOf(minutesAgo: number, now: number): Minute {
  const start = now - minutesAgo * minuteLength;
  const hoursAgo = minutesAgo / 60;
  return { start, hoursAgo, load: density(hoursAgo) * dayCurve(start), random: new Random(minutesAgo * 2_654_435_761) };
}

/** Less of the older days is kept, so that the whole stays small enough to load in a second. */
function density(hoursAgo: number): number {
  if (hoursAgo <= 1) {
    return 1;
  }
  if (hoursAgo <= 6) {
    return 0.35;
  }
  return hoursAgo <= 24 ? 0.13 : 0.05;
}

/** Quiet at night, busy in the afternoon (UTC). */
function dayCurve(time: number): number {
  const hour = (time / 3_600_000) % 24;
  return 1 - 0.3 * Math.cos(((hour - 3) / 24) * 2 * Math.PI);
}
