import { OpsError } from '../../core/errors.ts';
import { maskSecrets } from '../../core/secrets/mask.ts';

export interface Refused {
  readonly operation: string;
  readonly account: string;
  readonly origin: string;
  /** Of the project asked; absent for what belongs to the account. */
  readonly ref?: string;
  /** What a 404 says does not exist, when it is not the project. */
  readonly missing?: string;
  /** Texts that no error may hold, whatever the service echoes. */
  readonly withheld: readonly string[];
}

/** A status of 400 or more as the error it means. */
export function toRefusal(refused: Refused, status: number, headers: Headers, body: string, now: number): OpsError {
  const { operation, account, origin, ref, missing } = refused;
  switch (status) {
    case 401:
      return new OpsError('tokenRejected', { account, origin });
    case 403:
      return new OpsError('permissionMissing', { operation, account });
    case 402:
      return new OpsError('allowanceExhausted', { operation, message: serviceMessage(body, refused.withheld) });
    case 429:
      return new OpsError('rateLimited', { operation, retryAfterSeconds: retryAfterSeconds(headers, now) });
    case 404:
      if (missing !== undefined) {
        return new OpsError('notFound', { what: missing });
      }
      if (ref !== undefined) {
        return new OpsError('projectNotFound', { ref });
      }
  }
  return new OpsError('serviceFailed', { operation, status, message: serviceMessage(body, refused.withheld) });
}

/** Who is refused without a word stays so to the end of the minute (SUPABASE, rate limits). */
const withoutWord = 60;

/** `Retry-After` in seconds or as a date, else `X-RateLimit-Reset`, which is in seconds from now. */
function retryAfterSeconds(headers: Headers, now: number): number {
  const retryAfter = headers.get('retry-after');
  if (retryAfter !== null && !/^\d+$/.test(retryAfter)) {
    const until = Date.parse(retryAfter);
    return Number.isNaN(until) ? withoutWord : Math.max(0, Math.ceil((until - now) / 1000));
  }
  return toCount(retryAfter) ?? toCount(headers.get('x-ratelimit-reset')) ?? withoutWord;
}

/** A header's number; `undefined` when there is none. */
export function toCount(header: string | null): number | undefined {
  const count = Number(header ?? NaN);
  return Number.isFinite(count) && count >= 0 && header?.trim() !== '' ? count : undefined;
}

const longestMessage = 4000;

/**
 * The service's own sentence: version 1 answers `{"message"}`, version 2 `{"error":{"message"}}`, gateways anything.
 * A page of HTML says nothing to a reader, so it becomes the empty text.
 */
export function serviceMessage(body: string, withheld: readonly string[]): string {
  let message = sentence(parse(body)) ?? (body.trimStart().startsWith('<') ? '' : body.trim());
  for (const text of withheld) {
    message = text === '' ? message : message.replaceAll(text, '…');
  }
  return maskSecrets(message).slice(0, longestMessage);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

/** The text in `message`, `error`, `msg` or a list of them, however deep. */
function sentence(value: unknown): string | undefined {
  if (typeof value === 'string') {
    return value;
  }
  if (Array.isArray(value)) {
    const parts = value.map(sentence).filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join('; ');
  }
  if (typeof value === 'object' && value !== null) {
    const { message, error, msg } = value as Record<string, unknown>;
    return sentence(message) ?? sentence(error) ?? sentence(msg);
  }
  return undefined;
}
