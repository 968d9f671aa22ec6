/**
 * A limit as a fence states it: `hit_ratio < 99%`, `rows > 0`, `connections > 80% of max_connections`, `age > 26h`.
 * Left is a column of the result (or `rows`, the number of rows), right a number with a unit or another column.
 */
export interface Limit {
  readonly source: string;
  readonly measure: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '=' | '!=';
  readonly bound: Bound;
}

export type Bound =
  | { readonly kind: 'number'; readonly value: number; readonly unit: LimitUnit }
  /** `80% of max_connections`: a share (0.8) of another column of the same row. */
  | { readonly kind: 'share'; readonly share: number; readonly of: string }
  | { readonly kind: 'text'; readonly value: string };

/** `percent` means the measure counts in percent (0 to 100); times are given in milliseconds, sizes in bytes. */
export type LimitUnit = 'none' | 'percent' | 'milliseconds' | 'bytes';
