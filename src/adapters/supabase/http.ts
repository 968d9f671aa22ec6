/**
 * The one place that sends requests to the Management API (and to a Logflare of one's own): base URL and token are bound to each
 * other at construction, every failure becomes an `OpsError`, reads are tried again when trying again can help.
 */
import { OpsError, isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { CallOptions, Clock, Logger } from '../../core/ports.ts';
import type { Budget, GovernedCall, Governor } from './governor.ts';
import { isLoopbackHost } from './localAddress.ts';
import { isBrokenConnection, toNetworkError } from './networkError.ts';
import { toCount, toRefusal } from './refusal.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type Query = Readonly<Record<string, string | readonly string[]>>;

export interface ApiRequest {
  /** What is being done, as an infinitive for the user: `list functions`. */
  readonly operation: string;
  readonly method: Method;
  /** Begins with `/`; parts from outside are already encoded. */
  readonly path: string;
  /** A function is asked when the request’s turn has come. */
  readonly query?: Query | (() => Query);
  /** Sent as JSON. */
  readonly json?: unknown;
  /** `application/json` unless said. */
  readonly accept?: string;
  /** The project asked: its budget, and what a 404 says does not exist unless `missing` is given. */
  readonly ref?: string;
  readonly missing?: string;
  readonly budget?: Budget;
  /** Milliseconds for one attempt, waiting for its turn not counted; 30 s unless said. */
  readonly timeoutMs?: number;
  /** Texts that no error may hold, such as a secret's value. */
  readonly withheld?: readonly string[];
}

/** An answer with a status from 200 to 299, read to its end. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface Transport {
  /** By how many milliseconds the service's clock is ahead of ours; 0 until an answer came. */
  readonly skewMs: number;
  /** How much of a project's budget is used; `undefined` before the first request. */
  used?(ref: string, budget: Budget): { readonly limit: number; readonly used: number; readonly resetsAt: number } | undefined;
  /** Counts requests of another program, each in its turn; see `ManagementApi`. */
  makeRoom(ref: string, requests: number, options: CallOptions): Promise<void>;
  /** Throws the errors named at `ManagementApi`, and `allowanceExhausted`, `notFound`, `tlsRefused`. Only a GET is ever sent twice. */
  send(request: ApiRequest, options: CallOptions): Promise<ApiAnswer>;
}

export interface TransportNeeds {
  /** `https://api.supabase.com`, perhaps with a path below it. Plain HTTP is for loopback only. */
  readonly baseUrl: string;
  /** The account's name, for errors. */
  readonly account: string;
  /** The header that carries the credential. */
  readonly credential: { readonly header: 'authorization' | 'x-api-key'; readonly value: string };
  /** Opsbook's version, for the user agent. */
  readonly version: string;
  readonly clock: Clock;
  readonly governor: Governor;
  readonly log: Logger;
  readonly fetch?: typeof fetch;
}

const defaultTimeoutMs = 30_000;
/** A function's body may have 20 MB: https://supabase.com/docs/guides/functions/limits */
const largestBody = 32 * 1024 * 1024;
/** Milliseconds before the second and the third attempt of a read. */
const retryDelays = [250, 1000];

/** Throws `tlsRefused` for a host to which a credential would travel in the open. */
export function createTransport(needs: TransportNeeds): Transport {
  const base = new URL(needs.baseUrl);
  if (base.protocol !== 'https:' && !isLoopbackHost(base.hostname)) {
    throw new OpsError('tlsRefused', { host: base.host, reason: 'plain HTTP' });
  }
  return new FetchTransport(needs, base);
}

export function decodeText({ body }: ApiAnswer): string {
  return new TextDecoder().decode(body);
}

/** Throws `badAnswer`. */
export function decodeJson(answer: ApiAnswer, operation: string): unknown {
  try {
    return JSON.parse(decodeText(answer)) as unknown;
  } catch {
    const type = answer.headers.get('content-type') ?? 'of no stated type';
    throw new OpsError('badAnswer', { operation, problem: /\bjson\b/i.test(type) ? 'its JSON is cut short or damaged' : `it is not JSON (${type.slice(0, 80)})` });
  }
}

class FetchTransport implements Transport {
  skewMs = 0;
  private readonly needs: TransportNeeds;
  private readonly base: URL;
  private readonly fetch: typeof fetch;

  constructor(needs: TransportNeeds, base: URL) {
    this.needs = needs;
    this.base = base;
    this.fetch = needs.fetch ?? ((...parameters) => fetch(...parameters));
  }

  used(ref: string, budget: Budget): { readonly limit: number; readonly used: number; readonly resetsAt: number } | undefined {
    return this.needs.governor.used({ scope: ref, budget });
  }

  async makeRoom(ref: string, requests: number, { priority, signal }: CallOptions): Promise<void> {
    const call = { scope: ref, budget: 'standard', priority, operation: 'make room for another program' } as const;
    for (let made = 0; made < requests; made++) {
      await this.needs.governor.run(call, async () => {}, signal);
    }
  }

  async send(request: ApiRequest, options: CallOptions): Promise<ApiAnswer> {
    const { governor, clock, log } = this.needs;
    const call: GovernedCall = {
      scope: request.ref ?? '',
      budget: request.budget ?? 'standard',
      priority: options.priority,
      operation: request.operation,
    };
    const tries = request.method === 'GET' && options.priority !== 'tail' ? retryDelays : [];
    for (let attempt = 0; ; attempt++) {
      try {
        return await governor.run(call, () => this.exchange(request, call, options.signal), options.signal);
      } catch (error) {
        const delay = tries[attempt];
        if (delay === undefined || !this.mayHelp(error, options)) {
          throw error;
        }
        log.debug('trying again', { operation: request.operation, after: isOpsError(error) ? error.code : 'error' });
        await clock.sleep(delay, options.signal);
      }
    }
  }

  /** Whether the same read may well succeed in a moment. After a 429 the governor holds it back until the reset. */
  private mayHelp(error: unknown, { priority }: CallOptions): boolean {
    if (isOpsError(error, 'rateLimited')) {
      return this.needs.governor.waits(priority, error.facts.retryAfterSeconds);
    }
    if (isOpsError(error, 'serviceFailed')) {
      return error.facts.status >= 500;
    }
    return isOpsError(error, 'badAnswer', 'unreachable') && isBrokenConnection(error.cause);
  }

  private async exchange(request: ApiRequest, call: GovernedCall, signal: AbortSignal): Promise<ApiAnswer> {
    const { clock, log } = this.needs;
    throwIfCancelled(signal);
    const timeoutMs = request.timeoutMs ?? defaultTimeoutMs;
    const timeout = AbortSignal.timeout(timeoutMs);
    const began = clock.now();
    let status = 0;
    try {
      const response = await this.fetchWithin(request, AbortSignal.any([signal, timeout]));
      status = response.status;
      this.learn(call, response.headers, began);
      const answer = { status, headers: response.headers, body: await readBody(response, request.operation) };
      this.refuse(request, call, answer);
      return answer;
    } catch (error) {
      throwIfCancelled(signal);
      throw timeout.aborted ? new OpsError('timedOut', { operation: request.operation, seconds: timeoutMs / 1000 }) : error;
    } finally {
      log.debug('api', { operation: request.operation, method: request.method, status, ms: clock.now() - began });
    }
  }

  private refuse(request: ApiRequest, call: GovernedCall, answer: ApiAnswer): void {
    if (answer.status >= 200 && answer.status < 300) {
      return;
    }
    const { account, credential, clock, governor } = this.needs;
    const { operation, ref, missing } = request;
    const refusal = toRefusal(
      {
        operation,
        account,
        origin: this.base.origin,
        ...(ref === undefined ? {} : { ref }),
        ...(missing === undefined ? {} : { missing }),
        withheld: [credential.value, ...(request.withheld ?? [])],
      },
      answer.status,
      answer.headers,
      decodeText(answer),
      clock.now(),
    );
    if (isOpsError(refusal, 'rateLimited')) {
      governor.observe(call, { refusedForSeconds: refusal.facts.retryAfterSeconds });
    }
    throw refusal;
  }

  /** The answer's head. A redirect is followed within the origin and by reads only, so that the credential stays where it belongs. */
  private async fetchWithin(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    let url = this.url(request);
    for (let hops = 0; ; hops++) {
      const response = await this.fetchOnce(url, request, signal);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || location === null) {
        return response;
      }
      await response.body?.cancel();
      const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
      if (next?.origin !== this.base.origin || request.method !== 'GET' || hops === 3) {
        const message = `it points to ${next?.origin ?? 'no URL'}, where the access token does not belong`;
        throw new OpsError('serviceFailed', { operation: request.operation, status: response.status, message });
      }
      url = next;
    }
  }

  private async fetchOnce(url: URL, request: ApiRequest, signal: AbortSignal): Promise<Response> {
    const { credential, version } = this.needs;
    const headers: Record<string, string> = {
      accept: request.accept ?? 'application/json',
      'user-agent': `opsbook/${version}`,
      [credential.header]: credential.value,
    };
    const init: RequestInit = { method: request.method, headers, redirect: 'manual', signal };
    if (request.json !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(request.json);
    }
    try {
      return await this.fetch(url, init);
    } catch (error) {
      throw toNetworkError(error, url.host);
    }
  }

  private url({ path, query }: ApiRequest): URL {
    const url = new URL(this.base.href.replace(/\/+$/, '') + path);
    for (const [name, value] of Object.entries((typeof query === 'function' ? query() : query) ?? {})) {
      for (const one of typeof value === 'string' ? [value] : value) {
        url.searchParams.append(name, one);
      }
    }
    return url;
  }

  /** Budget and time, from the head of any answer. */
  private learn(call: GovernedCall, headers: Headers, began: number): void {
    const limit = toCount(headers.get('x-ratelimit-limit'));
    const remaining = toCount(headers.get('x-ratelimit-remaining'));
    const resetSeconds = toCount(headers.get('x-ratelimit-reset'));
    this.needs.governor.observe(call, {
      ...(limit === undefined ? {} : { limit }),
      ...(remaining === undefined ? {} : { remaining }),
      ...(resetSeconds === undefined ? {} : { resetSeconds }),
    });
    const date = Date.parse(headers.get('date') ?? '');
    if (!Number.isNaN(date)) {
      const now = this.needs.clock.now();
      // The header tells whole seconds, and the answer was on its way for a while: what is left of that is no skew.
      const skew = date + 500 - (began + now) / 2;
      this.skewMs = Math.abs(skew) < 2000 + (now - began) ? 0 : skew;
    }
  }
}

/** Throws `badAnswer` for a body that breaks off or never ends. */
async function readBody(response: Response, operation: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > largestBody) {
        throw new OpsError('badAnswer', { operation, problem: `it has more than ${largestBody / 1024 / 1024} MB` });
      }
    }
  } catch (error) {
    throw isOpsError(error) ? error : new OpsError('badAnswer', { operation, problem: 'it broke off' }, error);
  }
  return Buffer.concat(chunks);
}
