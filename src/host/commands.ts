import * as vscode from 'vscode';
import { commandId, type CommandKey } from '../contributions.ts';
import type { Logger } from '../core/ports.ts';
import type { Disposable } from '../util/dispose.ts';
import { createGuard, type Guard } from './guard.ts';
import type { Ui } from './ui.ts';

/** A command's work: the row's node or an argument from anywhere, to be narrowed by a guard. */
export type CommandHandler = (argument?: unknown) => Promise<void> | void;

/** Registers commands under the one catch: cancelling is an end, an error becomes a sentence with its next steps. */
export interface CommandRegistry {
  register(key: CommandKey, handler: CommandHandler): Disposable;
  run(key: CommandKey, argument?: unknown): Promise<void>;
  /** The same boundary for work that no command started, such as an offer's button. */
  readonly guard: Guard;
}

export function createCommandRegistry({ ui, log }: { ui: Ui; log: Logger }): CommandRegistry {
  const execute = async (command: string, ...values: unknown[]): Promise<void> => {
    await vscode.commands.executeCommand(command, ...values);
  };
  const guard = createGuard({ ui, log, execute });
  return {
    register: (key, handler) => vscode.commands.registerCommand(commandId(key), async (argument?: unknown) => guard(key, () => handler(argument))),
    run: async (key, argument) => execute(commandId(key), argument),
    guard,
  };
}
