import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { FunctionCommit } from '../../core/functions/commits.ts';
import type { LiveAnswer, LiveCommits } from '../../core/functions/liveCommits.ts';
import type { ActiveTails, TailState } from '../../core/logs/activeTails.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import type { Clock, Commit } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { HealthState } from '../../core/health/health.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, type Row, type RowIcon } from '../../host/row.ts';
import { ofShownProject } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { age } from '../../util/age.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';

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
  /** Which commit is live; absent until somebody looks, and without a history. */
  readonly live?: LiveAnswer;
  /** Read by the function's own code and set nowhere. */
  readonly missingSecrets: readonly string[];
}

/** A commit that changed what would be deployed. */
export interface CommitNode {
  readonly kind: 'commit';
  readonly slug: string;
  readonly ref: string;
  readonly commit: Commit;
  readonly formerSlug?: string;
  /** It holds what is live. */
  readonly isLive: boolean;
}

export type FunctionsNode = FunctionNode | CommitNode;

export function isCommitNode(value: unknown): value is CommitNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'commit' && 'commit' in value && 'slug' in value;
}

export function isFunctionNode(value: unknown): value is FunctionNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'function' && 'slug' in value && typeof value.slug === 'string';
}

export interface FunctionsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly places: Pick<PlaceReader, 'functions' | 'secretReads'>;
  readonly live: LiveCommits;
  /** Commits that changed a function, newest first; empty without a history or trust. */
  readonly commits: (connection: Connection, slug: string, signal: AbortSignal) => Promise<readonly FunctionCommit[]>;
}

/** Deployed and local functions by slug. All lists are asked for at once; where there is no Management API the local ones are shown. */
export async function listFunctions({ places }: Pick<FunctionsNeeds, 'places'>, connection: Connection, signal: AbortSignal): Promise<readonly FunctionNode[]> {
  const call = { signal, priority: 'view' } as const;
  const [deployed, local, statistics, missing] = await Promise.all([
    connection.management.kind === 'available' ? connection.data.functions(call) : [],
    places.functions(connection.place, signal),
    // Numbers and secrets are extras: a token that may not read them still sees its functions.
    connection.data.statistics(call).catch(() => undefined),
    missingSecrets({ places }, connection, signal).catch(() => new Map<string, readonly string[]>()),
  ]);
  const { ref } = connection.project;
  const here = new Set(local);
  const there = new Map(deployed.map((fn) => [fn.slug, fn]));
  return [...new Set([...there.keys(), ...here])].sort().map((slug) => {
    const fn = there.get(slug);
    const counted = fn && statistics?.get(fn.id);
    return { kind: 'function', slug, ref, local: here.has(slug), missingSecrets: missing.get(slug) ?? [], ...(fn ? { deployed: fn } : {}), ...(counted ? { statistics: counted } : {}) };
  });
}

/** By slug: what the files of a function's own folder read and the project does not have. */
async function missingSecrets({ places }: Pick<FunctionsNeeds, 'places'>, connection: Connection, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>> {
  if (connection.management.kind === 'absent') {
    return new Map();
  }
  const [remote, { reads }] = await Promise.all([connection.data.secrets({ signal, priority: 'view' }), places.secretReads(connection.place, signal)]);
  const set = new Set(remote.map((secret) => secret.name));
  const missing = new Map<string, string[]>();
  for (const { name, path } of reads) {
    const slug = /functions\/([^/]+)\//.exec(path)?.[1] ?? '';
    const known = missing.get(slug) ?? [];
    if (!set.has(name) && !known.includes(name)) {
      missing.set(slug, [...known, name]);
    }
  }
  return missing;
}

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
      if (node?.kind === 'commit') {
        return [];
      }
      return ofShownProject<FunctionsNode>(session, async (connection, signal) => (node ? commitNodes(needs, connection, node, signal) : functionNodes(needs, connection, signal)));
    },
    row: (node) => (node.kind === 'commit' ? commitRow(node, needs.clock.now()) : functionRow(node, tails.state(node.ref, node.slug), needs.clock.now())),
    onDidChange: changed.event,
  };
}

/** The list as it is known; which commits are live fills in behind it. */
async function functionNodes(needs: FunctionsNeeds, connection: Connection, signal: AbortSignal): Promise<readonly FunctionNode[]> {
  const { session, live } = needs;
  const nodes = await listFunctions(needs, connection, signal);
  const unknown = nodes.flatMap(({ deployed }) => (deployed && !live.answer(connection.project.ref, deployed) ? [deployed] : []));
  if (unknown.length > 0 && session.isCurrent(connection)) {
    void live.look(connection, unknown);
  }
  return nodes.map((known) => withLive(known, live));
}

function withLive(node: FunctionNode, live: LiveCommits): FunctionNode {
  const answer = node.deployed && live.answer(node.ref, node.deployed);
  return answer ? { ...node, live: answer } : node;
}

/** How many commits a row unfolds to; the rollback's pick list has more. */
const mostCommits = 12;

async function commitNodes({ commits }: FunctionsNeeds, connection: Connection, node: FunctionNode, signal: AbortSignal): Promise<readonly CommitNode[]> {
  const live = node.live?.kind === 'known' && node.live.knowledge.live.kind === 'commit' ? node.live.knowledge.live.commit.hash : undefined;
  const found = await commits(connection, node.slug, signal);
  return found.slice(0, mostCommits).map(({ commit, formerSlug }) => ({
    kind: 'commit',
    slug: node.slug,
    ref: node.ref,
    commit,
    isLive: commit.hash === live,
    ...(formerSlug === undefined ? {} : { formerSlug }),
  }));
}

export function commitRow({ slug, commit, isLive }: CommitNode, now: number): Row {
  return {
    id: `function/${slug}/commit/${commit.hash}`,
    kind: 'commit',
    label: visibleLine(commit.subject),
    description: visibleLine([...(isLive ? [l10n.t('live')] : []), commit.hash.slice(0, 7), age(commit.time, now), ...commit.refs].join(' · ')),
    tooltip: [commit.subject, commit.author, new Date(commit.time).toISOString(), commit.hash].map(visibleLine),
    icon: isLive ? { name: 'git-commit', state: 'ok' } : { name: 'git-commit' },
    states: isLive ? ['live'] : [],
    click: 'functions.showChanges',
  };
}

export function functionRow(node: FunctionNode, tail: TailState | undefined, now: number): Row {
  const { deployed } = node;
  const parts = deployed
    ? [
        `v${deployed.version}`,
        ...(deployed.status === 'ACTIVE' ? [] : [deployed.status.toLowerCase()]),
        ...liveWords(node),
        ...numbers(node.statistics),
        ...(node.missingSecrets.length === 0 ? [] : [l10n.t('missing {0}', node.missingSecrets.join(', '))]),
        age(deployed.updatedAt, now),
      ]
    : [l10n.t('not deployed')];
  if (tail) {
    parts.push(tail.kind === 'following' ? l10n.t('tailing') : l10n.t('tail waits: {0}', tail.because));
  }
  return {
    id: `function/${node.slug}`,
    kind: 'function',
    label: visibleLine(node.slug),
    description: visibleLine(parts.join(' · ')),
    tooltip: tooltip(node),
    icon: icon(node),
    states: [...(deployed ? ['deployed'] : []), ...(node.local ? ['local'] : []), ...(tail ? ['tailing'] : [])],
    ...(node.local ? { expandable: 'collapsed' as const } : {}),
    click: 'functions.openSource',
  };
}

/** `live = HEAD`, `3f2a91c, 2 behind`, `matches no commit`; an unfinished or failed look says nothing here, the tooltip does. */
function liveWords({ local, live: answer }: FunctionNode): string[] {
  if (answer?.kind !== 'known') {
    return local || answer ? [] : [l10n.t('not in the repository')];
  }
  const { live, uncommitted } = answer.knowledge;
  switch (live.kind) {
    case 'commit': {
      const where = live.behind === undefined ? l10n.t('{0}, another branch', live.commit.hash.slice(0, 7)) : live.behind === 0 ? l10n.t('live = HEAD') : l10n.t('{0}, {1} behind', live.commit.hash.slice(0, 7), live.behind);
      return [where, ...(uncommitted.length === 0 ? [] : [l10n.t('working tree differs')])];
    }
    case 'unknown':
      return [l10n.t('matches no commit')];
    case 'notInRepository':
      return [l10n.t('not in the repository')];
    default:
      return live satisfies never;
  }
}

function liveDetails({ live: answer }: FunctionNode): string[] {
  if (answer === undefined) {
    return [];
  }
  if (answer.kind !== 'known') {
    return [answer.kind === 'looking' ? l10n.t('Looking for the live commit…') : l10n.t('The live commit could not be looked up: {0}', errorMessage(answer.error).message)];
  }
  const { live, uncommitted } = answer.knowledge;
  const changed = uncommitted.length === 0 ? [] : [l10n.t('Not committed: {0}', uncommitted.map(visibleLine).join(', '))];
  if (live.kind === 'commit') {
    return [
      l10n.t('Live commit {0} “{1}” ({2})', live.commit.hash.slice(0, 7), visibleLine(live.commit.subject), live.evidence === 'ledger' ? l10n.t('deployed from here') : l10n.t('same files')),
      ...(live.alike > 0 ? [l10n.t('{0} older commits hold the same files; the newest is named.', live.alike)] : []),
      ...(live.lineEndingsDiffer ? [l10n.t('Line endings differ.')] : []),
      ...changed,
    ];
  }
  return live.kind === 'unknown' ? [l10n.t('No commit holds what is live: deployed from elsewhere. Different from HEAD: {0}', live.differing.map(visibleLine).join(', ')), ...changed] : changed;
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

/** The platform's states: https://supabase.com/docs/reference/api/v1-list-all-functions */
const functionStates: ReadonlyMap<string, HealthState> = new Map([
  ['ACTIVE', 'ok'],
  ['THROTTLED', 'warn'],
  ['REMOVED', 'critical'],
]);

/** The manuals' limits: functions should err below 1 %, and above 5 % somebody must be told. */
function icon({ deployed, statistics }: FunctionNode): RowIcon {
  if (!deployed) {
    return { name: 'circle-outline' };
  }
  const state = functionStates.get(deployed.status) ?? 'unknown';
  if (state !== 'ok' || !statistics) {
    return stateIcon(state);
  }
  const rate = errorRate(statistics);
  return stateIcon(rate > 0.05 ? 'critical' : rate > 0.01 ? 'warn' : 'ok');
}

function tooltip(node: FunctionNode): string[] {
  const { slug, deployed, local, statistics } = node;
  if (!deployed) {
    return [visibleLine(slug), l10n.t('In the repository, not deployed')];
  }
  return [
    visibleLine(deployed.name),
    l10n.t('Version {0}, {1}', deployed.version, visibleLine(deployed.status)),
    l10n.t('Deployed {0}', new Date(deployed.updatedAt).toISOString()),
    ...(deployed.verifyJwt === undefined ? [] : [deployed.verifyJwt ? l10n.t('Asks for a JWT') : l10n.t('Answers without a JWT')]),
    ...(local ? [] : [l10n.t('Deployed, not in the repository')]),
    ...liveDetails(node),
    ...(statistics ? [l10n.t('Last hour: {0} requests, {1} answered with 5xx', statistics.requests, statistics.errors)] : []),
  ];
}
