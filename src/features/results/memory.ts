import { commands, type CommandKey } from '../../contributions.ts';
import type { RunAgain, ShownTab } from '../../host/results.ts';

/** What outlives the window: enough to show what the tab was, and to run it again when somebody presses for it. */
export interface TabMemory {
  readonly key: string;
  readonly title: string;
  readonly target: string;
  readonly as?: string;
  /** Outside text. Empty when there is nothing to run again. */
  readonly statements: readonly string[];
  readonly again?: RunAgain;
}

/** Commands that only show what they run; whatever the state says, no other one is run. */
const runners: readonly CommandKey[] = ['sql.runStatement', 'sql.runAs', 'sql.explain', 'diagnostics.run', 'runbooks.runStep'];

const longestStatement = 100_000;

/** Statements that must not be kept have no way to be run again, and are not in it. */
export function memoryOf({ title, tab, target, as, again }: ShownTab, statements: readonly string[]): TabMemory {
  const where = { key: tab ?? title, title, target, ...(as === undefined ? {} : { as }) };
  return again === undefined ? { ...where, statements: [] } : { ...where, statements: statements.map((text) => text.slice(0, longestStatement)), again };
}

/** The state of a page, which came from disk, holds it as `tab`; `undefined` when it does not. */
export function readMemory(state: unknown): TabMemory | undefined {
  const tab = objectOf(objectOf(state)['tab']);
  const { key, title, target, as, statements, again } = tab;
  if (typeof key !== 'string' || typeof title !== 'string' || typeof target !== 'string' || !Array.isArray(statements)) {
    return undefined;
  }
  const { command, argument } = objectOf(again);
  const known = runners.find((runner) => runner === command && runner in commands);
  return { key, title, target, ...(typeof as === 'string' ? { as } : {}), statements: statements.map(String), ...(known === undefined ? {} : { again: { command: known, argument } }) };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
