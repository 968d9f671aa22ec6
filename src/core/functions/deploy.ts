import { defined } from '../../util/defined.ts';
import { OpsError, isCancelled, isOpsError, throwIfCancelled } from '../errors.ts';
import type { BodyArchive, Clock, Digest, Locks, Logger, ManagementApi, StagingArea, SupabaseCli } from '../ports.ts';
import { blobId } from './blobId.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { DeployResult, Ledger, LedgerOrigin } from './ledger.ts';
import type { DeployPlan } from './plan.ts';
import { checkComplete, stagedFiles } from './stage.ts';
import { lookAfter, type LiveState } from './verify.ts';

export interface DeployNeeds {
  readonly management: Pick<ManagementApi, 'functions' | 'functionBody'>;
  readonly cli: SupabaseCli;
  readonly staging: StagingArea;
  readonly locks: Locks;
  readonly ledger: Ledger;
  readonly bodies: BodyArchive;
  readonly digest: Digest;
  readonly clock: Clock;
  readonly log: Logger;
  /** The account that deploys, as people know it. */
  readonly who: string;
  readonly reason?: string;
  /** Id of the place. */
  readonly place?: string;
  /** Whether the team is to be told. */
  readonly shared?: boolean;
}

export type DeployStep = 'checking' | 'staging' | 'sending' | 'verifying';

export type DeployEvent = { readonly kind: 'step'; readonly step: DeployStep } | { readonly kind: 'output'; readonly line: string };

export type DeployOutcome =
  /** What was meant is live. */
  | { readonly kind: 'deployed'; readonly version: number }
  /** Somebody deployed after the plan was made; nothing was sent. `live` absent: the function is gone. */
  | { readonly kind: 'stale'; readonly live?: EdgeFunction }
  /** The person stopped it; `state` is what was found to be live afterwards. */
  | { readonly kind: 'cancelled'; readonly state: LiveState }
  /** `error` is an `OpsError` nearly always. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly state: LiveState };

/** After a cancel or a failure the service is asked once more with a signal of its own: the truth is worth the wait. */
const lookSeconds = 20;

/**
 * The one way to a new version: deploy and rollback alike. Applies the plan that was shown, or says why not. Throws `deployRunning`,
 * `importMissing` and what reading the service throws before anything was sent; from the intent on every end is an outcome, and is in
 * the ledger.
 */
export async function applyDeploy(plan: DeployPlan, needs: DeployNeeds, onEvent: (event: DeployEvent) => void, signal: AbortSignal): Promise<DeployOutcome> {
  checkComplete(plan.source);
  const release = await needs.locks.tryAcquire(deployLock(plan.project.ref, plan.slug));
  if (!release) {
    throw new OpsError('deployRunning', { slug: plan.slug });
  }
  try {
    onEvent({ kind: 'step', step: 'checking' });
    await endLeftBehind(needs);
    const live = await findFunction(plan, needs, signal);
    if (!sameVersion(live, plan.live)) {
      return live ? { kind: 'stale', live } : { kind: 'stale' };
    }
    await keepBody(plan, needs);
    throwIfCancelled(signal);
    return await send(plan, needs, onEvent, signal);
  } finally {
    await release();
  }
}

/** The lock's name: one deploy of a function at a time, over all windows. */
export function deployLock(ref: string, slug: string): string {
  return `deploy/${ref}/${slug}`;
}

async function findFunction(plan: DeployPlan, needs: DeployNeeds, signal: AbortSignal): Promise<EdgeFunction | undefined> {
  const functions = await needs.management.functions(plan.project.ref, { signal, priority: 'user' });
  return functions.find((fn) => fn.slug === plan.slug);
}

function sameVersion(a: EdgeFunction | undefined, b: EdgeFunction | undefined): boolean {
  return a?.id === b?.id && a?.version === b?.version && a?.bundleSha256 === b?.bundleSha256;
}

/** What a window that died left running must not overtake this. */
async function endLeftBehind({ staging, log }: DeployNeeds): Promise<void> {
  try {
    await staging.sweep();
  } catch (error) {
    log.warn('what is left of dead windows could not be removed', { error: String(error) });
  }
}

/** The way back must not stop the way forward: a disk that is full is in the log, and the plan said what is kept. */
async function keepBody(plan: DeployPlan, needs: DeployNeeds): Promise<void> {
  if (plan.live && plan.liveBody) {
    try {
      await needs.bodies.put(plan.project.ref, plan.slug, plan.live.version, plan.liveBody, plan.live);
    } catch (error) {
      needs.log.warn('the replaced body was not kept', { slug: plan.slug, error: String(error) });
    }
  }
}

async function send(plan: DeployPlan, needs: DeployNeeds, onEvent: (event: DeployEvent) => void, signal: AbortSignal): Promise<DeployOutcome> {
  const { ref } = plan.project;
  const id = await writeIntent(plan, needs);
  let failure: { readonly error: unknown } | undefined;
  try {
    onEvent({ kind: 'step', step: 'staging' });
    await needs.staging.withTree(stagedFiles(plan.source, ref, plan.verifyJwt.after), async (tree) => {
      throwIfCancelled(signal);
      onEvent({ kind: 'step', step: 'sending' });
      const request = { tree, ref, slug: plan.slug, verifyJwt: plan.verifyJwt.after };
      await needs.cli.deployFunction(request, (line) => onEvent({ kind: 'output', line }), signal);
    });
  } catch (error) {
    failure = { error };
  }
  onEvent({ kind: 'step', step: 'verifying' });
  const state = await look(plan, needs, failure === undefined);
  await writeConclusion(id, plan, needs, state, failure?.error);
  return outcomeOf(plan, state, failure);
}

async function look(plan: DeployPlan, needs: DeployNeeds, sent: boolean): Promise<LiveState> {
  const expectation = { ref: plan.project.ref, source: plan.source, ...(plan.live ? { before: plan.live } : {}), sent };
  return lookAfter(expectation, needs, AbortSignal.timeout(lookSeconds * 1000));
}

function outcomeOf(plan: DeployPlan, state: LiveState, failure: { readonly error: unknown } | undefined): DeployOutcome {
  if (failure && isCancelled(failure.error)) {
    return { kind: 'cancelled', state };
  }
  if (failure) {
    return { kind: 'failed', error: failure.error, state };
  }
  if (state.kind === 'asMeant') {
    return { kind: 'deployed', version: state.version };
  }
  return { kind: 'failed', error: new OpsError('deployUnverified', { slug: plan.slug, problem: state.problem }), state };
}

function writeIntent(plan: DeployPlan, needs: DeployNeeds): Promise<string> {
  const { live, source, verifyJwt } = plan;
  return needs.ledger.intend({
    ref: plan.project.ref,
    slug: plan.slug,
    action: plan.action,
    origin: ledgerOrigin(plan),
    who: needs.who,
    ...defined({ reason: needs.reason, place: needs.place, shared: needs.shared }),
    ...(live ? { versionBefore: live.version } : {}),
    ...(live?.bundleSha256 === undefined ? {} : { bundleBefore: live.bundleSha256 }),
    files: [...source.files].map(([path, file]) => [path, blobId(file.content, needs.digest), file.role === 'module'] as const),
    ...(verifyJwt.after === undefined ? {} : { verifyJwt: verifyJwt.after }),
  });
}

function ledgerOrigin({ origin, uncommitted }: DeployPlan): LedgerOrigin {
  switch (origin.kind) {
    case 'commit':
      return { kind: 'commit', commit: origin.commit.hash };
    case 'workingTree':
      return { kind: 'workingTree', clean: origin.head !== undefined && uncommitted.length === 0, ...(origin.head ? { commit: origin.head.hash } : {}) };
    default:
      return origin;
  }
}

const results: Record<LiveState['kind'], DeployResult> = { asMeant: 'deployed', unchanged: 'unchanged', other: 'unknown', unseen: 'unknown' };

async function writeConclusion(id: string, plan: DeployPlan, needs: DeployNeeds, state: LiveState, error: unknown): Promise<void> {
  const because = error === undefined ? (state.kind === 'asMeant' ? undefined : state.problem) : isOpsError(error) ? error.code : 'error';
  const after = 'version' in state && state.version !== undefined ? { versionAfter: state.version, ...(state.bundle === undefined ? {} : { bundleAfter: state.bundle }) } : {};
  try {
    await needs.ledger.conclude(id, { result: results[state.kind], ...after, ...(because === undefined ? {} : { because }) });
  } catch (failure) {
    // The intent stays open, and the next start finds out what became of it.
    needs.log.error('the outcome of a deploy could not be written down', { slug: plan.slug, error: String(failure) });
  }
}
