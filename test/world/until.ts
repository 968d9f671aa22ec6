import { setTimeout as delay } from 'node:timers/promises';

/** Asks again and again until `probe` gives something; throws with `what` in the message when it never does. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  milliseconds = 10_000,
): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) {
      return found;
    }
    if (performance.now() > end) {
      throw new Error(`Waited ${milliseconds} ms in vain: ${what}`);
    }
    await delay(25);
  }
}
