import { measureHealth } from '../../core/health/measure.ts';
import type { HealthRow } from '../../core/health/report.ts';
import type { Connection } from '../../core/project/connection.ts';
import { describeTail, tailRowStates, type ActiveTails, type TailState } from '../../core/logs/activeTails.ts';
import { serviceTailKey, servicesOfHealthRow } from '../../core/logs/services.ts';
import type { Session } from '../../core/project/session.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, type Row } from '../../host/row.ts';
import { ofShownProject, shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { Emitter } from '../../util/event.ts';
import { visibleLine } from '../../util/visible.ts';

/** A service, or a number of the database with its limit. */
export interface HealthNode {
  readonly kind: 'service' | 'measure';
  readonly ref: string;
  readonly row: HealthRow;
  /** Of its logs. */
  readonly tail?: TailState;
}

export interface HealthTreeNeeds {
  readonly session: Session;
  readonly tails: Pick<ActiveTails, 'state' | 'onDidChange'>;
}

export function isHealthNode(value: unknown): value is HealthNode {
  return typeof value === 'object' && value !== null && 'kind' in value && (value.kind === 'service' || value.kind === 'measure') && 'row' in value;
}

export function healthTree({ session, tails }: HealthTreeNeeds): TreeSource<HealthNode> {
  const changed = new Emitter<void>();
  /** A tail that begins or waits changes a row, and is no reason to measure again. */
  let measured: { readonly connection: Connection; readonly rows: Promise<readonly HealthRow[]> } | undefined;
  const again = () => {
    measured = undefined;
    changed.fire();
  };
  session.onDidChange(again);
  session.onDidRefresh(again);
  tails.onDidChange(() => changed.fire());
  const rowsOf = async (connection: Connection, signal: AbortSignal): Promise<readonly HealthRow[]> => {
    const current = measured?.connection === connection ? measured : { connection, rows: measureHealth(connection, { signal, priority: 'view' }) };
    measured = current;
    try {
      return await current.rows;
    } catch (error) {
      measured = measured === current ? undefined : measured;
      throw error;
    }
  };
  return {
    children: async (node) => (node ? [] : ofShownProject<HealthNode>(session, async (connection, signal) => (await rowsOf(connection, signal)).map((row) => toNode(connection.project.ref, row, tails)))),
    row: healthRow,
    onDidChange: changed.event,
    scope: () => shownConnection(session),
  };
}

function toNode(ref: string, row: HealthRow, tails: HealthTreeNeeds['tails']): HealthNode {
  const services = row.kind === 'service' ? servicesOfHealthRow(row.id) : undefined;
  const tail = services && tails.state(ref, serviceTailKey(services));
  return { kind: row.kind, ref, row, ...(tail ? { tail } : {}) };
}

export function healthRow({ kind, row, tail }: HealthNode): Row {
  const description = [...(tail ? [describeTail(tail)] : []), describeHealth(row)].map(visibleLine).join(' · ');
  return {
    id: `${kind}/${row.id}`,
    kind,
    label: visibleLine(row.label),
    description,
    tooltip: [visibleLine(row.label), description, ...(row.detail ?? []).map(visibleLine)],
    icon: stateIcon(row.state),
    states: kind === 'service' && servicesOfHealthRow(row.id) ? ['logs', ...tailRowStates(tail)] : [],
    click: 'health.showDetails',
  };
}

/** The number and its limit; where asking failed, why. */
export function describeHealth({ description, error }: HealthRow): string {
  return error ? errorMessage(error).message : visibleLine(description);
}
