import { defined } from '../../util/defined.ts';
import { OpsError, isCancelled, isOpsError, throwIfCancelled } from '../errors.ts';
import type { BodyArchive, Clock, Locks, Logger, ManagementApi } from '../ports.ts';
import type { Project } from '../project/project.ts';
import { deployLock } from './deploy.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { DeployResult, Ledger } from './ledger.ts';

/** What is done to a deployed function without sending files. */
export type FunctionChange = { readonly kind: 'delete' } | { readonly kind: 'settings'; readonly verifyJwt: boolean };

/** To be shown before it is applied. */
export interface ChangePlan {
  readonly project: Pick<Project, 'ref' | 'name'>;
  /** As it was when the plan was made: a change that finds another version does not happen. */
  readonly live: EdgeFunction;
  /** To be kept before it is deleted; absent when it could not be read. */
  readonly liveBody?: FunctionBody;
  readonly change: FunctionChange;
}

export interface ChangeNeeds {
  readonly management: Pick<ManagementApi, 'functions' | 'deleteFunction' | 'updateFunction'>;
  readonly locks: Locks;
  readonly ledger: Ledger;
  readonly bodies: BodyArchive;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Logger;
  /** The account, as people know it. */
  readonly who: string;
  /** Id of the place. */
  readonly place?: string;
  /** Whether the team is to be told. */
  readonly shared?: boolean;
}

export type ChangeOutcome =
  /** `live` absent: it is gone, as was meant. */
  | { readonly kind: 'done'; readonly live?: EdgeFunction }
  /** Somebody changed the function after the plan was made; nothing was done. */
  | { readonly kind: 'stale'; readonly live?: EdgeFunction }
  /** `result`: what was found to be the case afterwards. */
  | { readonly kind: 'cancelled' | 'failed'; readonly error: unknown; readonly result: DeployResult };

/**
 * Deletes a function, or changes whether it asks for a JWT: under the lock of its deploys, with the intent in the ledger before and the
 * outcome after. Throws `deployRunning`, `storageFailed` when the body to be deleted cannot be kept, and what reading the service throws,
 * all before anything is done.
 */
export async function applyChange(plan: ChangePlan, needs: ChangeNeeds, signal: AbortSignal): Promise<ChangeOutcome> {
  const { ref } = plan.project;
  const { slug, version } = plan.live;
  const release = await needs.locks.tryAcquire(deployLock(ref, slug));
  if (!release) {
    throw new OpsError('deployRunning', { slug });
  }
  try {
    const live = await find(plan, needs, signal);
    if (live?.id !== plan.live.id || live.version !== version || live.verifyJwt !== plan.live.verifyJwt) {
      return live ? { kind: 'stale', live } : { kind: 'stale' };
    }
    if (plan.change.kind === 'delete' && plan.liveBody) {
      await needs.bodies.put(ref, slug, version, plan.liveBody, plan.live);
    }
    throwIfCancelled(signal);
    return await change(plan, needs, signal);
  } finally {
    await release();
  }
}

async function find({ project, live }: ChangePlan, needs: ChangeNeeds, signal: AbortSignal): Promise<EdgeFunction | undefined> {
  return (await needs.management.functions(project.ref, { signal, priority: 'user' })).find((fn) => fn.slug === live.slug);
}

async function change(plan: ChangePlan, needs: ChangeNeeds, signal: AbortSignal): Promise<ChangeOutcome> {
  const { project, live } = plan;
  const id = await needs.ledger.intend({
    ref: project.ref,
    slug: live.slug,
    action: plan.change.kind,
    origin: { kind: 'none' },
    who: needs.who,
    ...defined({ place: needs.place, shared: needs.shared }),
    versionBefore: live.version,
    ...(live.bundleSha256 === undefined ? {} : { bundleBefore: live.bundleSha256 }),
    files: [],
    // Of a deleted function it is what it was, for whoever brings it back.
    ...(plan.change.kind === 'settings' ? { verifyJwt: plan.change.verifyJwt } : live.verifyJwt === undefined ? {} : { verifyJwt: live.verifyJwt }),
  });
  let failure: { readonly error: unknown } | undefined;
  try {
    const call = { signal, priority: 'user' } as const;
    await (plan.change.kind === 'delete' ? needs.management.deleteFunction(project.ref, live.slug, call) : needs.management.updateFunction(project.ref, live.slug, { verifyJwt: plan.change.verifyJwt }, call));
  } catch (error) {
    failure = { error };
  }
  const { result, now } = await look(plan, needs);
  await conclude(id, needs, result, now, failure?.error);
  if (failure && result !== 'deployed') {
    return { kind: isCancelled(failure.error) ? 'cancelled' : 'failed', error: failure.error, result };
  }
  return result === 'deployed' ? { kind: 'done', ...(now ? { live: now } : {}) } : { kind: 'failed', error: new OpsError('deployUnverified', { slug: live.slug, problem: 'the service answered, and nothing changed' }), result };
}

/** The truth is worth a signal of its own. */
const lookSeconds = 20;

/** A list may lag behind the change that has just been answered: milliseconds between looks. */
const waits = [0, 250, 1000, 2000];

async function look(plan: ChangePlan, needs: ChangeNeeds): Promise<{ readonly result: DeployResult; readonly now?: EdgeFunction }> {
  const signal = AbortSignal.timeout(lookSeconds * 1000);
  try {
    let now: EdgeFunction | undefined;
    for (const wait of waits) {
      await needs.clock.sleep(wait, signal);
      now = await find(plan, needs, signal);
      if (isDone(plan.change, now)) {
        return { result: 'deployed', ...(now ? { now } : {}) };
      }
    }
    return { result: now?.version === plan.live.version ? 'unchanged' : 'unknown', ...(now ? { now } : {}) };
  } catch (error) {
    needs.log.warn('what became of a change could not be looked up', { slug: plan.live.slug, error: String(error) });
    return { result: 'unknown' };
  }
}

/** Whether a function is as a change meant it to be. */
export function isDone(meant: FunctionChange, now: EdgeFunction | undefined): boolean {
  return meant.kind === 'delete' ? now === undefined : now?.verifyJwt === meant.verifyJwt;
}

async function conclude(id: string, needs: ChangeNeeds, result: DeployResult, now: EdgeFunction | undefined, error: unknown): Promise<void> {
  const after = now ? { versionAfter: now.version, ...(now.bundleSha256 === undefined ? {} : { bundleAfter: now.bundleSha256 }) } : {};
  try {
    await needs.ledger.conclude(id, { result, ...after, ...(error === undefined ? {} : { because: isOpsError(error) ? error.code : 'error' }) });
  } catch (failure) {
    // The intent stays open, and the next start finds out what became of it.
    needs.log.error('the outcome of a change could not be written down', { error: String(failure) });
  }
}
