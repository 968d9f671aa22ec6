/** The control plane as an HTTP server: reads a call, lets faults and limits speak, asks the route, sends the answer. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { answerInstead, damage, delay, type Fault, type Faults } from '../faults.ts';
import type { RateLimits } from '../rateLimit.ts';
import type { ProjectState, World } from '../state.ts';
import { permits, type Token, type TokenRegistry } from '../tokens.ts';
import { Refusal, refused, type Answer } from './answer.ts';
import { readCall, type Call } from './call.ts';
import { matchRoute, type Budget, type Match, type Route, type Visit } from './route.ts';

/** One call and what was answered to it. */
export interface Exchange {
  call: Call;
  answer: Answer;
  /** Path template of the endpoint, or undefined where no endpoint answered. */
  route: string | undefined;
  /** True where a fault had a hand in the answer, so that it need not fit the contract. */
  faulty: boolean;
}

export interface ServerParts {
  world: World;
  routes: readonly Route[];
  tokens: TokenRegistry;
  faults: Faults;
  limits: RateLimits;
  /** Requests per minute and budget. */
  budgets: Record<Budget, number>;
  latencyMs: () => number;
  onExchange: (exchange: Exchange) => void;
}

export function createApiServer(parts: ServerParts): Server {
  return createServer((message, response) => {
    void serve(parts, message, response).catch((error: unknown) => {
      // A client that went away while it was being answered is no failure of the sandbox.
      if (!response.destroyed && !response.writableEnded) {
        response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: `Internal server error: ${String(error)}` }));
      }
    });
  });
}

async function serve(parts: ServerParts, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const call = await readCall(message);
  const faults = parts.faults.take(call);
  await sleep(parts.latencyMs());
  await delay(faults);
  const { answer, route } = await answerTo(parts, call, faults);
  parts.onExchange({ call, answer, route, faulty: faults.some((fault) => fault.kind !== 'delay') });
  await deliver(response, call, answer, faults);
}

async function answerTo(parts: ServerParts, call: Call, faults: Fault[]): Promise<{ answer: Answer; route?: string }> {
  let match: Match | undefined;
  let headers: Record<string, string> = {};
  try {
    match = matchRoute(parts.routes, call.method, call.path);
    const instead = faults.map(answerInstead).find((one) => one !== undefined);
    if (instead !== undefined) {
      return { answer: instead, ...named(match) };
    }
    if (match === undefined) {
      throw new Refusal(404, `Cannot ${call.method} ${call.path}`);
    }
    const token = authenticate(parts, call);
    headers = limit(parts, match, token);
    const visit = createVisit(parts.world, call, match, token);
    authorize(visit, match);
    const answer = faults.reduce(damage, await match.route.handle(visit));
    return { answer: { ...answer, headers: { ...answer.headers, ...headers } }, ...named(match) };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    const answer = refused(error, call.path);
    return { answer: { ...answer, headers: { ...headers, ...answer.headers } }, ...named(match) };
  }
}

function named(match: Match | undefined): { route?: string } {
  return match === undefined ? {} : { route: match.route.path };
}

function authenticate(parts: ServerParts, call: Call): Token {
  const token = parts.tokens.find(call.headers['authorization']);
  if (token === undefined) {
    throw new Refusal(401, 'Unauthorized');
  }
  return token;
}

/** Counts the call per user and project, or organization, or for the user alone. */
function limit(parts: ServerParts, match: Match, token: Token): Record<string, string> {
  const budget = match.route.budget ?? 'standard';
  const scope = match.params['ref'] ?? match.params['slug'] ?? 'user';
  const standing = parts.limits.count(`${token.account.id} ${scope} ${budget}`, parts.budgets[budget]);
  if (!standing.allowed) {
    throw new Refusal(429, 'ThrottlerException: Too Many Requests', standing.headers);
  }
  return standing.headers;
}

function createVisit(world: World, call: Call, match: Match, token: Token): Visit {
  return {
    call,
    params: match.params,
    account: token.account,
    token,
    world,
    project: () => visibleProject(world, token, match.params['ref'] ?? ''),
  };
}

function visibleProject(world: World, token: Token, ref: string): ProjectState {
  if (!/^[a-z]{20}$/.test(ref)) {
    throw new Refusal(400, 'ref: Project ref must be 20 lower-case letters');
  }
  const project = world.state.projects.get(ref);
  if (project === undefined) {
    throw new Refusal(404, 'Project not found');
  }
  if (!token.account.organizations.includes(project.organization.slug)) {
    throw new Refusal(403, 'Forbidden action');
  }
  return project;
}

/** The project comes first: whether it exists is told to every valid token, what it holds only with the permission. */
function authorize(visit: Visit, match: Match): void {
  if (match.params['ref'] !== undefined) {
    visit.project();
  }
  if (!permits(visit.token, match.route.permissions)) {
    throw new Refusal(403, 'Forbidden action');
  }
}

async function deliver(response: ServerResponse, call: Call, answer: Answer, faults: Fault[]): Promise<void> {
  const torn = faults.find((fault) => fault.kind === 'torn');
  if (torn !== undefined) {
    tear(response, answer, torn.afterBytes);
    return;
  }
  const sent = faults.find((fault) => fault.kind === 'slow');
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(answer.body.length) });
  if (call.method === 'HEAD') {
    response.end();
  } else if (sent === undefined) {
    response.end(answer.body);
  } else {
    await trickle(response, answer.body, sent);
  }
}

function tear(response: ServerResponse, answer: Answer, afterBytes: number | undefined): void {
  if (afterBytes === undefined) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status, { ...answer.headers, 'content-length': String(answer.body.length) });
  response.write(answer.body.subarray(0, afterBytes), () => response.socket?.destroy());
}

async function trickle(response: ServerResponse, body: Uint8Array, pace: Extract<Fault, { kind: 'slow' }>): Promise<void> {
  for (let at = 0; at < body.length && !response.destroyed; at += pace.chunkBytes) {
    response.write(body.subarray(at, at + pace.chunkBytes));
    await sleep(pace.everyMs);
  }
  response.end();
}
