import { isOpsError, OpsError } from '../errors.ts';
import type { BodyArchive, Commit, GitHistory, ManagementApi, PlaceFiles, TomlReader } from '../ports.ts';
import { placeBody, recordedSource } from './body.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { DeployAction } from './ledger.ts';
import { pauseSource, type PauseNote } from './pause.ts';
import { planDeploy, type DeployPlan } from './plan.ts';
import { readBody } from './readBody.ts';
import { collectFunction, type FunctionSource, type SourceOrigin } from './source.ts';
import { CommitTree, workingTree } from './sourceTree.ts';

/** What a person picks to make live. */
export type DeployFrom =
  /** `source`: what was read of it already, for the same function. */
  | { readonly kind: 'commit'; readonly commit: Commit; readonly formerSlug?: string; readonly source?: FunctionSource }
  | { readonly kind: 'workingTree' }
  /** A body that was replaced earlier. */
  /** `verifyJwt`: for one that is not live any more; absent: what is live stays. */
  | { readonly kind: 'recorded'; readonly version: number; readonly verifyJwt?: boolean }
  /** A function that answers 503 in the place of the live one. */
  | { readonly kind: 'pause'; readonly note: PauseNote };

export interface PrepareNeeds {
  readonly project: DeployPlan['project'];
  readonly management: Pick<ManagementApi, 'functions' | 'functionBody' | 'secrets'>;
  readonly files: PlaceFiles;
  /** Absent without a repository. */
  readonly git?: GitHistory;
  readonly bodies: BodyArchive;
  readonly toml: TomlReader;
}

/**
 * Reads everything a plan says, the service and the source at once. Throws what collecting the source throws (`functionMissing`,
 * `entrypointMissing`, `badConfig`, …), `absent` for a commit without a repository, `bodyNotKept`.
 */
export async function prepareDeploy(slug: string, action: DeployAction, from: DeployFrom, needs: PrepareNeeds, signal: AbortSignal): Promise<DeployPlan> {
  const call = { signal, priority: 'user' } as const;
  const [functions, secretNames, made] = await Promise.all([
    needs.management.functions(needs.project.ref, call),
    secretNamesOf(needs, signal),
    makeSource(slug, from, needs, signal),
  ]);
  const live = functions.find((fn) => fn.slug === slug);
  const body = live && (await bodyOf(live, needs, signal));
  return planDeploy({
    action,
    project: needs.project,
    ...made,
    ...(live ? { live } : {}),
    ...(body ? { liveBody: { body, placed: placeBody(body, slug, made.source.entrypoint) } } : {}),
    ...(secretNames ? { secretNames } : {}),
  });
}

interface MadeSource {
  readonly source: FunctionSource;
  readonly origin: SourceOrigin;
  readonly uncommitted: readonly string[];
}

async function makeSource(slug: string, from: DeployFrom, needs: PrepareNeeds, signal: AbortSignal): Promise<MadeSource> {
  switch (from.kind) {
    case 'commit': {
      const at = from.commit.hash.slice(0, 7);
      const options = { toml: needs.toml, at, ...(from.formerSlug === undefined ? {} : { formerSlug: from.formerSlug }) };
      const source = from.source ?? (await collectFunction(slug, new CommitTree(historyOf(needs), from.commit.hash), options, signal));
      return { source, origin: { kind: 'commit', commit: from.commit }, uncommitted: [] };
    }
    case 'workingTree': {
      const source = await collectFunction(slug, workingTree(needs.files), { toml: needs.toml }, signal);
      const head = await needs.git?.head(signal);
      const uncommitted = needs.git && head ? await differsFrom(new CommitTree(needs.git, head.hash), source, signal) : [];
      return { source, origin: { kind: 'workingTree', ...(head ? { head } : {}) }, uncommitted };
    }
    case 'pause':
      return { source: pauseSource(slug, from.note), origin: { kind: 'pause' }, uncommitted: [] };
    case 'recorded': {
      const body = await needs.bodies.get(needs.project.ref, slug, from.version);
      if (!body) {
        throw new OpsError('bodyNotKept', { slug, version: from.version });
      }
      return { source: await recordedSource(slug, body, from.verifyJwt), origin: { kind: 'recorded', version: from.version }, uncommitted: [] };
    }
    default:
      return from satisfies never;
  }
}

function historyOf(needs: PrepareNeeds): GitHistory {
  if (!needs.git) {
    throw new OpsError('absent', { what: 'Deploying a commit', reason: 'noGitHistory' });
  }
  return needs.git;
}

/** Reads any bytes without loss. */
const latin1 = new TextDecoder('latin1');

/** Files of a source that a commit does not hold as they are. Line endings, which git converts on checkout, are no difference. */
export async function differsFrom(tree: CommitTree, source: FunctionSource, signal: AbortSignal): Promise<readonly string[]> {
  const committed = await tree.read([...source.files.keys()], signal);
  const text = (content: Uint8Array | undefined) => content && latin1.decode(content).replaceAll('\r\n', '\n');
  return [...source.files].filter(([path, file]) => text(file.content) !== text(committed.get(path))).map(([path]) => path);
}

/** A token that may not list secrets can still deploy. */
async function secretNamesOf(needs: PrepareNeeds, signal: AbortSignal): Promise<readonly string[] | undefined> {
  try {
    return (await needs.management.secrets(needs.project.ref, { signal, priority: 'user' })).map((secret) => secret.name);
  } catch (error) {
    if (isOpsError(error, 'permissionMissing')) {
      return undefined;
    }
    throw error;
  }
}

/** A body that cannot be read (deployed in a way the service does not give back) leaves the plan without changes. */
export async function bodyOf(live: EdgeFunction, needs: Pick<PrepareNeeds, 'project' | 'management' | 'bodies'>, signal: AbortSignal): Promise<FunctionBody | undefined> {
  try {
    return await readBody(needs.management, needs.bodies, needs.project.ref, live, { signal, priority: 'user' });
  } catch (error) {
    if (isOpsError(error, 'badAnswer', 'notFound', 'serviceFailed', 'permissionMissing')) {
      return undefined;
    }
    throw error;
  }
}
