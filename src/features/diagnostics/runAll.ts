/** All diagnostics at once: the report, and snapshots to be held against each other. Read with the first of these commands. */
import { adviceOf, explanationOf } from '../../core/diagnostics/diagnostic.ts';
import { compareSnapshots } from '../../core/diagnostics/compare.ts';
import { findingOf } from '../../core/diagnostics/finding.ts';
import { diagnoseAll } from '../../core/diagnostics/runAll.ts';
import type { Verdict } from '../../core/diagnostics/verdict.ts';
import type { Snapshot } from '../../core/diagnostics/snapshot.ts';
import { OpsError, isCancelled, isOpsError } from '../../core/errors.ts';
import { need, type Connection } from '../../core/project/connection.ts';
import { l10n } from '../../util/l10n.ts';
import { visible, visibleLine } from '../../util/visible.ts';
import type { Advisors } from './advisors.ts';
import { advisorsChapter, type Advised } from './advisorsText.ts';
import { failureVerdict } from './commands.ts';
import { comparisonMarkdown } from './comparisonText.ts';
import type { DiagnosticsNeeds } from './needs.ts';
import { reportCsv, reportMarkdown, type Advice } from './reportText.ts';
import { listDiagnostics, type DiagnosticNode, type Verdicts } from './tree.ts';

/** What was run last in this window. */
export interface Latest {
  report?: { readonly snapshot: Snapshot; readonly markdown: string };
}

/** Every diagnostic with what Supabase's advisors say beside, or those of some topics, and a report in an editor. */
export const runAll =
  (needs: DiagnosticsNeeds & { readonly advisors: Advisors }, verdicts: Verdicts, latest: Latest) =>
  async (argument?: unknown): Promise<void> => {
    const topics = typeof argument === 'object' && argument !== null && 'topics' in argument && Array.isArray(argument.topics) ? argument.topics.map(String) : undefined;
    const nodes = (await allowed(needs)).filter((node) => topics === undefined || topics.includes(node.topic));
    let advised: Advised | undefined;
    const askAdvisors = async (connection: Connection, signal: AbortSignal): Promise<void> => {
      advised = await adviceOr(needs.advisors, connection, signal);
    };
    const snapshot = await take(needs, verdicts, nodes, topics === undefined ? askAdvisors : undefined);
    const markdown = reportMarkdown(snapshot, adviceFor(nodes)) + (advised === undefined ? '' : advisorsChapter(advised));
    latest.report = { snapshot, markdown };
    await needs.documents.showReport(`${reportName(snapshot)}.md`, markdown);
    needs.ui.tell(
      l10n.t('{0} diagnostics of {1} were run.', snapshot.findings.length, visibleLine(snapshot.project)),
      // Of some topics alone it could not be held against a whole one.
      ...(topics === undefined ? [{ label: l10n.t('Save Snapshot'), run: async () => keep(needs, snapshot) }] : []),
      { label: l10n.t('Save Report…'), run: async () => saveReport(needs, latest)() },
    );
  };

/** The report of the last run as a file, Markdown or CSV. */
export const saveReport =
  ({ askFile }: DiagnosticsNeeds, { report }: Latest) =>
  async (): Promise<void> => {
    if (!report) {
      throw new OpsError('notFound', { what: l10n.t('A report of diagnostics that were run in this window') });
    }
    const file = await askFile(reportName(report.snapshot));
    await file.write(file.format === 'csv' ? reportCsv(report.snapshot) : report.markdown);
  };

/** Runs all and keeps what they say, to be compared with later. */
export const saveSnapshot =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (): Promise<void> =>
    keep(needs, await take(needs, verdicts, await allowed(needs)));

/** What is now, or was at a time that was kept. */
type Moment = { readonly takenAt: number } | 'now';

/** Two kept snapshots, or a kept one and what is now. */
export const compare =
  (needs: DiagnosticsNeeds, verdicts: Verdicts) =>
  async (): Promise<void> => {
    const { session, documents, ui } = needs;
    const { ref, name } = session.connection().project;
    const archive = await needs.snapshots();
    const times = await archive.times(ref);
    if (times.length === 0) {
      throw new OpsError('notFound', { what: l10n.t('A diagnostics snapshot of {0}', visibleLine(name)) });
    }
    const choice = (takenAt: number) => ({ label: timeOf(takenAt), icon: 'history', value: { takenAt } as Moment });
    const before = await ui.pick(l10n.t('Compare which snapshot? (before)'), times.map(choice));
    const then = before === 'now' ? Infinity : before.takenAt;
    const after = await ui.pick(l10n.t('With which? (after)'), [{ label: l10n.t('Now'), icon: 'run-all', description: l10n.t('runs all diagnostics'), value: 'now' }, ...times.filter((takenAt) => takenAt > then).map(choice)]);
    const read = async (moment: Moment): Promise<Snapshot> => {
      const snapshot = moment === 'now' ? await take(needs, verdicts, await allowed(needs)) : await archive.get(ref, moment.takenAt);
      if (snapshot?.ref !== ref) {
        throw new OpsError('notFound', { what: l10n.t('The diagnostics snapshot of {0}', moment === 'now' ? '' : timeOf(moment.takenAt)) });
      }
      return snapshot;
    };
    const [one, other] = [await read(before), await read(after)];
    await documents.showReport(`Diagnostics of ${name}, compared.md`, comparisonMarkdown(one, other, compareSnapshots(one, other)));
  };

/** In a folder that is not trusted the repository's own are run one by one only, by whoever has read them (SAFETY 9). */
async function allowed({ library, isTrusted, ui }: DiagnosticsNeeds): Promise<readonly DiagnosticNode[]> {
  const nodes = await listDiagnostics(library);
  const ours = nodes.filter(({ origin }) => isTrusted() || origin === 'bundled');
  if (ours.length < nodes.length) {
    ui.warn(l10n.t('{0} diagnostics of the repository were left out: the folder is not trusted.', nodes.length - ours.length));
  }
  return ours;
}

async function adviceOr(advisors: Advisors, connection: Connection, signal: AbortSignal): Promise<Advised> {
  try {
    return await advisors.readAnew(connection, signal);
  } catch (failure) {
    if (isCancelled(failure)) {
      throw failure;
    }
    return { failure };
  }
}

/** `beside` is done meanwhile. */
async function take({ session, ui, clock }: DiagnosticsNeeds, verdicts: Verdicts, nodes: readonly DiagnosticNode[], beside?: (connection: Connection, signal: AbortSignal) => Promise<void>): Promise<Snapshot> {
  const connection = session.connection();
  const { address } = need(connection.database, l10n.t('Running SQL'));
  const { ref, name, environment } = connection.project;
  const takenAt = clock.now();
  const byStep = new Map(nodes.map((node) => [node.step, node]));
  const [judged] = await ui.progress(l10n.t('Running {0} diagnostics', nodes.length), (signal, report) =>
    Promise.all([
      diagnoseAll(nodes.map(({ step }) => step), {
        connection,
        signal,
        onStart: (step) => report(visibleLine(step.title)),
        onEnd: (step, { verdict }) => {
          const node = byStep.get(step);
          if (node && session.isCurrent(connection)) {
            verdicts.set(node, verdict);
          }
        },
        failed: (error) => ({ verdict: isOpsError(error, 'timedOut') ? tooLong(error) : failureVerdict(error) }),
      }),
      beside?.(connection, signal),
    ]),
  );
  const findings = nodes.flatMap((node, index) => {
    const one = judged[index];
    return one ? [findingOf(node, one)] : [];
  });
  return { format: 1, takenAt, ref, project: name, environment, address, findings };
}

/** Among many each has little time, so that they neither load the server nor make each other wait. */
function tooLong({ facts: { seconds } }: OpsError<'timedOut'>): Verdict {
  return { state: 'unknown', summary: l10n.t('took longer than the {0} s that each has among many; run by itself it has more', seconds), rows: [] };
}

async function keep({ snapshots, ui }: DiagnosticsNeeds, snapshot: Snapshot): Promise<void> {
  const archive = await snapshots();
  await archive.put(snapshot);
  ui.tell(l10n.t('The diagnostics snapshot of {0} is kept.', timeOf(snapshot.takenAt)));
}

/** What each fence's text says is to be done next. The extension's own Markdown stays as it is; anybody else's is text. */
function adviceFor(nodes: readonly DiagnosticNode[]): Advice {
  const advice = new Map<string, { readonly text: string; readonly isOurs: boolean }>();
  for (const { document, section, step, source, origin } of nodes) {
    const text = adviceOf(explanationOf(document, section, step));
    if (text !== '') {
      advice.set(`${source}\n${step.title}`, { text, isOurs: origin === 'bundled' });
    }
  }
  return ({ source, title }) => advice.get(`${source}\n${title}`);
}

function reportName({ project }: Snapshot): string {
  return `Diagnostics of ${visible(project)}`;
}

/** As the person's own clock shows it. */
function timeOf(takenAt: number): string {
  return new Date(takenAt).toLocaleString('sv-SE');
}
