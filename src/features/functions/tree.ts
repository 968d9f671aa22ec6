import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { ActiveTails, TailState } from '../../core/logs/activeTails.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { HealthState } from '../../core/health/health.ts';
import { stateIcon, type Row, type RowIcon } from '../../host/row.ts';
import type { TreeSource } from '../../host/tree.ts';
import { age } from '../../util/age.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

/** A function of the project, of the place, or of both. */
export interface FunctionNode {
  readonly kind: 'function';
  readonly slug: string;
  readonly ref: string;
  /** Absent: in the repository and not deployed. */
  readonly deployed?: EdgeFunction;
  /** Its sources are in the place. */
  readonly local: boolean;
  /** Of the last hour; absent without invocations, or where the logs cannot be read. */
  readonly statistics?: FunctionStatistics;
}

export function isFunctionNode(value: unknown): value is FunctionNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'function' && 'slug' in value && typeof value.slug === 'string';
}

export interface FunctionsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly places: Pick<PlaceReader, 'functions'>;
}

/** Deployed and local functions by slug. Both lists are asked for at once; where there is no Management API the local ones are shown. */
export async function listFunctions({ places }: Pick<FunctionsNeeds, 'places'>, connection: Connection, signal: AbortSignal): Promise<readonly FunctionNode[]> {
  const [deployed, local, statistics] = await Promise.all([
    connection.management.kind === 'available' ? connection.data.functions({ signal, priority: 'view' }) : [],
    places.functions(connection.place, signal),
    // Numbers are an extra: a token that may not read logs still sees its functions.
    connection.data.statistics({ signal, priority: 'view' }).catch(() => undefined),
  ]);
  const { ref } = connection.project;
  const here = new Set(local);
  const there = new Map(deployed.map((fn) => [fn.slug, fn]));
  return [...new Set([...there.keys(), ...here])].sort().map((slug) => {
    const fn = there.get(slug);
    const counted = fn && statistics?.get(fn.id);
    return { kind: 'function', slug, ref, local: here.has(slug), ...(fn ? { deployed: fn } : {}), ...(counted ? { statistics: counted } : {}) };
  });
}

export function functionsTree(needs: FunctionsNeeds): TreeSource<FunctionNode> {
  const { session, tails } = needs;
  const changed = new Emitter<void>();
  session.onDidChange(() => changed.fire());
  session.onDidRefresh(() => changed.fire());
  tails.onDidChange(() => changed.fire());
  return {
    children: async (node) => {
      if (node || session.state.kind !== 'connected') {
        return [];
      }
      const { connection } = session.state;
      const nodes = await listFunctions(needs, connection, AbortSignal.timeout(60_000));
      return session.isCurrent(connection) ? nodes : [];
    },
    row: (node) => functionRow(node, tails.state(node.ref, node.slug), needs.clock.now()),
    onDidChange: changed.event,
  };
}

export function functionRow(node: FunctionNode, tail: TailState | undefined, now: number): Row {
  const { deployed } = node;
  const parts = deployed
    ? [`v${deployed.version}`, age(deployed.updatedAt, now), ...(deployed.status === 'ACTIVE' ? [] : [deployed.status.toLowerCase()]), ...(node.local ? [] : [l10n.t('not in the repository')]), ...numbers(node.statistics)]
    : [l10n.t('not deployed')];
  if (tail) {
    parts.push(tail.kind === 'following' ? l10n.t('tailing') : l10n.t('tail waits: {0}', tail.because));
  }
  return {
    id: `function/${node.slug}`,
    kind: 'function',
    label: visible(node.slug),
    description: visible(parts.join(' · ')),
    tooltip: tooltip(node),
    icon: icon(node),
    states: [...(deployed ? ['deployed'] : []), ...(node.local ? ['local'] : []), ...(tail ? ['tailing'] : [])],
    click: 'functions.openSource',
  };
}

/** `7.2 % errors`, `p95 640 ms`; nothing for a function that nobody called. */
function numbers(statistics: FunctionStatistics | undefined): string[] {
  if (!statistics || statistics.requests === 0) {
    return [];
  }
  const rate = l10n.t('{0} % errors', (errorRate(statistics) * 100).toFixed(statistics.errors === 0 ? 0 : 1));
  return [rate, ...(statistics.p95Ms === undefined ? [] : [l10n.t('p95 {0} ms', Math.round(statistics.p95Ms))])];
}

function errorRate({ errors, requests }: FunctionStatistics): number {
  return requests === 0 ? 0 : errors / requests;
}

/** The manuals' limits: functions should err below 1 %, and above 5 % somebody must be told. */
function icon({ deployed, statistics }: FunctionNode): RowIcon {
  if (!deployed) {
    return { name: 'circle-outline' };
  }
  const states: Record<string, HealthState> = { ACTIVE: 'ok', THROTTLED: 'warn', REMOVED: 'critical' };
  const state = states[deployed.status] ?? 'unknown';
  if (state !== 'ok' || !statistics) {
    return stateIcon(state);
  }
  const rate = errorRate(statistics);
  return stateIcon(rate > 0.05 ? 'critical' : rate > 0.01 ? 'warn' : 'ok');
}

function tooltip({ slug, deployed, local, statistics }: FunctionNode): string[] {
  if (!deployed) {
    return [visible(slug), l10n.t('In the repository, not deployed')];
  }
  return [
    visible(deployed.name),
    l10n.t('Version {0}, {1}', deployed.version, visible(deployed.status)),
    l10n.t('Deployed {0}', new Date(deployed.updatedAt).toISOString()),
    ...(deployed.verifyJwt === undefined ? [] : [deployed.verifyJwt ? l10n.t('Asks for a JWT') : l10n.t('Answers without a JWT')]),
    ...(local ? [] : [l10n.t('Deployed, not in the repository')]),
    ...(statistics ? [l10n.t('Last hour: {0} requests, {1} answered with 5xx', statistics.requests, statistics.errors)] : []),
  ];
}
