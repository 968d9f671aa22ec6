import { OpsError } from '../core/errors.ts';
import type { Clock } from '../core/ports.ts';

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      const cancel = () => {
        clearTimeout(timer);
        reject(new OpsError('cancelled', {}));
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', cancel);
        resolve();
      }, milliseconds);
      if (signal.aborted) {
        cancel();
      }
      signal.addEventListener('abort', cancel, { once: true });
    });
  },
};
