/** Callers of the project while somebody looks on: without them a log that is followed stays silent. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Sandbox } from './controlPlane.ts';

export interface TrafficOptions {
  /** Mean pause between two calls. Default 4,000. */
  everyMs?: number;
  /** In turn. Default: every deployed function. */
  slugs?: readonly string[];
}

/** Calls the project's functions one after another with its service key, until it is stopped. */
export function startTraffic(sandbox: Sandbox, options: TrafficOptions = {}): { stop(): Promise<void> } {
  const ending = new AbortController();
  const running = call(sandbox, options, ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) {
      throw error;
    }
  });
  return {
    stop: async () => {
      ending.abort();
      await running;
    },
  };
}

async function call(sandbox: Sandbox, { everyMs = 4000, slugs }: TrafficOptions, signal: AbortSignal): Promise<void> {
  const project = sandbox.state.projects.get(sandbox.ref);
  for (let turn = 0; project !== undefined; turn += 1) {
    await sleep(everyMs * (0.5 + Math.random()), undefined, { signal });
    const callable = slugs ?? [...project.functions.keys()];
    const slug = callable[turn % callable.length];
    if (slug !== undefined) {
      await visit(`${sandbox.gatewayUrl}/functions/v1/${slug}`, project.keys.anon, signal);
    }
  }
}

/** A function that fails is part of the picture, as is one that is just being deployed. */
async function visit(url: string, key: string, signal: AbortSignal): Promise<void> {
  try {
    const headers = { authorization: `Bearer ${key}`, apikey: key, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{}', signal });
    await answer.arrayBuffer();
  } catch {
    signal.throwIfAborted();
  }
}
