import { defined } from '../../util/defined.ts';
import type { BodyArchive } from '../ports.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Deployment } from './ledger.ts';
import type { MarkedCommit } from './past.ts';
import type { DeployFrom } from './prepare.ts';

export interface BeforeNeeds {
  readonly bodies: BodyArchive;
  readonly deployments: readonly Deployment[];
  /** What is live; absent when it cannot be read. */
  readonly body?: FunctionBody;
  /** Asked only when no body tells: reading a history takes its time. */
  readonly commits: () => Promise<readonly MarkedCommit[]>;
}

/**
 * What was live before what is live now, for undoing in one click: the recorded body of the version before, else the commit before the
 * live one, else the newest body that was kept. Passed over are versions with the same files (a restart, a changed setting), and those
 * that were rolled back from or only said that the function is paused: undoing twice must not bring back what was undone.
 * `undefined` when nothing is known.
 */
export async function versionBefore(ref: string, live: EdgeFunction, needs: BeforeNeeds): Promise<DeployFrom | undefined> {
  const older = (await needs.bodies.versions(ref, live.slug)).filter((version) => version < live.version);
  const passedOver = undone(live.slug, needs.deployments);
  // One that was deleted and deployed anew has versions of its own.
  const keptAs = async (version: number) => (older.includes(version) ? needs.bodies.get(ref, live.slug, version, { id: live.id }) : undefined);
  const differs = (body: FunctionBody) => !(needs.body && sameBody(body, needs.body));
  for (let version = live.version - 1; version >= (older.at(-1) ?? live.version); version--) {
    const body = passedOver.has(version) ? undefined : await keptAs(version);
    if (body && differs(body)) {
      return { kind: 'recorded', version };
    }
    if (!body && !passedOver.has(version)) {
      break;
    }
  }
  const commits = await needs.commits();
  const at = commits.findIndex(({ isLive }) => isLive);
  const before = at < 0 ? undefined : commits[at + 1];
  if (before) {
    return fromMarked(before);
  }
  for (const version of older.filter((one) => !passedOver.has(one))) {
    const body = await keptAs(version);
    if (body && differs(body)) {
      return { kind: 'recorded', version };
    }
  }
  return undefined;
}

/** What was read of a commit to list it need not be read again. */
export function fromMarked({ commit, formerSlug, source }: MarkedCommit): DeployFrom {
  return { kind: 'commit', commit, source, ...defined({ formerSlug }) };
}

/** Versions that a rollback replaced, and those that only said the function is paused. */
function undone(slug: string, deployments: readonly Deployment[]): ReadonlySet<number> {
  return new Set(
    deployments
      .filter(({ intent, conclusion }) => intent.slug === slug && conclusion?.result === 'deployed')
      .flatMap(({ intent, conclusion }) => (intent.action === 'rollback' ? [intent.versionBefore] : intent.action === 'pause' ? [conclusion?.versionAfter] : []))
      .filter((version) => version !== undefined),
  );
}

export function sameBody(a: FunctionBody, b: FunctionBody): boolean {
  return a.entrypoint === b.entrypoint && a.files.size === b.files.size && [...a.files].every(([path, content]) => sameBytes(content, b.files.get(path)));
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b?.length === a.length && a.every((byte, at) => byte === b[at]);
}
