/**
 * What a person types above a column: `abc` for cells that contain it, `= abc`, `!= abc`, `< 5`, `<= 5`, `> 5`, `>= 5`, `null`,
 * `not null`. Null is in no other one, as in SQL. What cannot be typed so (line breaks, spaces at the ends) is written as in JSON: `= "a\n"`.
 */
import type { Cell, Column } from '../sql/result.ts';
import { compareCells, orderingOf } from './ordering.ts';

export type CellTest = (cell: Cell) => boolean;

/** `undefined` for an empty text, which lets everything through. */
export function parseFilter(text: string, column: Column): CellTest | undefined {
  const trimmed = text.trim();
  if (trimmed === '') {
    return undefined;
  }
  if (/^null$/i.test(trimmed)) {
    return (cell) => cell === null;
  }
  if (/^(not null|!null)$/i.test(trimmed)) {
    return (cell) => cell !== null;
  }
  const [, sign, operand = ''] = /^(=|!=|<>|<=|>=|<|>)\s*([^]*)$/.exec(trimmed) ?? [];
  return sign === undefined ? containing(trimmed) : comparing(sign, operand, column);
}

function containing(text: string): CellTest {
  const wanted = text.toLowerCase();
  return (cell) => cell !== null && cell.toLowerCase().includes(wanted);
}

/** `5` equals `5.00` in a column of numbers. */
function comparing(sign: string, operand: string, column: Column): CellTest {
  const ordering = orderingOf(column);
  const holds = signs[sign] ?? (() => false);
  const exactly = (sign === '=' || sign === '!=' || sign === '<>') && column.category !== 'number' && column.category !== 'time';
  const written = fromJson(operand);
  return (cell) => cell !== null && holds(exactly ? Number(cell !== operand && cell !== written) : compareCells(ordering, cell, operand));
}

function fromJson(operand: string): string | undefined {
  try {
    const value: unknown = operand.startsWith('"') ? JSON.parse(operand) : undefined;
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The filter that keeps exactly the cells that are this text. */
export function filterFor(text: string): string {
  return /^["\s]|[\s]$|[\n\r\t]/.test(text) ? `= ${JSON.stringify(text)}` : `= ${text}`;
}

const signs: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};
