/** How long the loop of the thread that asks is kept from its other work. */

/**
 * The longest turn of the loop in milliseconds: how long it took, and how long the host's own thread worked in it. On a machine with
 * other work to do the first tells of that work.
 */
export interface Stall {
  readonly passed: number;
  readonly worked: number;
}

/** Watches from this very moment on. */
export function watchTurns(): { end(): Stall } {
  const longest = { passed: 0, worked: 0 };
  let last = { passed: performance.now(), worked: threadTime() };
  const timer = setInterval(() => {
    const now = { passed: performance.now(), worked: threadTime() };
    longest.passed = Math.max(longest.passed, now.passed - last.passed);
    longest.worked = Math.max(longest.worked, now.worked - last.worked);
    last = now;
  }, 1);
  return {
    end: () => {
      clearInterval(timer);
      return longest;
    },
  };
}

/** Milliseconds that this thread has worked. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
