/** What the Functions view holds, as plain data. */
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { Deployment } from '../../core/functions/ledger.ts';
import type { LiveAnswer } from '../../core/functions/liveCommits.ts';
import type { VersionGap } from '../../core/functions/ownDeploys.ts';
import type { TeamDeploy } from '../../core/functions/sharedLedger.ts';
import type { TailKey, TailState } from '../../core/logs/activeTails.ts';
import type { FunctionStatistics } from '../../core/logs/log.ts';
import type { Commit } from '../../core/ports.ts';

/** A function of the project, of the place, or of both. */
export interface FunctionNode {
  readonly kind: 'function';
  readonly slug: string;
  readonly ref: string;
  /** Absent: in the repository and not deployed. */
  readonly deployed?: EdgeFunction;
  /** Its sources are in the place. */
  readonly local: boolean;
  /** Of the version that is deployed, in the last hour; absent without invocations, or where the logs cannot be read. */
  readonly statistics?: FunctionStatistics;
  /** Of versions that were replaced within the hour. */
  readonly otherVersions?: readonly FunctionStatistics[];
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

/** Why a function unfolds to no commit. */
export interface NoCommitsNode {
  readonly kind: 'noCommits';
  readonly slug: string;
  /** There is a history, and nothing in it touched the function. */
  readonly hasHistory: boolean;
}

/** A tail that no row of a function or service shows: of all functions, of several, of one that is not there any more. */
export interface TailNode {
  readonly kind: 'tail';
  readonly ref: string;
  readonly key: TailKey;
  /** For people. */
  readonly name: string;
  readonly state: TailState;
}

export type FunctionsNode = TailNode | FunctionNode | CommitNode | DeploymentNode | TeamDeployNode | GapNode | NoCommitsNode;

export function isCommitNode(value: unknown): value is CommitNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'commit' && 'commit' in value && 'slug' in value;
}

export function isFunctionNode(value: unknown): value is FunctionNode {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'function' && 'slug' in value && typeof value.slug === 'string';
}
