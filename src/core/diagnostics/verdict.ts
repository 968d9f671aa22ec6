import type { HealthState } from '../health/health.ts';

/** What a limit says of an outcome. */
export interface Verdict {
  readonly state: HealthState;
  /** `hit_ratio 97.2, warn below 99 %`; for `unknown` what is needed: `needs the extension pg_stat_statements`. */
  readonly summary: string;
  /** Indexes of the rows that broke the limit, gravest first. */
  readonly rows: readonly number[];
}
