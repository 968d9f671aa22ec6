import type { OpsError } from '../core/errors.ts';
import type { Verdict } from '../core/diagnostics/verdict.ts';
import type { ResultEvent } from '../core/sql/result.ts';

/** A run whose rows are shown in an editor tab as they come. */
export interface ShownRun {
  /** The tab's title: `Cache hit ratio`. Runs with the same title use the same tab. */
  readonly title: string;
  /** What was run, for the messages below the rows; outside text. */
  readonly statement: string;
  /** Where: `acme · production, Management API`. */
  readonly target: string;
  readonly run: (signal: AbortSignal) => AsyncIterable<ResultEvent>;
  /** Judges the whole result, for a diagnostic, and says in words what the number means and what to do next. */
  readonly judge?: (rows: { readonly columns: readonly { readonly name: string }[]; readonly rows: readonly (readonly (string | null)[])[] }) => Verdict;
  readonly explanation?: string;
}

export type RunEnd = { readonly kind: 'done'; readonly rowCount: number } | { readonly kind: 'cancelled' } | { readonly kind: 'failed'; readonly error: OpsError };

/** Shows results in editor tabs; `features/results` is its one implementation. */
export interface ResultsView {
  /** Opens or re-uses the tab, runs, and ends when the run has ended. Failures are shown in the tab and come back; nothing is thrown. */
  show(run: ShownRun): Promise<RunEnd>;
}
