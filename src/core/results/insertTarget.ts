import type { SqlGrammar } from '../ports.ts';
import { prepareStatement } from '../sql/placeholders.ts';
import { fieldsOf, listOf, textOf, unwrap } from '../sql/tree.ts';
import { quoteIdentifier } from './quote.ts';

/** The table that rows of this statement are of, as SQL writes it; `undefined` when they are of none, or of several. */
export async function insertTarget(statement: string, grammar: SqlGrammar, signal: AbortSignal): Promise<string | undefined> {
  const prepared = await prepareStatement(statement, grammar, signal);
  if (prepared.kind === 'invalid') {
    return undefined;
  }
  const root = unwrap(prepared.tree);
  const from = listOf(root?.fields['fromClause']);
  const relation = root?.type === 'SelectStmt' && from.length === 1 ? fieldsOf(fieldsOf(from[0])['RangeVar']) : fieldsOf(root?.fields['relation']);
  const name = textOf(relation['relname']);
  return name === '' ? undefined : [textOf(relation['schemaname']), name].filter(Boolean).map(quoteIdentifier).join('.');
}
