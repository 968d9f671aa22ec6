/** What the server says of a statement that it prepared and did not run. */
import { defined } from '../../../util/defined.ts';
import type { TextRange } from '../../runbook/document.ts';
import { isOpsError } from '../../errors.ts';
import type { CallOptions, Database } from '../../ports.ts';
import { Lexer } from '../lexer.ts';
import type { Finding } from '../lint/finding.ts';
import { faultRange } from '../lint/reading.ts';
import { namesFrom } from '../lint/statementTree.ts';
import { convertPosition } from '../positions.ts';

export interface Refusal {
  readonly kind: 'refused';
  readonly sqlState: string;
  /** Outside text. */
  readonly message: string;
  readonly hint?: string;
  /** Counts code points of the statement from 1. */
  readonly position?: number;
}

/** `unsaid`: it was refused for its types, which hang on values that are not there yet. */
export type Verdict = { readonly kind: 'accepted' | 'unsaid' } | Refusal;

/** So many are kept of one database; the oldest go first, and are asked for again. */
const mostKept = 5_000;

export function keepVerdicts(kept: Map<string, Verdict>, verdicts: readonly (readonly [key: string, verdict: Verdict])[]): void {
  verdicts.forEach(([key, verdict]) => kept.set(key, verdict));
  for (const oldest of [...kept.keys()].slice(0, Math.max(0, kept.size - mostKept))) {
    kept.delete(oldest);
  }
}

/** A statement that the server can be asked about as it stands. */
export interface Preparable {
  /** Tells it from every other statement of this text; what the verdict is kept by. */
  readonly key: string;
  /** What is sent: as long as what is written, with parameters in place of the placeholders. */
  readonly text: string;
  /** Somebody else gives values to parts of it, perhaps with types of their own. */
  readonly hasValues: boolean;
}

/** What no value has to do with: names, and where they stand. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const regardlessOfValues: ReadonlySet<string> = new Set(['42P01', '42703', '42702', '42701', '42704', '42803', '42P10', '42P20', '42712', '3F000', '42501']);

/** Classes of what is wrong with the statement itself; of locks, limits and a server in trouble it is not to blame. */
const faults: ReadonlySet<string> = new Set(['42', '22', '0A', '3F', '54']);

/** `undefined`: it could not be known now, for want of a lock, of time, or of whatever the server needs. Throws what {@link Database.parameterTypes} throws but `queryFailed`. */
export async function askServer(database: Database, { text, hasValues }: Preparable, options: CallOptions): Promise<Verdict | undefined> {
  try {
    await database.parameterTypes(text, options);
    return { kind: 'accepted' };
  } catch (error) {
    if (!isOpsError(error, 'queryFailed')) {
      throw error;
    }
    const { sqlState, message, hint, position } = error.facts;
    if (!faults.has(sqlState.slice(0, 2))) {
      return undefined;
    }
    return hasValues && !regardlessOfValues.has(sqlState) ? { kind: 'unsaid' } : { kind: 'refused', sqlState, message, ...defined({ hint, position }) };
  }
}

/** `undefined` where it speaks of a place that somebody else fills in. */
export function findingOfRefusal(statement: string, { sqlState, message, hint = '', position }: Refusal, openings: readonly TextRange[]): Finding | undefined {
  const range = position === undefined ? headOf(statement) : rangeAt(statement, convertPosition(statement, position - 1, 'codePoint', 'utf16'));
  if (openings.some((opening) => opening.start < range.end && range.start < opening.end)) {
    return undefined;
  }
  return { code: sqlState === '42501' ? 'OB402' : 'OB401', range, facts: { message, hint, sqlState }, fixes: [] };
}

/** What names can be found without the server as well: whoever found it there has said it. */
const namesOnly: ReadonlySet<string> = new Set(['42P01', '42703', '42702']);

/** Whether one of the findings about the statement's names says the same. */
export function isSaidBy({ range, facts: { sqlState = '' } }: Finding, names: readonly Finding[]): boolean {
  return names.some((each) => (namesOnly.has(sqlState) && each.code !== 'OB304') || (each.range.start < range.end && range.start < each.range.end));
}

/** https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS */
const operatorSigns = '+-*/<>=~!@#%^&|`?';

/** The dotted name there, the operator, or the token. */
export function rangeAt(statement: string, offset: number): TextRange {
  let end = offset;
  while (end < statement.length && operatorSigns.includes(statement.charAt(end))) {
    end++;
  }
  if (end > offset) {
    return { start: offset, end };
  }
  const names = namesFrom(statement, offset);
  const [first] = names;
  return first === undefined ? faultRange(statement, offset) : { start: first.range.start, end: names.at(-1)?.range.end ?? first.range.end };
}

/** The statement's first word, where the server names no place. */
export function headOf(statement: string): TextRange {
  const lexer = new Lexer(statement);
  lexer.next();
  return { start: lexer.start, end: lexer.end };
}
