import { hoursOf, recentChanges, type ChangeSource, type RecentChange, type RecentChanges } from '../../core/functions/recentChanges.ts';
import { reasonOf, type Deployment } from '../../core/functions/ledger.ts';
import type { TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { CallOptions, Clock, GitHistory } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import type { SettingsNews } from '../../core/project/settingsWatch.ts';
import type { ResultEvent } from '../../core/sql/result.ts';
import { errorMessage } from '../../host/errorMessage.ts';
import type { ResultsView } from '../../host/results.ts';
import { nodeOf } from '../../host/row.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';
import { deedWord, originWord } from './deeds.ts';

export interface WhatChangedNeeds {
  readonly session: Pick<Session, 'connection'>;
  readonly results: ResultsView;
  readonly ui: Ui;
  readonly clock: Clock;
  readonly deployments: (connection: Connection) => Promise<readonly Deployment[]>;
  /** What colleagues' notes tell; empty when nothing is shared. */
  readonly team: (connection: Connection, signal: AbortSignal) => Promise<readonly TeamDeploy[]>;
  /** Throws `untrusted`: reading the history runs git. */
  readonly history: (connection: Connection, signal: AbortSignal) => Promise<GitHistory | undefined>;
  /** Looks at the settings and tells what is known of their changes. */
  readonly lookAtSettings: (connection: Connection, options: CallOptions) => Promise<SettingsNews>;
}

/** Commits, deploys, migrations, secrets and settings since a time, one list, newest first: the first question of a bad morning. */
export async function showWhatChanged(needs: WhatChangedNeeds, argument: unknown): Promise<void> {
  const connection = needs.session.connection();
  const { project, management } = connection;
  const hours = await hoursWanted(needs.ui, nodeOf(argument));
  const since = needs.clock.now() - hours * 3_600_000;
  await needs.results.show({
    title: l10n.t('What changed on {0}', project.name),
    target: l10n.t('{0} · {1}, since {2}', project.name, project.environment, utc(since)),
    statement: l10n.t('Commits on deployed paths, deploys and roll-backs, migrations, secrets. A migration stands where it was written: Postgres keeps no time of applying. Of deploys by others only the last version is known. Of settings only this machine keeps what it saw.'),
    again: { command: 'functions.showWhatChanged', argument: { hours } },
    async *run(signal): AsyncGenerator<ResultEvent> {
      const begun = performance.now();
      const found = await recentChanges(since, { ref: project.ref, ...(management.kind === 'available' ? { management: management.use, settings: async (ending: AbortSignal) => needs.lookAtSettings(connection, { signal: ending, priority: 'user' }) } : {}), history: async (ending) => needs.history(connection, ending), deployments: async () => needs.deployments(connection), team: async (ending) => needs.team(connection, ending) }, signal);
      yield { kind: 'columns', columns: columns.map((name) => ({ name, type: 'text', category: 'text' })) };
      const rows = [...unreadRows(found), ...unknownSettings(found, since), ...found.changes.map(rowOf)];
      yield { kind: 'rows', rows };
      yield { kind: 'done', command: '', rowCount: rows.length, truncated: false, durationMs: performance.now() - begun };
    },
  });
}

const columns = ['time (UTC)', 'kind', 'what', 'detail', 'who'] as const;

async function hoursWanted(ui: Ui, node: unknown): Promise<number> {
  if (typeof node === 'object' && node !== null && 'hours' in node && typeof node.hours === 'number') {
    return node.hours;
  }
  if (typeof node === 'object' && node !== null && 'command' in node && typeof node.command === 'string') {
    return hoursOf(node.command) ?? 24;
  }
  return ui.pick(l10n.t('What changed since when?'), [
    { label: l10n.t('Since yesterday'), description: l10n.t('24 hours'), icon: 'history', value: 24 },
    { label: l10n.t('In the last hour'), icon: 'history', value: 1 },
    { label: l10n.t('In the last 6 hours'), icon: 'history', value: 6 },
    { label: l10n.t('In the last 3 days'), icon: 'history', value: 72 },
    { label: l10n.t('In the last 7 days'), icon: 'history', value: 168 },
    { label: l10n.t('In the last 30 days'), icon: 'history', value: 720 },
  ]);
}

type Cells = readonly [time: string | null, kind: string, what: string, detail: string | null, who: string | null];

/** What could not be read stands first: nothing of it may look like nothing changed. */
function unreadRows({ unread }: RecentChanges): readonly Cells[] {
  return unread.map(({ source, error }) => [null, sourceWord(source), l10n.t('could not be read'), errorMessage(error).message, null]);
}

/** Changes from before the first look cannot be known. */
function unknownSettings({ settingsSince }: RecentChanges, since: number): readonly Cells[] {
  return settingsSince === undefined || settingsSince <= since ? [] : [[null, sourceWord('settings'), l10n.t('known only since {0}', utc(settingsSince)), l10n.t('this machine had not looked before; the platform keeps no list'), null]];
}

function rowOf(change: RecentChange): Cells {
  const time = utc(change.at);
  switch (change.kind) {
    case 'commit': {
      const { hash, subject, author, refs } = change.commit;
      return [time, l10n.t('commit'), subject, [hash.slice(0, 7), ...refs].join(' '), author];
    }
    case 'own': {
      const { intent, conclusion } = change.deployment;
      const versions = `v${intent.versionBefore ?? '–'} → v${conclusion?.versionAfter ?? '–'}`;
      const result = conclusion?.result === 'deployed' ? [] : [conclusion?.result ?? l10n.t('open')];
      return [time, l10n.t('deploy'), `${deedWord(intent.action)} ${intent.slug}`, [versions, originWord(intent.origin), ...result, reasonOf(change.deployment)].filter(Boolean).join(' · '), intent.who];
    }
    case 'team': {
      const { action, slug, versionBefore, versionAfter, commit, exact, reason, who } = change.deploy;
      const from = exact ? commit.slice(0, 7) : l10n.t('not as in {0}', commit.slice(0, 7));
      return [time, l10n.t('deploy'), `${deedWord(action)} ${slug}`, [`v${versionBefore ?? '–'} → v${versionAfter ?? '–'}`, from, l10n.t('told by a note'), reason].filter(Boolean).join(' · '), who];
    }
    case 'elsewhere':
      return [time, l10n.t('deploy'), l10n.t('{0} was deployed elsewhere', change.fn.slug), `v${change.fn.version}`, null];
    case 'migration':
      return [time, l10n.t('migration'), change.name ?? change.version, change.version, null];
    case 'secret':
      return [time, l10n.t('secret'), change.secret.name, l10n.t('set'), null];
    case 'setting': {
      const { part, name, before, after, notBefore } = change.setting;
      const values = `${before ?? l10n.t('not set')} → ${after ?? l10n.t('not set')}`;
      return [time, l10n.t('setting'), `${part}: ${name}`, [values, l10n.t('after {0}', utc(notBefore))].join(' · '), null];
    }
    default:
      return change satisfies never;
  }
}

function sourceWord(source: ChangeSource): string {
  return { commits: l10n.t('commits'), functions: l10n.t('deploys'), team: l10n.t('deploys of the team'), migrations: l10n.t('migrations'), secrets: l10n.t('secrets'), settings: l10n.t('settings') }[source];
}

function utc(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
