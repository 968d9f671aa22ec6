/** Faults on demand: what goes wrong on the way, by endpoint and for so many calls. */
import { setTimeout as sleep } from 'node:timers/promises';

import { json, type Answer } from './api/answer.ts';
import type { Call } from './api/call.ts';

export type Fault =
  /** The answer comes late. */
  | { kind: 'delay'; ms: number }
  /** The service refuses; `resetSeconds` becomes `X-RateLimit-Reset`, `retryAfterSeconds` becomes `Retry-After`. */
  | { kind: 'status'; status: number; message?: string; body?: unknown; resetSeconds?: number; retryAfterSeconds?: number }
  /** The connection breaks after so many bytes of the body; without `afterBytes`, before the status line. */
  | { kind: 'torn'; afterBytes?: number }
  /** A complete HTTP answer whose body stops in the middle: half a multipart, half a JSON text. */
  | { kind: 'half' }
  /** The body trickles: one chunk of so many bytes every so many milliseconds. */
  | { kind: 'slow'; chunkBytes: number; everyMs: number }
  /** A proxy's HTML page with status 200 in place of JSON. */
  | { kind: 'notJson'; body?: string }
  /** The answer's JSON, changed. */
  | { kind: 'change'; change: (body: unknown) => unknown };

interface Entry {
  pattern: RegExp;
  fault: Fault;
  left: number;
}

export class Faults {
  #entries: Entry[] = [];

  /**
   * Arms a fault for the next `times` calls (all of them if not given) of an endpoint, written `GET /v1/projects/{ref}/functions`:
   * a segment in braces or `*` is any segment, a final `**` any rest, a method `*` any method. Returns how to disarm it.
   */
  add(endpoint: string, fault: Fault, times = Number.POSITIVE_INFINITY): () => void {
    const entry: Entry = { pattern: toPattern(endpoint), fault, left: times };
    this.#entries.push(entry);
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  clear(): void {
    this.#entries = [];
  }

  /** The faults that hit this call, in the order in which they were armed; each is used up by one. */
  take(call: Pick<Call, 'method' | 'path'>): Fault[] {
    const subject = `${call.method} ${call.path}`;
    const hit = this.#entries.filter((entry) => entry.left > 0 && entry.pattern.test(subject));
    for (const entry of hit) {
      entry.left -= 1;
    }
    this.#entries = this.#entries.filter((entry) => entry.left > 0);
    return hit.map((entry) => entry.fault);
  }
}

function toPattern(endpoint: string): RegExp {
  const [method = '*', path = '/**'] = endpoint.split(' ');
  const segments = path.split('/').map((segment) => {
    if (segment === '**') {
      return '.*';
    }
    return segment === '*' || segment.startsWith('{') ? '[^/]+' : segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${method === '*' ? '\\S+' : method} ${segments.join('/')}$`);
}

/** The answer that a fault gives in place of the endpoint's own, if it does. */
export function answerInstead(fault: Fault): Answer | undefined {
  switch (fault.kind) {
    case 'status': {
      const answer = json(fault.status, fault.body ?? { message: fault.message ?? defaultMessage(fault.status) });
      return { ...answer, headers: { ...answer.headers, ...limitHeaders(fault) } };
    }
    case 'notJson': {
      const page = fault.body ?? '<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>';
      return { status: 200, headers: { 'content-type': 'text/html' }, body: Buffer.from(page) };
    }
    default:
      return undefined;
  }
}

function limitHeaders(fault: Extract<Fault, { kind: 'status' }>): Record<string, string> {
  return {
    ...(fault.resetSeconds === undefined
      ? {}
      : { 'x-ratelimit-limit': '120', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(fault.resetSeconds) }),
    ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
  };
}

function defaultMessage(status: number): string {
  return messages[status] ?? 'Internal server error';
}

const messages: Record<number, string> = {
  401: 'Unauthorized',
  402: 'Logs query allowance exceeded for this billing period',
  403: 'Forbidden action',
  404: 'Not found',
  409: 'Conflict: another deployment of this function is in progress',
  429: 'ThrottlerException: Too Many Requests',
};

/** The endpoint's own answer with its body changed or cut. */
export function damage(answer: Answer, fault: Fault): Answer {
  switch (fault.kind) {
    case 'half':
      return { ...answer, body: answer.body.subarray(0, Math.floor(answer.body.length / 2)) };
    case 'change':
      return { ...answer, body: json(0, fault.change(JSON.parse(Buffer.from(answer.body).toString('utf8')))).body };
    default:
      return answer;
  }
}

/** Waits as the `delay` faults among them ask, together. */
export async function delay(faults: readonly Fault[]): Promise<void> {
  const ms = faults.reduce((sum, fault) => sum + (fault.kind === 'delay' ? fault.ms : 0), 0);
  if (ms > 0) {
    await sleep(ms);
  }
}
