import { convertPosition } from '../../core/sql/positions.ts';
import { rangeAt } from '../../core/sql/prepared/verdict.ts';
import type { ErrorMarks } from '../../host/errorMarks.ts';
import type { PlacedStatement } from './needs.ts';

interface Fault {
  readonly message: string;
  /** Counts code points of the statement from 1. */
  readonly position?: number;
  readonly sqlState?: string;
  readonly hint?: string;
}

/** At the name, the operator or the token that is at fault; the whole statement where no place is named. */
export function markFault(marks: ErrorMarks, statement: PlacedStatement, fault: Fault): void {
  const { text } = statement;
  marks.show(statement, fault, fault.position === undefined ? { start: 0, end: text.length } : rangeAt(text, convertPosition(text, fault.position - 1, 'codePoint', 'utf16')));
}
