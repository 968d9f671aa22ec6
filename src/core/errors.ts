/**
 * Everything that can go wrong, as a code with its facts. The wording, and what the user can do next, is one exhaustive switch
 * in `host/errorMessage.ts`; nothing branches on message text.
 */

/** Why something cannot be done over a project's ways. */
export type AbsenceReason =
  /** Self-hosted or local: there is no Management API. */
  | 'noManagementApi'
  /** No connection string was given, and the way that exists cannot do it. */
  | 'noDatabaseConnection'
  /** The project's API keys could not be read or were not given. */
  | 'noGatewayKey'
  /** A log store of one's own is switched off, or its key was not given. */
  | 'noLogStore'
  /** The workspace is not trusted: nothing of it is executed. */
  | 'untrustedWorkspace'
  /** The place is no git repository, or git is not installed. */
  | 'noGitHistory'
  /** The Supabase CLI was not found. */
  | 'noCli';

export interface ErrorFacts {
  notSignedIn: Record<string, never>;
  noProject: Record<string, never>;
  absent: { what: string; reason: AbsenceReason };
  untrusted: { what: string };

  /** The service does not know this token (401): mistyped, revoked or expired. */
  tokenRejected: { account: string; origin: string };
  /** The text is no Supabase access token at all; nothing was sent. */
  tokenMalformed: Record<string, never>;
  /** The token is valid and lacks this one permission (403). */
  permissionMissing: { operation: string; account: string };
  projectNotFound: { ref: string };
  /** Something of the project does not exist (404). */
  notFound: { what: string };
  /** 402: the plan's allowance is used up. */
  allowanceExhausted: { operation: string; message: string };
  rateLimited: { operation: string; retryAfterSeconds: number };
  /** Any other refusal of the service: 4xx that is our mistake, 5xx that is theirs. `message` is the service's own, outside text. */
  serviceFailed: { operation: string; status: number; message: string };
  /** Torn, not JSON, or of a shape nothing can be read from. */
  badAnswer: { operation: string; problem: string };
  /** No connection: `reason` is the system's code, such as `ECONNREFUSED`. */
  unreachable: { host: string; reason: string };
  /** A document's or check's request to this machine or its link, which nobody allowed (SAFETY 9); nothing was sent. */
  addressRefused: { host: string; address: string };
  /** TLS could not be verified. */
  tlsRefused: { host: string; reason: string };
  /** `statement`: the server ended one that a person ran, at the limit of the settings, or at that of what is only tried. */
  timedOut: { operation: string; seconds: number; statement?: 'run' | 'tried' };
  cancelled: Record<string, never>;

  /** Postgres refused a statement. `position` counts code points from 1 within the statement sent. */
  queryFailed: {
    sqlState: string;
    message: string;
    detail?: string;
    hint?: string;
    position?: number;
  };
  /** Read mode refuses this statement before it is sent. */
  notReadOnly: { statement: string; because: string };
  /** The server took no connection: wrong credentials (28P01) or name (3D000), or all of its connections are in use (53300). */
  databaseRefused: { host: string; message: string; sqlState?: string };
  connectionLost: { host: string };
  /** A transaction that was held open is gone, and with it all that it had changed. `reason` is the server's, outside text, or empty. */
  transactionLost: { host: string; reason: string };
  /** The connection broke while a transaction was committed; the server knows by its id whether it was. */
  commitUnknown: { host: string; transactionId: string };
  /** A window holds one transaction at a time. */
  transactionOpen: { project: string };
  /** The server refuses it inside a transaction, and one is open. */
  notInTransaction: { statement: string };
  sqlSyntax: { message: string; position: number };

  gitMissing: Record<string, never>;
  notARepository: { folder: string };
  gitFailed: { command: string; message: string };
  commitNotFound: { commit: string };
  /** The clone is partial and does not hold all files of the commit; nothing is fetched from elsewhere. */
  commitNotWhole: { commit: string };

  cliMissing: Record<string, never>;
  cliUnsupported: { version: string; supported: string };
  cliFailed: { command: string; exitCode: number; message: string };

  functionMissing: { slug: string; commit: string };
  entrypointMissing: { slug: string; path: string };
  importMissing: { slug: string; path: string; importedFrom: string };
  deployUnverified: { slug: string; problem: string };
  deployRunning: { slug: string };
  /** The platform keeps no versions, and neither does this machine keep this one. */
  bodyNotKept: { slug: string; version: number };
  alreadyPaused: { slug: string; by: string };
  notPaused: { slug: string };
  /** Files of the place were edited after they were shown; nothing was written. */
  changedMeanwhile: { files: string[] };

  badPath: { path: string };
  /** Opsbook's own files could not be written or read: a full or read-only disk. `reason` is the system's code, such as `EROFS`. */
  storageFailed: { path: string; reason: string };
  /** A file that the user asked for, at the place that the user named. `reason` is the system's code. */
  fileNotWritten: { path: string; reason: string };
  badDocument: { document: string; problem: string };
  /** A request or a command of a document that cannot be sent as it stands; `because` is a sentence for the user. */
  notSent: { because: string };
  badConfig: { file: string; problem: string };
  /** A filter for log lines that cannot be read or compiled; `problem` is a whole sentence. */
  badFilter: { problem: string };
  placeholdersLeft: { names: string[] };
}

export type ErrorCode = keyof ErrorFacts;

export class OpsError<C extends ErrorCode = ErrorCode> extends Error {
  readonly code: C;
  readonly facts: ErrorFacts[C];

  /** The message is for logs and tests; users read the wording of `host/errorMessage.ts`. */
  constructor(code: C, facts: ErrorFacts[C], cause?: unknown) {
    super(`${code} ${JSON.stringify(facts)}`, cause === undefined ? undefined : { cause });
    this.name = 'OpsError';
    this.code = code;
    this.facts = facts;
  }
}

/** Narrows a caught value, also to one of several codes. */
export function isOpsError<C extends ErrorCode>(error: unknown, ...codes: C[]): error is OpsError<C> {
  return error instanceof OpsError && (codes.length === 0 || codes.some((code) => code === (error as OpsError).code));
}

/** Cancelling is an outcome, whoever noticed it first: our own check or `fetch`, which rejects with an `AbortError`. */
export function isCancelled(error: unknown): boolean {
  return isOpsError(error, 'cancelled') || (error instanceof Error && error.name === 'AbortError');
}

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) {
    throw new OpsError('cancelled', {});
  }
}

/** For `catch`: what failed as a value, so that it takes nothing from what is asked beside it. Throws again what was cancelled, and faults of ours. */
export function asFailure(error: unknown): OpsError {
  if (isOpsError(error) && !isCancelled(error)) {
    return error;
  }
  throw error;
}
