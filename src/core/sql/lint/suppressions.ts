/** `-- opsbook: ignore OB103 because …`: a finding that somebody looked at and put aside, with the reason. */
import { moved, type TextRange } from '../../runbook/document.ts';
import { Lexer } from '../lexer.ts';
import type { Finding } from './finding.ts';

export interface Suppression {
  readonly codes: readonly string[];
  /** For the whole file, wherever it stands. */
  readonly file: boolean;
  readonly reason: string;
  /** The comment. */
  readonly range: TextRange;
  /** What it is about, where it stands in the code of a function; elsewhere it is its statement. */
  readonly scope?: TextRange;
}

/** What makes a text worth looking through. */
export const suppressionMark = 'opsbook:';

/** The suppressions in the comments of a text, in order. */
export function suppressionsIn(text: string): Suppression[] {
  if (!text.includes(suppressionMark)) {
    return [];
  }
  const found: Suppression[] = [];
  const lexer = new Lexer(text);
  while (lexer.next()) {
    const suppression = lexer.kind === 'comment' ? parse(lexer.value) : undefined;
    if (suppression !== undefined) {
      found.push({ ...suppression, range: { start: lexer.start, end: lexer.end } });
    }
  }
  return found;
}

/** Those in a program: comments that begin with two slashes. */
export function suppressionsInProgram(program: string): Suppression[] {
  const found: Suppression[] = [];
  for (let at = program.indexOf(suppressionMark); at !== -1; at = program.indexOf(suppressionMark, at + 1)) {
    const start = program.lastIndexOf('//', at);
    const rowEnd = program.indexOf('\n', at);
    const end = rowEnd === -1 ? program.length : rowEnd;
    const suppression = start !== -1 && program.slice(start + 2, at).trim() === '' ? parse(`--${program.slice(start + 2, end)}`) : undefined;
    if (suppression !== undefined) {
      found.push({ ...suppression, range: { start, end } });
    }
  }
  return found;
}

/** The same in a text in which the statement begins at `by`. */
export function movedSuppression({ scope, ...rest }: Suppression, by: number): Suppression {
  return { ...rest, range: moved(rest.range, by), ...(scope === undefined ? {} : { scope: moved(scope, by) }) };
}

/** A reason is what makes it count. */
export function suppresses(suppression: Suppression, { code }: Pick<Finding, 'code'>): boolean {
  return suppression.reason !== '' && suppression.codes.includes(code);
}

function parse(comment: string): Omit<Suppression, 'range'> | undefined {
  const body = comment.startsWith('--') ? comment.slice(2) : comment.slice(2, comment.endsWith('*/') ? -2 : undefined);
  const [mark, verb, ...rest] = body.trim().split(/\s+/);
  if (mark !== suppressionMark || (verb !== 'ignore' && verb !== 'ignore-file')) {
    return undefined;
  }
  const because = rest.indexOf('because');
  const codes = (because === -1 ? rest : rest.slice(0, because)).flatMap((word) => word.split(',')).filter((word) => word !== '');
  return { codes, file: verb === 'ignore-file', reason: because === -1 ? '' : rest.slice(because + 1).join(' ') };
}
