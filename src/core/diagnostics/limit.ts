import type { StepOptions } from '../runbook/document.ts';
import { multiply, parseDecimal, toNumber } from './decimal.ts';
import { parseQuantity } from './quantity.ts';
import type { LimitUnit } from './quantity.ts';

/**
 * A limit as a fence states it: `hit_ratio < 99%`, `rows > 0`, `connections > 80% of max_connections`, `age > 26h`.
 * Left is a column of the result (or `rows`, the number of rows), right a number with a unit or another column.
 */
export interface Limit {
  readonly source: string;
  readonly measure: string;
  readonly operator: Operator;
  readonly bound: Bound;
}

export type Operator = '<' | '<=' | '>' | '>=' | '=' | '!=';

export type Bound =
  /** `value` in the base unit, rounded; `exact` has every digit that was written. */
  | { readonly kind: 'number'; readonly value: number; readonly exact: { readonly digits: bigint; readonly scale: number }; readonly unit: LimitUnit }
  /** `80% of max_connections`: a share (0.8) of another column of the same row. */
  | { readonly kind: 'share'; readonly share: number; readonly of: string }
  | { readonly kind: 'text'; readonly value: string };

/** A limit that says nothing that could be judged; `problem` is for the user. */
export interface LimitProblem {
  readonly source: string;
  readonly problem: string;
}

export interface Limits {
  readonly warn?: Limit | LimitProblem;
  readonly critical?: Limit | LimitProblem;
}

export function isLimitProblem(limit: Limit | LimitProblem): limit is LimitProblem {
  return 'problem' in limit;
}

/** The limits of a step. */
export function parseLimits({ warn, critical }: Pick<StepOptions, 'warn' | 'critical'>): Limits {
  return { ...(warn === undefined ? {} : { warn: parseLimit(warn) }), ...(critical === undefined ? {} : { critical: parseLimit(critical) }) };
}

const operators: Readonly<Record<string, Operator>> = { '<': '<', '<=': '<=', '≤': '<=', '>': '>', '>=': '>=', '≥': '>=', '=': '=', '==': '=', '!=': '!=', '<>': '!=', '≠': '!=' };

export function parseLimit(text: string): Limit | LimitProblem {
  const source = text.trim();
  const [, left = '', sign = '', right = ''] = /^("(?:[^"]+)"|[^\s<>=!≤≥≠]+)\s*(<=|>=|!=|<>|==|[<>=≤≥≠])\s*(.+)$/s.exec(source) ?? [];
  const operator = operators[sign];
  if (operator === undefined) {
    return { source, problem: 'A limit compares a column with a value: hit_ratio < 99%' };
  }
  const bound = parseBound(right.trim());
  if (bound.kind === 'text' && operator !== '=' && operator !== '!=') {
    return { source, problem: `${bound.value} is no number with a unit such as %, ms, s, m, h, d, kB, MB, GB` };
  }
  return { source, measure: left.replace(/^"|"$/g, ''), operator, bound };
}

function parseBound(text: string): Bound {
  const [, percent, column = ''] = /^([\d.]+)\s*%\s+of\s+"?([^"]+)"?$/i.exec(text) ?? [];
  if (percent !== undefined && Number.isFinite(Number(percent))) {
    return { kind: 'share', share: Number(percent) / 100, of: column.trim() };
  }
  const quantity = parseQuantity(text);
  if (quantity !== undefined) {
    return { kind: 'number', value: toNumber(quantity.amount), exact: quantity.amount, unit: quantity.unit };
  }
  return { kind: 'text', value: text.replace(/^(['"])(.*)\1$/s, '$2') };
}

/** `80%` of a value, exactly. */
export function shareOf(share: number, value: { readonly digits: bigint; readonly scale: number }): { readonly digits: bigint; readonly scale: number } {
  return multiply(parseDecimal(String(share)) ?? { digits: 0n, scale: 0 }, value);
}
