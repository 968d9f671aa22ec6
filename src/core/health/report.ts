/** The platform's word on the services and the numbers of the database as rows with a state and words. */
import type { OpsError } from '../errors.ts';
import type { Project } from '../project/project.ts';
import { projectState } from '../project/projectState.ts';
import { formatBytes, formatSeconds } from '../../util/quantity.ts';
import { l10n } from '../../util/l10n.ts';
import type { DatabaseBasics } from './databaseBasics.ts';
import { gravestFirst, type HealthState, type ServiceHealth } from './health.ts';

/** A service, or a number of the database with its limit. Texts may hold the service's own words: outside text. */
export interface HealthRow {
  readonly kind: 'service' | 'measure';
  /** Unique among rows of the kind: `auth`, `database`, `connections`. */
  readonly id: string;
  readonly label: string;
  readonly state: HealthState;
  /** The number and its limit, or a word. */
  readonly description: string;
  readonly detail?: readonly string[];
  /** Why nothing is known, where asking failed; its words are the editor's matter. */
  readonly error?: OpsError;
}

/** What was asked, and what came of it: one list that failed does not take the others with it. */
export type Asked<T> = { readonly kind: 'answered'; readonly value: T } | { readonly kind: 'failed'; readonly error: OpsError };

export interface HealthAnswers {
  readonly project: Project;
  readonly services: Asked<readonly ServiceHealth[]>;
  readonly database: Asked<DatabaseBasics>;
}

/** A share of connections, the cache's hits in percent, seconds: where a number is worth a look, and where it hurts. */
const limits = {
  connections: { warn: 0.8, critical: 0.95 },
  cacheHitPercent: { warn: 99, critical: 95 },
  longestSeconds: { warn: 5 * 60, critical: 30 * 60 },
} as const;

/** Below this many blocks (80 MB) the share of hits is that of a database that has hardly been used. */
const tellingBlocks = 10_000;

/** Database first, then the other services, then what the database's state is made of. */
export function healthRows({ project, services, database }: HealthAnswers): HealthRow[] {
  const answered = services.kind === 'answered' ? services.value : [];
  const own = answered.find(({ service }) => service === 'db');
  const others = answered.filter(({ service }) => service !== 'db').map(serviceRow);
  const silent = services.kind === 'failed' ? [failed('services', l10n.t('Services'), services.error)] : [];
  const numbers = database.kind === 'answered' ? measures(database.value) : [];
  const databaseError = database.kind === 'failed' ? database.error : undefined;
  return [...projectRow(project), databaseRow(own, numbers, databaseError), ...others, ...silent, ...numbers];
}

/** Nothing at all is unknown. */
export function worst(states: readonly HealthState[]): HealthState {
  return gravestFirst.find((state) => states.includes(state)) ?? 'unknown';
}

/** Only when the platform says that the project as a whole is not simply running. */
function projectRow({ status }: Project): HealthRow[] {
  const known = projectState(status);
  return known ? [{ kind: 'service', id: 'project', label: l10n.t('Project'), state: known.state, description: known.word }] : [];
}

const labels: Readonly<Record<string, string>> = {
  auth: 'Auth',
  rest: 'REST',
  storage: 'Storage',
  realtime: 'Realtime',
  pooler: 'Pooler',
  functions: 'Functions',
};

function serviceRow({ service, state, error }: ServiceHealth): HealthRow {
  return { kind: 'service', id: service, label: labels[service] ?? service, state, description: error ?? stateWord(state) };
}

function stateWord(state: HealthState): string {
  switch (state) {
    case 'ok':
      return l10n.t('healthy');
    case 'warn':
      return l10n.t('coming up');
    case 'critical':
      return l10n.t('unhealthy');
    case 'unknown':
      return l10n.t('says nothing of itself');
    default:
      return state satisfies never;
  }
}

function failed(id: string, label: string, error: OpsError): HealthRow {
  return { kind: 'service', id, label, state: 'unknown', description: l10n.t('not known'), error };
}

/**
 * As grave as the worst that is known: numbers that cannot be read do not hide what the platform says of the database, nor the
 * other way round.
 */
function databaseRow(own: ServiceHealth | undefined, numbers: readonly HealthRow[], error: OpsError | undefined): HealthRow {
  const label = l10n.t('Database');
  if (own === undefined && error !== undefined) {
    return failed('database', label, error);
  }
  const word = own ? { state: own.state, description: own.error ?? stateWord(own.state) } : undefined;
  const state = worst([...(word ? [word.state] : []), ...numbers.map((row) => row.state)].filter((known) => known !== 'unknown'));
  const reason = [...(word ? [word] : []), ...numbers].find((part) => part.state === state && state !== 'ok');
  const description = (reason ?? numbers[0] ?? word)?.description ?? l10n.t('not known');
  return { kind: 'service', id: 'database', label, state, description, ...(error ? { error } : {}) };
}

function measures(basics: DatabaseBasics): HealthRow[] {
  return [connectionsRow(basics), cacheRow(basics), longestRow(basics), sizeRow(basics)];
}

function measure(id: string, label: string, state: HealthState, description: string): HealthRow {
  return { kind: 'measure', id, label, state, description };
}

function connectionsRow({ connections, maxConnections }: DatabaseBasics): HealthRow {
  const label = l10n.t('Connections');
  if (connections === undefined || maxConnections === undefined || maxConnections <= 0) {
    return measure('connections', label, 'unknown', l10n.t('not known'));
  }
  const { warn, critical } = limits.connections;
  const share = connections / maxConnections;
  const state = share >= critical ? 'critical' : share >= warn ? 'warn' : 'ok';
  const words = l10n.t('{0} of {1} connections, {2} % (warn at {3} %)', connections, maxConnections, Math.round(share * 100), warn * 100);
  return measure('connections', label, state, words);
}

function cacheRow({ cacheHitPercent: percent, blocks = 0 }: DatabaseBasics): HealthRow {
  const label = l10n.t('Cache hit ratio');
  if (percent === undefined || blocks < tellingBlocks) {
    return measure('cache', label, 'unknown', l10n.t('too little was read so far to tell'));
  }
  const { warn, critical } = limits.cacheHitPercent;
  const state = percent < critical ? 'critical' : percent < warn ? 'warn' : 'ok';
  return measure('cache', label, state, l10n.t('{0} % of blocks found in memory (warn below {1} %)', percent, warn));
}

function longestRow({ longestSeconds: seconds }: DatabaseBasics): HealthRow {
  const label = l10n.t('Longest statement');
  if (seconds === undefined) {
    return measure('longest', label, 'ok', l10n.t('none is running'));
  }
  const { warn, critical } = limits.longestSeconds;
  const state = seconds >= critical ? 'critical' : seconds >= warn ? 'warn' : 'ok';
  return measure('longest', label, state, l10n.t('running for {0} (warn at {1})', formatSeconds(seconds), formatSeconds(warn)));
}

/** A size has no limit of its own: how much is too much is the plan's matter. */
function sizeRow({ sizeBytes }: DatabaseBasics): HealthRow {
  const label = l10n.t('Size');
  return sizeBytes === undefined ? measure('size', label, 'unknown', l10n.t('not known')) : measure('size', label, 'ok', formatBytes(sizeBytes));
}
