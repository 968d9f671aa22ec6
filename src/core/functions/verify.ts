import { isOpsError } from '../errors.ts';
import type { Clock, ManagementApi } from '../ports.ts';
import { compareBody, placeBody } from './body.ts';
import { isModule } from './imports.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import type { FunctionSource } from './source.ts';

/** What is live after something was sent, or may have been. `problem` is for logs and for people who read details. */
export type LiveState =
  | { readonly kind: 'asMeant'; readonly version: number; readonly bundle?: string }
  /** The version is the one of before. */
  | { readonly kind: 'unchanged'; readonly version?: number; readonly bundle?: string; readonly problem: string }
  | { readonly kind: 'other'; readonly version: number; readonly bundle?: string; readonly problem: string }
  /** Nobody could look: offline, or the service failed. */
  | { readonly kind: 'unseen'; readonly problem: string };

export interface Expectation {
  readonly ref: string;
  readonly source: Pick<FunctionSource, 'slug' | 'entrypoint' | 'files'>;
  readonly before?: EdgeFunction;
  /** The CLI said it was done. Otherwise the service may still be at it, so an unchanged version is looked at twice. */
  readonly sent: boolean;
}

export interface VerifyNeeds {
  readonly management: Pick<ManagementApi, 'functions' | 'functionBody'>;
  readonly clock: Pick<Clock, 'sleep'>;
}

/** Milliseconds between looks: a list may lag behind a deploy that has just answered, and a stopped upload may still be taken in. */
const waits = { sent: [0, 250, 500, 1000, 2000, 4000], stopped: [0, 1500] } as const;

/** Looks what is live, until the version is another one or the time is up. Never throws. */
export async function lookAfter(expected: Expectation, needs: VerifyNeeds, signal: AbortSignal): Promise<LiveState> {
  try {
    let live: EdgeFunction | undefined;
    for (const wait of expected.sent ? waits.sent : waits.stopped) {
      await needs.clock.sleep(wait, signal);
      const functions = await needs.management.functions(expected.ref, { signal, priority: 'user' });
      live = functions.find((fn) => fn.slug === expected.source.slug);
      if (live && live.version !== expected.before?.version) {
        return await compare(expected, live, needs, signal);
      }
    }
    return { kind: 'unchanged', ...versionOf(live), problem: live ? `the version is still ${live.version}` : 'the function is not deployed' };
  } catch (error) {
    return { kind: 'unseen', problem: isOpsError(error) ? error.code : String(error) };
  }
}

async function compare(expected: Expectation, live: EdgeFunction, needs: VerifyNeeds, signal: AbortSignal): Promise<LiveState> {
  const { slug, entrypoint, files } = expected.source;
  const body = await needs.management.functionBody(expected.ref, slug, { signal, priority: 'user' });
  const difference = compareBody(placeBody(body, slug, entrypoint), files);
  // Whether the service gives back an import map or static files, and adds files of its own, is not known for every way of deploying;
  // modules it gives back as they are.
  const lost = difference.removed.filter((path) => files.get(path)?.role === 'module');
  const wrong = [...difference.changed, ...difference.added.filter(isModule), ...lost];
  const version = { version: live.version, ...(live.bundleSha256 === undefined ? {} : { bundle: live.bundleSha256 }) };
  return wrong.length === 0 ? { kind: 'asMeant', ...version } : { kind: 'other', ...version, problem: `version ${live.version} differs in ${wrong.join(', ')}` };
}

function versionOf(live: EdgeFunction | undefined): { version?: number; bundle?: string } {
  return live ? { version: live.version, ...(live.bundleSha256 === undefined ? {} : { bundle: live.bundleSha256 }) } : {};
}
