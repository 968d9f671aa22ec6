/** A project's own HTTP gateway: `https://<ref>.supabase.co`, or what stands before a local or self-hosted stack. */
import { OpsError, isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { ServiceHealth } from '../../core/health/health.ts';
import type { CallOptions, Gateway, GatewayRequest, HttpAnswer, HttpClient, HttpRequest, PublicKeys } from '../../core/ports.ts';
import { l10n } from '../../util/l10n.ts';
import { createHttpClient } from './httpClient.ts';
import { serviceMessage } from './refusal.ts';

export interface GatewayNeeds {
  /** Scheme, host and port, perhaps with a path below them. */
  readonly origin: string;
  readonly keys: PublicKeys;
  readonly version: string;
  /** Milliseconds for a request; 30 s unless said. */
  readonly timeoutMs?: number;
}

/** Milliseconds after which a service counts as one that does not answer. */
const healthTimeoutMs = 8000;

/** What services answer on when all is well. Storage is asked for its buckets by supabase-js. */
const probes = {
  auth: '/auth/v1/health',
  /** PostgREST's root. */
  rest: '/rest/v1/',
  /** Of the one tenant that a stack of one's own has; newer gateways close the path. */
  realtime: '/realtime/v1/api/tenants/realtime-dev/health',
  realtimePing: '/realtime/v1/api/ping',
} as const;

export function createGateway(needs: GatewayNeeds): Gateway {
  return new ProjectGateway(needs);
}

class ProjectGateway implements Gateway {
  readonly origin: string;
  private readonly base: string;
  private readonly keys: PublicKeys;
  private readonly http: HttpClient;
  private readonly prompt: HttpClient;

  constructor({ origin, keys, version, timeoutMs }: GatewayNeeds) {
    this.base = origin.replace(/\/+$/, '');
    this.origin = new URL(origin).origin;
    this.keys = keys;
    // A local stack is on this machine by its nature, and nothing but the project's own host is asked here.
    const allowLocal = () => true;
    this.http = createHttpClient({ version, allowLocal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    this.prompt = createHttpClient({ version, allowLocal, timeoutMs: healthTimeoutMs });
  }

  async request(request: GatewayRequest, options: CallOptions): Promise<HttpAnswer> {
    return this.send(this.http, request, options);
  }

  async health(options: CallOptions): Promise<ServiceHealth[]> {
    const checks = await Promise.all([
      this.check('auth', () => this.probe(probes.auth, options)),
      this.check('rest', () => this.probe(probes.rest, options)),
      this.check('storage', () => this.listBuckets(options)),
      this.check('realtime', () => this.askRealtime(options)),
    ]);
    throwIfCancelled(options.signal);
    const [first] = checks;
    if (first.unanswered !== undefined && checks.every(({ unanswered }) => unanswered !== undefined)) {
      throw first.unanswered;
    }
    return checks.map(({ health }) => health);
  }

  private async probe(path: string, options: CallOptions): Promise<Outcome> {
    const { status, body } = await this.send(this.prompt, { method: 'GET', url: path, headers: {} }, options);
    return { status, message: serviceMessage(body, []), unhealthy: status === 200 && /"healthy":\s*false/.test(body) };
  }

  /** The tenant's health where the gateway lets it through: it knows of the database behind it, which a ping does not. */
  private async askRealtime(options: CallOptions): Promise<Outcome> {
    const health = await this.probe(probes.realtime, options);
    return health.status >= 400 && health.status < 500 ? this.probe(probes.realtimePing, options) : health;
  }

  private async listBuckets(options: CallOptions): Promise<Outcome> {
    const key = this.keys.publishable ?? this.keys.anon;
    if (key === undefined) {
      return this.probe('/storage/v1/bucket', options);
    }
    let outcome: Outcome | undefined;
    const client = await this.storageClient(key, async (request) => {
      const answer = await this.send(this.prompt, request, options);
      outcome = { status: answer.status, message: serviceMessage(answer.body, []), unhealthy: false };
      return answer;
    });
    const { error } = await client.listBuckets();
    if (outcome === undefined) {
      throw error ?? new OpsError('badAnswer', { operation: 'list buckets', problem: 'it is empty' });
    }
    return outcome;
  }

  async removeFiles({ bucket, names, key }: { bucket: string; names: readonly string[]; key: string }, options: CallOptions): Promise<string[]> {
    const operation = 'delete files of a bucket';
    const client = await this.storageClient(key, async (request) => this.send(this.http, request, options));
    const { data, error } = await client.from(bucket).remove([...names]);
    throwIfCancelled(options.signal);
    if (error !== null) {
      const status = 'status' in error && typeof error.status === 'number' ? error.status : 0;
      throw findOpsError(error) ?? new OpsError('serviceFailed', { operation, status, message: serviceMessage(error.message, [key]) }, error);
    }
    return data.map((file) => file.name);
  }

  /** supabase-js for Storage, over the same way as all other requests, with its limits and its errors. */
  private async storageClient(key: string, send: (request: HttpRequest) => Promise<HttpAnswer>) {
    const { createClient } = await import('@supabase/supabase-js');
    return createClient(this.base, key, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
      global: {
        fetch: async (url, init) => {
          const headers = Object.fromEntries(new Headers(init?.headers));
          const body = typeof init?.body === 'string' ? { body: init.body } : {};
          const { status, body: answer } = await send({ method: init?.method ?? 'GET', url: url instanceof Request ? url.url : String(url), headers, ...body });
          return new Response(answer, { status, headers: { 'content-type': 'application/json' } });
        },
      },
    }).storage;
  }

  /** One service's answer; `unanswered` holds the error of one that gave none. */
  private async check(service: string, ask: () => Promise<Outcome>): Promise<{ health: ServiceHealth; unanswered?: OpsError }> {
    try {
      return { health: toHealth(service, await ask()) };
    } catch (error) {
      const unanswered = findOpsError(error);
      if (unanswered === undefined) {
        throw error;
      }
      return { health: { service, state: 'critical', error: describe(unanswered) }, unanswered };
    }
  }

  /** Throws `unreachable` for a URL of another host: nothing of this project's is sent there. */
  private async send(client: HttpClient, { key, ...request }: GatewayRequest, options: CallOptions): Promise<HttpAnswer> {
    const url = request.url.startsWith('/') && !request.url.startsWith('//') ? `${this.base}${request.url}` : request.url;
    const host = URL.canParse(url) ? new URL(url).origin : url;
    if (host !== this.origin) {
      throw new OpsError('unreachable', { host, reason: `only ${this.origin} belongs to this project` });
    }
    return client.request({ ...request, url, headers: { ...this.credentials(request.headers, key), ...request.headers } }, options);
  }

  /** Functions that verify want a JWT, which only the legacy key is; everything else takes either key. */
  private credentials(own: Readonly<Record<string, string>>, key: GatewayRequest['key']): Record<string, string> {
    const names = new Set(Object.keys(own).map((name) => name.toLowerCase()));
    const { apikey, bearer } = this.chosenKeys(key);
    return {
      ...(apikey === undefined || names.has('apikey') ? {} : { apikey }),
      ...(bearer === undefined || names.has('authorization') || names.has('apikey') ? {} : { authorization: `Bearer ${bearer}` }),
    };
  }

  private chosenKeys(key: GatewayRequest['key']): { readonly apikey: string | undefined; readonly bearer: string | undefined } {
    const { publishable, anon } = this.keys;
    switch (key) {
      case undefined:
        return { apikey: publishable ?? anon, bearer: anon };
      case 'none':
        return { apikey: undefined, bearer: undefined };
      case 'publishable':
        if (publishable === undefined) {
          throw new OpsError('absent', { what: l10n.t('The publishable key'), reason: 'noGatewayKey' });
        }
        return { apikey: publishable, bearer: undefined };
      default:
        return key satisfies never;
    }
  }
}

interface Outcome {
  readonly status: number;
  /** Outside text. */
  readonly message: string;
  /** It answers, and says itself that it is not well. */
  readonly unhealthy: boolean;
}

/** A key that is refused, or a path that leads nowhere, says nothing of the service behind it. */
function toHealth(service: string, { status, message, unhealthy }: Outcome): ServiceHealth {
  if (unhealthy) {
    return { service, state: 'critical', error: 'it has no connection to the database' };
  }
  if (status >= 200 && status < 300) {
    return { service, state: 'ok' };
  }
  return { service, state: status >= 500 ? 'critical' : 'unknown', error: message === '' ? `status ${status}` : `status ${status}: ${message}` };
}

/** supabase-js wraps what its `fetch` throws. */
function findOpsError(error: unknown): OpsError | undefined {
  for (let at = error; at instanceof Error; at = 'originalError' in at ? at.originalError : at.cause) {
    if (isOpsError(at)) {
      return at;
    }
  }
  return undefined;
}

function describe(error: OpsError): string {
  if (isOpsError(error, 'unreachable', 'tlsRefused')) {
    return error.facts.reason;
  }
  return isOpsError(error, 'timedOut') ? `no answer within ${error.facts.seconds} s` : error.code;
}
