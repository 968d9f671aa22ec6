import { OpsError, asFailure } from '../../core/errors.ts';
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import { reasonOf, type Deployment } from '../../core/functions/ledger.ts';
import { versionGaps, type VersionGap } from '../../core/functions/ownDeploys.ts';
import type { TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Documents } from '../../host/documents.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { csvTable, markdownTable } from '../../host/reportTables.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export interface LedgerReportNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly ui: Ui;
  /** What this machine's ledger holds of the project, oldest first. */
  readonly deployments: (connection: Connection) => Promise<readonly Deployment[]>;
  /** What colleagues' notes tell, oldest first; empty when nothing is shared. Outside text. */
  readonly team: (connection: Connection, signal: AbortSignal) => Promise<readonly TeamDeploy[]>;
}

/** The ledger of this project as a Markdown report, newest first; the same as CSV on request. */
export const showLedger =
  ({ session, deployments, team, documents, ui }: LedgerReportNeeds) =>
  async (): Promise<void> => {
    const connection = session.connection();
    const { project } = connection;
    // Own deploys are shown whatever is the matter with the notes.
    const [all, told] = await Promise.all([deployments(connection), team(connection, AbortSignal.timeout(30_000)).catch(asFailure)]);
    const own = all.filter(({ intent }) => intent.ref === project.ref);
    const colleagues = told instanceof OpsError ? [] : told;
    const live = await liveFunctions(connection);
    const slugs = [...new Set(own.map(({ intent }) => intent.slug))];
    const gaps = slugs.flatMap((slug) => versionGaps(slug, own, live.find((fn) => fn.slug === slug), colleagues).map((gap) => gapEntry(slug, gap)));
    const newest = [...own.map(ownEntry), ...colleagues.map(teamEntry), ...gaps].toSorted((a, b) => b.at - a.at).map(({ cells }) => cells);
    const more = told instanceof OpsError ? [l10n.t('what the team tells could not be read')] : told.length === 0 ? [] : [l10n.t('told by the team: {0}', told.length)];
    const format = await ui.pick([l10n.t('Deploys of {0} made from this machine: {1}', visible(project.name), own.length), ...more].join(', '), [
      { label: 'Markdown', icon: 'markdown', value: 'md' as const },
      { label: 'CSV', icon: 'table', value: 'csv' as const },
    ]);
    await documents.showReport(`Deploys of ${project.name}.${format}`, format === 'md' ? ledgerMarkdown(project.name, newest) : csvTable(columns, newest));
  };

const columns = ['time', 'function', 'action', 'from', 'version before', 'version after', 'result', 'who', 'reason', 'told by'] as const;

interface Entry {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly cells: readonly string[];
}

function ownEntry(deployment: Deployment): Entry {
  const { intent, conclusion } = deployment;
  const { origin } = intent;
  const cells = [
    new Date(intent.at).toISOString(),
    intent.slug,
    intent.action,
    'commit' in origin && origin.commit !== undefined ? origin.commit : origin.kind,
    String(intent.versionBefore ?? ''),
    String(conclusion?.versionAfter ?? ''),
    conclusion?.result ?? l10n.t('open'),
    intent.who,
    reasonOf(deployment) ?? '',
    l10n.t('this machine'),
  ];
  return { at: intent.at, cells };
}

function teamEntry({ at, slug, action, exact, commit, versionBefore, versionAfter, who, reason }: TeamDeploy): Entry {
  const from = exact ? commit : l10n.t('not as in {0}', commit);
  return { at, cells: [new Date(at).toISOString(), slug, action, from, String(versionBefore ?? ''), String(versionAfter ?? ''), 'deployed', who, reason ?? '', l10n.t('a note of the team')] };
}

function gapEntry(slug: string, { from, to, after, before }: VersionGap): Entry {
  const span = l10n.t('between {0} and {1}', new Date(after).toISOString(), new Date(before).toISOString());
  return { at: before, cells: [span, slug, l10n.t('deployed elsewhere'), '', String(from - 1), String(to), 'deployed', '', '', l10n.t('version numbers')] };
}

/** What is live closes the last gap; where it cannot be asked the gap is left out. */
async function liveFunctions({ management, data }: Connection): Promise<readonly EdgeFunction[]> {
  return management.kind === 'absent' ? [] : data.functions({ signal: AbortSignal.timeout(10_000), priority: 'view' }).catch(() => []);
}

function ledgerMarkdown(project: string, rows: readonly (readonly string[])[]): string {
  return [`# ${l10n.t('Deploys of {0}', plainMarkdown(project))}`, '', ...markdownTable(columns, rows.map((row) => row.map(plainMarkdown))), ''].join('\n');
}
