import { OpsError } from '../errors.ts';
import { fillSql } from './fillSql.ts';
import type { Argument, HttpTarget, Instruction, Operation } from './operation.ts';
import { replaceNames } from './replaceNames.ts';
import { riskOf } from './risk.ts';

/** By a placeholder's text as written. */
export type Answers = ReadonlyMap<string, string>;

/**
 * The instruction with values in the places of its placeholders, each written as its place needs it: quoted for a shell, escaped
 * in a string of SQL or JSON, encoded in a path. Throws `placeholdersLeft` for those without an answer, and for answers with
 * control characters where a line must stay a line.
 */
export function fill(instruction: Instruction, answers: Answers): Instruction {
  const { operation, placeholders } = instruction;
  const left = placeholders.filter(({ text }) => !isAnswer(answers.get(text), operation));
  if (left.length > 0) {
    throw new OpsError('placeholdersLeft', { names: left.map(({ text }) => text) });
  }
  const asked = new Map(placeholders.map(({ text }) => [text, answers.get(text) ?? '']));
  const filled = asked.size === 0 ? operation : fillOperation(operation, asked);
  return { ...instruction, operation: filled, risk: riskOf(filled), placeholders: [] };
}

function isAnswer(answer: string | undefined, operation: Operation): boolean {
  const mayHaveLines = operation.kind === 'sql' || (operation.kind === 'http' && operation.body !== undefined);
  const forbidden = mayHaveLines ? /[\0]/ : /[\0-\x1f\x7f-\x9f]/;
  return answer !== undefined && answer.trim() !== '' && !forbidden.test(answer);
}

function fillOperation(operation: Operation, answers: Answers): Operation {
  switch (operation.kind) {
    case 'sql':
      return { ...operation, statement: fillSql(operation.statement, answers) };
    case 'http':
      return {
        ...operation,
        target: fillTarget(operation.target, answers),
        headers: fillEverything(operation.headers, answers),
        ...(operation.body === undefined ? {} : { body: fillBody(operation.body, answers) }),
      };
    default:
      return 'command' in operation
        ? { ...fillEverything(operation, answers), command: fillCommand(operation.command, answers) }
        : fillEverything(operation, answers);
  }
}

function fillTarget(target: HttpTarget, answers: Answers): HttpTarget {
  switch (target.kind) {
    case 'function':
      return { ...target, slug: fillEverything(target.slug, answers), path: replaceNames(target.path, answers, encodeURIComponent) };
    case 'project':
      return { ...target, path: replaceNames(target.path, answers, encodeURIComponent) };
    case 'url':
      return { ...target, url: fillUrl(target.url, answers) };
  }
}

/** A host, or a whole address, is put in as it is; parts of the path are encoded. */
function fillUrl(url: Argument, answers: Answers): Argument {
  if (url.kind === 'placeholder') {
    return fillEverything(url, answers);
  }
  const pathStart = /^[a-z]+:\/\/[^/?#]*/i.exec(url.value)?.[0].length ?? url.value.length;
  const value = replaceNames(url.value, answers, (answer, at) => (at < pathStart ? answer : encodeURIComponent(answer)));
  return { kind: 'value', value };
}

/** In JSON a placeholder mostly stands within a string. */
function fillBody(body: string, answers: Answers): string {
  const isJson = /^\s*[{[]/.test(body) && !answers.has(body);
  return replaceNames(body, answers, (answer, at) => (isJson && insideQuotes(body, at) ? JSON.stringify(answer).slice(1, -1) : answer));
}

function insideQuotes(json: string, at: number): boolean {
  return (json.slice(0, at).replace(/\\./g, '').match(/"/g)?.length ?? 0) % 2 === 1;
}

/** For a POSIX shell, whichever quotes a placeholder stands in. */
function fillCommand(command: string, answers: Answers): string {
  return replaceNames(command, answers, (answer, at) => {
    const quote = openQuote(command.slice(0, at));
    if (quote === '"') {
      return answer.replace(/[\\"$`]/g, '\\$&');
    }
    const inSingleQuotes = answer.replaceAll("'", "'\\''");
    return quote === "'" || /^[\w@%+=:,./-]+$/.test(answer) ? inSingleQuotes : `'${inSingleQuotes}'`;
  });
}

function openQuote(text: string): '' | '"' | "'" {
  let open: '' | '"' | "'" = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && open !== "'") {
      at++;
    } else if (open === '' && (char === '"' || char === "'")) {
      open = char;
    } else if (char === open) {
      open = '';
    }
  }
  return open;
}

/** Every text of a value, and every argument that is a placeholder, however deep. */
function fillEverything<T>(value: T, answers: Answers): T;
function fillEverything(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') {
    return replaceNames(value, answers, (answer) => answer);
  }
  if (Array.isArray(value)) {
    return value.map((each: unknown) => fillEverything(each, answers));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  if (isOpenArgument(value)) {
    return { kind: 'value', value: answers.get(value.placeholder.text) ?? '' } satisfies Argument;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillEverything(each, answers)]));
}

function isOpenArgument(value: object): value is Extract<Argument, { kind: 'placeholder' }> {
  return 'kind' in value && value.kind === 'placeholder' && 'placeholder' in value;
}
