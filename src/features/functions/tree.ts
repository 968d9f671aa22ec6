import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import { reasonOf, type Deployment } from '../../core/functions/ledger.ts';
import type { LiveCommit } from '../../core/functions/live.ts';
import type { LiveAnswer, LiveCommits } from '../../core/functions/liveCommits.ts';
import { isDeployedElsewhere, ownLive, versionGaps, type VersionGap } from '../../core/functions/ownDeploys.ts';
import type { MarkedCommit } from '../../core/functions/past.ts';
import { describeTail, tailRowStates, type ActiveTails, type TailState } from '../../core/logs/activeTails.ts';
import { deployerOf, type TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import type { Clock, Commit } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { HealthState } from '../../core/health/health.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, type Row, type RowIcon } from '../../host/row.ts';
import { ofShownProject, shownConnection } from '../../host/shownProject.ts';
import type { TreeSource } from '../../host/treeRows.ts';
import { age } from '../../util/age.ts';
import { defined } from '../../util/defined.ts';
import { Emitter } from '../../util/event.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { deedWord, originWord } from './deeds.ts';

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
  /** A function of ours that says so is live in its place; since when (epoch milliseconds), and by which account. */
  readonly paused?: { readonly since: number; readonly by: string };
  /** Somebody else deployed after this machine did. */
  readonly elsewhere?: boolean;
  /** Who that was, as a note of the team tells. */
  readonly deployer?: TeamDeploy;
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
  /** It was live and was replaced then, epoch milliseconds. */
  readonly liveUntil?: number;
}

/** What was done to a function from this machine. */
export interface DeploymentNode {
  readonly kind: 'deployment';
  readonly slug: string;
  readonly ref: string;
  readonly deployment: Deployment;
}

/** What a colleague did to it, as a note tells. */
export interface TeamDeployNode {
  readonly kind: 'teamDeploy';
  readonly slug: string;
  readonly ref: string;
  readonly deploy: TeamDeploy;
}

/** Versions between own deploys that came from elsewhere. */
export interface GapNode {
  readonly kind: 'gap';
  readonly slug: string;
  readonly ref: string;
  readonly gap: VersionGap;
}

export type FunctionsNode = FunctionNode | CommitNode | DeploymentNode | TeamDeployNode | GapNode;

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
  readonly commits: (connection: Connection, slug: string, deployed: EdgeFunction | undefined, signal: AbortSignal) => Promise<readonly MarkedCommit[]>;
  /** What this machine's ledger holds of the project, oldest first. */
  readonly deployments: (connection: Connection) => Promise<readonly Deployment[]>;
  /** What colleagues' notes tell of the project, oldest first; empty when nothing is shared. Outside text. */
  readonly team: (connection: Connection, signal: AbortSignal) => Promise<readonly TeamDeploy[]>;
}

/** Deployed and local functions by slug. All lists are asked for at once; where there is no Management API the local ones are shown. */
export async function listFunctions({ places, deployments, team }: Pick<FunctionsNeeds, 'places' | 'deployments' | 'team'>, connection: Connection, signal: AbortSignal): Promise<readonly FunctionNode[]> {
  const call = { signal, priority: 'view' } as const;
  const [deployed, local, ledger, colleagues, statistics, missing] = await Promise.all([
    connection.management.kind === 'available' ? connection.data.functions(call) : [],
    places.functions(connection.place, signal),
    deployments(connection),
    team(connection, signal).catch(() => []),
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
    return {
      kind: 'function',
      slug,
      ref,
      local: here.has(slug),
      missingSecrets: missing.get(slug) ?? [],
      ...(fn ? { deployed: fn, elsewhere: isDeployedElsewhere(fn, ledger), ...pausedBy(fn, ledger), ...(ownLive(fn, ledger) ? {} : defined({ deployer: deployerOf(fn, colleagues) })) } : {}),
      ...(counted ? { statistics: counted } : {}),
    };
  });
}

function pausedBy(fn: EdgeFunction, ledger: readonly Deployment[]): Pick<FunctionNode, 'paused'> {
  const live = ownLive(fn, ledger);
  return live?.intent.action === 'pause' ? { paused: { since: live.intent.at, by: live.intent.who } } : {};
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
async function functionNodes(needs: FunctionsNeeds, connection: Connection, signal: AbortSignal): Promise<readonly FunctionNode[]> {
  const { session, live } = needs;
  const nodes = await listFunctions(needs, connection, signal);
  const unknown = nodes.flatMap(({ deployed }) => (deployed && live.isOpen(connection.project.ref, deployed) ? [deployed] : []));
  if (unknown.length > 0 && session.isCurrent(connection)) {
    void live.look(connection, unknown);
  }
  return gravestFirst(nodes.map((known) => withLive(known, live)));
}

/** What fails must not be looked for below the fold; the rest stays in the order of the alphabet. */
function gravestFirst(nodes: readonly FunctionNode[]): FunctionNode[] {
  const order: readonly (HealthState | undefined)[] = ['critical', 'warn'];
  const rank = (node: FunctionNode) => (order.includes(icon(node).state) ? order.indexOf(icon(node).state) : order.length);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

function withLive(node: FunctionNode, live: LiveCommits): FunctionNode {
  const answer = node.deployed && live.answer(node.ref, node.deployed);
  const paused = node.paused ?? (answer?.kind === 'known' ? answer.knowledge.paused : undefined);
  return answer ? { ...node, live: answer, ...(paused ? { paused } : {}) } : node;
}

function rowOf(node: FunctionsNode, { clock, tails }: FunctionsNeeds): Row {
  switch (node.kind) {
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
    default:
      return node satisfies never;
  }
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
  return [
    ...found.slice(0, most.commits).map(({ commit, formerSlug, isLive, liveUntil }): CommitNode => ({
      kind: 'commit',
      slug,
      ref,
      commit,
      isLive,
      ...(formerSlug === undefined ? {} : { formerSlug }),
      ...(liveUntil === undefined ? {} : { liveUntil }),
    })),
    ...deeds.slice(0, most.deployments).map(({ node }) => node),
  ];
}

export function commitRow({ slug, commit, isLive, liveUntil }: CommitNode, now: number): Row {
  const mark = isLive ? [l10n.t('live')] : liveUntil === undefined ? [] : [l10n.t('was live until {0} ago', age(liveUntil, now))];
  return {
    id: `function/${slug}/commit/${commit.hash}`,
    kind: 'commit',
    label: visibleLine(commit.subject),
    description: visibleLine([...mark, commit.hash.slice(0, 7), age(commit.time, now), ...commit.refs].join(' · ')),
    tooltip: [commit.subject, commit.author, new Date(commit.time).toISOString(), commit.hash].map(visibleLine),
    icon: isLive ? { name: 'git-commit', state: 'ok' } : { name: 'git-commit' },
    states: isLive ? ['live'] : [],
    click: 'functions.showChanges',
  };
}

/** `Deployed by bob@example.test: v12 → v13`; nothing here is known from this machine. */
export function teamDeployRow({ slug, deploy }: TeamDeployNode, now: number): Row {
  const { id, at, action, commit, exact, who, versionBefore, versionAfter, reason } = deploy;
  const versions = [versionBefore, versionAfter].map((version) => (version === undefined ? '–' : `v${version}`)).join(' → ');
  return {
    id: `function/${slug}/told/${visibleLine(id)}`,
    kind: 'deployment',
    label: `${deedWord(action)}: ${versions}`,
    description: visibleLine([...(reason === undefined ? [] : [reason]), ...(exact ? [commit.slice(0, 7)] : []), age(at, now), who].join(' · ')),
    tooltip: [deedWord(action), new Date(at).toISOString(), who, ...(reason === undefined ? [] : [reason]), exact ? commit : l10n.t('Not what {0} holds', commit), l10n.t('Told by a note of the team')].map(visibleLine),
    icon: { name: 'organization' },
    click: 'functions.showLedger',
  };
}

/** `v14 – v15 deployed elsewhere`: the platform keeps neither who it was nor what was sent. */
export function gapRow({ slug, gap: { from, to, after, before } }: GapNode, now: number): Row {
  return {
    id: `function/${slug}/gap/${from}`,
    kind: 'deployment',
    label: l10n.t('Deployed elsewhere: {0}', from === to ? `v${from}` : `v${from} – v${to}`),
    description: l10n.t('between {0} and {1} ago', age(after, now), age(before, now)),
    tooltip: [l10n.t('From the dashboard, CI or another machine, between {0} and {1}', new Date(after).toISOString(), new Date(before).toISOString())],
    icon: { name: 'question' },
    click: 'functions.showLedger',
  };
}

/** `Rolled back: v12 → v13` with its reason, commit, age and account. */
export function deploymentRow({ slug, deployment }: DeploymentNode, now: number): Row {
  const { intent, conclusion } = deployment;
  const { origin } = intent;
  const from = originWord(origin);
  const reason = reasonOf(deployment);
  const versions = [intent.versionBefore, conclusion?.versionAfter].map((version) => (version === undefined ? '–' : `v${version}`)).join(' → ');
  const result = conclusion?.result ?? 'open';
  const words = { deployed: [], unchanged: [l10n.t('nothing changed')], unknown: [l10n.t('not verified')], open: [l10n.t('not ended')] }[result];
  return {
    id: `function/${slug}/deployment/${intent.id}`,
    kind: 'deployment',
    label: `${deedWord(intent.action)}: ${versions}`,
    description: visibleLine([...words, ...(reason === undefined ? [] : [reason]), ...(from === '' ? [] : [from]), age(intent.at, now), intent.who].join(' · ')),
    tooltip: [deedWord(intent.action), new Date(intent.at).toISOString(), intent.who, ...(reason === undefined ? [] : [reason]), ...(conclusion?.because === undefined ? [] : [conclusion.because])].map(visibleLine),
    icon: result === 'deployed' ? { name: 'cloud-upload' } : { name: 'cloud-upload', state: 'warn' },
    states: ['own'],
    click: 'functions.showLedger',
  };
}

export function functionRow(node: FunctionNode, tail: TailState | undefined, now: number): Row {
  const { deployed } = node;
  return {
    id: `function/${node.slug}`,
    kind: 'function',
    label: visibleLine(node.slug),
    description: visibleLine(facts(node, tail, now).join(' · ')),
    tooltip: tooltip(node),
    icon: icon(node),
    states: [...(deployed ? ['deployed', node.paused ? 'paused' : 'running'] : []), ...(node.local ? ['local'] : []), ...tailRowStates(tail)],
    ...(node.local ? { expandable: 'collapsed' as const } : {}),
    click: 'functions.openSource',
  };
}

/** What is wrong and what goes on come first: a narrow side bar cuts the rest. */
function facts(node: FunctionNode, tail: TailState | undefined, now: number): string[] {
  const { deployed, paused, statistics, missingSecrets } = node;
  const tailing = tail ? [describeTail(tail)] : [];
  if (!deployed) {
    return [l10n.t('not deployed'), ...tailing];
  }
  const [errors, ...times] = numbers(statistics);
  const isFailing = statistics !== undefined && errorRate(statistics) > errorLimits.warn;
  return [
    `v${deployed.version}`,
    ...(deployed.status === 'ACTIVE' ? [] : [deployed.status.toLowerCase()]),
    ...(isFailing ? [errors] : []),
    ...tailing,
    ...(paused ? [l10n.t('paused {0} ago by {1}', age(paused.since, now), paused.by)] : liveWords(node)),
    ...(node.deployer ? [l10n.t('deployed by {0}', node.deployer.who)] : node.elsewhere ? [l10n.t('deployed elsewhere')] : []),
    ...(isFailing ? [] : [errors]),
    ...times,
    ...(missingSecrets.length === 0 ? [] : [l10n.t('missing {0}', missingSecrets.join(', '))]),
    l10n.t('{0} ago', age(deployed.updatedAt, now)),
  ].filter((fact) => fact !== undefined);
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
      ...unlikeWords(live),
      ...changed,
    ];
  }
  return live.kind === 'unknown' ? [l10n.t('No commit holds what is live: deployed from elsewhere. Different from HEAD: {0}', live.differing.map(visibleLine).join(', ')), ...changed] : changed;
}

/** What is live was not taken from the commit to the byte. */
function unlikeWords({ unlike, jwtDiffers }: LiveCommit): string[] {
  const paths = (wanted: 'lineEndings' | 'whiteSpace') => unlike.filter(({ how }) => how === wanted).map(({ path }) => visibleLine(path));
  const [endings, spaces] = [paths('lineEndings'), paths('whiteSpace')];
  return [
    ...(endings.length === 0 ? [] : [l10n.t('Line endings differ: {0}', endings.join(', '))]),
    ...(spaces.length === 0 ? [] : [l10n.t('White space differs, as a formatter leaves it: {0}', spaces.join(', '))]),
    ...(jwtDiffers ? [l10n.t('config.toml of this commit says otherwise whether a JWT is asked for.')] : []),
  ];
}

/** `7.2 % errors`, `p95 640 ms`; nothing for a function that nobody called. */
function numbers(statistics: FunctionStatistics | undefined): string[] {
  if (!statistics || statistics.requests === 0) {
    return [];
  }
  const rate = l10n.t('{0} % errors', (errorRate(statistics) * 100).toFixed(statistics.errors === 0 ? 0 : 1));
  return [rate, ...(statistics.p95Ms === undefined ? [] : [l10n.t('p95 {0} ms', Math.round(statistics.p95Ms))])];
}

/** A note is no proof: it says who, and what is live is decided by the files. */
function deployerWords({ who, at, exact, commit, reason }: TeamDeploy): string {
  const words = exact ? l10n.t('A note of the team says: deployed by {0} at {1} from {2}', who, new Date(at).toISOString(), commit.slice(0, 7)) : l10n.t('A note of the team says: deployed by {0} at {1}', who, new Date(at).toISOString());
  return visibleLine(reason === undefined ? words : `${words} · ${reason}`);
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
const errorLimits = { warn: 0.01, critical: 0.05 } as const;

function icon({ deployed, statistics, paused }: FunctionNode): RowIcon {
  if (!deployed) {
    return { name: 'circle-outline' };
  }
  if (paused) {
    return { name: 'debug-pause', state: 'warn' };
  }
  const state = functionStates.get(deployed.status) ?? 'unknown';
  if (state !== 'ok' || !statistics) {
    return stateIcon(state);
  }
  const rate = errorRate(statistics);
  return stateIcon(rate > errorLimits.critical ? 'critical' : rate > errorLimits.warn ? 'warn' : 'ok');
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
    ...(node.paused ? [l10n.t('Paused since {0} by {1}: every call is answered with 503', new Date(node.paused.since).toISOString(), visibleLine(node.paused.by))] : []),
    ...(node.deployer ? [deployerWords(node.deployer)] : []),
    ...(node.elsewhere && !node.deployer ? [l10n.t('This version was deployed elsewhere, after the last deploy from this machine')] : []),
    ...liveDetails(node),
    ...(statistics ? [l10n.t('Last hour: {0} requests, {1} answered with 5xx', statistics.requests, statistics.errors)] : []),
  ];
}
