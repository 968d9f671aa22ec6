/**
 * The rate limits of SUPABASE.md §2: so many requests per minute, counted per user and project (or organization), with an
 * own budget for some endpoints. Whoever is over it is refused to the end of the minute.
 */

export interface Standing {
  allowed: boolean;
  /** `X-RateLimit-Limit`, `-Remaining` and `-Reset`; the last is in seconds from now. */
  headers: Record<string, string>;
}

export class RateLimits {
  readonly #windows = new Map<string, { end: number; used: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one request. `limit` is per minute. */
  count(key: string, limit: number): Standing {
    const now = this.#now();
    let window = this.#windows.get(key);
    // A clock that jumps back must not leave a window that ends in an hour.
    if (window === undefined || now >= window.end || window.end - now > minute) {
      window = { end: now + minute, used: 0 };
      this.#windows.set(key, window);
    }
    window.used += 1;
    return {
      allowed: window.used <= limit,
      headers: {
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(Math.max(0, limit - window.used)),
        'x-ratelimit-reset': String(Math.ceil((window.end - now) / 1000)),
      },
    };
  }

  reset(): void {
    this.#windows.clear();
  }
}

const minute = 60_000;
