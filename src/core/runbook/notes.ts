import { pageNamedIn } from './dashboardPages.ts';
import type { Surroundings } from './meaning.ts';
import type { Expectation, Operation, Placeholder } from './operation.ts';
import { findPlaceholders } from './placeholders.ts';
import { isExpectation } from './shellReading.ts';

type Note = Extract<Operation, { kind: 'note' }>;

/** A comment that belongs to no command: advice, a place in the dashboard, or what must come back. `answer` is JSON that stands under it. */
export function noteOf(text: string, answer: string | undefined, surroundings: Surroundings): Note {
  const placeholders: readonly Placeholder[] = findPlaceholders(text, () => false);
  const named = pageNamedIn(text, placeholders);
  const expects = expectationOf(text, answer);
  const offers = named?.offers ?? tableNamedIn(text, surroundings);
  return {
    kind: 'note',
    text: answer === undefined ? text : [text, answer].filter((part) => part !== '').join('\n'),
    ...(named === undefined ? {} : { page: named.page }),
    ...(expects === undefined ? {} : { expects }),
    ...(offers === undefined ? {} : { offers }),
  };
}

/** An answer whose status is not told was a good one. */
function expectationOf(text: string, answer: string | undefined): Expectation | undefined {
  if (answer === undefined && !isExpectation(text)) {
    return undefined;
  }
  const json = answer ?? /\{.*\}|\[\s*[{"].*\]/s.exec(text)?.[0];
  const status = /\b([1-5]\d\d)\b/.exec(json === undefined ? text : text.replace(json, ''))?.[1];
  if (status === undefined && json === undefined) {
    return undefined;
  }
  return { status: Number(status ?? 200), ...(json === undefined ? {} : { json }) };
}

/** `Check recent security events …` where there is a table `security_events`. */
function tableNamedIn(text: string, { tables }: Surroundings): Operation | undefined {
  if (!/^(?:check|review|look|inspect|see|view)\b/im.test(text)) {
    return undefined;
  }
  const words = text.toLowerCase();
  const table = [...(tables ?? [])].find((name) => name.includes('_') && (words.includes(name.replaceAll('_', ' ')) || words.includes(name)));
  return table === undefined ? undefined : { kind: 'sql', statement: `select * from public.${table} limit 100`, statementKind: 'read' };
}
