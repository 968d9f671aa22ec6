import { isCancelled, throwIfCancelled } from '../errors.ts';
import type { CallOptions } from '../ports.ts';
import type { Connection } from '../project/connection.ts';
import type { Step } from '../runbook/document.ts';
import { diagnose, type Judged } from './run.ts';

/** As many as a database gives us connections (SAFETY 13), so that none is idle while there is something to ask. */
const atOnce = 3;

export interface RunAllNeeds extends Pick<CallOptions, 'signal'> {
  readonly connection: Connection;
  /** Before each is run. */
  readonly onStart?: (step: Step) => void;
  /** As each has ended. */
  readonly onEnd?: (step: Step, judged: Judged) => void;
  /** The verdict where asking failed: the database could not be reached, the time was up. */
  readonly failed: (error: unknown) => Judged;
}

/**
 * Runs each and gives what they said, in their order; throws `cancelled` alone. As a check is run: in little time and behind what the
 * user presses for meanwhile, since so many questions at once must leave the minute's last requests to that.
 */
export async function diagnoseAll(steps: readonly Step[], { connection, signal, onStart, onEnd, failed }: RunAllNeeds): Promise<readonly Judged[]> {
  const outcomes: Judged[] = [];
  const waiting = [...steps.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, step] = next;
      throwIfCancelled(signal);
      onStart?.(step);
      const judged = await diagnose(step, connection, { signal, priority: 'check' }).catch((error: unknown) => {
        if (signal.aborted || isCancelled(error)) {
          throw error;
        }
        return failed(error);
      });
      outcomes[index] = judged;
      onEnd?.(step, judged);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}
