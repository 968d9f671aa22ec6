/** The statement that asks for a statement's plan. */
import { unwrap } from './tree.ts';

/** https://www.postgresql.org/docs/current/sql-explain.html */
const explained: ReadonlySet<string> = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'CreateTableAsStmt', 'ExecuteStmt']);

/** Whether Postgres has a plan for it, from libpg_query's tree. */
export function hasPlan(tree: unknown): boolean {
  return explained.has(unwrap(tree)?.type ?? '');
}

export interface Explanation {
  readonly text: string;
  /** Characters, all of them ASCII, that stand before the statement: positions of errors are off by so many. */
  readonly prefix: number;
}

/** With `analyze` the statement is really run. */
export function explain(statement: string, { analyze }: { readonly analyze: boolean }): Explanation {
  const before = analyze ? 'explain (analyze, buffers, verbose, format json) ' : 'explain (verbose, format json) ';
  return { text: before + statement, prefix: before.length };
}
