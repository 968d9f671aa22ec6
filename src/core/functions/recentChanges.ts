import { OpsError, asFailure } from '../errors.ts';
import type { Commit, GitHistory, ManagementApi } from '../ports.ts';
import type { SettingChange } from '../project/settings.ts';
import type { SettingsNews } from '../project/settingsWatch.ts';
import { isReservedSecretName, type Secret } from '../secrets/secret.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { Deployment } from './ledger.ts';
import { ownLive } from './ownDeploys.ts';
import { deployerOf, type TeamDeploy } from './sharedLedger.ts';
import { toRoot } from './sourceTree.ts';

/** Something that changed in a project or in what it is deployed from. `at`: epoch milliseconds. */
export type RecentChange = { readonly at: number } & (
  | { readonly kind: 'commit'; readonly commit: Commit }
  /** From this machine. */
  | { readonly kind: 'own'; readonly deployment: Deployment }
  /** The dashboard, CI or a colleague; only the last version is known, since the platform keeps no list. */
  | { readonly kind: 'elsewhere'; readonly fn: EdgeFunction }
  /** Of a colleague, as a note tells. */
  | { readonly kind: 'team'; readonly deploy: TeamDeploy }
  /** `at` is when it was written: Postgres does not keep when it was applied. */
  | { readonly kind: 'migration'; readonly version: string; readonly name?: string }
  | { readonly kind: 'secret'; readonly secret: Secret }
  /** `at` is when it was seen: the platform keeps no time. */
  | { readonly kind: 'setting'; readonly setting: SettingChange }
);

export type ChangeSource = 'commits' | 'functions' | 'team' | 'migrations' | 'secrets' | 'settings';

export interface RecentChanges {
  /** Newest first. */
  readonly changes: readonly RecentChange[];
  /** What could not be read, and why: it may have changed. */
  readonly unread: readonly { readonly source: ChangeSource; readonly error: OpsError }[];
  /** Epoch milliseconds since when changes of settings are known; absent: they are not looked at here. */
  readonly settingsSince?: number;
}

export interface RecentNeeds {
  readonly ref: string;
  /** Absent: a local or self-hosted project, of which only the repository is asked. */
  readonly management?: Pick<ManagementApi, 'functions' | 'migrations' | 'secrets'>;
  /** Throws `untrusted`; gives nothing where there is no repository. */
  readonly history: (signal: AbortSignal) => Promise<GitHistory | undefined>;
  readonly deployments: () => Promise<readonly Deployment[]>;
  /** Empty when nothing is shared. */
  readonly team: (signal: AbortSignal) => Promise<readonly TeamDeploy[]>;
  /** Absent where there is no Management API. */
  readonly settings?: (signal: AbortSignal) => Promise<SettingsNews>;
}

/** Of each source at most this many. */
const most = 500;

/** What deploying reads: functions with their shared code and settings, and migrations. */
const deployedPaths = ['supabase/functions', 'supabase/migrations', 'supabase/config.toml'];

/** All that changed since a time, each source asked at once; one that cannot be read takes nothing from the others. Throws `cancelled` alone. */
export async function recentChanges(since: number, needs: RecentNeeds, signal: AbortSignal): Promise<RecentChanges> {
  const { ref, management } = needs;
  const deployments = await needs.deployments();
  const commits = async () => commitsSince(since, await needs.history(signal), signal);
  const told = needs.team(signal);
  const team = async () => (await told).map((deploy): RecentChange => ({ kind: 'team', at: deploy.at, deploy }));
  const known = { own: deployments, team: told.catch(() => []) };
  const sources = { commits, team, ...(management ? remoteSources(ref, management, known, signal) : {}) };
  const [read, settings] = await Promise.all([
    Promise.all(Object.entries(sources).map(async ([source, ask]) => ({ source: source as ChangeSource, result: await ask().catch(asFailure) }))),
    needs.settings?.(signal).catch(asFailure),
  ]);
  const own = deployments.map((deployment): RecentChange => ({ kind: 'own', at: deployment.conclusion?.at ?? deployment.intent.at, deployment }));
  const news = settings instanceof OpsError ? undefined : settings;
  const seen = (news?.changes ?? []).map((setting): RecentChange => ({ kind: 'setting', at: setting.seenAt, setting }));
  const found = [...own, ...seen, ...read.flatMap(({ result }) => (result instanceof OpsError ? [] : result))];
  return {
    changes: found.filter(({ at }) => at >= since).toSorted((a, b) => b.at - a.at),
    unread: [
      ...read.flatMap(({ source, result }) => (result instanceof OpsError ? [{ source, error: result }] : [])),
      ...(settings instanceof OpsError ? [settings] : (news?.unread.map(({ error }) => error) ?? [])).map((error) => ({ source: 'settings' as const, error })),
    ],
    ...(news && news.since.size > 0 ? { settingsSince: Math.max(...news.since.values()) } : {}),
  };
}

type Ask = () => Promise<readonly RecentChange[]>;

/** Deploys that are listed with who made them. */
interface Known {
  readonly own: readonly Deployment[];
  readonly team: Promise<readonly TeamDeploy[]>;
}

function remoteSources(ref: string, management: NonNullable<RecentNeeds['management']>, known: Known, signal: AbortSignal): Record<Exclude<ChangeSource, 'commits' | 'team' | 'settings'>, Ask> {
  const call = { signal, priority: 'user' } as const;
  return {
    functions: async () => {
      const [functions, team] = await Promise.all([management.functions(ref, call), known.team]);
      return functions.filter((fn) => !ownLive(fn, known.own) && !deployerOf(fn, team)).map((fn): RecentChange => ({ kind: 'elsewhere', at: fn.updatedAt, fn }));
    },
    migrations: async () => (await management.migrations(ref, call)).flatMap(({ version, name }) => toMigration(version, name)),
    secrets: async () => (await management.secrets(ref, call)).flatMap((secret) => toSecret(secret)),
  };
}

/** What the platform sets itself changes with the platform. */
function toSecret(secret: Secret): RecentChange[] {
  return secret.updatedAt === undefined || isReservedSecretName(secret.name) ? [] : [{ kind: 'secret', at: secret.updatedAt, secret }];
}

/** By the committer's time, so that what was written long ago and merged today is there. */
async function commitsSince(since: number, git: GitHistory | undefined, signal: AbortSignal): Promise<readonly RecentChange[]> {
  if (!git) {
    return [];
  }
  const commits = await git.commitsSince(deployedPaths.map((path) => toRoot(git, path)), since, most, signal);
  return commits.map((commit) => ({ kind: 'commit', at: commit.time, commit }));
}

/** `20260105080000`: the UTC time at which `supabase migration new` made it. */
function toMigration(version: string, name: string | undefined): RecentChange[] {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  return year === undefined
    ? []
    : [{ kind: 'migration', at: Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)), version, ...(name === undefined ? {} : { name }) }];
}

const hoursPer: ReadonlyMap<string, number> = new Map([
  ['minute', 1 / 60],
  ['hour', 1],
  ['day', 24],
  ['week', 168],
  ['month', 720],
]);

/** How far `git log --since="24 hours ago"` or `--since=yesterday` looks back, in hours; `undefined` when it does not say, or says it otherwise. */
export function hoursOf(command: string): number | undefined {
  const [, quoted, plain] = /--since(?:=|\s+)(?:["']([^"']*)["']|(\S+))/.exec(command) ?? [];
  const text = (quoted ?? plain ?? '').trim().toLowerCase().replaceAll('.', ' ');
  if (text === 'yesterday') {
    return 24;
  }
  const [, count, unit] = /^(\d+|an?|one)\s+(minute|hour|day|week|month)s?(?:\s+ago)?$/.exec(text) ?? [];
  const hours = unit === undefined ? undefined : hoursPer.get(unit);
  return hours === undefined || count === undefined ? undefined : hours * (/^\d+$/.test(count) ? Number(count) : 1);
}
