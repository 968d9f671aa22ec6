/**
 * Edge functions: each deployed version in a Deno process of its own, with the answers, checks and log rows of the hosted
 * runtime. Error codes: supabase.com/docs/guides/functions/error-codes; log keys: SUPABASE.md §3.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { provision } from '../world/provision.ts';
import { startFunctionWorker, WorkerRefusal, type FunctionWorker, type WorkerEvent } from './engines/functionWorker.ts';
import { checkToken } from './engines/jwt.ts';
import type { DeployedFunction, FunctionRuntime, LogRow } from './types.ts';

export interface RuntimeOptions {
  ref: string;
  region: string;
  /** Legacy secret of the project: what tokens must be signed with where `verify_jwt` is on. */
  jwtSecret: string;
  /** Takes rows of `function_logs` and `function_edge_logs` as they arise. */
  log(rows: LogRow[]): void;
  /** Parent of the folder where functions are laid out, which `stop` removes. */
  folder?: string;
  /** A worker without requests for so long is shut down. Default 120,000. */
  idleMs?: number;
  /** Longest wait for an answer's headers. Default 150,000, as hosted. */
  requestLimitMs?: number;
}

export async function startRuntime(options: RuntimeOptions): Promise<FunctionRuntime> {
  await provision('deno');
  // Deno resolves links before it checks permissions; so must the path that it is given.
  const folder = await realpath(await mkdtemp(path.join(options.folder ?? tmpdir(), 'opsbook-functions-')));
  const pool = new WorkerPool(folder, options);
  return {
    invoke: (fn, request, environment) => invoke(pool, options, { fn, request, environment }),
    stop: async () => {
      await pool.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Invocation {
  fn: DeployedFunction;
  request: Request;
  environment: Record<string, string>;
}

/** An answer and the worker that gave it; the platform's own refusals have no execution. */
interface Answer {
  response: Response;
  executionId?: string;
}

async function invoke(pool: WorkerPool, options: RuntimeOptions, invocation: Invocation): Promise<Response> {
  const started = Date.now();
  const answer = await answerOf(pool, options, invocation);
  const headers = new Headers(answer.response.headers);
  headers.set('x-sb-edge-region', options.region);
  headers.set('sb-request-id', randomUUID());
  if (answer.executionId !== undefined) {
    headers.set('x-deno-execution-id', answer.executionId);
  }
  const { status, statusText, body } = answer.response;
  const response = new Response(body, { status, statusText, headers });
  options.log([invocationRow(options, invocation, { started, response, executionId: answer.executionId ?? '' })]);
  return response;
}

async function answerOf(pool: WorkerPool, options: RuntimeOptions, invocation: Invocation): Promise<Answer> {
  const { fn, request } = invocation;
  if (fn.status === 'REMOVED') {
    return { response: notFound() };
  }
  const refusal = fn.verify_jwt && request.method !== 'OPTIONS' ? refuseToken(request, options.jwtSecret) : undefined;
  if (refusal !== undefined) {
    return { response: refusal };
  }
  try {
    return await pool.use(invocation, (worker) => forward(worker, request, options.requestLimitMs ?? 150_000));
  } catch (error) {
    if (error instanceof WorkerRefusal) {
      return { response: error.code === 'BOOT_ERROR' ? bootError() : workerError() };
    }
    throw error;
  }
}

/** The platform's answer for a slug that has no function. */
export function notFound(): Response {
  return refuse(404, 'NOT_FOUND', 'Requested function was not found');
}

function bootError(): Response {
  return refuse(503, 'BOOT_ERROR', 'Function failed to start (please check logs)');
}

function workerError(): Response {
  return refuse(500, 'WORKER_ERROR', 'Function exited due to an error (please check logs)');
}

function refuse(status: number, code: string, message: string): Response {
  return Response.json({ code, message }, { status, headers: { 'sb-error-code': code } });
}

function refuseToken(request: Request, secret: string): Response | undefined {
  const header = request.headers.get('authorization');
  const key = request.headers.get('apikey');
  if (header === null && !key?.startsWith('eyJ')) {
    return refuse(401, 'UNAUTHORIZED_NO_AUTH_HEADER', 'Missing authorization header');
  }
  const token = header === null ? key : /^Bearer (\S+)$/i.exec(header)?.[1];
  if (token === undefined || token === null) {
    return refuse(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', "Auth header is not 'Bearer {token}'");
  }
  const check = checkToken(token, secret, Date.now());
  switch (check.kind) {
    case 'valid':
      return undefined;
    case 'malformed':
      return refuse(401, 'UNAUTHORIZED_INVALID_JWT_FORMAT', 'Invalid JWT');
    case 'invalid':
      return refuse(401, `UNAUTHORIZED_${check.family.toUpperCase()}_JWT`, 'Invalid JWT');
    case 'unsupported':
      return refuse(401, 'UNAUTHORIZED_UNSUPPORTED_TOKEN_ALGORITHM', `Unsupported JWT algorithm ${check.algorithm}`);
  }
}

/** Headers that belong to one hop only. */
const hopHeaders = ['connection', 'content-length', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

/** A function sees its slug first in the path: `/functions/v1` is the gateway's. */
async function forward(worker: FunctionWorker, request: Request, limitMs: number): Promise<Response> {
  const url = new URL(request.url);
  const headers = new Headers(request.headers);
  hopHeaders.forEach((name) => headers.delete(name));
  headers.set('x-forwarded-host', url.host);
  const address = `http://127.0.0.1:${worker.port}${url.pathname.replace(/^\/functions\/v1(?=\/)/, '')}${url.search}`;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), limitMs);
  try {
    const answer = await fetch(address, {
      method: request.method,
      headers,
      body: request.body,
      redirect: 'manual',
      signal: AbortSignal.any([request.signal, limit.signal]),
      ...(request.body === null ? {} : { duplex: 'half' as const }),
    });
    return functionAnswer(answer);
  } catch (error) {
    if (limit.signal.aborted) {
      return refuse(504, 'IDLE_TIMEOUT', `Request idle timeout limit (${Math.round(limitMs / 1000)}s) reached`);
    }
    request.signal.throwIfAborted();
    if (error instanceof TypeError) {
      // The connection broke: the process ended with the request in hand, and its log says why.
      throw new WorkerRefusal('WORKER_ERROR');
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function functionAnswer(answer: Response): Response {
  const headers = new Headers(answer.headers);
  // `fetch` has already undone the encoding.
  [...hopHeaders, 'content-encoding'].forEach((name) => headers.delete(name));
  if (answer.status >= 500) {
    headers.set('sb-error-code', 'EDGE_FUNCTION_ERROR');
  }
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}

interface Entry {
  /** Version and environment: a changed secret applies without a deploy, by a new worker. */
  key: string;
  executionId: string;
  worker: Promise<FunctionWorker>;
  requests: number;
  idle: NodeJS.Timeout | undefined;
}

class WorkerPool {
  /** By function id. */
  readonly #entries = new Map<string, Entry>();
  readonly #ending = new Set<Promise<void>>();
  readonly #folder: string;
  readonly #options: RuntimeOptions;

  constructor(folder: string, options: RuntimeOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Starts the worker that the invocation needs, if none stands, and lends it out. */
  async use(invocation: Invocation, work: (worker: FunctionWorker) => Promise<Response>): Promise<Answer> {
    const entry = this.#entryFor(invocation);
    entry.requests += 1;
    clearTimeout(entry.idle);
    try {
      return { response: await work(await entry.worker), executionId: entry.executionId };
    } catch (error) {
      if (error instanceof WorkerRefusal) {
        this.#forget(invocation.fn.id, entry);
      }
      throw error;
    } finally {
      entry.requests -= 1;
      this.#rest(invocation.fn.id, entry);
    }
  }

  async stop(): Promise<void> {
    for (const [id, entry] of this.#entries) {
      this.#retire(id, entry);
    }
    await Promise.all(this.#ending);
  }

  #entryFor(invocation: Invocation): Entry {
    const { fn } = invocation;
    const key = workerKey(invocation);
    const standing = this.#entries.get(fn.id);
    if (standing?.key === key) {
      return standing;
    }
    const entry = this.#start(invocation, key);
    this.#entries.set(fn.id, entry);
    if (standing !== undefined && standing.requests === 0) {
      this.#retire(fn.id, standing);
    }
    return entry;
  }

  #start({ fn, environment }: Invocation, key: string): Entry {
    const executionId = environment['SB_EXECUTION_ID'] ?? randomUUID();
    const options = this.#options;
    const worker = startFunctionWorker({
      fn,
      ref: options.ref,
      environment: { ...environment, SB_EXECUTION_ID: executionId },
      folder: this.#folder,
      emit: (event) => options.log([consoleRow(options, fn, executionId, event)]),
    });
    const entry: Entry = { key, executionId, worker, requests: 0, idle: undefined };
    const forget = () => this.#forget(fn.id, entry);
    worker.then(({ exited }) => exited.then(forget), forget);
    return entry;
  }

  #forget(id: string, entry: Entry): void {
    if (this.#entries.get(id) === entry) {
      this.#entries.delete(id);
    }
  }

  /** After a request: an outdated worker goes at once, a current one when nobody asks for a while. */
  #rest(id: string, entry: Entry): void {
    if (entry.requests > 0) {
      return;
    }
    if (this.#entries.get(id) !== entry) {
      this.#retire(id, entry);
      return;
    }
    entry.idle = setTimeout(() => this.#retire(id, entry), this.#options.idleMs ?? 120_000);
    entry.idle.unref();
  }

  #retire(id: string, entry: Entry): void {
    clearTimeout(entry.idle);
    this.#forget(id, entry);
    // One that never stood has nothing to end.
    const ending = entry.worker.then((worker) => worker.end(), () => {});
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}

function workerKey({ fn, environment }: Invocation): string {
  const { SB_EXECUTION_ID: _, ...lasting } = environment;
  const sorted = Object.entries(lasting).sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify(sorted)).digest('hex');
  return `${fn.version} ${fn.ezbr_sha256} ${digest}`;
}

function commonAttributes(options: RuntimeOptions, fn: DeployedFunction, executionId: string): Record<string, string> {
  return {
    function_id: fn.id,
    execution_id: executionId,
    deployment_id: `${options.ref}_${fn.id}_${fn.version}`,
    version: String(fn.version),
    project_ref: options.ref,
  };
}

function consoleRow(options: RuntimeOptions, fn: DeployedFunction, executionId: string, event: WorkerEvent): LogRow {
  return {
    id: randomUUID(),
    timestamp: event.time,
    // Longer messages are cut (SUPABASE.md §3, Limits).
    event_message: event.message.slice(0, 10_000),
    severity_text: event.level.toUpperCase(),
    source: 'function_logs',
    log_attributes: {
      ...commonAttributes(options, fn, executionId),
      event_type: event.type,
      level: event.level,
      region: options.region,
      timestamp: new Date(event.time).toISOString(),
    },
  };
}

interface Outcome {
  started: number;
  response: Response;
  executionId: string;
}

function invocationRow(options: RuntimeOptions, { fn, request }: Invocation, outcome: Outcome): LogRow {
  const { started, response, executionId } = outcome;
  const url = new URL(request.url);
  const line = `${request.method} | ${response.status} | ${request.url}`;
  return {
    id: randomUUID(),
    timestamp: started,
    event_message: line,
    severity_text: response.status >= 500 ? 'ERROR' : 'INFO',
    source: 'function_edge_logs',
    log_attributes: {
      ...commonAttributes(options, fn, executionId),
      execution_time_ms: String(Date.now() - started),
      'request.method': request.method,
      'request.url': request.url,
      'request.host': url.host,
      'request.pathname': url.pathname,
      'request.protocol': url.protocol,
      ...headerAttributes('request', request.headers, ['user-agent', 'content-type', 'accept', 'x-client-info']),
      'response.status_code': String(response.status),
      ...headerAttributes('response', response.headers, ['content-type', 'sb-error-code', 'sb-request-id', 'x-sb-edge-region']),
    },
  };
}

/** Named headers only: keys and tokens are never among them. */
function headerAttributes(side: 'request' | 'response', headers: Headers, names: string[]): Record<string, string> {
  const found = names.filter((name) => headers.has(name));
  return Object.fromEntries(found.map((name) => [`${side}.headers.${name.replaceAll('-', '_')}`, headers.get(name) ?? '']));
}
