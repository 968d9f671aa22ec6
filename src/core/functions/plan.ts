import type { Project } from '../project/project.ts';
import type { PlacedBody } from './body.ts';
import { compareBody, type BodyDifference } from './body.ts';
import type { OpsError } from '../errors.ts';
import type { EdgeFunction, FunctionBody } from './edgeFunction.ts';
import type { CodeFinding } from './codeFinding.ts';
import type { Probe } from './probe.ts';
import type { DeployAction } from './ledger.ts';
import type { UnansweredImport } from './remoteImports.ts';
import { readsOfEnvironment } from '../secrets/environmentReads.ts';
import { isReservedSecretName } from '../secrets/secret.ts';
import type { FunctionSource, SourceOrigin } from './source.ts';

/** What a deploy cannot undo, or leaves as it is. */
export type Irreversible =
  /** The platform keeps no versions; `kept`: Opsbook has a copy of the body that is replaced. */
  | { readonly kind: 'liveBodyReplaced'; readonly version: number; readonly kept: boolean }
  /** A new function answers from then on; taking it away is a deletion. */
  | { readonly kind: 'functionCreated' }
  /** Secrets are the project's, not a version's. */
  | { readonly kind: 'secretsStay' }
  /** Requests that the new code answers meanwhile, with all they change. */
  | { readonly kind: 'requestsServed' };

/** Everything that will happen, to be shown before it does. */
export interface DeployPlan {
  readonly action: DeployAction;
  readonly project: Pick<Project, 'ref' | 'name' | 'environment' | 'kind'>;
  readonly slug: string;
  readonly source: FunctionSource;
  readonly origin: SourceOrigin;
  /** The function as it was when the plan was made; absent when it is new. A deploy that finds another version does not happen. */
  readonly live?: EdgeFunction;
  /** The body that is replaced; absent when it could not be read or there is none. */
  readonly liveBody?: FunctionBody;
  /** Against the live body; absent when that is unknown. */
  readonly changes?: BodyDifference;
  readonly verifyJwt: JwtChange;
  /** Read by the code, set nowhere. */
  readonly missingSecrets: readonly string[];
  /** Read by the code, when the project's secrets could not be listed. */
  readonly unknownSecrets: readonly string[];
  /** Files of the function that differ from what is checked out. Only for the working tree of a repository. */
  readonly uncommitted: readonly string[];
  /** `enabled = false` in `config.toml`: the CLI would pass over it, a plan does not. */
  readonly disabled: boolean;
  readonly irreversible: readonly Irreversible[];
  /** What Deno's type checker said; absent when it was not asked. */
  readonly types?: TypeCheck;
  /** Modules on other hosts that nobody answers for; absent when they were not asked for: Deno loads them itself. */
  readonly unanswered?: readonly UnansweredImport[];
  /** The call that will tell whether the new version answers. */
  readonly probe?: Probe;
}

export type TypeCheck =
  | { readonly kind: 'checked'; readonly findings: readonly CodeFinding[] }
  /** There is no Deno, or it did not end in time. */
  | { readonly kind: 'unknown'; readonly error?: OpsError };

/** Whether the function asks for a JWT. `after` absent: the service decides (`true` for a new function). */
export interface JwtChange {
  readonly before?: boolean;
  readonly after?: boolean;
  /** Anybody can call it from then on, and could not before. */
  readonly becomesPublic: boolean;
}

export interface PlanFacts {
  readonly action: DeployAction;
  readonly project: DeployPlan['project'];
  readonly source: FunctionSource;
  readonly origin: SourceOrigin;
  readonly live?: EdgeFunction;
  readonly liveBody?: { readonly body: FunctionBody; readonly placed: PlacedBody };
  /** Names that are set; absent when they could not be listed. */
  readonly secretNames?: readonly string[];
  readonly uncommitted: readonly string[];
}

/** Computes the plan; nothing is asked of the outside. */
export function planDeploy(facts: PlanFacts): DeployPlan {
  const { action, project, source, origin, live, liveBody, secretNames, uncommitted } = facts;
  return {
    action,
    project,
    slug: source.slug,
    source,
    origin,
    ...(live ? { live } : {}),
    ...(liveBody ? { liveBody: liveBody.body, changes: compareBody(liveBody.placed, source.files) } : {}),
    verifyJwt: jwtChange(source.verifyJwt, live),
    missingSecrets: secretNames ? secretsRead(source).filter((name) => !secretNames.includes(name)) : [],
    unknownSecrets: secretNames ? [] : secretsRead(source),
    uncommitted,
    disabled: source.disabled,
    irreversible: irreversible(action, live, liveBody !== undefined),
  };
}

/** The config's word, else what is live: the CLI's own precedence. */
function jwtChange(configured: boolean | undefined, live: EdgeFunction | undefined): JwtChange {
  const before = live?.verifyJwt;
  const after = configured ?? before;
  return {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    becomesPublic: after === false && before !== false,
  };
}

/** Names that the platform does not set itself. */
function secretsRead(source: FunctionSource): readonly string[] {
  const read = [...source.files.values()].filter((file) => file.role === 'module').flatMap((file) => readsOfEnvironment(new TextDecoder().decode(file.content)).reads);
  return [...new Set(read.map(({ name }) => name))].filter((name) => !isReservedSecretName(name)).sort();
}

function irreversible(action: DeployAction, live: EdgeFunction | undefined, kept: boolean): readonly Irreversible[] {
  return [
    live ? { kind: 'liveBodyReplaced', version: live.version, kept } : { kind: 'functionCreated' },
    ...(action === 'rollback' ? [{ kind: 'secretsStay' } as const] : []),
    { kind: 'requestsServed' },
  ];
}
