import type { Probe } from '../functions/probe.ts';
import type { Step } from './document.ts';
import { expectationAfter } from './expectationAfter.ts';
import type { ListedDocument } from './library.ts';
import type { Instruction } from './operation.ts';

/**
 * Calls of manuals that tell whether a function answers after a deploy: the first request to a function in a fence with the option
 * `probe`. It must answer what the manual says, 200 where that says nothing. A request with an open placeholder is none.
 */
export async function probesOf(documents: readonly ListedDocument[], interpret: (step: Step) => Promise<readonly Instruction[]>): Promise<readonly Probe[]> {
  const marked = documents.flatMap(({ document, label }) => document.sections.flatMap(({ steps }) => steps.filter(({ options }) => options.other['probe'] !== undefined).map((step) => ({ step, label }))));
  const probes = await Promise.all(marked.map(async ({ step, label }) => toProbe(await interpret(step), label)));
  return probes.filter((probe) => probe !== undefined);
}

function toProbe(instructions: readonly Instruction[], from: string): Probe | undefined {
  for (const instruction of instructions) {
    const { operation, placeholders } = instruction;
    if (operation.kind === 'http' && operation.target.kind === 'function' && operation.target.slug.kind === 'value' && placeholders.length === 0) {
      const { method, target, headers, body } = operation;
      const status = expectationAfter(instructions, instruction)?.status ?? 200;
      return { slug: operation.target.slug.value, method, path: target.path, status, headers, from, ...(body === undefined ? {} : { body }) };
    }
  }
  return undefined;
}
