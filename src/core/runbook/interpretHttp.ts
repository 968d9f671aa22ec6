import { parseRequests, type RequestText } from '../http/requestDocument.ts';
import { expand } from '../http/variables.ts';
import type { Step } from './document.ts';
import { httpTarget } from './httpTarget.ts';
import { placeholdersIn } from './meaning.ts';
import type { Instruction, Operation, Placeholder } from './operation.ts';
import { findPlaceholders } from './placeholders.ts';
import { riskOf } from './risk.ts';

/** Requests as the request editor has them; what is no request, such as an answer that a manual shows, is nothing to run. */
export function interpretHttp(step: Step): Instruction[] {
  const placeholders = findPlaceholders(step.text, () => false);
  const { requests, definitions } = parseRequests(step.text);
  return requests
    .filter(({ problems }) => problems.every(({ kind }) => kind !== 'noRequestLine'))
    .map((request) => instructionOf(step, request, definitions, placeholders));
}

function instructionOf(step: Step, request: RequestText, definitions: ReadonlyMap<string, string>, all: readonly Placeholder[]): Instruction {
  const { range, block, method, target, headers, body, name } = request;
  const placeholders = all.filter((each) => each.range.start >= range.start && each.range.end <= range.end);
  const operation: Operation = {
    kind: 'http',
    method,
    target: httpTarget(expand(target, definitions), placeholders),
    headers: Object.fromEntries(headers.map((header) => [header.name, expand(header.value, definitions)])),
    ...(body === undefined ? {} : { body: expand(body, definitions) }),
    timings: false,
  };
  const reason = commentsOf(step.text.slice(block.start, range.start)) || name || (step.sectionPath.at(-1) ?? '');
  return { range, text: step.text.slice(range.start, range.end), reason, operation, risk: riskOf(operation), placeholders: placeholdersIn(operation, placeholders) };
}

function commentsOf(text: string): string {
  return [...text.matchAll(/^(?:#+|\/\/)[ \t]*(\S.*?)[ \t\r]*$/gm)].map(([, comment]) => comment).join('\n');
}
