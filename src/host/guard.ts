import { isCancelled, isOpsError } from '../core/errors.ts';
import type { Logger } from '../core/ports.ts';
import { l10n } from '../util/l10n.ts';
import { errorMessage } from './errorMessage.ts';
import { describeForLog } from './log.ts';
import type { Ui } from './ui.ts';

/** Does work under the one catch of all commands; never throws. `what` names the work in the log. */
export type Guard = (what: string, work: () => Promise<void> | void) => Promise<void>;

export interface GuardNeeds {
  readonly ui: Ui;
  readonly log: Logger;
  /** Runs a command of the editor or of ours. */
  readonly execute: (command: string, ...values: unknown[]) => Promise<void>;
}

/** Cancelling is an end, shown nowhere; an error becomes a sentence with its next steps and, where it can help, another try. */
export function createGuard({ ui, log, execute }: GuardNeeds): Guard {
  const guard: Guard = async (what, work) => {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) {
        log.debug(`${what}: cancelled`);
        return;
      }
      log.error(`${what} failed`, describeForLog(error));
      const { message, next } = errorMessage(error);
      const steps = next.map((step) => ({ label: step.label, run: async () => execute(step.command, ...step.arguments) }));
      const retry = { label: l10n.t('Retry'), run: async () => guard(what, work) };
      ui.error(message, ...steps, ...(isOpsError(error, 'notSignedIn', 'noProject', 'untrusted') ? [] : [retry]));
    }
  };
  return guard;
}
