import { isCancelled, isOpsError, throwIfCancelled } from '../errors.ts';
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
 *
 * A server that has hardly a connection left answers some of them: then those that it refused are asked again one by one, until it
 * refuses even that.
 */
export async function diagnoseAll(steps: readonly Step[], { connection, signal, onStart, onEnd, failed }: RunAllNeeds): Promise<readonly Judged[]> {
  const answers = new Map<Step, Judged>();
  const failures = new Map<Step, unknown>();
  const ask = async (step: Step): Promise<void> => {
    throwIfCancelled(signal);
    onStart?.(step);
    try {
      const judged = await diagnose(step, connection, { signal, priority: 'check' });
      answers.set(step, judged);
      failures.delete(step);
      onEnd?.(step, judged);
    } catch (error) {
      if (signal.aborted || isCancelled(error)) {
        throw error;
      }
      failures.set(step, error);
    }
  };
  const waiting = [...steps];
  const worker = async (): Promise<void> => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      await ask(step);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const refused = [...failures].flatMap(([step, error]) => (isRefusal(error) ? [step] : []));
  for (const step of answers.size > 0 ? refused : []) {
    await ask(step);
    if (failures.has(step)) {
      break;
    }
  }
  for (const [step, error] of failures) {
    const judged = failed(error);
    answers.set(step, judged);
    onEnd?.(step, judged);
  }
  return steps.flatMap((step) => answers.get(step) ?? []);
}

/** The server was there and did not let us ask. Class 53: insufficient resources. */
function isRefusal(error: unknown): boolean {
  return isOpsError(error, 'databaseRefused', 'serviceFailed') || (isOpsError(error, 'queryFailed') && error.facts.sqlState.startsWith('53'));
}
