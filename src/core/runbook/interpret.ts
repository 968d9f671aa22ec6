import { isRepair } from '../diagnostics/repair.ts';
import type { Step } from './document.ts';
import { interpretHttp } from './interpretHttp.ts';
import { interpretShell } from './interpretShell.ts';
import { interpretSql } from './interpretSql.ts';
import type { Surroundings } from './meaning.ts';
import type { Instruction } from './operation.ts';
import type { ShellGrammar } from './shell.ts';

export type { Surroundings } from './meaning.ts';

export interface InterpretContext extends Surroundings {
  readonly shell: ShellGrammar;
}

/** {@link interpret} with its grammar at hand. */
export type Interpreter = (step: Step, surroundings: Surroundings) => readonly Instruction[];

/**
 * What the commands and statements of a step mean, in order and without overlap, and the comments that belong to none of them.
 * Nothing throws: what is not understood is a command for the terminal or a note.
 */
export function interpret(step: Step, context: InterpretContext): readonly Instruction[] {
  switch (step.language) {
    case 'sql':
      return isRepair(step) ? [codeNote(step)] : interpretSql(step, context);
    case 'shell':
      return interpretShell(step, context, context.shell);
    case 'http':
      return interpretHttp(step);
    case 'other':
      return step.text.trim() === '' ? [] : [codeNote(step)];
  }
}

/** Code that is not run as it stands: in another language, or to be filled with the rows of a diagnostic. */
function codeNote(step: Step): Instruction {
  const { text } = step;
  const operation = { kind: 'note', text } as const;
  return { range: { start: 0, end: text.length }, text, reason: step.sectionPath.at(-1) ?? '', operation, risk: 'none', placeholders: [] };
}
