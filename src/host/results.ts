import type { CommandKey } from '../contributions.ts';
import type { OpsError } from '../core/errors.ts';
import type { Verdict } from '../core/diagnostics/verdict.ts';
import type { ResultEvent } from '../core/sql/result.ts';

/** Where runs are shown: one editor tab, re-used, left where the person put it. */
export interface ShownTab {
  /** `Cache hit ratio`. */
  readonly title: string;
  /** Runs with the same key use the same tab: the URI of a SQL document, or else the title. */
  readonly tab?: string;
  /** Where it is run: `acme · production, Management API`. */
  readonly target: string;
  /** Whose eyes the rows were seen with, when that is not whoever is connected: `AS anon`. Shown so that nobody takes them for all rows. */
  readonly as?: string;
  /**
   * What *Run Again* does, and all that is known after the window was loaded anew: nothing is ever run by itself. Without one the same
   * is run again while the tab lives. Left out for statements that must not be kept: those with credentials in them.
   */
  readonly again?: RunAgain;
}

export interface RunAgain {
  readonly command: CommandKey;
  /** Plain data. */
  readonly argument: unknown;
}

/** One statement with its rows. */
export interface ShownPart {
  /** What was run; outside text. */
  readonly statement: string;
  readonly run: (signal: AbortSignal) => AsyncIterable<ResultEvent>;
  /** The same without a limit of rows; only for what reads, since it is run a second time. */
  readonly runWhole?: (signal: AbortSignal) => AsyncIterable<ResultEvent>;
  /** `plan`: the one cell is what `EXPLAIN (FORMAT JSON)` prints. */
  readonly shows?: 'rows' | 'plan';
  /** Judges the whole result, for a diagnostic, and says in words what the number means and what to do next. */
  readonly judge?: (rows: { readonly columns: readonly { readonly name: string }[]; readonly rows: readonly (readonly (string | null)[])[]; readonly truncated: boolean }) => Verdict;
  readonly explanation?: string;
  /** What is to be said of the statements before and behind it when it fails or is cancelled. */
  readonly whenStopped?: readonly string[];
  /** What can be done about a verdict that is warn or critical: a button, and the command behind it. */
  readonly remedy?: RunAgain & { readonly label: string };
}

/** A run whose rows are shown as they come. */
export type ShownRun = ShownTab & ShownPart;

/** Several statements, one after the other, until one fails. */
export type ShownSeries = ShownTab & { readonly parts: readonly ShownPart[] };

export type RunEnd = { readonly kind: 'done'; readonly rowCount: number } | { readonly kind: 'cancelled' } | { readonly kind: 'failed'; readonly error: OpsError; readonly part: number };

/** Shows results in editor tabs; `features/results` is its one implementation. */
export interface ResultsView {
  /** Opens or re-uses the tab, runs, and ends when the run has ended. Failures are shown in the tab and come back; nothing is thrown. */
  show(run: ShownRun | ShownSeries): Promise<RunEnd>;
}
