import type { ErrorFacts } from '../../core/errors.ts';
import { convertPosition } from '../../core/sql/positions.ts';
import { defined } from '../../util/defined.ts';

/** Labels of psql's error text; what follows up to the next one is the field. */
const labels = ['DETAIL', 'HINT', 'CONTEXT', 'QUERY', 'LOCATION', 'WHERE'] as const;

/**
 * The facts in the service's text, which is psql's in its verbose form:
 *
 *     Failed to run sql query: ERROR:  42703: column "x" does not exist
 *     LINE 1: select x
 *                    ^
 *     HINT:  …
 *
 * `undefined` when Postgres said nothing: the database could not be reached, or the request was refused before.
 */
export function parseQueryFailure(text: string, statement: string): ErrorFacts['queryFailed'] | undefined {
  const head = /(?:ERROR|FATAL|PANIC):\s+([0-9A-Z]{5}): /.exec(text);
  const sqlState = head?.[1];
  if (head === null || sqlState === undefined) {
    return undefined;
  }
  const lines = text.slice(head.index + head[0].length).split('\n');
  const fields = new Map<string, string[]>([['MESSAGE', []]]);
  let current = fields.get('MESSAGE');
  let position: number | undefined;
  for (const [index, line] of lines.entries()) {
    const label = labels.find((one) => line.startsWith(`${one}:`));
    const pointed = pointedPosition(line, lines[index + 1] ?? '', statement);
    if (label !== undefined) {
      current = [line.slice(label.length + 1).trimStart()];
      fields.set(label, current);
    } else if (pointed === 'caret') {
      current = undefined;
    } else if (pointed !== undefined) {
      position = pointed;
      current = undefined;
    } else {
      current?.push(line);
    }
  }
  const field = (name: string): string | undefined => fields.get(name)?.join('\n').trim();
  return { sqlState, message: field('MESSAGE') ?? '', ...defined({ detail: field('DETAIL'), hint: field('HINT'), position }) };
}

/** For `LINE 1: …` with the caret in the line below, in code points from 1; `caret` for that line below. */
function pointedPosition(line: string, below: string, statement: string): number | 'caret' | undefined {
  if (isCaret(line)) {
    return 'caret';
  }
  const prefix = /^LINE (\d+): /.exec(line);
  if (prefix === null || !isCaret(below)) {
    return undefined;
  }
  const lines = statement.split('\n');
  const index = Number(prefix[1]) - 1;
  const start = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0);
  const column = below.indexOf('^') - prefix[0].length + excerptStart(line.slice(prefix[0].length), lines[index] ?? '');
  return convertPosition(statement, start + column, 'utf16', 'codePoint') + 1;
}

function isCaret(line: string): boolean {
  return line.trim() === '^';
}

const ellipsis = '...';

/** A long line is shown in part, between ellipses: how much of it is missing before, less the ellipsis. */
function excerptStart(excerpt: string, line: string): number {
  if (!excerpt.startsWith(ellipsis)) {
    return 0;
  }
  const shown = excerpt.slice(ellipsis.length, excerpt.endsWith(ellipsis) ? -ellipsis.length : undefined);
  const at = line.replaceAll('\t', ' ').indexOf(shown);
  return at === -1 ? 0 : at - ellipsis.length;
}
