import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import type { LiveCommits } from '../../core/functions/liveCommits.ts';
import { isDeployedElsewhere, ownLive } from '../../core/functions/ownDeploys.ts';
import type { MarkedCommit } from '../../core/functions/past.ts';
import type { PlaceReader } from '../../core/functions/placeReader.ts';
import { deployerOf, type TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { ActiveTails } from '../../core/logs/activeTails.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import type { Clock } from '../../core/ports.ts';
import type { Connection } from '../../core/project/connection.ts';
import type { Session } from '../../core/project/session.ts';
import { defined } from '../../util/defined.ts';
import type { FunctionNode } from './nodes.ts';

export interface FunctionsNeeds {
  readonly session: Session;
  readonly tails: ActiveTails;
  readonly clock: Clock;
  readonly places: Pick<PlaceReader, 'functions' | 'secretReads'>;
  readonly live: LiveCommits;
  /** Commits that changed a function, newest first; `undefined` without a history or trust. */
  readonly commits: (connection: Connection, slug: string, deployed: EdgeFunction | undefined, signal: AbortSignal) => Promise<readonly MarkedCommit[] | undefined>;
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
    return {
      kind: 'function',
      slug,
      ref,
      local: here.has(slug),
      missingSecrets: missing.get(slug) ?? [],
      ...(fn ? { deployed: fn, elsewhere: isDeployedElsewhere(fn, ledger), ...pausedBy(fn, ledger), ...(ownLive(fn, ledger) ? {} : defined({ deployer: deployerOf(fn, colleagues) })) } : {}),
      ...(fn ? countedOf(fn, statistics?.get(fn.id) ?? []) : {}),
    };
  });
}

/** What a version that is gone did wrong is no fault of the one that took its place. */
function countedOf({ version }: EdgeFunction, all: readonly FunctionStatistics[]): Pick<FunctionNode, 'statistics' | 'otherVersions'> {
  const own = all.find((one) => one.version === undefined || one.version === String(version));
  const others = all.filter((one) => one !== own);
  return { ...(own ? { statistics: own } : {}), ...(others.length > 0 ? { otherVersions: others } : {}) };
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
