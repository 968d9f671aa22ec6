import { isCancelled, type OpsError, isOpsError } from '../errors.ts';
import type { Clock, Gateway } from '../ports.ts';

/** One call that tells whether a new version answers. */
export interface Probe {
  readonly slug: string;
  readonly method: string;
  /** What follows the slug: empty, `/ready`, `?dry=1`. */
  readonly path: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The document that asks for it. */
  readonly from?: string;
}

/** Reads `health GET /?dry=1 200`; a status that is left out is 200, and `/` stands for nothing. `undefined` for anything else. */
export function parseProbe(text: string): Probe | undefined {
  const [, slug, method, path = '', status = '200'] = /^\s*([A-Za-z][\w-]*)\s+([A-Z]{3,7})(?:\s+([/?]\S*))?(?:\s+([1-5]\d\d))?\s*$/.exec(text) ?? [];
  return slug === undefined || method === undefined ? undefined : { slug, method, path: path === '/' ? '' : path, status: Number(status) };
}

export type ProbeResult =
  | { readonly kind: 'answered'; readonly milliseconds: number }
  | { readonly kind: 'wrong'; readonly status: number }
  | { readonly kind: 'failed'; readonly error: OpsError };

/** Milliseconds before each attempt: where a call lands, the version before may answer for a moment. */
const waits = [0, 1000, 3000];

/** Calls with the project's publishable key, as its front ends do. Throws `cancelled` alone. */
export async function runProbe(probe: Probe, gateway: Pick<Gateway, 'request'>, clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<ProbeResult> {
  let result: ProbeResult | undefined;
  for (const wait of waits) {
    await clock.sleep(wait, signal);
    result = await callOnce(probe, gateway, signal);
    if (result.kind === 'answered') {
      return result;
    }
  }
  return result ?? { kind: 'wrong', status: 0 };
}

async function callOnce(probe: Probe, gateway: Pick<Gateway, 'request'>, signal: AbortSignal): Promise<ProbeResult> {
  try {
    const { status, timings } = await gateway.request({ method: probe.method, url: `/functions/v1/${probe.slug}${probe.path}`, headers: probe.headers ?? {}, ...(probe.body === undefined ? {} : { body: probe.body }) }, { signal, priority: 'user' });
    return status === probe.status ? { kind: 'answered', milliseconds: timings.total } : { kind: 'wrong', status };
  } catch (error) {
    if (isOpsError(error) && !isCancelled(error)) {
      return { kind: 'failed', error };
    }
    throw error;
  }
}
