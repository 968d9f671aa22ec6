/** Statements that begin and end their own transaction: `begin; …; commit`, as scripts and manuals write it. */
import { OpsError } from '../../core/errors.ts';
import type { InspectedStatement } from '../../core/sql/run.ts';
import type { RunEnd } from '../../host/results.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import type { SqlNeeds } from './needs.ts';
import { beginTransaction, commitTransaction, rollBackTransaction } from './transactionDeeds.ts';

/**
 * `begin` first and `commit` or `rollback` last do what the commands of these names do; each may also stand alone. After a statement
 * that failed nothing more is run, and nothing is committed. Throws `notReadOnly` for control in the middle.
 */
export async function runScript(needs: SqlNeeds, statements: readonly InspectedStatement[], run: (body: readonly InspectedStatement[]) => Promise<RunEnd>): Promise<RunEnd> {
  const { transactions, ui } = needs;
  const begins = controlOf(statements[0]) === 'begin';
  const last = controlOf(statements.at(-1));
  const ends = last === 'commit' || last === 'rollback' ? last : undefined;
  const body = statements.slice(begins ? 1 : 0, ends === undefined ? undefined : -1);
  const stray = body.find((statement) => controlOf(statement) !== undefined);
  if (stray) {
    throw new OpsError('notReadOnly', { statement: visible(stray.statement), because: l10n.t('a transaction begins with the first statement of what is run and ends with the last') });
  }
  if (begins) {
    await beginTransaction(needs);
  }
  const end: RunEnd = body.length === 0 ? { kind: 'done', rowCount: 0 } : await run(body);
  if (end.kind !== 'done' && transactions.current) {
    ui.warn(
      l10n.t('The script did not come to its end. The transaction is still open, with what was done before.'),
      { label: l10n.t('Roll Back'), run: async () => rollBackTransaction(needs) },
      { label: l10n.t('Commit…'), run: async () => commitTransaction(needs) },
    );
  } else if (ends === 'commit') {
    await commitTransaction(needs);
  } else if (ends === 'rollback') {
    await rollBackTransaction(needs);
  }
  return end;
}

function controlOf(statement: InspectedStatement | undefined): 'begin' | 'commit' | 'rollback' | undefined {
  return statement?.classification.control;
}
