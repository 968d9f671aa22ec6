import { measureHealth } from '../../core/health/measure.ts';
import type { HealthRow } from '../../core/health/report.ts';
import { servicesOfHealthRow } from '../../core/logs/services.ts';
import type { Session } from '../../core/project/session.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, type Row } from '../../host/row.ts';
import { ofShownProject, shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { Emitter } from '../../util/event.ts';
import { visibleLine } from '../../util/visible.ts';

/** A service, or a number of the database with its limit. */
export type HealthNode = { readonly kind: 'service' | 'measure'; readonly row: HealthRow };

export interface HealthTreeNeeds {
  readonly session: Session;
}

export function isHealthNode(value: unknown): value is HealthNode {
  return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'service' || value.kind === 'measure') && 'row' in value;
}

export function healthTree({ session }: HealthTreeNeeds): TreeSource<HealthNode> {
  const changed = new Emitter<void>();
  session.onDidChange(() => changed.fire());
  session.onDidRefresh(() => changed.fire());
  return {
    children: async (node) => (node ? [] : ofShownProject(session, async (connection, signal) => (await measureHealth(connection, { signal, priority: 'view' })).map((row) => ({ kind: row.kind, row })))),
    row: healthRow,
    onDidChange: changed.event,
    scope: () => shownConnection(session),
  };
}

export function healthRow({ kind, row }: HealthNode): Row {
  const description = describeHealth(row);
  return {
    id: `${kind}/${row.id}`,
    kind,
    label: visibleLine(row.label),
    description,
    tooltip: [visibleLine(row.label), description, ...(row.detail ?? []).map(visibleLine)],
    icon: stateIcon(row.state),
    states: kind === 'service' && servicesOfHealthRow(row.id) ? ['logs'] : [],
    click: 'health.showDetails',
  };
}

/** The number and its limit; where asking failed, why. */
export function describeHealth({ description, error }: HealthRow): string {
  return error ? errorMessage(error).message : visibleLine(description);
}
