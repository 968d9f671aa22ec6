import type { CallOptions, Clock, Digest, Locks, ManagementApi } from '../ports.ts';
import { placeBody, type PlacedBody } from './body.ts';
import { algorithmOf, blobId } from './blobId.ts';
import { isDone, type FunctionChange } from './change.ts';
import { deployLock } from './deploy.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { Conclusion, Intent, Ledger } from './ledger.ts';
import { isModule } from './imports.ts';

export interface ReconcileNeeds {
  readonly management: Pick<ManagementApi, 'functions' | 'functionBody'>;
  readonly ledger: Ledger;
  readonly locks: Locks;
  readonly digest: Digest;
  readonly clock: Clock;
}

/** Milliseconds: for so long the service may still be taking in what a window sent before it died, and then it is looked at twice. */
const young = { age: 10 * 60_000, wait: 1500 } as const;

/**
 * At the next start: finds out what became of deploys whose end nobody wrote down, because the window died (SAFETY 21). One that
 * another window is still at, which holds the lock, is left to it. Gives the intents with what was found; throws what the service throws.
 */
export async function reconcile(ref: string, needs: ReconcileNeeds, options: CallOptions): Promise<readonly { readonly intent: Intent; readonly found: Found }[]> {
  const open = (await needs.ledger.open()).filter((intent) => intent.ref === ref);
  const settled: { intent: Intent; found: Found }[] = [];
  for (const { slug } of new Map(open.map((intent) => [intent.slug, intent])).values()) {
    const release = await needs.locks.tryAcquire(deployLock(ref, slug));
    if (release) {
      try {
        settled.push(...(await settle(ref, slug, needs, options)));
      } finally {
        await release();
      }
    }
  }
  return settled;
}

type Found = Pick<Conclusion, 'result' | 'versionAfter' | 'bundleAfter' | 'because'>;

/** The intents are read again under the lock: their window may have finished meanwhile. */
async function settle(ref: string, slug: string, needs: ReconcileNeeds, options: CallOptions): Promise<{ intent: Intent; found: Found }[]> {
  const intents = (await needs.ledger.open()).filter((intent) => intent.ref === ref && intent.slug === slug);
  if (intents.length === 0) {
    return [];
  }
  const live = await lookTwice(ref, slug, intents, needs, options);
  const body = live && intents.some((intent) => intent.versionBefore !== live.version) ? await needs.management.functionBody(ref, slug, options) : undefined;
  const settled = intents.map((intent) => ({ intent, found: judge(intent, live, body && placeBody(body, slug, entrypointOf(intent)), needs.digest) }));
  for (const { intent, found } of settled) {
    await needs.ledger.conclude(intent.id, { ...found, reconciled: true });
  }
  return settled;
}

async function lookTwice(ref: string, slug: string, intents: readonly Intent[], { management, clock }: ReconcileNeeds, options: CallOptions): Promise<EdgeFunction | undefined> {
  const look = async () => (await management.functions(ref, options)).find((fn) => fn.slug === slug);
  const live = await look();
  if (intents.every(({ at, versionBefore }) => versionBefore !== live?.version || clock.now() - at > young.age)) {
    return live;
  }
  await clock.sleep(young.wait, options.signal);
  return look();
}

function judge(intent: Intent, live: EdgeFunction | undefined, body: PlacedBody | undefined, digest: Digest): Found {
  const change = changeOf(intent);
  const after = live ? { versionAfter: live.version, ...(live.bundleSha256 === undefined ? {} : { bundleAfter: live.bundleSha256 }) } : {};
  if (change && isDone(change, live)) {
    return { result: 'deployed', ...after };
  }
  if (live?.version === intent.versionBefore) {
    return { result: 'unchanged', ...after };
  }
  if (!live || !body) {
    return { result: 'unknown', because: 'the function is not deployed' };
  }
  const meant = new Map(intent.files.map(([path, id, needed]) => [path, { id, needed }]));
  const equal = [...body.files].every(([path, content]) => {
    const file = meant.get(path);
    return file ? blobId(content, digest, algorithmOf(file.id)) === file.id : !isModule(path);
  });
  const complete = [...meant].every(([path, { needed }]) => !needed || body.files.has(path));
  return equal && complete ? { result: 'deployed', ...after } : { result: 'unknown', ...after, because: 'another body is live' };
}

/** What was meant when no files were sent. */
function changeOf({ action, verifyJwt }: Intent): FunctionChange | undefined {
  return action === 'delete' ? { kind: 'delete' } : action === 'settings' && verifyJwt !== undefined ? { kind: 'settings', verifyJwt } : undefined;
}

/** The first module sent is where the function starts: sources list it first. */
function entrypointOf(intent: Intent): string | undefined {
  return intent.files[0]?.[0];
}
