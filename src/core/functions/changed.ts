import { isOpsError, type OpsError } from '../errors.ts';
import type { BodyArchive, ManagementApi, TomlReader } from '../ports.ts';
import { compareBody, placeBody, type BodyDifference } from './body.ts';
import type { EdgeFunction } from './edgeFunction.ts';
import { isModule } from './imports.ts';
import { readBody } from './readBody.ts';
import { collectFunction, type FunctionSource } from './source.ts';
import type { SourceTree } from './sourceTree.ts';

/** How a function's sources stand against what is live. */
export type SinceLive = { readonly slug: string } & (
  | { readonly kind: 'same' }
  /** Paths that differ; `settings`: config.toml says otherwise whether a JWT is asked for. */
  | { readonly kind: 'changed'; readonly paths: readonly string[]; readonly settings: boolean }
  | { readonly kind: 'new' }
  /** Its sources or its live body cannot be read. */
  | { readonly kind: 'unknown'; readonly error: OpsError }
);

export interface ChangedNeeds {
  readonly management: Pick<ManagementApi, 'functions' | 'functionBody'>;
  readonly bodies: BodyArchive;
  readonly toml: TomlReader;
}

/** Bodies asked for at once; those of a version seen before are on the disk. */
const atOnce = 4;

/** Which functions deploying would change. The deployed ones are listed once; a body is fetched once per version. */
export async function sinceLive(ref: string, slugs: readonly string[], tree: SourceTree, needs: ChangedNeeds, signal: AbortSignal): Promise<readonly SinceLive[]> {
  const deployed = new Map((await needs.management.functions(ref, { signal, priority: 'user' })).map((fn) => [fn.slug, fn]));
  const results: SinceLive[] = [];
  const waiting = [...slugs.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, slug] = next;
      results[index] = await compareOne(ref, slug, deployed.get(slug), tree, needs, signal);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function compareOne(ref: string, slug: string, live: EdgeFunction | undefined, tree: SourceTree, needs: ChangedNeeds, signal: AbortSignal): Promise<SinceLive> {
  if (!live) {
    return { slug, kind: 'new' };
  }
  try {
    const [source, body] = await Promise.all([collectFunction(slug, tree, { toml: needs.toml }, signal), readBody(needs.management, needs.bodies, ref, live, { signal, priority: 'user' })]);
    const paths = differingPaths(compareBody(placeBody(body, slug, source.entrypoint), source.files), source);
    const settings = source.verifyJwt !== undefined && live.verifyJwt !== undefined && source.verifyJwt !== live.verifyJwt;
    return paths.length > 0 || settings ? { slug, kind: 'changed', paths, settings } : { slug, kind: 'same' };
  } catch (error) {
    if (isOpsError(error) && !signal.aborted && !isOpsError(error, 'tokenRejected', 'unreachable', 'rateLimited', 'cancelled')) {
      return { slug, kind: 'unknown', error };
    }
    throw error;
  }
}

/** Import maps and static files may not come back with a body, and files of the service's own may: only modules count as come or gone. */
function differingPaths({ changed, added, removed }: BodyDifference, { files }: FunctionSource): readonly string[] {
  return [...changed, ...removed.filter((path) => files.get(path)?.role === 'module'), ...added.filter(isModule)].sort();
}
