/** Running and judging one diagnostic; read with the first run. */
import { explanationOf } from '../../core/diagnostics/diagnostic.ts';
import { judgeDiagnostic, runDiagnostic, verdictOfFailure } from '../../core/diagnostics/run.ts';
import type { Verdict } from '../../core/diagnostics/verdict.ts';
import type { Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { l10n } from '../../util/l10n.ts';
import { diagnosticOf } from './choose.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import type { DiagnosticNode, Verdicts } from './tree.ts';

/** The rows in an editor tab, with the verdict above them. */
export const run =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = await diagnosticOf(needs, argument);
    const explanation = plain(explanationOf(node.document, node.section, node.step));
    const end = await needs.results.show({
      title: node.step.title,
      again: { command: 'diagnostics.run', argument: node.step.title },
      statement: node.step.text,
      target: targetOf(connection),
      run: (signal) => runDiagnostic(node.step, connection, { signal, priority: 'user' }),
      judge: (result) => {
        const verdict = judgeDiagnostic(node.step, { columns: result.columns as Parameters<typeof judgeDiagnostic>[1]['columns'], rows: result.rows, truncated: result.truncated });
        remember(needs, connection, verdicts, node, verdict);
        return verdict;
      },
      explanation,
      ...(node.repairs.length > 0 ? { remedy: { label: l10n.t('Write SQL That Repairs It'), command: 'diagnostics.repair' as const, argument: node.step.title } } : {}),
    });
    if (end.kind === 'failed') {
      remember(needs, connection, verdicts, node, verdictOfFailure(node.step, end.error) ?? failureVerdict(end.error));
    }
  };

/** Where it could not even be asked. */
export function failureVerdict(error: unknown): Verdict {
  return { state: 'unknown', summary: errorMessage(error).message, rows: [] };
}

/** A verdict that comes late, for a project that is no longer shown, is dropped. */
function remember({ session }: DiagnosticsNeeds, connection: Connection, verdicts: Verdicts, node: DiagnosticNode, verdict: Verdict): void {
  if (session.isCurrent(connection)) {
    verdicts.set(node, verdict);
  }
}

/** `acme · production, Management API` */
export function targetOf({ project, database }: Connection): string {
  return `${project.name} · ${project.environment}${database.kind === 'available' ? `, ${database.use.address}` : ''}`;
}

/** Paragraphs without Markdown's marks; the tab shows text, never markup. */
function plain(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, ' ').replace(/[*`]/g, '').trim())
    .join('\n\n');
}
