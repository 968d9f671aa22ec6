/** Rows for what happened to a function: commits that changed it, and what was deployed, by whom. */
import { reasonOf, type DeployAction } from '../../core/functions/ledger.ts';
import type { Row } from '../../host/row.ts';
import { age } from '../../util/age.ts';
import { l10n } from '../../util/l10n.ts';
import { visibleLine } from '../../util/visible.ts';
import { deedWord, originWord } from './deeds.ts';
import type { CommitNode, DeploymentNode, GapNode, NoCommitsNode, TeamDeployNode } from './nodes.ts';

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

export function noCommitsRow({ slug, hasHistory }: NoCommitsNode): Row {
  return {
    id: `function/${slug}/noCommits`,
    kind: 'message',
    label: hasHistory ? l10n.t('No commit here touched it') : l10n.t('No history here'),
    description: hasHistory ? l10n.t('it was made elsewhere') : l10n.t('git and a trusted folder would show its commits'),
    icon: { name: 'info' },
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
    ...(exact && sendsFiles(action) ? { states: ['sent'] } : {}),
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

/** What it made live can be made live again; a pause is none that anybody wants back. */
function sendsFiles(action: DeployAction): boolean {
  return !['pause', 'delete', 'settings'].includes(action);
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
    states: ['own', ...(result === 'deployed' && sendsFiles(intent.action) ? ['sent'] : [])],
    click: 'functions.showLedger',
  };
}
