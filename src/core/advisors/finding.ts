/** What Supabase's own advisors find in a project: https://supabase.com/docs/guides/database/database-advisors */

export type AdvisorKind = 'security' | 'performance';

export const advisorKinds: readonly AdvisorKind[] = ['security', 'performance'];

/** All texts are outside text. */
export interface AdvisorFinding {
  readonly kind: AdvisorKind;
  /** Of the lint: `rls_disabled_in_public`. */
  readonly name: string;
  /** The same for the same finding next time. */
  readonly key: string;
  readonly title: string;
  /** `unchecked`: the advisor says that it could not look, which is not the same as finding nothing. */
  readonly level: 'error' | 'warn' | 'info' | 'unchecked';
  /** What the lint looks for, the same for all of its findings. */
  readonly description: string;
  /** What it found here; Markdown. */
  readonly detail: string;
  /** Address of the page that says what to do. */
  readonly guide?: string;
  readonly object?: AdvisedObject;
}

/** What in the database it is about. */
export interface AdvisedObject {
  readonly schema?: string;
  readonly name: string;
  /** `table`, `view`, `function`, `materialized view`, … */
  readonly type?: string;
}

const gravity: readonly AdvisorFinding['level'][] = ['error', 'warn', 'unchecked', 'info'];

/** Gravest first, then by what it is about. */
export function byGravity(one: AdvisorFinding, other: AdvisorFinding): number {
  return gravity.indexOf(one.level) - gravity.indexOf(other.level) || one.title.localeCompare(other.title) || one.detail.localeCompare(other.detail);
}
