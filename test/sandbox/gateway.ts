/**
 * The project's own address (`https://<ref>.supabase.co` when hosted): functions, REST, Auth, Storage and Realtime as far as
 * health checks, functions and manuals use them. Data comes from the sandbox's Postgres; nothing here invents rows.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { checkToken } from './engines/jwt.ts';
import { literal } from './engines/restQuery.ts';
import { answerRest, runAs, type Identity } from './engines/restService.ts';
import type { ProjectKeys } from './projectKeys.ts';
import { notFound } from './runtime.ts';
import type { DeployedFunction, FunctionRuntime, LogRow, PostgresEngine } from './types.ts';

export type GatewayService = 'functions' | 'rest' | 'auth' | 'storage' | 'realtime';

/** `status` answers with a 5xx and an HTML page, as a proxy in front of a dead service does; `hang` never answers. */
export type GatewayFault = { kind: 'status'; status: number } | { kind: 'hang' };

export interface GatewayOptions {
  ref: string;
  keys: ProjectKeys;
  /** Chosen by the system when left out. */
  port?: number;
  findFunction(slug: string): DeployedFunction | undefined;
  environment(fn: DeployedFunction): Record<string, string>;
  /** What is missing answers as a service that is down. */
  runtime?: FunctionRuntime | undefined;
  postgres?: PostgresEngine | undefined;
  /** Takes a row of `edge_logs` per request, functions excepted: those have logs of their own. */
  log?(rows: LogRow[]): void;
}

export interface Gateway {
  /** No trailing slash. */
  readonly url: string;
  /** Until it is called again without a fault. */
  setFault(service: GatewayService, fault?: GatewayFault): void;
  stop(): Promise<void>;
}

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const faults = new Map<GatewayService, GatewayFault>();
  const server = createServer((message, response) => {
    void serve(options, faults, message, response).catch(() => response.destroy());
  });
  await listen(server, options.port ?? 0);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    setFault: (service, fault) => void (fault === undefined ? faults.delete(service) : faults.set(service, fault)),
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

const servicePath = /^\/(functions|rest|auth|storage|realtime)\/v1\/?(.*)$/;

async function serve(
  options: GatewayOptions,
  faults: ReadonlyMap<GatewayService, GatewayFault>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const request = toRequest(message, gone.signal);
  const started = Date.now();
  const [, service = '', rest = ''] = servicePath.exec(new URL(request.url).pathname) ?? [];
  const fault = faults.get(service as GatewayService);
  if (fault?.kind === 'hang') {
    return;
  }
  const answer = fault === undefined ? await answerFor(options, service, rest, request) : deadService(fault.status);
  if (service !== 'functions') {
    options.log?.([requestRow(options.ref, request, answer, started)]);
  }
  await send(answer, response, message.method === 'HEAD');
}

function toRequest(message: IncomingMessage, signal: AbortSignal): Request {
  const method = message.method ?? 'GET';
  const headers = new Headers();
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    headers.append(message.rawHeaders[at] ?? '', message.rawHeaders[at + 1] ?? '');
  }
  const url = `http://${message.headers.host ?? '127.0.0.1'}${message.url ?? '/'}`;
  if (method === 'GET' || method === 'HEAD') {
    return new Request(url, { method, headers, signal });
  }
  return new Request(url, { method, headers, signal, body: Readable.toWeb(message), duplex: 'half' });
}

async function send(answer: Response, response: ServerResponse, headOnly: boolean): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers);
  const cookies = answer.headers.getSetCookie();
  response.writeHead(answer.status, cookies.length > 0 ? { ...headers, 'set-cookie': cookies } : headers);
  if (headOnly || answer.body === null) {
    response.end();
    return;
  }
  // Headers go out at once: a stream of events may take long to its first byte.
  response.flushHeaders();
  await pipeline(Readable.fromWeb(answer.body), response);
}

function deadService(status: number): Response {
  return new Response(`<html><head><title>${status}</title></head><body>upstream connect error</body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  });
}

async function answerFor(options: GatewayOptions, service: string, rest: string, request: Request): Promise<Response> {
  if (service === 'functions') {
    return functionAnswer(options, rest, request);
  }
  if (request.method === 'OPTIONS') {
    const allowed = ['origin', 'headers', 'methods'].map((what) => [`access-control-allow-${what}`, '*'] as [string, string]);
    return new Response(null, { status: 204, headers: allowed });
  }
  const identity = identify(options, request);
  const answer = identity instanceof Response ? identity : await serviceAnswer(options, service, rest, request, identity);
  answer.headers.set('access-control-allow-origin', '*');
  answer.headers.set('sb-project-ref', options.ref);
  return answer;
}

async function serviceAnswer(
  options: GatewayOptions,
  service: string,
  rest: string,
  request: Request,
  identity: Identity,
): Promise<Response> {
  switch (service) {
    case 'rest': {
      const path = decodeURIComponent(rest);
      return options.postgres === undefined ? deadService(503) : answerRest(options.postgres, identity, request, path);
    }
    case 'auth':
      return authAnswer(rest);
    case 'storage':
      return storageAnswer(options, rest, request, identity);
    case 'realtime':
      return realtimeAnswer(options, rest);
    default:
      return Response.json({ error: 'requested path is invalid' }, { status: 404 });
  }
}

async function functionAnswer(options: GatewayOptions, rest: string, request: Request): Promise<Response> {
  const fn = options.findFunction(rest.split('/')[0] ?? '');
  if (fn === undefined) {
    return notFound();
  }
  return options.runtime === undefined ? deadService(503) : options.runtime.invoke(fn, request, options.environment(fn));
}

/** A key opens the door; a user's token in `Authorization` says who comes in. */
function identify({ keys }: GatewayOptions, request: Request): Identity | Response {
  const key = request.headers.get('apikey') ?? new URL(request.url).searchParams.get('apikey');
  if (key === null) {
    const hint = 'No `apikey` request header or url param was found.';
    return Response.json({ message: 'No API key found in request', hint }, { status: 401 });
  }
  const roles: Record<string, string> = {
    [keys.anon]: 'anon', [keys.publishable]: 'anon', [keys.serviceRole]: 'service_role', [keys.secret]: 'service_role',
  };
  const role = roles[key];
  if (role === undefined) {
    const hint = 'Double check your Supabase `anon` or `service_role` API key.';
    return Response.json({ message: 'Invalid API key', hint }, { status: 401 });
  }
  const token = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  // supabase-js sends the key as bearer too; the new keys are no tokens.
  if (token === undefined || roles[token] !== undefined) {
    return { role: roles[token ?? ''] ?? role, claims: { role: roles[token ?? ''] ?? role } };
  }
  return bearer(token, keys);
}

function bearer(token: string, keys: ProjectKeys): Identity | Response {
  const check = checkToken(token, keys.jwtSecret, Date.now());
  const role = check.kind === 'valid' ? check.claims['role'] : undefined;
  if (check.kind !== 'valid' || (role !== 'authenticated' && role !== 'anon' && role !== 'service_role')) {
    const message = check.kind === 'malformed' ? 'Expected 3 parts in JWT' : 'No suitable key or wrong key type';
    return Response.json({ code: 'PGRST301', details: null, hint: null, message }, { status: 401 });
  }
  return { role, claims: check.claims };
}

function authAnswer(rest: string): Response {
  if (rest === 'health') {
    return Response.json({ version: 'v2.180.0', name: 'GoTrue', description: 'GoTrue is a user registration and authentication API' });
  }
  return Response.json({ code: 404, error_code: 'not_found', msg: 'path not found' }, { status: 404 });
}

async function storageAnswer(options: GatewayOptions, rest: string, request: Request, identity: Identity): Promise<Response> {
  if (rest === 'status') {
    return new Response(null, { status: 200 });
  }
  const bucket = /^object\/([^/]+)$/.exec(rest)?.[1];
  if (bucket !== undefined && request.method === 'DELETE') {
    return removeObjects(options, decodeURIComponent(bucket), request, identity);
  }
  const asked = /^bucket(?:\/([^/]+))?$/.exec(rest);
  return asked === null ? storageError(404, 'not_found', `Route ${request.method}:/${rest} not found`) : bucketsAnswer(options, asked[1], identity);
}

/** All, or the one with the id. */
async function bucketsAnswer(options: GatewayOptions, id: string | undefined, identity: Identity): Promise<Response> {
  if (options.postgres === undefined) {
    return deadService(503);
  }
  const columns = 'id, name, owner, public, file_size_limit, allowed_mime_types, created_at, updated_at';
  const statement = `select coalesce(json_agg(b order by b.name), '[]') as buckets from (select ${columns} from storage.buckets) as b`;
  const answer = await runAs(options.postgres, identity, statement).catch(() => undefined);
  if (answer === undefined || 'failure' in answer) {
    const message = answer?.failure.message ?? 'The connection to the database timed out';
    return storageError(answer === undefined ? 544 : 400, 'DatabaseError', message);
  }
  const buckets = answer.rows[0]?.['buckets'] as { id: string }[];
  if (id === undefined) {
    return Response.json(buckets);
  }
  const found = buckets.find((bucket) => bucket.id === decodeURIComponent(id));
  return found === undefined ? storageError(404, 'Bucket not found', 'Bucket not found') : Response.json(found);
}

/**
 * Deletes as the caller may: names that are not there, or that policies hold back, are left out of the answer. The sandbox keeps no files, so the
 * rows are all there is (github.com/supabase/storage, `src/http/routes/object/deleteObjects.ts`).
 */
async function removeObjects({ postgres }: GatewayOptions, bucket: string, request: Request, identity: Identity): Promise<Response> {
  const { prefixes } = (await request.json().catch(() => ({}))) as { prefixes?: unknown };
  if (!Array.isArray(prefixes) || prefixes.length < 1 || prefixes.length > 1000) {
    return storageError(400, 'Error', 'body/prefixes must NOT have fewer than 1 items');
  }
  if (postgres === undefined) {
    return deadService(503);
  }
  const names = prefixes.map((name) => literal(String(name))).join(', ');
  const statement = `with gone as (delete from storage.objects where bucket_id = ${literal(bucket)} and name in (${names}) returning *) select coalesce(json_agg(gone), '[]') as gone from gone`;
  const answer = await runAs(postgres, identity, statement).catch(() => undefined);
  if (answer === undefined || 'failure' in answer) {
    return storageError(answer === undefined ? 544 : 400, 'DatabaseError', answer?.failure.message ?? 'The connection to the database timed out');
  }
  return Response.json(answer.rows[0]?.['gone']);
}

/** Storage answers its errors with status 400 and the real status in the body, except where it has no database. */
function storageError(status: number, error: string, message: string): Response {
  return Response.json({ statusCode: String(status), error, message }, { status: status === 404 ? 400 : status });
}

/** `/realtime/v1/api/tenants/<ref>/health`; a self-hosted stack calls its one tenant `realtime-dev`. */
async function realtimeAnswer(options: GatewayOptions, rest: string): Promise<Response> {
  const tenant = /^api\/tenants\/([^/]+)\/health$/.exec(rest)?.[1];
  if (tenant !== options.ref && tenant !== 'realtime-dev') {
    return Response.json({ message: 'Not found' }, { status: 404 });
  }
  const connected = await options.postgres?.query('select 1', { readOnly: true }).then(
    (answer) => 'rows' in answer,
    () => false,
  );
  const healthy = connected === true;
  const cluster = healthy ? 1 : 0;
  return Response.json({ data: { healthy, db_connected: healthy, replication_connected: healthy, connected_cluster: cluster } });
}

/** Keys of `edge_logs`: SUPABASE.md §3. Never a header with a key or token. */
function requestRow(ref: string, request: Request, answer: Response, started: number): LogRow {
  const url = new URL(request.url);
  const agent = request.headers.get('user-agent') ?? '';
  return {
    id: randomUUID(),
    timestamp: started,
    event_message: `${request.method} | ${answer.status} | ${url.pathname} | ${agent}`,
    severity_text: answer.status >= 500 ? 'ERROR' : 'INFO',
    source: 'edge_logs',
    log_attributes: {
      identifier: ref,
      'request.method': request.method,
      'request.path': url.pathname,
      'request.host': url.host,
      'request.headers.user_agent': agent,
      'response.status_code': String(answer.status),
      'response.origin_time': String(Date.now() - started),
    },
  };
}
