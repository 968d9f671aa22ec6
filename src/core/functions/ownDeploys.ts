import type { EdgeFunction } from './edgeFunction.ts';
import type { Deployment } from './ledger.ts';

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

/** Whether a function that was deleted from here asked for a JWT; `undefined` when that is not known. */
export function lastVerifyJwt(slug: string, deployments: readonly Deployment[]): boolean | undefined {
  return succeeded(slug, deployments).findLast(({ intent }) => intent.verifyJwt !== undefined)?.intent.verifyJwt;
}

/** When a recorded version was replaced, epoch milliseconds; `undefined` when that was not from here. */
export function replacedAt(slug: string, version: number, deployments: readonly Deployment[]): number | undefined {
  const replacing = succeeded(slug, deployments).findLast(({ intent }) => intent.versionBefore === version);
  return replacing && (replacing.conclusion?.at ?? replacing.intent.at);
}
