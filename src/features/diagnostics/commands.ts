/** Running and judging diagnostics; read with the first of these commands. */
import { diagnose, judgeDiagnostic, runDiagnostic, verdictOfFailure } from '../../core/diagnostics/run.ts';
import type { Verdict } from '../../core/diagnostics/verdict.ts';
import type { Connection } from '../../core/project/connection.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { stateWord } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { diagnosticOf } from './choose.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import { listDiagnostics, type DiagnosticNode, type Verdicts } from './tree.ts';

/** The rows in an editor tab, with the verdict above them. */
export const run =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = await diagnosticOf(needs, argument);
    const explanation = await explanationOf(needs, node);
    const end = await needs.results.show({
      title: node.step.title,
      again: { command: 'diagnostics.run', argument: node.step.title },
      statement: node.step.text,
      target: targetOf(connection),
      run: (signal) => runDiagnostic(node.step, connection, { signal, priority: 'user' }),
      judge: (result) => {
        const verdict = judgeDiagnostic(node.step, { columns: result.columns as Parameters<typeof judgeDiagnostic>[1]['columns'], rows: result.rows });
        remember(needs, connection, verdicts, node, verdict);
        return verdict;
      },
      explanation,
    });
    if (end.kind === 'failed') {
      remember(needs, connection, verdicts, node, failureVerdict(end.error));
    }
  };

function failureVerdict(error: unknown): Verdict {
  return verdictOfFailure(error) ?? { state: 'unknown', summary: errorMessage(error).message, rows: [] };
}

/** A verdict that comes late, for a project that is no longer shown, is dropped. */
function remember({ session }: DiagnosticsNeeds, connection: Connection, verdicts: Verdicts, node: DiagnosticNode, verdict: Verdict): void {
  if (session.isCurrent(connection)) {
    verdicts.set(node, verdict);
  }
}

/** `acme · production, Management API` */
function targetOf({ project, database }: Connection): string {
  return `${project.name} · ${project.environment}${database.kind === 'available' ? `, ${database.use.address}` : ''}`;
}

/** Every diagnostic, a few at a time, and a report of the verdicts in an editor. */
export const runAll =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (argument?: unknown): Promise<void> => {
    const { session, library, documents, ui, clock } = needs;
    const connection = session.connection();
    const topics = typeof argument === 'object' && argument !== null && 'topics' in argument && Array.isArray(argument.topics) ? argument.topics.map(String) : undefined;
    const nodes = (await listDiagnostics(library)).filter((node) => topics === undefined || topics.includes(node.step.options.topic ?? ''));
    const outcomes = new Map<DiagnosticNode, Verdict>();
    await ui.progress(l10n.t('Running {0} diagnostics', nodes.length), async (signal, report) => {
      const waiting = [...nodes];
      const worker = async () => {
        for (let node = waiting.shift(); node; node = waiting.shift()) {
          report(visibleLine(node.step.title));
          // So many questions at once must leave the minute's last requests to what is pressed meanwhile.
          const verdict = await diagnose(node.step, connection, { signal, priority: 'check' }).catch((error: unknown) => {
            if (signal.aborted) {
              throw error;
            }
            return failureVerdict(error);
          });
          outcomes.set(node, verdict);
          remember(needs, connection, verdicts, node, verdict);
        }
      };
      await Promise.all([worker(), worker()]);
    });
    await documents.showReport(`Diagnostics of ${connection.project.name}.md`, reportOf(connection, nodes, outcomes, clock.now()));
  };

const gravity = ['critical', 'warn', 'unknown', 'ok'] as const;

function reportOf(connection: Connection, nodes: readonly DiagnosticNode[], outcomes: ReadonlyMap<DiagnosticNode, Verdict>, now: number): string {
  const lines = [`# ${l10n.t('Diagnostics of {0}', plainMarkdown(connection.project.name))}`, '', `${new Date(now).toISOString()} · ${plainMarkdown(targetOf(connection))}`];
  for (const state of gravity) {
    const inState = nodes.filter((node) => outcomes.get(node)?.state === state);
    if (inState.length > 0) {
      lines.push('', `## ${stateWord(state)}: ${inState.length}`, '', ...inState.map((node) => `- **${plainMarkdown(node.step.title)}**: ${plainMarkdown(outcomes.get(node)?.summary ?? '')}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The text between the fence and the next step: what the number means and what to do next. */
async function explanationOf({ library }: DiagnosticsNeeds, node: DiagnosticNode): Promise<string> {
  const document = (await library.find(node.documentUri))?.document;
  const section = document?.sections.find((candidate) => candidate.range.start <= node.step.range.start && node.step.range.end <= candidate.range.end);
  if (!document || !section) {
    return '';
  }
  const next = section.steps.find((step) => step.range.start >= node.step.range.end);
  const before = document.text.slice(section.headingRange.end, node.step.range.start);
  const after = document.text.slice(node.step.range.end, next?.range.start ?? section.range.end);
  return plain(after.trim() === '' ? before : after);
}

/** Paragraphs without Markdown's marks; the tab shows text, never markup. */
function plain(text: string): string {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n\s*/g, ' ').replace(/[*`]/g, '').trim())
    .join('\n\n');
}
