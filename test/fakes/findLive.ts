import type { EdgeFunction, FunctionBody } from '../../src/core/functions/edgeFunction.ts';
import type { Ledger } from '../../src/core/functions/ledger.ts';
import type { Live } from '../../src/core/functions/live.ts';
import { LiveSearch } from '../../src/core/functions/liveSearch.ts';
import type { Digest, GitHistory, TomlReader } from '../../src/core/ports.ts';

/** What is live of one function, asked by itself. */
export async function findLive(
  fn: EdgeFunction,
  needs: { git: GitHistory; toml: TomlReader; digest: Digest; ledger: Ledger; body: (signal: AbortSignal) => Promise<FunctionBody> },
  signal: AbortSignal,
): Promise<Live | undefined> {
  const head = await needs.git.head(signal);
  if (!head) {
    return undefined;
  }
  const search = new LiveSearch(head, { ...needs, deployments: await needs.ledger.deployments() });
  return (await search.find([await search.evidence({ fn, body: needs.body }, signal)], signal)).get(fn.slug);
}
