import { countMeasure, type Finding } from '../../core/diagnostics/finding.ts';
import type { Snapshot } from '../../core/diagnostics/snapshot.ts';
import { gravestFirst } from '../../core/health/health.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { csvTable, markdownTable } from '../../host/reportTables.ts';
import { stateWord } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';

/** What to do next; only the extension's own is Markdown. */
export type Advice = (finding: Finding) => { readonly text: string; readonly isOurs: boolean } | undefined;

/** Rows of one diagnostic that a report shows. */
const mostShown = 10;

/** The gravest first, with their numbers, limits and what to do next; what is unknown with its reason; what is well in one table. */
export function reportMarkdown(snapshot: Snapshot, advice: Advice): string {
  const { findings } = snapshot;
  const lines = [`# ${l10n.t('Diagnostics of {0}', plainMarkdown(snapshot.project))}`, '', headOf(snapshot), '', totals(findings)];
  for (const state of gravestFirst) {
    const inState = findings.filter((finding) => finding.state === state);
    if (inState.length > 0) {
      lines.push('', `## ${stateWord(state)}: ${inState.length}`);
      lines.push(...(state === 'critical' || state === 'warn' ? inState.flatMap((finding) => chapterOf(finding, advice(finding))) : listOf(inState)));
    }
  }
  return `${lines.join('\n')}\n`;
}

/** When, where, and over which way. */
export function headOf({ takenAt, environment, address, ref }: Snapshot): string {
  return `${new Date(takenAt).toISOString()} · ${environment} · ${plainMarkdown(ref)} · ${plainMarkdown(address)}`;
}

export function limitsOf({ warn, critical }: Pick<Finding, 'warn' | 'critical'>): string {
  return [...(warn === undefined ? [] : [l10n.t('warn: {0}', warn)]), ...(critical === undefined ? [] : [l10n.t('critical: {0}', critical)])].join(' · ');
}

function totals(findings: readonly Finding[]): string {
  return gravestFirst.map((state) => `${findings.filter((finding) => finding.state === state).length} ${stateWord(state)}`).join(', ');
}

function chapterOf(finding: Finding, advice: ReturnType<Advice>): string[] {
  const { title, topic, summary } = finding;
  const words = advice === undefined ? [] : ['', `**${l10n.t('What next.')}** ${advice.isOurs ? advice.text : plainMarkdown(advice.text)}`];
  return ['', `### ${plainMarkdown(title)}`, '', `${plainMarkdown(summary)}. ${plainMarkdown(topic)}; ${plainMarkdown(limitsOf(finding))}`, ...tableOf(finding), ...words];
}

/** Rows that have a name; a single number stands in the summary already. */
function tableOf({ rows, measures, rowCount = 0 }: Finding): string[] {
  const named = rows.filter(({ name }) => name !== '');
  if (named.length === 0) {
    return [];
  }
  const columns = measures.filter((measure) => measure !== countMeasure || rows.some(({ values }) => measure in values));
  const shown = named.slice(0, mostShown);
  const rest = Math.max(rowCount, named.length) - shown.length;
  return ['', ...markdownTable([l10n.t('What'), ...columns.map(plainMarkdown)], shown.map(({ name, values }) => [name, ...columns.map((column) => values[column] ?? '')].map(plainMarkdown))), ...(rest > 0 ? ['', l10n.t('and {0} more', rest)] : [])];
}

function listOf(findings: readonly Finding[]): string[] {
  return ['', ...markdownTable([l10n.t('Diagnostic'), l10n.t('Topic'), l10n.t('Verdict')], findings.map(({ title, topic, summary }) => [title, topic, summary].map(plainMarkdown)))];
}

/** A line per diagnostic. */
export function reportCsv({ takenAt, ref, findings }: Snapshot): string {
  const time = new Date(takenAt).toISOString();
  return csvTable(
    ['time', 'project', 'topic', 'diagnostic', 'verdict', 'summary', 'rows', 'warn', 'critical'],
    findings.map((finding) => [time, ref, finding.topic, finding.title, finding.state, finding.summary, String(finding.rowCount ?? ''), finding.warn ?? '', finding.critical ?? '']),
  );
}
