import type { LiveCommits } from '../../core/functions/liveCommits.ts';
import { versionGaps } from '../../core/functions/ownDeploys.ts';
import type { HealthState } from '../../core/health/health.ts';
import { describeTail, tailRowStates } from '../../core/logs/activeTails.ts';
import { hasHealthRow } from '../../core/logs/services.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Row } from '../../host/row.ts';
import { ofShownProject, shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { Emitter } from '../../util/event.ts';
import { visibleLine } from '../../util/visible.ts';
import { functionIcon, functionRow } from './functionRow.ts';
import { listFunctions, type FunctionsNeeds } from './list.ts';
import type { CommitNode, FunctionNode, FunctionsNode, TailNode } from './nodes.ts';
import { commitRow, deploymentRow, gapRow, noCommitsRow, teamDeployRow } from './pastRows.ts';

export function functionsTree(needs: FunctionsNeeds): TreeSource<FunctionsNode> {
  const { session, tails, live } = needs;
  const changed = new Emitter<void>();
  const again = () => changed.fire();
  session.onDidChange(again);
  session.onDidRefresh(() => {
    live.forget();
    again();
  });
  tails.onDidChange(again);
  live.onDidChange(again);
  return {
    children: async (node) => {
      if (node && node.kind !== 'function') {
        return [];
      }
      return ofShownProject<FunctionsNode>(session, async (connection, signal) => (node ? pastNodes(needs, connection, node, signal) : functionNodes(needs, connection, signal)));
    },
    row: (node) => rowOf(node, needs),
    onDidChange: changed.event,
    scope: () => shownConnection(session),
  };
}

/** The list as it is known; which commits are live fills in behind it. */
async function functionNodes(needs: FunctionsNeeds, connection: Connection, signal: AbortSignal): Promise<readonly FunctionsNode[]> {
  const { session, live } = needs;
  const nodes = await listFunctions(needs, connection, signal);
  const unknown = nodes.flatMap(({ deployed }) => (deployed && live.isOpen(connection.project.ref, deployed) ? [deployed] : []));
  if (unknown.length > 0 && session.isCurrent(connection)) {
    void live.look(connection, unknown);
  }
  const own = needs.tails.all.filter(({ ref, key }) => ref === connection.project.ref && !hasHealthRow(key) && !nodes.some(({ slug }) => slug === key));
  return [...own.map(({ ref, key, name, state }): TailNode => ({ kind: 'tail', ref, key, name, state })), ...gravestFirst(nodes.map((known) => withLive(known, live)))];
}

/** What fails must not be looked for below the fold; the rest stays in the order of the alphabet. */
function gravestFirst(nodes: readonly FunctionNode[]): FunctionNode[] {
  const order: readonly (HealthState | undefined)[] = ['critical', 'warn'];
  const rank = (node: FunctionNode) => (order.includes(functionIcon(node).state) ? order.indexOf(functionIcon(node).state) : order.length);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

function withLive(node: FunctionNode, live: LiveCommits): FunctionNode {
  const answer = node.deployed && live.answer(node.ref, node.deployed);
  const paused = node.paused ?? (answer?.kind === 'known' ? answer.knowledge.paused : undefined);
  return answer ? { ...node, live: answer, ...(paused ? { paused } : {}) } : node;
}

function rowOf(node: FunctionsNode, { clock, tails }: FunctionsNeeds): Row {
  switch (node.kind) {
    case 'tail':
      return tailRow(node);
    case 'function':
      return functionRow(node, tails.state(node.ref, node.slug), clock.now());
    case 'commit':
      return commitRow(node, clock.now());
    case 'deployment':
      return deploymentRow(node, clock.now());
    case 'teamDeploy':
      return teamDeployRow(node, clock.now());
    case 'gap':
      return gapRow(node, clock.now());
    case 'noCommits':
      return noCommitsRow(node);
    default:
      return node satisfies never;
  }
}

function tailRow({ key, name, state }: TailNode): Row {
  return {
    id: `tail/${key}`,
    kind: 'tail',
    label: visibleLine(name),
    description: visibleLine(describeTail(state)),
    tooltip: [name, describeTail(state)].map(visibleLine),
    icon: state.kind === 'failed' || state.kind === 'waiting' ? { name: 'warning', state: 'warn' } : { name: state.kind === 'paused' ? 'debug-pause' : 'output' },
    states: tailRowStates(state),
    click: 'logs.showTail',
  };
}

/** How many rows a function unfolds to; the rollback's pick list and the ledger have more. */
const most = { commits: 12, deployments: 5 } as const;

/** The commits that changed it, then what was done to it from here; newest first. */
async function pastNodes({ commits, deployments, team }: FunctionsNeeds, connection: Connection, { slug, ref, deployed }: FunctionNode, signal: AbortSignal): Promise<readonly FunctionsNode[]> {
  const [found, ledger, colleagues] = await Promise.all([commits(connection, slug, deployed, signal), deployments(connection), team(connection, signal).catch(() => [])]);
  const deeds = [
    ...ledger.filter(({ intent }) => intent.slug === slug).map((deployment) => ({ at: deployment.intent.at, node: { kind: 'deployment', slug, ref, deployment } as const })),
    ...colleagues.filter((deploy) => deploy.slug === slug).map((deploy) => ({ at: deploy.at, node: { kind: 'teamDeploy', slug, ref, deploy } as const })),
    ...versionGaps(slug, ledger, deployed, colleagues).map((gap) => ({ at: gap.before, node: { kind: 'gap', slug, ref, gap } as const })),
  ].toSorted((a, b) => b.at - a.at);
  const none: readonly FunctionsNode[] = found?.length ? [] : [{ kind: 'noCommits', slug, hasHistory: found !== undefined }];
  return [
    ...(found ?? []).slice(0, most.commits).map(({ commit, formerSlug, isLive, liveUntil }): CommitNode => ({
      kind: 'commit',
      slug,
      ref,
      commit,
      isLive,
      ...(formerSlug === undefined ? {} : { formerSlug }),
      ...(liveUntil === undefined ? {} : { liveUntil }),
    })),
    ...deeds.slice(0, most.deployments).map(({ node }) => node),
    ...none,
  ];
}
