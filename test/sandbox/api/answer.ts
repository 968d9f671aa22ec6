/** What the sandbox's HTTP surfaces send back, before it becomes bytes on a socket. */

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/**
 * A refusal: status and the one sentence of the body. Version 1 of the API answers `{"message"}`, version 2
 * `{"error":{"code","message"}}`; which one is decided where the path is known.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

export function json(status: number, value: unknown): Answer {
  return bytes(status, 'application/json; charset=utf-8', Buffer.from(JSON.stringify(value)));
}

export function text(status: number, type: string, value: string): Answer {
  return bytes(status, type, Buffer.from(value));
}

export function bytes(status: number, type: string, body: Uint8Array): Answer {
  return { status, headers: { 'content-type': type }, body };
}

export function empty(status: number): Answer {
  return { status, headers: {}, body: new Uint8Array() };
}

export function refused(refusal: Refusal, path: string): Answer {
  const body = path.startsWith('/v2/')
    ? { error: { code: codes[refusal.status] ?? 'internal_error', message: refusal.message } }
    : { message: refusal.message };
  const answer = json(refusal.status, body);
  return { ...answer, headers: { ...answer.headers, ...refusal.headers } };
}

const codes: Record<number, string> = {
  400: 'bad_request.invalid',
  401: 'unauthorized.invalid_token',
  403: 'forbidden.missing_permission',
  404: 'not_found.resource',
  429: 'too_many_requests.rate_limited',
};
