import type { Step } from './document.ts';
import { httpTarget } from './httpTarget.ts';
import { placeholdersIn } from './meaning.ts';
import type { Instruction, Operation, Placeholder } from './operation.ts';
import { findPlaceholders } from './placeholders.ts';
import { riskOf } from './risk.ts';

/** Requests as editors' HTTP files write them: a request line, headers, an empty line, a body; `###` parts two requests. */
export function interpretHttp(step: Step): Instruction[] {
  const placeholders = findPlaceholders(step.text, () => false);
  const instructions: Instruction[] = [];
  let at = 0;
  for (const block of step.text.split(/^(?=###)/m)) {
    const instruction = requestOf(block, at, placeholders, step.sectionPath.at(-1) ?? '');
    if (instruction !== undefined) {
      instructions.push(instruction);
    }
    at += block.length;
  }
  return instructions;
}

const requestLine = /^(?:(GET|HEAD|OPTIONS|POST|PUT|PATCH|DELETE)\s+)?((?:https?:\/\/|\/|[<[{$])\S*)(?:\s+HTTP\/[\d.]+)?\s*$/im;

function requestOf(block: string, offset: number, all: readonly Placeholder[], heading: string): Instruction | undefined {
  const match = requestLine.exec(block);
  if (match === null) {
    return undefined;
  }
  const [line, method = 'GET', url = ''] = match;
  const end = block.trimEnd().length;
  const range = { start: offset + match.index, end: offset + Math.max(end, match.index + line.length) };
  const placeholders = all.filter((each) => each.range.start >= range.start && each.range.end <= range.end);
  const [head = '', ...rest] = block.slice(match.index + line.length, end).replace(/^\n/, '').split(/\n[ \t]*\n|^[ \t]*\n/);
  const body = rest.join('\n\n').trim();
  const operation: Operation = {
    kind: 'http',
    method: method.toUpperCase(),
    target: httpTarget(url, placeholders),
    headers: headersOf(head),
    ...(body === '' ? {} : { body }),
    timings: false,
  };
  const reason = commentsOf(block.slice(0, match.index)) || heading;
  const text = block.slice(match.index, Math.max(end, match.index + line.length));
  return { range, text, reason, operation, risk: riskOf(operation), placeholders: placeholdersIn(operation, placeholders) };
}

function headersOf(head: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [, name = '', value = ''] of head.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)) {
    headers[name] = value.trim();
  }
  return headers;
}

function commentsOf(text: string): string {
  return [...text.matchAll(/^(?:#+|\/\/)\s*(.+)$/gm)].map(([, comment]) => comment).join('\n');
}
