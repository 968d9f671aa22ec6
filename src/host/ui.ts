/**
 * What commands ask of the person, small enough to be scripted in a test. A prompt that is dismissed throws `cancelled`: nothing
 * continues with a default (SAFETY 15).
 */

export interface Choice<T> {
  readonly label: string;
  /** A codicon, without `$()`. */
  readonly icon?: string;
  readonly description?: string;
  readonly detail?: string;
  readonly value: T;
  /** Starts a group with this name above it. */
  readonly group?: string;
}

export interface Action {
  readonly label: string;
  readonly run: () => Promise<void> | void;
}

export interface Plan {
  /** One sentence with what happens and where: `Deploy mint-token to acme (production)?` */
  readonly question: string;
  /** Lines with the plan: what, from where, what cannot be undone. */
  readonly detail: readonly string[];
  /** The button that does it. */
  readonly action: string;
  /** For what destroys: this text must be typed. */
  readonly typed?: string;
  /** Something to look at before; the plan is asked again once it was looked at. */
  readonly look?: Action;
}

export interface Ui {
  pick<T>(title: string, choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>, placeholder?: string): Promise<T>;
  pickMany<T>(title: string, choices: readonly (Choice<T> & { readonly picked?: boolean })[]): Promise<readonly T[]>;
  /** `check` gives a sentence when the text will not do. */
  ask(question: {
    readonly title: string;
    readonly prompt?: string;
    readonly value?: string;
    readonly placeholder?: string;
    readonly secret?: boolean;
    readonly check?: (text: string) => string | undefined;
  }): Promise<string>;
  /** A modal with the plan; ends by throwing `cancelled` unless the person presses the button (and types the text). */
  consent(plan: Plan): Promise<void>;
  /** Not awaited by commands: the buttons act when pressed. */
  tell(message: string, ...actions: Action[]): void;
  warn(message: string, ...actions: Action[]): void;
  error(message: string, ...actions: Action[]): void;
  /** With a cancel button; the work sees it as an aborted signal. */
  progress<T>(title: string, work: (signal: AbortSignal, report: (message: string) => void) => Promise<T>): Promise<T>;
  /** Opens in the browser. */
  openExternal(url: string): Promise<void>;
  copy(text: string): Promise<void>;
}
