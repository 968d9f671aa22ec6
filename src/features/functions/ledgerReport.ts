import type { Deployment } from '../../core/functions/ledger.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Documents } from '../../host/documents.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

export interface LedgerReportNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly ui: Ui;
  /** What this machine's ledger holds of the project, oldest first. */
  readonly deployments: (connection: Connection) => Promise<readonly Deployment[]>;
}

/** The ledger of this project as a Markdown report, newest first; the same as CSV on request. */
export const showLedger =
  ({ session, deployments, documents, ui }: LedgerReportNeeds) =>
  async (): Promise<void> => {
    const connection = session.connection();
    const { project } = connection;
    const newest = (await deployments(connection)).filter(({ intent }) => intent.ref === project.ref).reverse();
    const format = await ui.pick(l10n.t('Deploys of {0} made from this machine: {1}', visible(project.name), newest.length), [
      { label: 'Markdown', icon: 'markdown', value: 'md' as const },
      { label: 'CSV', icon: 'table', value: 'csv' as const },
    ]);
    await documents.showReport(`Deploys of ${project.name}.${format}`, format === 'md' ? ledgerMarkdown(project.name, newest) : ledgerCsv(newest));
  };

const columns = ['time', 'function', 'action', 'from', 'version before', 'version after', 'result', 'who', 'reason'] as const;

function cells({ intent, conclusion }: Deployment): string[] {
  const { origin } = intent;
  return [
    new Date(intent.at).toISOString(),
    intent.slug,
    intent.action,
    'commit' in origin && origin.commit !== undefined ? origin.commit : origin.kind,
    String(intent.versionBefore ?? ''),
    String(conclusion?.versionAfter ?? ''),
    conclusion?.result ?? l10n.t('open'),
    intent.who,
    intent.reason ?? '',
  ];
}

function ledgerMarkdown(project: string, deployments: readonly Deployment[]): string {
  const escape = (text: string) => visible(text).replace(/[\\`*_{}[\]<>#|]/g, (mark) => `\\${mark}`);
  const row = (texts: readonly string[]) => `| ${texts.map(escape).join(' | ')} |`;
  return [`# ${l10n.t('Deploys of {0} from this machine', escape(project))}`, '', row(columns), row(columns.map(() => '---')), ...deployments.map((deployment) => row(cells(deployment))), ''].join('\n');
}

/** What a spreadsheet would take for a formula gets an apostrophe before it (SAFETY 18). */
function ledgerCsv(deployments: readonly Deployment[]): string {
  const cell = (text: string) => `"${(/^[=+\-@\t]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return [columns.map(cell), ...deployments.map((deployment) => cells(deployment).map(cell))].map((row) => row.join(',')).join('\r\n');
}
