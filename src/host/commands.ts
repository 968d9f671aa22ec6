import * as vscode from 'vscode';
import { commandId, type CommandKey } from '../contributions.ts';
import { isCancelled, isOpsError } from '../core/errors.ts';
import type { Logger } from '../core/ports.ts';
import type { Disposable } from '../util/dispose.ts';
import { errorMessage } from './errorMessage.ts';
import { describeForLog } from './log.ts';
import type { Ui } from './ui.ts';
import { l10n } from '../util/l10n.ts';

/** A command's work: the row's node or an argument from anywhere, to be narrowed by a guard. */
export type CommandHandler = (argument?: unknown) => Promise<void> | void;

/** Registers commands under the one catch: cancelling is an end, an error becomes a sentence with its next steps. */
export interface CommandRegistry {
  register(key: CommandKey, handler: CommandHandler): Disposable;
  run(key: CommandKey, argument?: unknown): Promise<void>;
  /** The same boundary for work that no command started, such as an offer's button. */
  guard(what: string, work: () => Promise<void> | void): Promise<void>;
}

export function createCommandRegistry({ ui, log }: { ui: Ui; log: Logger }): CommandRegistry {
  const guard = async (what: string, work: () => Promise<void> | void): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (isCancelled(error)) {
        log.debug(`${what}: cancelled`);
        return;
      }
      log.error(`${what} failed`, describeForLog(error));
      const { message, next } = errorMessage(error);
      ui.error(
        message,
        ...next.map((step) => ({
          label: step.label,
          run: async () => {
            await vscode.commands.executeCommand(step.command, ...step.arguments);
          },
        })),
        ...(isOpsError(error, 'notSignedIn', 'noProject', 'untrusted') ? [] : [{ label: l10n.t('Retry'), run: async () => guard(what, work) }]),
      );
    }
  };
  return {
    register: (key, handler) => vscode.commands.registerCommand(commandId(key), async (argument?: unknown) => guard(key, () => handler(argument))),
    run: async (key, argument) => {
      await vscode.commands.executeCommand(commandId(key), argument);
    },
    guard,
  };
}
