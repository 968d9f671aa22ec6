import type { CommandKey } from '../../src/contributions.ts';
import type { CommandHandler, CommandRegistry } from '../../src/host/commands.ts';
import { createGuard, type Guard } from '../../src/host/guard.ts';
import { disposable, type Disposable } from '../../src/util/dispose.ts';
import { FakeLogger } from './logger.ts';
import type { FakeUi } from './ui.ts';

/** Commands without the editor: what is run is noted, and done where the command was registered, under the real boundary. */
export class FakeCommands implements CommandRegistry {
  readonly log = new FakeLogger();
  readonly guard: Guard;
  /** Keys and arguments, oldest first. */
  readonly ran: (readonly [CommandKey, unknown])[] = [];
  /** Commands of the editor and of ours that a message's button ran. */
  readonly executed: string[] = [];
  private readonly handlers = new Map<CommandKey, CommandHandler>();

  constructor(ui: FakeUi) {
    this.guard = createGuard({ ui, log: this.log, execute: async (command) => void this.executed.push(command) });
  }

  register(key: CommandKey, handler: CommandHandler): Disposable {
    this.handlers.set(key, handler);
    return disposable(() => this.handlers.delete(key));
  }

  async run(key: CommandKey, argument?: unknown): Promise<void> {
    this.ran.push([key, argument]);
    const handler = this.handlers.get(key);
    if (handler) {
      await this.guard(key, () => handler(argument));
    }
  }
}
