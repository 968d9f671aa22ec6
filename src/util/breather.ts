/**
 * For long work on a thread that others need: called often, it lets them run once the budget (milliseconds) is used up. Between
 * two pauses nothing waits.
 */
export function createBreather(budget = 8): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < budget) {
      return undefined;
    }
    return new Promise((resolve) => {
      setImmediate(() => {
        since = performance.now();
        resolve();
      });
    });
  };
}
