import type { Change, Move } from '../../core/diagnostics/compare.ts';
import type { Finding } from '../../core/diagnostics/finding.ts';
import type { Snapshot } from '../../core/diagnostics/snapshot.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { markdownTable } from '../../host/reportTables.ts';
import { stateWord } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { headOf, limitsOf } from './reportText.ts';

/** Of one diagnostic. */
const mostShown = 10;

/** What became better or worse first, then the numbers that moved; what cannot be told says why. */
export function comparisonMarkdown(before: Snapshot, after: Snapshot, changes: readonly Change[]): string {
  const lines = [
    `# ${l10n.t('Diagnostics of {0}, before and after', plainMarkdown(after.project))}`,
    '',
    `- ${l10n.t('Before: {0}', headOf(before))}`,
    `- ${l10n.t('After: {0}', headOf(after))}`,
  ];
  if (before.address !== after.address) {
    lines.push('', l10n.t('They were asked over different ways, with different rights: rows may differ for that alone.'));
  }
  for (const kind of ['worse', 'better', 'unclear', 'moved', 'new', 'gone'] as const) {
    const ofKind = changes.filter((change) => change.kind === kind);
    if (ofKind.length > 0) {
      lines.push('', `## ${kindWord(kind)}: ${ofKind.length}`, ...ofKind.flatMap(chapterOf));
    }
  }
  const same = changes.filter(({ kind }) => kind === 'same');
  lines.push('', `## ${l10n.t('The same')}: ${same.length}`, '', same.map(({ after: finding }) => (finding ? `${plainMarkdown(finding.title)} (${stateWord(finding.state)})` : '')).join(', '));
  return `${lines.join('\n').trimEnd()}\n`;
}

function kindWord(kind: Exclude<Change['kind'], 'same'>): string {
  switch (kind) {
    case 'worse':
      return l10n.t('Worse');
    case 'better':
      return l10n.t('Better');
    case 'unclear':
      return l10n.t('Unknown before or after');
    case 'moved':
      return l10n.t('Same verdict, other numbers');
    case 'new':
      return l10n.t('Only after');
    case 'gone':
      return l10n.t('Only before');
    default:
      return kind satisfies never;
  }
}

function chapterOf({ before, after, otherLimits, moves, came, went }: Change): string[] {
  const title = plainMarkdown((after ?? before)?.title ?? '');
  return [
    '',
    `### ${title}`,
    '',
    verdictLine(before, after),
    ...(otherLimits && before && after ? ['', l10n.t('The limits are others: {0}; before {1}.', plainMarkdown(limitsOf(after)), plainMarkdown(limitsOf(before)))] : []),
    ...(moves.length === 0 ? [] : ['', ...markdownTable([l10n.t('What'), l10n.t('Before'), l10n.t('After'), l10n.t('Change')], moves.slice(0, mostShown).map((move) => moveCells(move).map(plainMarkdown))), ...restOf(moves)]),
    ...rowList(l10n.t('Came'), came),
    ...rowList(l10n.t('Gone'), went),
  ];
}

function verdictLine(before: Finding | undefined, after: Finding | undefined): string {
  const said = (finding: Finding) => `**${stateWord(finding.state)}** (${plainMarkdown(finding.summary)})`;
  return [before, after].flatMap((finding) => (finding ? [said(finding)] : [])).join(' → ');
}

function moveCells({ name, measure, before, after, by, percent }: Move): string[] {
  const share = percent === undefined ? [] : [`${percent > 0 ? '+' : ''}${percent} %`];
  return [name === '' ? measure : `${name}: ${measure}`, before, after, [...(by === undefined ? [] : [by]), ...share].join(', ')];
}

function rowList(word: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : ['', `${word}: ${names.slice(0, mostShown).map(plainMarkdown).join('; ')}`, ...restOf(names)];
}

function restOf(all: readonly unknown[]): string[] {
  return all.length > mostShown ? ['', l10n.t('and {0} more', all.length - mostShown)] : [];
}
