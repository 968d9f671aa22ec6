import { matchLocation } from '../logs/sourceLocations.ts';
import type { BodyArchive, GitHistory } from '../ports.ts';
import { placeBody } from './body.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { Ledger } from './ledger.ts';

/** A file of a version of a function. `path` is where the place has it. */
export interface DeployedFile {
  readonly path: string;
  readonly text: string;
  readonly version: number;
}

export interface DeployedFileNeeds {
  readonly ref: string;
  readonly deployed: EdgeFunction;
  /** What is live. */
  readonly body: (signal: AbortSignal) => Promise<FunctionBody>;
  /** What was live before; absent where there is no place or no trust. */
  readonly past?: { readonly bodies: BodyArchive; readonly ledger: Ledger; readonly git?: GitHistory };
}

/**
 * A file as it ran: of the live body for the live version; of a kept body, or of the commit's objects by an own deploy, for one before.
 * `undefined` when that version is not known here, or has no such file, or several that it may be.
 */
export async function findDeployedFile(wanted: { readonly version?: number; readonly path: string }, needs: DeployedFileNeeds, signal: AbortSignal): Promise<DeployedFile | undefined> {
  const { deployed } = needs;
  const version = wanted.version ?? deployed.version;
  const body = version === deployed.version ? await needs.body(signal) : await needs.past?.bodies.get(needs.ref, deployed.slug, version);
  if (!body) {
    return ownDeploy(wanted.path, version, needs, signal);
  }
  const { files } = placeBody(body, deployed.slug);
  const path = matchLocation(wanted.path, files.keys());
  return path === undefined ? undefined : { path, text: decode(files.get(path)), version };
}

/** The ledger keeps git's id of each file that was sent. */
async function ownDeploy(wanted: string, version: number, { deployed, past }: DeployedFileNeeds, signal: AbortSignal): Promise<DeployedFile | undefined> {
  const deployments = (await past?.ledger.deployments()) ?? [];
  const made = deployments.findLast(({ intent, conclusion }) => intent.slug === deployed.slug && conclusion?.result === 'deployed' && conclusion.versionAfter === version);
  const ids = new Map(made?.intent.files.map(([path, id]) => [path, id]));
  const path = matchLocation(wanted, ids.keys());
  const id = path === undefined ? undefined : ids.get(path);
  if (path === undefined || id === undefined || !past?.git) {
    return undefined;
  }
  // Deployed from a working tree that was never committed: git does not have it.
  const content = (await past.git.blobs([id], signal)).get(id);
  return content && { path, text: decode(content), version };
}

function decode(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
