import { lookup as resolveName, type LookupAddress, type LookupOptions } from 'node:dns';
import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP } from 'node:net';
import { OpsError, isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { CallOptions, HttpAnswer, HttpClient, HttpRequest } from '../../core/ports.ts';
import { isLocalAddress } from './localAddress.ts';
import { toNetworkError } from './networkError.ts';

export interface HttpClientNeeds {
  /** Opsbook's version, for the user agent. */
  readonly version: string;
  /** Hosts of this machine and its link that the user allowed; without it none is (SAFETY 9). */
  readonly allowLocal?: (hostname: string) => boolean;
  /** Milliseconds for the whole exchange; 30 s unless said. */
  readonly timeoutMs?: number;
}

const largestBody = 1024 * 1024;

/**
 * Sends what a document or check asks for, once, and follows no redirect. It asks the name server itself through the connection
 * (not `fetch`), so that a name that leads to a local address is refused at the moment of connecting.
 */
export function createHttpClient({ version, allowLocal = () => false, timeoutMs = 30_000 }: HttpClientNeeds): HttpClient {
  return {
    async request(request: HttpRequest, { signal }: CallOptions): Promise<HttpAnswer> {
      throwIfCancelled(signal);
      const url = parseUrl(request.url);
      const limitMs = request.timeoutMs ?? timeoutMs;
      const timeout = AbortSignal.timeout(limitMs);
      try {
        return await exchange(request, url, { version, local: allowLocal(url.hostname), signal: AbortSignal.any([signal, timeout]) });
      } catch (error) {
        throwIfCancelled(signal);
        if (timeout.aborted) {
          throw new OpsError('timedOut', { operation: operationOf(request, url), seconds: limitMs / 1000 });
        }
        throw isOpsError(error) ? error : toNetworkError(error, url.host);
      }
    },
  };
}

interface Exchange {
  readonly version: string;
  readonly local: boolean;
  readonly signal: AbortSignal;
}

async function exchange(request: HttpRequest, url: URL, { version, local, signal }: Exchange): Promise<HttpAnswer> {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (!local && isIP(literal) !== 0 && isLocalAddress(literal)) {
    throw new OpsError('addressRefused', { host: url.host, address: literal });
  }
  const began = performance.now();
  const steps: { lookup?: number; connect?: number; tls?: number } = {};
  const reached = (step: keyof typeof steps) => () => {
    steps[step] ??= performance.now() - began;
  };
  const answer = await send(request, url, reached, {
    method: request.method,
    headers: { 'user-agent': `opsbook/${version}`, 'accept-encoding': 'identity', ...lengthOf(request), ...request.headers },
    // A connection of its own: a pooled one may have been opened under another rule.
    agent: false,
    signal,
    ...(local ? {} : { lookup: lookupOutside(url.host) }),
  });
  const firstByte = performance.now() - began;
  const { body, truncated } = await readBody(answer, operationOf(request, url));
  return {
    status: answer.statusCode ?? 0,
    statusText: answer.statusMessage ?? '',
    headers: pairs(answer.rawHeaders),
    body,
    truncated,
    timings: { ...steps, firstByte, total: performance.now() - began },
  };
}

type Reached = (step: 'lookup' | 'connect' | 'tls') => () => void;

function send(request: HttpRequest, url: URL, reached: Reached, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, resolve);
    outgoing.on('socket', (socket) => {
      socket.once('lookup', reached('lookup')).once('connect', reached('connect')).once('secureConnect', reached('tls'));
    });
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

/** Node sends the body of a DELETE without its length, which no server can read. */
function lengthOf({ body, headers }: HttpRequest): Record<string, number> {
  const isSaid = Object.keys(headers).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name));
  return body === undefined || isSaid ? {} : { 'content-length': Buffer.byteLength(body) };
}

async function readBody(answer: IncomingMessage, operation: string): Promise<{ body: string; truncated: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > largestBody) {
        break;
      }
    }
  } catch (error) {
    throw new OpsError('badAnswer', { operation, problem: 'it broke off' }, error);
  }
  const body = new TextDecoder().decode(Buffer.concat(chunks).subarray(0, largestBody));
  return { body, truncated: size > largestBody };
}

/** Throws `unreachable` for what is no URL of the web. */
function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new OpsError('unreachable', { host: text.slice(0, 200), reason: 'ERR_INVALID_URL' });
  }
  return url;
}

function operationOf({ method }: HttpRequest, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
}

type LookupCallback = (error: NodeJS.ErrnoException | OpsError | null, address: string | LookupAddress[], family?: number) => void;

/** The system's name lookup that knows no local addresses: all of a name's must lie outside. */
function lookupOutside(host: string) {
  return (hostname: string, options: LookupOptions, callback: LookupCallback): void => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const local = error ? undefined : addresses.find(({ address }) => isLocalAddress(address));
      const [first] = addresses ?? [];
      if (error) {
        callback(error, '');
      } else if (local) {
        callback(new OpsError('addressRefused', { host, address: local.address }), '');
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first?.address ?? '', first?.family ?? 4);
      }
    });
  };
}
