import type { Interpreter } from '../../core/runbook/interpret.ts';
import { loadShellGrammar } from './shell.ts';

/** Reads steps by the real shell grammar; loaded with its first use. */
export async function loadInterpreter(): Promise<Interpreter> {
  const [{ interpret }, shell] = await Promise.all([import('../../core/runbook/interpret.ts'), loadShellGrammar()]);
  return (step, surroundings) => interpret(step, { ...surroundings, shell });
}
