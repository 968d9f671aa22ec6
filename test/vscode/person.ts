/**
 * Stands in for the person at the editor: answers what the extension asks, and notes what it is told. The suites and the extension
 * share one `vscode` object, so what is put in place here is what the extension calls.
 */
import * as vscode from 'vscode';
import { until } from '../world/until.ts';

type Question = (vscode.QuickPickOptions | vscode.InputBoxOptions) & { items?: readonly string[] };

type Prompts = Pick<typeof vscode.window, 'showQuickPick' | 'showInputBox' | 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage' | 'showOpenDialog' | 'showSaveDialog'>;

export class Person {
  /** Messages, the oldest first. */
  readonly told: string[] = [];
  /** What was asked, with the choices of pick lists as they read. */
  readonly asked: Question[] = [];
  /** Modals that were shown. */
  readonly modals: { readonly question: string; readonly detail: string; readonly buttons: readonly string[] }[] = [];
  /** Buttons of notifications that are pressed wherever they appear. */
  readonly presses = new Set<string>();
  /** What others do while a modal is read. */
  meanwhile: () => Promise<void> = async () => {};
  readonly #answers: (string | RegExp)[] = [];
  readonly #before: Prompts;

  constructor() {
    const { showQuickPick, showInputBox, showErrorMessage, showWarningMessage, showInformationMessage, showOpenDialog, showSaveDialog } = vscode.window;
    this.#before = { showQuickPick, showInputBox, showErrorMessage, showWarningMessage, showInformationMessage, showOpenDialog, showSaveDialog };
    const tell = async (message: string, ...rest: unknown[]): Promise<unknown> => {
      this.told.push(message);
      const buttons = rest.filter((button) => typeof button === 'string');
      // Only what answers a question is pressed: a modal with its button, or a notification that was to be pressed.
      if (typeof rest[0] !== 'object') {
        return buttons.find((button) => this.presses.has(button));
      }
      this.modals.push({ question: message, detail: (rest[0] as vscode.MessageOptions).detail ?? '', buttons });
      await this.meanwhile();
      return buttons.find((button) => this.#takes(button));
    };
    Object.assign(vscode.window, {
      showErrorMessage: tell,
      showWarningMessage: tell,
      showInformationMessage: tell,
      showOpenDialog: async () => undefined,
      showSaveDialog: async () => undefined,
      showInputBox: async (options: vscode.InputBoxOptions) => {
        this.asked.push(options);
        const answer = this.#answers.shift();
        return typeof answer === 'string' ? answer : undefined;
      },
      showQuickPick: async (items: readonly vscode.QuickPickItem[] | Thenable<readonly vscode.QuickPickItem[]>, options: vscode.QuickPickOptions) => {
        const choices = await items;
        const read = choices.map(({ label, description = '', detail = '' }) => `${label} ${description} ${detail}`.trim());
        this.asked.push({ ...options, items: read });
        return choices[read.findIndex((text) => this.#takes(text))];
      },
    });
  }

  /** The next answers, in order: the text for an input box, the label of a choice or a button. What has no answer is dismissed. */
  answers(...answers: (string | RegExp)[]): void {
    this.#answers.splice(0, this.#answers.length, ...answers);
  }

  /** Waits until a message reads so, and returns it. */
  async isTold(text: RegExp): Promise<string> {
    return until(`a message ${text} among: ${this.told.join(' | ')}`, () => this.told.find((message) => text.test(message)), 20_000);
  }

  forget(): void {
    this.told.length = 0;
    this.asked.length = 0;
    this.modals.length = 0;
    this.presses.clear();
    this.meanwhile = async () => {};
    this.#answers.length = 0;
  }

  leave(): void {
    Object.assign(vscode.window, this.#before);
  }

  #takes(text: string): boolean {
    const [next] = this.#answers;
    const takes = next !== undefined && (typeof next === 'string' ? text === next || text.startsWith(`${next} `) : next.test(text));
    if (takes) {
      this.#answers.shift();
    }
    return takes;
  }
}
