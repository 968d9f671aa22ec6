import { defined } from '../../util/defined.ts';
import type { CommitNotes, GitHistory } from '../ports.ts';
import { maskSecrets } from '../secrets/mask.ts';
import { functionSlugPattern } from './edgeFunction.ts';
import { reasonOf, type DeployAction, type Deployment } from './ledger.ts';

/**
 * A deploy as a note on a commit tells it. In the note it is one line of JSON, `{"opsbook":1,"id","at","ref","slug","action","exact",
 * "who","versionBefore"?,"versionAfter"?,"bundleAfter"?}`, and its reason another, `{"opsbook":1,"id","at","reason"}`, since that may
 * come later. There are no files in it, no secrets and no paths of a machine. Whoever may push to the repository can write such lines:
 * they tell who deployed, and prove nothing of what is live. All text is outside text.
 */
export interface TeamDeploy {
  readonly id: string;
  /** When it had gone through, epoch milliseconds. */
  readonly at: number;
  readonly ref: string;
  readonly slug: string;
  readonly action: DeployAction;
  /** The commit with the note. */
  readonly commit: string;
  /** What was sent is what the commit holds; otherwise it is only where the person stood. */
  readonly exact: boolean;
  readonly who: string;
  readonly versionBefore?: number;
  readonly versionAfter?: number;
  readonly bundleAfter?: string;
  readonly reason?: string;
}

const format = 1;

export interface SharingNeeds {
  readonly notes: Pick<CommitNotes, 'read' | 'add'>;
  readonly git: Pick<GitHistory, 'head'>;
}

/**
 * Tells the own deploys from a place that were made to be shared and that no note tells yet: each on the commit it was made from, else
 * on the one that is checked out. Gives how many lines were added; throws what the notes throw.
 */
export async function shareDeploys(place: string, deployments: readonly Deployment[], { notes, git }: SharingNeeds, signal: AbortSignal): Promise<number> {
  const shared = deployments.filter(({ intent, conclusion }) => intent.shared === true && intent.place === place && conclusion?.result === 'deployed');
  if (shared.length === 0) {
    return 0;
  }
  const known = new Set([...(await notes.read(signal)).values()].flat());
  const head = (await git.head(signal))?.hash;
  const added = new Map<string, string[]>();
  for (const deployment of shared) {
    const lines = linesOf(deployment).filter((line) => !known.has(line));
    const commit = commitOf(deployment, deployments)?.hash ?? head;
    if (commit !== undefined && lines.length > 0) {
      added.set(commit, [...(added.get(commit) ?? []), ...lines]);
    }
  }
  if (added.size > 0) {
    await notes.add(added, signal);
  }
  return [...added.values()].flat().length;
}

function linesOf(deployment: Deployment): readonly string[] {
  const { intent, conclusion, explained } = deployment;
  const { id, ref, slug, action, who, versionBefore, origin } = intent;
  const at = conclusion?.at ?? intent.at;
  const exact = origin.kind === 'commit' || (origin.kind === 'workingTree' && origin.clean);
  const told = { opsbook: format, id, at, ref, slug, action, exact, who, ...defined({ versionBefore, versionAfter: conclusion?.versionAfter, bundleAfter: conclusion?.bundleAfter }) };
  const reason = reasonOf(deployment)?.trim() ?? '';
  return [JSON.stringify(told), ...(reason === '' ? [] : [JSON.stringify({ opsbook: format, id, at: explained?.at ?? at, reason: maskSecrets(reason) })])];
}

/** The commit that a deploy was made from; of a recorded body the one that the body was once made from. */
function commitOf({ intent }: Deployment, deployments: readonly Deployment[]): { readonly hash: string } | undefined {
  const { origin } = intent;
  if (origin.kind === 'recorded') {
    const maker = deployments.findLast((known) => known.intent.at < intent.at && known.intent.slug === intent.slug && known.conclusion?.versionAfter === origin.version);
    return maker && commitOf(maker, deployments);
  }
  return 'commit' in origin && origin.commit !== undefined ? { hash: origin.commit } : undefined;
}

/** The deploys of a project that notes tell, oldest first, without those that this machine's own ledger has. Lines of any other kind are passed over. */
export function teamDeploys(notes: ReadonlyMap<string, readonly string[]>, ref: string, own: readonly Deployment[]): readonly TeamDeploy[] {
  const ours = new Set(own.map(({ intent }) => intent.id));
  const deploys = new Map<string, TeamDeploy>();
  const reasons = new Map<string, { readonly at: number; readonly reason: string }>();
  for (const [commit, lines] of notes) {
    for (const entry of lines.map(parseLine)) {
      const deploy = entry && readDeploy(entry, commit);
      if (deploy && deploy.ref === ref && !ours.has(deploy.id)) {
        deploys.set(deploy.id, deploy);
      }
      const reason = entry && readReason(entry);
      if (reason && reason.at >= (reasons.get(reason.id)?.at ?? 0)) {
        reasons.set(reason.id, reason);
      }
    }
  }
  return [...deploys.values()].map((deploy) => ({ ...deploy, ...defined({ reason: reasons.get(deploy.id)?.reason }) })).toSorted((a, b) => a.at - b.at);
}

type Entry = Readonly<Record<string, unknown>> & { readonly id: string; readonly at: number };

function parseLine(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'opsbook' in value && value.opsbook === format && 'id' in value && isText(value.id, 64) && 'at' in value && typeof value.at === 'number' && Math.abs(value.at) < 8.64e15;
}

function isText(value: unknown, longest: number): value is string {
  return typeof value === 'string' && value.length <= longest;
}

const actions: Readonly<Record<DeployAction, true>> = { deploy: true, rollback: true, pause: true, resume: true, restart: true, delete: true, settings: true };

function readDeploy({ id, at, ref, slug, action, exact, who, versionBefore, versionAfter, bundleAfter }: Entry, commit: string): TeamDeploy | undefined {
  if (!isText(ref, 64) || !isText(slug, 256) || !functionSlugPattern.test(slug) || typeof action !== 'string' || !Object.hasOwn(actions, action) || !isText(who, 256)) {
    return undefined;
  }
  const version = (value: unknown) => (Number.isSafeInteger(value) ? Number(value) : undefined);
  return {
    ...{ id, at, ref, slug, action: action as DeployAction, commit, exact: exact === true, who },
    ...defined({ versionBefore: version(versionBefore), versionAfter: version(versionAfter), bundleAfter: isText(bundleAfter, 256) ? bundleAfter : undefined }),
  };
}

function readReason({ id, at, reason }: Entry): { readonly id: string; readonly at: number; readonly reason: string } | undefined {
  return isText(reason, 2000) ? { id, at, reason } : undefined;
}

/** Who made the version that is live, if a note says so. */
export function deployerOf(live: { readonly slug: string; readonly version: number; readonly bundleSha256?: string }, team: readonly TeamDeploy[]): TeamDeploy | undefined {
  return team.findLast(({ slug, versionAfter, bundleAfter }) => slug === live.slug && versionAfter === live.version && bundleAfter === live.bundleSha256);
}
