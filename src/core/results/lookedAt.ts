import type { Column, Row } from '../sql/result.ts';

const digits = /^-?\d+(\.\d+)?$/;

/** A numeric may be one of these. */
const beyond: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/**
 * Columns as they are shown, sorted and filtered. A way that does not tell types sends `bigint` and `numeric` as texts: a column whose
 * first values are all numbers is one of numbers, to the eye. What is exported stays text.
 */
export function lookedAt(columns: readonly Column[], first: readonly Row[]): Column[] {
  return columns.map((column, index) => {
    const values = first.map((row) => row[index] ?? null).filter((cell) => cell !== null);
    const isNumber = column.type === 'unknown' && column.category === 'text' && values.some((cell) => digits.test(cell)) && values.every((cell) => digits.test(cell) || beyond.has(cell));
    return isNumber ? { ...column, category: 'number' } : column;
  });
}
