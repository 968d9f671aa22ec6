import { views } from '../../contributions.ts';
import { measureHealth } from '../../core/health/measure.ts';
import type { HealthRow } from '../../core/health/report.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Documents } from '../../host/documents.ts';
import { nodeOf, stateWord } from '../../host/row.ts';
import { registerTree } from '../../host/tree.ts';
import type { Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';
import { describeHealth, healthTree, isHealthNode, type HealthTreeNeeds } from './tree.ts';

export interface HealthNeeds extends HealthTreeNeeds {
  readonly commands: CommandRegistry;
  readonly documents: Documents;
  readonly clock: Clock;
  readonly ui: Ui;
}

export function registerHealth(needs: HealthNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(registerTree(views.health, healthTree(needs)));
  owned.add(needs.commands.register('health.report', runHealthCheck(needs)));
  owned.add(needs.commands.register('health.showDetails', showDetails(needs)));
  return owned;
}

/** Asks everything anew and opens a report; a step of a manual that checks health ends here. */
const runHealthCheck =
  ({ session, documents, ui, clock }: HealthNeeds) =>
  async (): Promise<void> => {
    const connection = session.connection();
    session.forget(connection, 'services', 'functions');
    const rows = await ui.progress(l10n.t('Checking {0}', connection.project.name), async (signal) => measureHealth(connection, { signal, priority: 'user' }));
    await documents.showReport(`Health of ${connection.project.name}.md`, report(connection, rows, clock.now()));
  };

const gravity = ['critical', 'warn', 'unknown', 'ok'] as const;

function report({ project }: Connection, rows: readonly HealthRow[], now: number): string {
  const sorted = [...rows].sort((a, b) => gravity.indexOf(a.state) - gravity.indexOf(b.state));
  return [
    `# ${l10n.t('Health of {0}', cell(project.name))}`,
    '',
    `${new Date(now).toISOString()} · ${project.environment} · ${project.ref}`,
    '',
    `| ${l10n.t('state')} | ${l10n.t('what')} | ${l10n.t('value')} |`,
    '| --- | --- | --- |',
    ...sorted.map((row) => `| ${stateWord(row.state)} | ${cell(row.label)} | ${cell([describeHealth(row), ...(row.detail ?? [])].join(' · '))} |`),
    '',
  ].join('\n');
}

/** Outside text in a table of ours: its marks mean nothing. */
function cell(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]<>#|]/g, (mark) => `\\${mark}`)
    .replaceAll('\n', ' ');
}

const showDetails =
  (needs: HealthNeeds) =>
  async (argument?: unknown): Promise<void> => {
    const connection = needs.session.connection();
    const node = nodeOf(argument);
    const row = isHealthNode(node) ? node.row : await pickRow(needs, connection);
    const lines = [`# ${cell(row.label)}`, '', `**${stateWord(row.state)}** · ${cell(describeHealth(row))}`, ...(row.detail ?? []).map((line) => `\n${cell(line)}`), ''];
    await needs.documents.showReport(`${row.label}.md`, lines.join('\n'));
  };

async function pickRow({ ui }: HealthNeeds, connection: Connection): Promise<HealthRow> {
  return ui.pick(
    l10n.t('Health of what?'),
    measureHealth(connection, { signal: AbortSignal.timeout(60_000), priority: 'user' }).then((rows) => rows.map((row) => ({ label: visible(row.label), description: describeHealth(row), value: row }))),
  );
}
