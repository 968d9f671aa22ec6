import { repairSql } from '../../core/diagnostics/repair.ts';
import { diagnose } from '../../core/diagnostics/run.ts';
import { OpsError } from '../../core/errors.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { targetOf } from './commands.ts';
import { diagnosticOf } from './choose.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import type { Verdicts } from './tree.ts';

/** Runs the diagnostic anew, and writes SQL for the rows that break its limit into an editor. None of it is run. */
export const repair =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (argument?: unknown): Promise<void> => {
    const { session, ui } = needs;
    const connection = session.connection();
    const node = await diagnosticOf(needs, argument);
    const title = visibleLine(node.step.title);
    if (node.repairs.length === 0) {
      throw new OpsError('notFound', { what: l10n.t('SQL that repairs what “{0}” finds', title) });
    }
    const { verdict, result } = await ui.progress(l10n.t('Running “{0}”', title), (signal) => diagnose(node.step, connection, { signal, priority: 'user' }));
    if (session.isCurrent(connection)) {
      verdicts.set(node, verdict);
    }
    const head = [`${title}: ${verdict.summary}`, targetOf(connection)];
    const sql = result && repairSql({ repairs: node.repairs, result, broken: verdict.rows, head });
    if (sql === undefined) {
      ui.tell(verdict.rows.length === 0 ? l10n.t('“{0}” finds nothing to repair now: {1}', title, visibleLine(verdict.summary)) : l10n.t('What “{0}” finds cannot be repaired by a statement: its rows lack what one would need.', title));
      return;
    }
    await needs.documents.openSql(sql);
  };
