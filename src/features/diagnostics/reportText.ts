import { countMeasure, type Finding } from '../../core/diagnostics/finding.ts';
import type { Snapshot } from '../../core/diagnostics/snapshot.ts';
import { csvFormat } from '../../core/results/formats/csv.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { stateWord } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

/** What to do next; only the extension's own is Markdown. */
export type Advice = (finding: Finding) => { readonly text: string; readonly isOurs: boolean } | undefined;

export const gravity = ['critical', 'warn', 'unknown', 'ok'] as const;

/** Rows of one diagnostic that a report shows. */
const mostShown = 10;

/** The gravest first, with their numbers, limits and what to do next; what is unknown with its reason; what is well in one table. */
export function reportMarkdown(snapshot: Snapshot, advice: Advice): string {
  const { findings } = snapshot;
  const lines = [`# ${l10n.t('Diagnostics of {0}', plainMarkdown(snapshot.project))}`, '', headOf(snapshot), '', totals(findings)];
  for (const state of gravity) {
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
  return gravity.map((state) => `${findings.filter((finding) => finding.state === state).length} ${stateWord(state)}`).join(', ');
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
  return ['', ...tableRows([l10n.t('What'), ...columns], shown.map(({ name, values }) => [name, ...columns.map((column) => values[column] ?? '')])), ...(rest > 0 ? ['', l10n.t('and {0} more', rest)] : [])];
}

function listOf(findings: readonly Finding[]): string[] {
  return ['', ...tableRows([l10n.t('Diagnostic'), l10n.t('Topic'), l10n.t('Verdict')], findings.map(({ title, topic, summary }) => [title, topic, summary]))];
}

/** Cells are outside text. */
export function tableRows(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(plainMarkdown).join(' | ')} |`;
  return [line(head), `| ${head.map(() => '---').join(' | ')} |`, ...rows.map(line)];
}

/** A line per diagnostic; what a spreadsheet would take for a formula is none (SAFETY 18). */
export function reportCsv({ takenAt, ref, findings }: Snapshot): string {
  const names = ['time', 'project', 'topic', 'diagnostic', 'verdict', 'summary', 'rows', 'warn', 'critical'];
  const format = csvFormat(names.map((name) => ({ name, type: 'text', category: 'text' })), { header: true, safeForSpreadsheets: true });
  const time = new Date(takenAt).toISOString();
  const line = (finding: Finding) =>
    format.row([time, ref, finding.topic, finding.title, finding.state, finding.summary, String(finding.rowCount ?? ''), finding.warn ?? '', finding.critical ?? ''].map(visibleLine));
  return [format.begin(), ...findings.map(line), format.end()].join('');
}
