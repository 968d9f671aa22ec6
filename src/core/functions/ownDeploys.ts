import type { EdgeFunction } from './edgeFunction.ts';
import type { Deployment } from './ledger.ts';
import type { TeamDeploy } from './sharedLedger.ts';

/** The time in which an own deploy was live. */
export interface Period {
  readonly deployment: Deployment;
  /** Epoch milliseconds; absent: it still is. When others replaced it, it is the time of their last deploy. */
  readonly until?: number;
}

/** Own deploys of a function that went through, oldest first. */
export function periodsOf(slug: string, deployments: readonly Deployment[], live: EdgeFunction | undefined): readonly Period[] {
  const own = succeeded(slug, deployments);
  return own.map((deployment, index) => {
    const next = own[index + 1];
    if (next) {
      return { deployment, until: next.conclusion?.at ?? next.intent.at };
    }
    return live && !isVersionOf(deployment, live) ? { deployment, until: live.updatedAt } : { deployment };
  });
}

function succeeded(slug: string, deployments: readonly Deployment[]): readonly Deployment[] {
  return deployments.filter(({ intent, conclusion }) => intent.slug === slug && conclusion?.result === 'deployed');
}

function isVersionOf({ conclusion }: Deployment, live: EdgeFunction): boolean {
  return conclusion?.versionAfter === live.version && conclusion.bundleAfter === live.bundleSha256;
}

/** The own deploy that is live; `undefined` when it was another's, and when this machine has none. */
export function ownLive(live: EdgeFunction, deployments: readonly Deployment[]): Deployment | undefined {
  return succeeded(live.slug, deployments).findLast((deployment) => isVersionOf(deployment, live));
}

/** The version that is live came from somewhere else, after one of ours: the dashboard, CI, a colleague. */
export function isDeployedElsewhere(live: EdgeFunction, deployments: readonly Deployment[]): boolean {
  return succeeded(live.slug, deployments).length > 0 && !ownLive(live, deployments);
}

/** Versions that nobody here made: the dashboard, CI, a colleague. */
export interface VersionGap {
  readonly from: number;
  readonly to: number;
  /** Epoch milliseconds: between these they were made. */
  readonly after: number;
  readonly before: number;
}

/** Where versions are missing between own deploys, and between the last one and what is live; oldest first. Those that the team tells are no gap. */
export function versionGaps(slug: string, deployments: readonly Deployment[], live: EdgeFunction | undefined, team: readonly TeamDeploy[]): readonly VersionGap[] {
  const known = succeeded(slug, deployments).map(({ intent, conclusion }) => ({ before: intent.versionBefore, after: conclusion?.versionAfter, began: intent.at, ended: conclusion?.at ?? intent.at }));
  const ends = [...known, ...(live ? [{ before: live.version, after: live.version, began: live.updatedAt, ended: live.updatedAt }] : [])];
  const told = new Set(team.flatMap((deploy) => (deploy.slug === slug && deploy.versionAfter !== undefined ? [deploy.versionAfter] : [])));
  return ends.flatMap(({ before, began }, index) => {
    const last = known[index - 1];
    // A function that was deleted begins anew with version 1.
    if (last?.after === undefined || before === undefined) {
      return [];
    }
    let [from, to] = [last.after + 1, before];
    while (from <= to && told.has(from)) {
      from++;
    }
    while (to >= from && told.has(to)) {
      to--;
    }
    return from > to ? [] : [{ from, to, after: last.ended, before: began }];
  });
}

/** Whether a function that was deleted from here asked for a JWT; `undefined` when that is not known. */
export function lastVerifyJwt(slug: string, deployments: readonly Deployment[]): boolean | undefined {
  return succeeded(slug, deployments).findLast(({ intent }) => intent.verifyJwt !== undefined)?.intent.verifyJwt;
}

/** When a recorded version was replaced, epoch milliseconds; `undefined` when that was not from here. */
export function replacedAt(slug: string, version: number, deployments: readonly Deployment[]): number | undefined {
  const replacing = succeeded(slug, deployments).findLast(({ intent }) => intent.versionBefore === version);
  return replacing && (replacing.conclusion?.at ?? replacing.intent.at);
}
