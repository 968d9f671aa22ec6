import type { Account, Token } from '../tokens.ts';
import type { ProjectState, World } from '../state.ts';
import { Refusal, type Answer } from './answer.ts';
import type { Call } from './call.ts';

/** Which budget a call counts against (SUPABASE.md §2, rate limits). */
export type Budget = 'standard' | 'logs' | 'usage.api-counts' | 'usage.api-requests-count';

export interface Visit {
  call: Call;
  params: Record<string, string>;
  account: Account;
  token: Token;
  world: World;
  /** The project of `{ref}`; throws 404 or 403 where the account may not see it. */
  project(): ProjectState;
}

/** One endpoint; `path` is the template of the published contract. */
export interface Route {
  method: string;
  path: string;
  /** Alternatives, each a set of fine-grained permissions that must all be there; none means any valid token. */
  permissions: string[][];
  budget?: Budget;
  handle(visit: Visit): Answer | Promise<Answer>;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Finds the endpoint of a path; a template without parameters wins over one that has some. */
export function matchRoute(routes: readonly Route[], method: string, path: string): Match | undefined {
  const matches = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, params: matchPath(route.path, path) }))
    .filter((match): match is Match => match.params !== undefined);
  matches.sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length);
  return matches[0];
}

/** Values of the `{name}` segments, or undefined where the path is another one. */
export function matchPath(template: string, path: string): Record<string, string> | undefined {
  const expected = template.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) {
    return undefined;
  }
  const params: Record<string, string> = {};
  for (const [index, segment] of expected.entries()) {
    const value = actual[index] ?? '';
    if (segment.startsWith('{')) {
      params[segment.slice(1, -1)] = decode(value);
    } else if (segment !== value) {
      return undefined;
    }
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new Refusal(400, 'Malformed path');
  }
}

/** A path parameter that the template is known to have. */
export function param(visit: Visit, name: string): string {
  const value = visit.params[name];
  if (value === undefined) {
    throw new Error(`the route has no parameter {${name}}`);
  }
  return value;
}
