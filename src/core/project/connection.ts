import { OpsError, throwIfCancelled, type AbsenceReason } from '../errors.ts';
import type { CallOptions, Clock, Database, Gateway, LogStore, ManagementApi } from '../ports.ts';
import type { FunctionStatistics } from '../logs/log.ts';
import type { EdgeFunction } from '../functions/edgeFunction.ts';
import type { Secret } from '../secrets/secret.ts';
import type { ServiceHealth } from '../health/health.ts';
import { l10n } from '../../util/l10n.ts';
import type { Account } from './accounts.ts';
import type { Place, Project } from './project.ts';
import { SharedCall } from './sharedCall.ts';

/** One way to reach a part of a project; a way that is absent says why, and what needs it is absent from the UI with that reason. */
export type Way<T> = { readonly kind: 'available'; readonly use: T } | { readonly kind: 'absent'; readonly reason: AbsenceReason };

export function available<T>(use: T): Way<T> {
  return { kind: 'available', use };
}

export function absent<T>(reason: AbsenceReason): Way<T> {
  return { kind: 'absent', reason };
}

/** The way, or `absent` with what was wanted (`Listing functions`). */
export function need<T>(way: Way<T>, what: string): T {
  if (way.kind === 'absent') {
    throw new OpsError('absent', { what, reason: way.reason });
  }
  return way.use;
}

/** What the key of a log store of one's own is kept as: bound to the origin that it was given for (SAFETY 7). */
export function logKeyName(origin: string): string {
  return `logKey ${origin}`;
}

/** A selected project with the ways that lead to it. */
export interface Connection {
  readonly project: Project;
  /** The folder whose functions, migrations and manuals belong to it; absent in a window without a Supabase folder. */
  readonly place?: Place;
  readonly account?: Account;
  readonly management: Way<ManagementApi>;
  readonly database: Way<Database>;
  readonly logs: Way<LogStore>;
  readonly gateway: Way<Gateway>;
  /** What the views show of it; asked once and shared until {@link ProjectData.forget}. */
  readonly data: ProjectData;
  /** Closes what is open. */
  close(): Promise<void>;
}

/**
 * The lists that several views need, each asked for once: calls while one is on its way share it, later ones get the same answer
 * until `forget`. A failure is not kept.
 */
export class ProjectData {
  private readonly known = new Map<string, SharedCall<unknown>>();
  private readonly ref: string;
  private readonly management: Way<ManagementApi>;
  private readonly gateway: Way<Gateway>;
  private readonly logs: Way<LogStore>;
  private readonly clock: Clock;

  constructor(ways: { ref: string; management: Way<ManagementApi>; gateway: Way<Gateway>; logs: Way<LogStore>; clock: Clock }) {
    this.ref = ways.ref;
    this.management = ways.management;
    this.gateway = ways.gateway;
    this.logs = ways.logs;
    this.clock = ways.clock;
  }

  functions(options: CallOptions): Promise<readonly EdgeFunction[]> {
    return this.once('functions', options, async (shared) => need(this.management, l10n.t('Listing deployed functions')).functions(this.ref, shared));
  }

  secrets(options: CallOptions): Promise<readonly Secret[]> {
    return this.once('secrets', options, async (shared) => need(this.management, l10n.t('Listing secrets')).secrets(this.ref, shared));
  }

  /** The platform's word where there is a Management API, else what the gateway's services answer themselves. */
  services(options: CallOptions): Promise<readonly ServiceHealth[]> {
    return this.once('services', options, async (shared) =>
      this.management.kind === 'available'
        ? this.management.use.health(this.ref, shared)
        : need(this.gateway, l10n.t('The health of the services')).health(shared),
    );
  }

  /** Invocations of the last hour by function id and version, in one log query; `undefined` where the logs cannot count. */
  statistics(options: CallOptions): Promise<ReadonlyMap<string, readonly FunctionStatistics[]> | undefined> {
    return this.once('statistics', options, async (shared) => {
      const to = this.clock.now();
      return this.logs.kind === 'available' ? this.logs.use.functionStatistics?.({ from: to - 3_600_000, to }, shared) : undefined;
    });
  }

  forget(...what: ('functions' | 'secrets' | 'services')[]): void {
    if (what.length === 0) {
      this.known.clear();
    }
    for (const key of what) {
      this.known.delete(key);
    }
  }

  private async once<T>(key: string, { signal, priority }: CallOptions, ask: (shared: CallOptions) => Promise<T>): Promise<T> {
    const known = this.known.get(key) as SharedCall<T> | undefined;
    if (known && !known.abandoned) {
      return known.wait(signal);
    }
    throwIfCancelled(signal);
    const asked = new SharedCall(async (shared) => ask({ signal: shared, priority }));
    this.known.set(key, asked);
    asked.outcome.catch(() => {
      if (this.known.get(key) === asked) {
        this.known.delete(key);
      }
    });
    return asked.wait(signal);
  }
}

/** One small question that tells whether the project can be reached and read; throws what stands in the way. */
export async function probeProject({ management, project }: Connection, signal: AbortSignal): Promise<void> {
  if (management.kind === 'available') {
    await management.use.project(project.ref, { signal, priority: 'view' });
  }
}
