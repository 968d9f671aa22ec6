import type { Column, Row } from '../sql/result.ts';

/**
 * Columns as they are shown, sorted and filtered. A way that does not tell types sends `bigint` and `numeric` as texts: a column whose
 * first values are all numbers is one of numbers, to the eye. What is exported stays text.
 */
export function lookedAt(columns: readonly Column[], first: readonly Row[]): Column[] {
  return columns.map((column, index) => {
    const values = first.map((row) => row[index] ?? null).filter((cell) => cell !== null);
    const isNumber = column.type === 'unknown' && column.category === 'text' && values.length > 0 && values.every((cell) => /^-?\d+(\.\d+)?$/.test(cell));
    return isNumber ? { ...column, category: 'number' } : column;
  });
}
