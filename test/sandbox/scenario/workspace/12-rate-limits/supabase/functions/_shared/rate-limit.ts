const window = 60_000;
const seen = new Map<string, { count: number; until: number }>();

/** Whether `who` may go on: at most `limit` requests per minute and instance of the function. */
export function allowed(who: string, limit: number, now = Date.now()): boolean {
  const entry = seen.get(who);
  if (!entry || entry.until < now) {
    seen.set(who, { count: 1, until: now + window });
    return true;
  }
  entry.count += 1;
  return entry.count <= limit;
}
