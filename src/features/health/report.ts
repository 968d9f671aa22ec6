import { gravestFirst } from '../../core/health/health.ts';
import { measureHealth } from '../../core/health/measure.ts';
import type { HealthRow } from '../../core/health/report.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { Documents } from '../../host/documents.ts';
import { plainMarkdown } from '../../host/plainText.ts';
import { markdownTable } from '../../host/reportTables.ts';
import { nodeOf, stateWord } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { describeHealth, isHealthNode } from './tree.ts';

export interface ReportNeeds {
  readonly session: Session;
  readonly documents: Pick<Documents, 'showReport'>;
  readonly clock: Clock;
  readonly ui: Ui;
}

/** Asks everything anew and opens a report; a step of a manual that checks health ends here. */
export const runHealthCheck =
  ({ session, documents, ui, clock }: ReportNeeds) =>
  async (): Promise<void> => {
    const connection = session.connection();
    session.forget(connection, 'services', 'functions');
    const rows = await ui.progress(l10n.t('Checking {0}', visibleLine(connection.project.name)), async (signal) => measureHealth(connection, { signal, priority: 'user' }));
    await documents.showReport(`Health of ${connection.project.name}.md`, report(connection, rows, clock.now()));
  };

function report({ project }: Connection, rows: readonly HealthRow[], now: number): string {
  const sorted = [...rows].sort((a, b) => gravestFirst.indexOf(a.state) - gravestFirst.indexOf(b.state));
  const head = [l10n.t('state'), l10n.t('what'), l10n.t('value')];
  const cells = sorted.map((row) => [stateWord(row.state), plainMarkdown(row.label), plainMarkdown([describeHealth(row), ...(row.detail ?? [])].join(' · '))]);
  const [titles = [], ...body] = aligned([head, ...cells]);
  return [
    `# ${l10n.t('Health of {0}', plainMarkdown(project.name))}`,
    '',
    `${new Date(now).toISOString()} · ${project.environment} · ${project.ref}`,
    '',
    ...markdownTable(titles, body),
    '',
  ].join('\n');
}

/** Columns but the last get one width each, so that the table can also be read as text. */
function aligned(rows: readonly (readonly string[])[]): string[][] {
  const widths = (rows[0] ?? []).slice(0, -1).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
}

export const showDetails =
  (needs: ReportNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = nodeOf(argument);
    const row = isHealthNode(node) ? node.row : await pickRow(needs, connection);
    const lines = [`# ${plainMarkdown(row.label)}`, '', `**${stateWord(row.state)}** · ${plainMarkdown(describeHealth(row))}`, ...(row.detail ?? []).map((line) => `\n${plainMarkdown(line)}`), ''];
    await needs.documents.showReport(`${row.label}.md`, lines.join('\n'));
  };

async function pickRow({ ui }: ReportNeeds, connection: Connection): Promise<HealthRow> {
  return ui.pick(
    l10n.t('Health of what?'),
    measureHealth(connection, { signal: AbortSignal.timeout(60_000), priority: 'user' }).then((rows) => rows.map((row) => ({ label: visibleLine(row.label), description: describeHealth(row), value: row }))),
  );
}
