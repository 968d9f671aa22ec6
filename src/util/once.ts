/** Does the work at the first call; later calls share its outcome. A failure is not kept. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let outcome: Promise<T> | undefined;
  return () => {
    if (outcome === undefined) {
      const begun = work();
      outcome = begun;
      begun.catch(() => {
        if (outcome === begun) {
          outcome = undefined;
        }
      });
    }
    return outcome;
  };
}
