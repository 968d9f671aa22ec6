/** The row of a function: everything of a bad morning in the order of its weight. */
import type { LiveCommit } from '../../core/functions/live.ts';
import type { TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { HealthState } from '../../core/health/health.ts';
import { describeTail, tailRowStates, type TailState } from '../../core/logs/activeTails.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import { stateIcon, type Row, type RowIcon } from '../../host/row.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import type { FunctionNode } from './nodes.ts';

export function functionRow(node: FunctionNode, tail: TailState | undefined, now: number): Row {
  const { deployed } = node;
  return {
    id: `function/${node.slug}`,
    kind: 'function',
    label: visibleLine(node.slug),
    description: visibleLine(facts(node, tail, now).join(' · ')),
    tooltip: tooltip(node),
    icon: functionIcon(node),
    states: [...(deployed ? ['deployed', node.paused ? 'paused' : 'running'] : []), ...(node.local ? ['local'] : []), ...tailRowStates(tail)],
    expandable: 'collapsed',
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
  const [errors, ...times] = numbers(node);
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
    ...(deployed.verifyJwt === false ? [l10n.t('no JWT')] : []),
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

/** `7.2 % errors`, `p95 640 ms`; nothing for a function that nobody called, and a word for one of which only a former version was. */
function numbers({ statistics, otherVersions }: FunctionNode): string[] {
  if (!statistics || statistics.requests === 0) {
    return otherVersions ? [l10n.t('no calls yet')] : [];
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

export function functionIcon({ deployed, statistics, paused }: FunctionNode): RowIcon {
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
    ...(node.otherVersions ?? []).map(({ version, requests, errors }) => l10n.t('Before, as version {0}: {1} requests, {2} answered with 5xx', visibleLine(version ?? '?'), requests, errors)),
  ];
}
