import { errorMessage } from '../../host/errorMessage.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { markdownTable } from '../../host/reportTables.ts';
import { stateWord } from '../../host/row.ts';
import { l10n } from '../../util/l10n.ts';
import { failureWords, groupWord, levelWord, objectName, type AdviceNode, type GroupNode } from './advisors.ts';

/** What the advisors said, or why they could not be asked: an advisor that is silent has not found all well. */
export type Advised = readonly GroupNode[] | { readonly failure: unknown };

/** A chapter of the report: what they found by its gravity, and apart what somebody put aside, with the reason. */
export function advisorsChapter(advised: Advised): string {
  const lines = ['', `## ${l10n.t('Supabase’s advisors')}`];
  if ('failure' in advised) {
    return [...lines, '', unknownLine(errorMessage(advised.failure).message), ''].join('\n');
  }
  for (const { group, advice, failure, muted = 0 } of advised) {
    lines.push('', `### ${groupWord(group)}`, '');
    if (failure !== undefined) {
      lines.push(unknownLine(failureWords(failure)));
    } else if (advice.length === 0) {
      lines.push(muted === 0 ? l10n.t('Nothing found.') : l10n.t('Nothing found but what is muted.'));
    } else {
      lines.push(...(group === 'muted' ? mutedTable(advice) : foundTable(advice)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function unknownLine(why: string): string {
  return `${stateWord('unknown')}: ${plainMarkdown(why)}`;
}

function foundTable(advice: readonly AdviceNode[]): string[] {
  const rows = advice.map(({ finding }) => [levelWord(finding.level), ...namesOf(finding), finding.detail].map(plainMarkdown));
  return markdownTable([l10n.t('Gravity'), l10n.t('Finding'), l10n.t('What'), l10n.t('In words')], rows);
}

function mutedTable(advice: readonly AdviceNode[]): string[] {
  const rows = advice.map(({ finding, mute }) => [...namesOf(finding), mute === undefined ? '' : new Date(mute.at).toISOString().slice(0, 10), mute?.reason ?? ''].map(plainMarkdown));
  return markdownTable([l10n.t('Finding'), l10n.t('What'), l10n.t('Since'), l10n.t('Reason')], rows);
}

function namesOf({ title, object }: AdviceNode['finding']): string[] {
  return [title, object === undefined ? '' : objectName(object)];
}
