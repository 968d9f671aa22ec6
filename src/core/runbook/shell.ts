import type { TextRange } from './document.ts';

/** The shell grammar that core asks of the outside. Commands are read for what they mean; nothing here ever runs one. */
export interface ShellGrammar {
  /** Never throws: of text that is no shell, what could be read comes back with `valid` false. */
  parse(source: string): ShellScript;
}

export interface ShellScript {
  readonly valid: boolean;
  readonly statements: readonly ShellStatement[];
}

/** `a && b` are two statements; so are lines and what `;` parts. */
export interface ShellStatement {
  readonly range: TextRange;
  /** A pipeline of plain commands; absent for loops, conditions, `||` and whatever else only a shell can run. */
  readonly pipeline?: readonly ShellCommand[];
}

export interface ShellCommand {
  readonly range: TextRange;
  /** `NAME=value` in front of the command, or alone. */
  readonly assignments: readonly { readonly name: string; readonly value: string }[];
  /** The program first; none for assignments alone. */
  readonly words: readonly ShellWord[];
  readonly redirects: readonly { readonly operator: string; readonly target: string }[];
}

export interface ShellWord {
  readonly range: TextRange;
  /** Without quotes and escapes; expansions such as `$(date +%F)` as they are written. */
  readonly value: string;
}
