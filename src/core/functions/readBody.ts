import type { BodyArchive, CallOptions, ManagementApi } from '../ports.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';

/** The body of a version never changes: it is fetched once. What was kept of another function by that name is none. */
export async function readBody(management: Pick<ManagementApi, 'functionBody'>, bodies: BodyArchive, ref: string, fn: EdgeFunction, options: CallOptions): Promise<FunctionBody> {
  const kept = await bodies.get(ref, fn.slug, fn.version, fn).catch(() => undefined);
  if (kept) {
    return kept;
  }
  const body = await management.functionBody(ref, fn.slug, options);
  // Somebody may have deployed between the list and this answer; a version that only has other settings keeps the body's older number.
  const isLater = body.from !== undefined && (body.from.id !== fn.id || body.from.version > fn.version);
  if (!isLater) {
    // A disk that is full costs a request next time, and nothing else.
    await bodies.put(ref, fn.slug, fn.version, body, fn).catch(() => undefined);
  }
  return body;
}
