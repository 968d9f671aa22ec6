import type { Digest } from '../ports.ts';
import { likelyBlobIds } from './blobId.ts';
import { placeBody } from './body.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Deployment } from './ledger.ts';
import { ownLive } from './ownDeploys.ts';

/** `ledger`: an own deploy made exactly this version. `body`: the deployed files were fetched and hashed. */
export type Evidence = 'ledger' | 'body';

/** The files that are live, by the ids a repository may hold them under. */
export interface DeployedFiles {
  readonly evidence: Evidence;
  readonly entrypoint: string;
  readonly files: ReadonlyMap<string, FileIds>;
  /** Contents by id; none when the ledger knows. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** The commit it was deployed from, as the ledger has it. */
  readonly origin?: string;
}

export interface FileIds {
  readonly exact: string;
  readonly otherLineEndings?: string;
  /** Of contents that differ in white space alone. */
  readonly otherSpace?: ReadonlySet<string>;
}

/** How a file is held: as it is live, but for line endings, but for white space; `undefined`: another one. */
export type Likeness = 'exact' | 'lineEndings' | 'whiteSpace';

export function likenessOf(ids: FileIds, oid: string): Likeness | undefined {
  return oid === ids.exact ? 'exact' : oid === ids.otherLineEndings ? 'lineEndings' : ids.otherSpace?.has(oid) ? 'whiteSpace' : undefined;
}

/** What the ledger proves to be live. `undefined` when it does not know, or knows the files by ids of another kind than the repository's. */
export function provenByLedger(fn: EdgeFunction, deployments: readonly Deployment[], algorithm: 'sha1' | 'sha256'): DeployedFiles | undefined {
  const proof = ownLive(fn, deployments);
  const [first] = proof?.intent.files ?? [];
  // The ledger's ids are SHA-1.
  if (!proof || !first || algorithm !== 'sha1') {
    return undefined;
  }
  const { origin, files } = proof.intent;
  return { evidence: 'ledger', entrypoint: first[0], files: new Map(files.map(([path, exact]) => [path, { exact }])), contents: new Map(), ...(origin.kind === 'commit' ? { origin: origin.commit } : {}) };
}

export function hashBody(body: FunctionBody, slug: string, digest: Digest, algorithm: 'sha1' | 'sha256'): DeployedFiles {
  const placed = placeBody(body, slug);
  const files = new Map([...placed.files].map(([path, content]) => [path, likelyBlobIds(content, digest, algorithm)]));
  const contents = new Map([...placed.files].map(([path, content]) => [files.get(path)?.exact ?? '', content]));
  return { evidence: 'body', entrypoint: placed.entrypoint, files, contents };
}

/** The contents, by id, that differ from a text in white space alone (a byte order mark counts as such). */
export function otherSpacing(content: Uint8Array | undefined, others: ReadonlyMap<string, Uint8Array>): ReadonlySet<string> {
  const wanted = content && withoutSpace(content);
  return new Set(wanted === undefined ? [] : [...others].filter(([, other]) => withoutSpace(other) === wanted).map(([id]) => id));
}

/** `undefined` for what is no text. */
function withoutSpace(content: Uint8Array): string | undefined {
  return content.includes(0) ? undefined : new TextDecoder().decode(content).replace(/\s+/g, '');
}
