/** How the rows of a result are looked at, as plain data. */

export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
}

export interface Arrangement {
  /** The first counts most; none is the order in which the rows came. */
  readonly sort: readonly SortKey[];
  /** What was typed above the columns, by column; see `filter.ts`. */
  readonly filters: readonly { readonly column: number; readonly text: string }[];
}

export interface FoundCell {
  /** The place in the view. */
  readonly row: number;
  readonly column: number;
}

export const unarranged: Arrangement = { sort: [], filters: [] };
