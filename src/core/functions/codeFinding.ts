/** Something wrong in a file of a function, found before it was deployed. */
export interface CodeFinding {
  /** Relative to the place. */
  readonly path: string;
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** Outside text. */
  readonly message: string;
  /** `TS2322`; absent for what is no fault of types. */
  readonly code?: string;
}
