import type { Expectation, Instruction } from './operation.ts';

/** What the manual says must come back from an instruction of a step: it stands below it, in front of the next command. */
export function expectationAfter(instructions: readonly Instruction[], { range }: Pick<Instruction, 'range'>): Expectation | undefined {
  for (const { operation } of instructions.filter((other) => other.range.start > range.start).sort((a, b) => a.range.start - b.range.start)) {
    if (operation.kind !== 'note') {
      return undefined;
    }
    if (operation.expects !== undefined) {
      return operation.expects;
    }
  }
  return undefined;
}
