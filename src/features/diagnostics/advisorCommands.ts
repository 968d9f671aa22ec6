/** What can be done with a finding of Supabase's advisors; read with the first of these commands. */
import type { AdvisorFinding } from '../../core/advisors/finding.ts';
import type { Mutes } from '../../core/advisors/mutes.ts';
import { OpsError } from '../../core/errors.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { Clock, SqlGrammar } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import type { Documents } from '../../host/documents.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { nodeOf } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { isAdviceNode, levelWord, muteScope, objectName, type AdviceNode, type Advisors } from './advisors.ts';

export interface AdvisorNeeds {
  readonly session: Session;
  readonly advisors: Advisors;
  readonly mutes: Mutes;
  readonly documents: Pick<Documents, 'showReport' | 'openAt'>;
  readonly places: Pick<PlaceReader, 'sqlFiles'>;
  readonly grammar: SqlGrammar;
  readonly clock: Clock;
  readonly ui: Ui;
}

/** The row's finding, or one that is picked among those that will do. */
export async function adviceOf({ session, advisors, ui }: AdvisorNeeds, argument: unknown, title: string, willDo: (node: AdviceNode) => boolean): Promise<AdviceNode> {
  const node = nodeOf(argument);
  if (isAdviceNode(node)) {
    return node;
  }
  const connection = session.connection();
  const list = (await ui.progress(l10n.t('Reading the advisors'), async (signal) => advisors.list(connection, signal))).filter(willDo);
  if (list.length === 0) {
    throw new OpsError('notFound', { what: l10n.t('A finding of the advisors') });
  }
  return ui.pick(
    title,
    list.map((known) => ({ label: visibleLine(known.finding.title), description: levelWord(known.finding.level), detail: visibleLine(known.finding.detail), icon: known.mute ? 'bell-slash' : 'shield', value: known })),
  );
}

/** A report with all that the advisor said. */
export const showAdvice = (needs: AdvisorNeeds) => async (argument?: unknown): Promise<void> => {
  const node = await adviceOf(needs, argument, l10n.t('Show which finding?'), () => true);
  await needs.documents.showReport(`Advice ${visibleLine(node.finding.title)} ${node.finding.object?.name ?? ''}`.trim() + '.md', adviceText(node));
};

function adviceText({ finding, mute }: AdviceNode): string {
  const { kind, title, level, detail, description, object } = finding;
  const about = object ? ` · ${plainMarkdown(objectName(object))}${object.type === undefined ? '' : ` (${plainMarkdown(object.type)})`}` : '';
  const guide = guideOf(finding);
  return [
    `# ${plainMarkdown(title)}`,
    '',
    `${levelWord(level)} · ${kind === 'security' ? l10n.t('security') : l10n.t('performance')}${about}`,
    '',
    plainMarkdown(detail),
    ...(level === 'unchecked' ? ['', l10n.t('The advisor could not look: this says neither that all is well nor that it is not.')] : []),
    ...(mute ? ['', `**${l10n.t('Muted on {0}', new Date(mute.at).toISOString().slice(0, 10))}**: ${plainMarkdown(mute.reason)}`] : []),
    ...(description === '' ? [] : ['', `## ${l10n.t('What is looked for')}`, '', plainMarkdown(description)]),
    ...(guide === undefined ? [] : ['', `## ${l10n.t('What to do')}`, '', `<${guide}>`]),
    '',
  ].join('\n');
}

/** An address of Supabase's own pages; any other is not opened, wherever it leads. */
function guideOf({ guide }: AdvisorFinding): string | undefined {
  const url = guide !== undefined && URL.canParse(guide) ? new URL(guide) : undefined;
  const isSupabase = url?.protocol === 'https:' && (url.hostname === 'supabase.com' || url.hostname.endsWith('.supabase.com'));
  return isSupabase ? url.href : undefined;
}

export const openGuide = (needs: AdvisorNeeds) => async (argument?: unknown): Promise<void> => {
  const { finding } = await adviceOf(needs, argument, l10n.t('Open the guide of which finding?'), (node) => guideOf(node.finding) !== undefined);
  const guide = guideOf(finding);
  if (guide === undefined) {
    throw new OpsError('notFound', { what: l10n.t('A page of Supabase on {0}', visibleLine(finding.title)) });
  }
  await needs.ui.openExternal(guide);
};

export const muteAdvice = (needs: AdvisorNeeds) => async (argument?: unknown): Promise<void> => {
  const connection = needs.session.connection();
  const { finding } = await adviceOf(needs, argument, l10n.t('Mute which finding?'), ({ mute }) => mute === undefined);
  const reason = await needs.ui.ask({
    title: l10n.t('Mute “{0}”', visibleLine(finding.title)),
    prompt: l10n.t('Why? Kept on this machine, for this folder and project; the finding stays listed under Muted.'),
    check: (text) => (text.trim() === '' ? l10n.t('Give a reason.') : undefined),
  });
  await needs.mutes.mute(muteScope(connection), finding, { reason: reason.trim(), at: needs.clock.now() });
};

export const unmuteAdvice = (needs: AdvisorNeeds) => async (argument?: unknown): Promise<void> => {
  const connection = needs.session.connection();
  const { finding } = await adviceOf(needs, argument, l10n.t('Show which muted finding again?'), ({ mute }) => mute !== undefined);
  await needs.mutes.unmute(muteScope(connection), finding);
};
