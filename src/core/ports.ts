/**
 * What core asks of the outside. Each member says what comes back when there is nothing, and what it throws besides `cancelled`,
 * which any of them throws when its signal aborts. Adapters implement these; `test/fakes/` holds one stateful fake per port.
 */
import type { OpsError } from './errors.ts';
import type { AdvisorFinding, AdvisorKind } from './advisors/finding.ts';
import type { EdgeFunction, FunctionBody } from './functions/edgeFunction.ts';
import type { CodeFinding } from './functions/codeFinding.ts';
import type { MessageCount, VersionSeen } from './logs/errorGroups.ts';
import type { FunctionStatistics, LogCursor, LogFilter, LogLine, LogWindow } from './logs/log.ts';
import type { DatabaseTarget } from './project/databaseTarget.ts';
import type { Project } from './project/project.ts';
import type { Settings, SettingsPart } from './project/settings.ts';
import type { Secret } from './secrets/secret.ts';
import type { ServiceHealth } from './health/health.ts';
import type { Cell, ResultEvent } from './sql/result.ts';
import type { Identity } from './sql/roles/identity.ts';

export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Ends early, by throwing `cancelled`, when the signal aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Facts are short values for people who read logs; anything that may hold a credential does not go in. */
export interface Logger {
  debug(message: string, facts?: Record<string, unknown>): void;
  info(message: string, facts?: Record<string, unknown>): void;
  warn(message: string, facts?: Record<string, unknown>): void;
  error(message: string, facts?: Record<string, unknown>): void;
}

/** Four urgencies, from the user's own press of a button to a background tail; see `adapters/supabase/governor.ts`. */
export type Priority = 'user' | 'view' | 'check' | 'tail';

/** How a call is made; the signal is never optional. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly priority: Priority;
}

/**
 * The hosted service's Management API for one account. All members throw `tokenRejected`, `permissionMissing`, `rateLimited`,
 * `serviceFailed`, `badAnswer`, `unreachable`, `timedOut`; those with a `ref` also `projectNotFound`.
 */
export interface ManagementApi {
  profile(options: CallOptions): Promise<{ readonly email: string; readonly username: string }>;
  organizations(options: CallOptions): Promise<readonly { readonly slug: string; readonly name: string }[]>;
  /** Every project the account can see; none is an empty list. */
  projects(options: CallOptions): Promise<readonly Project[]>;
  project(ref: string, options: CallOptions): Promise<Project>;
  /** Preview branches without the default one; empty when branching is off. */
  branches(ref: string, options: CallOptions): Promise<readonly Project[]>;
  health(ref: string, options: CallOptions): Promise<readonly ServiceHealth[]>;
  functions(ref: string, options: CallOptions): Promise<readonly EdgeFunction[]>;
  /** Throws `notFound` for a slug that is not deployed. */
  functionBody(ref: string, slug: string, options: CallOptions): Promise<FunctionBody>;
  /** Throws `notFound`. */
  deleteFunction(ref: string, slug: string, options: CallOptions): Promise<void>;
  /** Changes what can be changed without sending files, and gives the function as it is then. Throws `notFound`. */
  updateFunction(ref: string, slug: string, change: { readonly verifyJwt: boolean }, options: CallOptions): Promise<EdgeFunction>;
  /**
   * Waits until the rate limit has room for requests that another program is about to send with the same account, and counts them.
   * Throws `rateLimited` alone, when that is further away than the priority is ready to wait.
   */
  makeRoom(ref: string, requests: number, options: CallOptions): Promise<void>;
  secrets(ref: string, options: CallOptions): Promise<readonly Secret[]>;
  /** Values go in the HTTPS body and nowhere else. */
  setSecrets(ref: string, secrets: readonly { readonly name: string; readonly value: string }[], options: CallOptions): Promise<void>;
  unsetSecrets(ref: string, names: readonly string[], options: CallOptions): Promise<void>;
  migrations(ref: string, options: CallOptions): Promise<readonly { readonly version: string; readonly name?: string }[]>;
  /** What Supabase's own advisor found; that nothing was found is an empty list, that nothing was looked at is a finding of its own. */
  advisors(ref: string, kind: AdvisorKind, options: CallOptions): Promise<readonly AdvisorFinding[]>;
  backups(ref: string, options: CallOptions): Promise<readonly { readonly status: string; readonly insertedAt: number }[]>;
  /** The keys that may be shown to the world; `{}` when the project has neither. Secret keys are never asked for. */
  publicKeys(ref: string, options: CallOptions): Promise<PublicKeys>;
  /** The transaction pooler's host and port, for machines without IPv6; `undefined` when the project has no pooler. */
  pooler(ref: string, options: CallOptions): Promise<{ readonly host: string; readonly port: number; readonly user: string } | undefined>;
  /** A preview branch's database; `undefined` when the token is not told its password. */
  branchDatabase(ref: string, options: CallOptions): Promise<DatabaseTarget | undefined>;
  /** What is set of one part of the project, without values of secrets. */
  settings(ref: string, part: SettingsPart, options: CallOptions): Promise<Settings>;
}

/**
 * Both kinds are needed: only the legacy anon key is a JWT, which functions with `verify_jwt` ask for; only the publishable key is
 * there once a project has switched the legacy ones off. https://supabase.com/docs/guides/api/api-keys
 */
export interface PublicKeys {
  readonly publishable?: string;
  readonly anon?: string;
}

export interface DatabaseCapabilities {
  /** Rows arrive in batches before the last one is known. */
  readonly streams: boolean;
  /** Cancelling reaches the server at once. */
  readonly cancels: boolean;
  readonly notices: boolean;
  readonly columnTypes: boolean;
  /** Statements that cannot run inside a transaction (`vacuum`, `create index concurrently`). */
  readonly outsideTransaction: boolean;
  /** {@link StatementRequest.rolledBack} */
  readonly rollsBack: boolean;
  /** {@link Database.begin} */
  readonly transactions: boolean;
  /** {@link Database.parameterTypes} */
  readonly prepares: boolean;
  /** What can be run {@link StatementRequest.as} somebody: with `queries` it is a SELECT (VALUES, TABLE, WITH) without parameters, in read mode. */
  readonly asRoles: 'everything' | 'queries';
}

export interface StatementRequest {
  /** Exactly one statement. */
  readonly text: string;
  /** Values of `$1`, `$2`, … as text; types are the server's business. */
  readonly values: readonly Cell[];
  /**
   * `read`: enforced by the server, `BEGIN READ ONLY` and the extended protocol (or the API's read-only endpoint).
   * `write`: the user consented.
   */
  readonly mode: 'read' | 'write';
  /** Rows after this many are not fetched. */
  readonly rowLimit: number;
  /**
   * With `read`: it makes few rows of many. The server is asked for all of them at once, since only then does it work with several
   * processes, and is stopped where there are more than the limit.
   */
  readonly gathers?: true;
  /** Milliseconds; the server ends the statement. */
  readonly timeoutMs: number;
  /** Nobody pressed for it: `lock_timeout` 100 ms and at most 2 s (SAFETY). */
  readonly background: boolean;
  /**
   * With `write`: what it changes is rolled back at once, and it has the limits of what runs in the background (SAFETY 12). Sequences
   * and what acts elsewhere are not undone. Only where the way can; throws `absent` where it cannot.
   */
  readonly rolledBack?: boolean;
  /**
   * Under this role and with these claims, which end with the statement. Only where the way can; throws `absent` where it cannot, and
   * `queryFailed` (42501) when whoever is connected may not take the role.
   */
  readonly as?: Identity;
  /**
   * With `read`: what row-level security would hide fails (`queryFailed`, 42501), so that no count is made of the rows that are left.
   * Over the API the reader is above all policies as it is.
   */
  readonly allRows?: true;
}

/** One way to a project's database. */
export interface Database {
  readonly capabilities: DatabaseCapabilities;
  /** How it is reached, for the user: `postgres@db.example.com:5432` or `Management API`. */
  readonly address: string;
  /**
   * Throws `queryFailed`, `databaseRefused`, `connectionLost`, `unreachable`, `tlsRefused`, `timedOut`; nothing is ever run twice.
   * Ending the iteration early, or aborting the signal, cancels on the server where the way can.
   */
  run(request: StatementRequest, options: CallOptions): AsyncIterable<ResultEvent>;
  /**
   * Has the server prepare a statement, and gives what it takes `$1`, `$2`, … for, by the names of its types. Nothing is run: names and
   * types are looked up, within the limits of what runs in the background. The tables that it names are locked as running it would lock
   * them, until that is rolled back at once. Throws what {@link run} throws; `absent` where the way prepares nothing by itself.
   */
  parameterTypes(text: string, options: CallOptions): Promise<readonly string[]>;
  /**
   * Begins a transaction that stays open. The server itself ends it when it lies idle for so many milliseconds, for the case that
   * nobody is there any more to do it. Throws what {@link run} throws; `absent` where the way holds none.
   */
  begin(idleMs: number, options: CallOptions): Promise<HeldTransaction>;
  /** Rolls back what is held, and closes what is open; the next `run` opens anew. */
  close(): Promise<void>;
}

/** A transaction that is held open on a connection of its own; what it changes is seen by it alone until it is committed. */
export interface HeldTransaction {
  /**
   * Runs a statement in it, one at a time, behind a savepoint: a statement that fails, is cancelled or left takes back what it did itself
   * and nothing else. One that reads is held to reading by the server, and sees what was written before. Throws what
   * {@link Database.run} throws, and `transactionLost`.
   */
  run(request: StatementRequest, options: CallOptions): AsyncIterable<ResultEvent>;
  /** Lets the server wait for so many milliseconds from now on. Throws `transactionLost`. */
  keepOpen(idleMs: number): Promise<void>;
  /**
   * Throws `queryFailed` when the server refused, and `transactionLost`: everything was rolled back then; `commitUnknown` when the
   * connection broke in between. It is over in any case.
   */
  commit(): Promise<void>;
  /** Ends what runs in it. It is over at the latest when this resolves; never rejects: a server that hears nothing more rolls back too. */
  rollBack(): Promise<void>;
  /** Resolves if it ends before it was committed or rolled back: the server ended it, or the connection was lost. */
  readonly lost: Promise<OpsError<'transactionLost'>>;
}

export interface LogReadOptions extends CallOptions {
  /** At most 1000. */
  readonly limit: number;
  /** Which lines when there are more than `limit`. */
  readonly order: 'oldest' | 'newest';
  /** Only lines after this one, in (time, id) order. */
  readonly after?: LogCursor;
}

/** The service's allowance of log queries per minute, as its answers told or as it is counted here. */
export interface LogBudget {
  readonly limit: number;
  readonly used: number;
  /** Epoch milliseconds. */
  readonly resetsAt: number;
}

/** Log lines of one project in either dialect. */
export interface LogStore {
  /** Absent where nobody counts, or before the first question. */
  readonly budget?: LogBudget | undefined;
  /** By how many milliseconds the service's clock was ahead of ours at its last answer; 0 until one came. */
  readonly skewMs: number;
  /** Lines of the window in (time, id) order, oldest first; none is an empty list. Throws also `allowanceExhausted`. */
  read(filter: LogFilter, window: LogWindow, options: LogReadOptions): Promise<readonly LogLine[]>;
  /** Invocations of each version by function id; a function without any is not in the map. Absent where the dialect cannot count. */
  functionStatistics?(window: LogWindow, options: CallOptions): Promise<ReadonlyMap<string, readonly FunctionStatistics[]>>;
  /** How often each message occurred in at most 24 hours, the 1000 most frequent. Absent where the dialect cannot count. */
  messageCounts?(filter: LogFilter, window: LogWindow, options: CallOptions): Promise<readonly MessageCount[]>;
  /** Versions of functions that ran in at most 24 hours; all functions' without ids. Absent where the dialect cannot count. */
  versionsSeen?(filter: Pick<LogFilter, 'functionIds'>, window: LogWindow, options: CallOptions): Promise<readonly VersionSeen[]>;
}

/** The project's own HTTP gateway, `https://<ref>.supabase.co`. */
export interface Gateway {
  readonly origin: string;
  /** Each service that answers for itself; one that does not answer is `critical`, never absent. */
  health(options: CallOptions): Promise<readonly ServiceHealth[]>;
  /**
   * Sends a request to the project's own host, with the public keys unless the headers bring their own credentials. Answers of any
   * status come back; throws `unreachable`, `timedOut`, `badAnswer`, and `absent` for a key that the project does not have.
   */
  request(request: GatewayRequest, options: CallOptions): Promise<HttpAnswer>;
  /**
   * Deletes files through the Storage service, with a key of the user's, and gives the names of those that it deleted: what is not there, or
   * what the key may not delete, is left out without an error. Throws `unreachable`, `timedOut`, `badAnswer`, and `serviceFailed` when the
   * service refused all of it; what was deleted by then is not known.
   */
  removeFiles(removal: { readonly bucket: string; readonly names: readonly string[]; readonly key: string }, options: CallOptions): Promise<readonly string[]>;
}

export interface GatewayRequest extends HttpRequest {
  /** The publishable key alone, or no key at all; without it the public keys that the project has. */
  readonly key?: 'publishable' | 'none';
}

export interface HttpRequest {
  readonly method: string;
  /** A path on the gateway, or a whole URL for {@link HttpClient}. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds for the whole exchange; what the client was made with unless said, usually 30 s. */
  readonly timeoutMs?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Outside text, at most 1 MB of it. */
  readonly body: string;
  readonly truncated: boolean;
  readonly timings: Timings;
}

/** Milliseconds from the start of the request, each at the end of its part. */
export interface Timings {
  /** The name was looked up; absent for an address. */
  readonly lookup?: number;
  readonly connect?: number;
  /** Absent without TLS. */
  readonly tls?: number;
  readonly firstByte: number;
  readonly total: number;
}

/** Requests to hosts that are not the project's: never with credentials of ours. Throws also `addressRefused`. */
export interface HttpClient {
  request(request: HttpRequest, options: CallOptions): Promise<HttpAnswer>;
}

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly author: string;
  /** Author date, epoch milliseconds. */
  readonly time: number;
  /** Tags and branches that point at it. */
  readonly refs: readonly string[];
}

/** A file as a commit holds it. */
export interface StoredFile {
  /** As git prints it: `100644`, `100755`, `120000` (symbolic link), `160000` (submodule). */
  readonly mode: string;
  readonly oid: string;
}

export interface TreeEntry extends StoredFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
}

/** What a commit did to one file; `undefined` where it was not there. */
export interface FileChange {
  /** Relative to the repository's root, with `/`. */
  readonly path: string;
  readonly before: StoredFile | undefined;
  readonly after: StoredFile | undefined;
}

export interface ChangedCommit {
  readonly hash: string;
  /**
   * The nearest ancestors that changed something too, or merged; so the commits of one answer make a graph. One that is not among them
   * lies beyond the limit, or leads to the commit that was left out.
   */
  readonly parents: readonly string[];
  /** Against the first parent; all files of a commit without one. Renamed files are gone here and new there. */
  readonly changes: readonly FileChange[];
  /** Where git could not tell what changed, the changes are all files that the commit has. */
  readonly isWhole?: boolean;
}

/** Reads a repository's history without ever running code of it or touching its index (SAFETY 3, 4). */
export interface GitHistory {
  /** The place's folder relative to the repository's root, with `/`; empty when they are the same. */
  readonly prefix: string;
  /** `undefined` in a repository without commits. */
  head(signal: AbortSignal): Promise<Commit | undefined>;
  /** Newest first; commits that changed any of these paths (relative to the repository's root). */
  commitsTouching(paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly Commit[]>;
  /**
   * Of the commits that lead to this one, itself included, those that changed any of these paths, and merges, newest first, with what
   * they changed below them. One process, whatever the number of paths. Throws `commitNotFound`.
   */
  changesUpTo(commit: string, paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly ChangedCommit[]>;
  /** The same for commits that other branches, remote branches and tags lead to, and this one does not. */
  changesElsewhere(commit: string, paths: readonly string[], limit: number, signal: AbortSignal): Promise<readonly ChangedCommit[]>;
  /** Of `commitsTouching` those that were committed after a time (epoch milliseconds), whenever they were written; their `time` is that of the commit. */
  commitsSince(paths: readonly string[], since: number, limit: number, signal: AbortSignal): Promise<readonly Commit[]>;
  /** What branches, remote branches and tags point at, newest first. */
  namedCommits(limit: number, signal: AbortSignal): Promise<readonly Commit[]>;
  /** Commits by their whole hashes, in one process; one that is missing is left out. */
  commits(hashes: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Commit>>;
  /** What a hash, branch or tag names; throws `commitNotFound`. */
  commit(name: string, signal: AbortSignal): Promise<Commit>;
  /** Files below these paths, or all without any. Throws `commitNotFound`. A path that does not exist at the commit gives no entries. */
  tree(commit: string, paths: readonly string[], signal: AbortSignal): Promise<readonly TreeEntry[]>;
  /** The same for many commits in a few processes; commits with the same trees share one list. A commit that is missing gives none. */
  trees(commits: readonly string[], paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly TreeEntry[]>>;
  /** Contents by object id; one that a partial clone does not hold is left out. */
  blobs(oids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Uint8Array>>;
}

/** With {@link CommitNotes} all that Opsbook ever writes into a repository, and only when it is asked for. No hook runs for it. */
export interface TagWriter {
  /** A lightweight tag. Throws `gitFailed` when there is one of that name, `commitNotFound`. */
  tag(name: string, commit: string, signal: AbortSignal): Promise<void>;
}

/**
 * Lines on commits that travel with a repository: the notes of `refs/notes/opsbook`, as git knows notes. Only objects and that ref are
 * written; working tree, index, HEAD and every other ref stay as they are, and no hook or filter runs (SAFETY 4). Throws `untrusted`,
 * `gitMissing`, `notARepository`, `gitFailed`.
 */
export interface CommitNotes {
  /** By commit: own lines and those that were fetched from remotes. Outside text; what is too long to be ours is left out. */
  read(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Adds lines; those that a note has already stay once. Other writers, in other windows too, lose nothing. */
  add(lines: ReadonlyMap<string, readonly string[]>, signal: AbortSignal): Promise<void>;
  /** Adds what was fetched from a remote, line by line. False when there was nothing to add. */
  merge(remote: string, signal: AbortSignal): Promise<boolean>;
  /** To be called when what {@link pushCommand} says went through. */
  pushed(remote: string, signal: AbortSignal): Promise<void>;
  /** Own lines that a remote was not seen to have when it was last asked, by commit. */
  unsent(remote: string, signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Names of the repository's remotes, with their addresses. Outside text. */
  remotes(signal: AbortSignal): Promise<readonly { readonly name: string; readonly url: string }[]>;
  /** How the user's own git brings the notes here and there: nothing of it is run by the adapter. */
  fetchCommand(remote: string): ProgramCall;
  pushCommand(remote: string): ProgramCall;
}

/** A program to be run in a terminal, before the user's eyes: no shell is between. */
export interface ProgramCall {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
}

/** Files of a place. Paths are relative to the place's folder, with `/`; nothing outside it is read. */
export interface PlaceFiles {
  /** `undefined` when there is no such file. */
  read(path: string, signal: AbortSignal): Promise<Uint8Array | undefined>;
  /** All files below a folder, without `node_modules` and `.git`; empty when it does not exist. */
  list(folder: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** Writes into a place, at the user's word. */
export interface PlaceWriter {
  /** Whole files by path, folders made as needed. Throws `badPath` before anything is written, `storageFailed`. */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** Fresh private directories for what is deployed; removed whatever happens (SAFETY 21). */
export interface StagingArea {
  /** Writes the files (paths relative, validated), hands the directory over and removes it afterwards. */
  withTree<T>(files: ReadonlyMap<string, Uint8Array>, use: (directory: string) => Promise<T>): Promise<T>;
  /** Removes trees whose owner is dead. */
  sweep(): Promise<void>;
}

export interface CliVersion {
  readonly text: string;
  readonly major: number;
}

/** The user's own Supabase CLI, run with a bare environment in an empty directory (SAFETY 1–3). */
export interface SupabaseCli {
  /** Throws `cliMissing`; any major is returned, whoever cannot work with it throws `cliUnsupported`. */
  version(signal: AbortSignal): Promise<CliVersion>;
  /** Throws `cliMissing`, `cliUnsupported`: whether it can deploy, before anybody is asked. */
  requireSupported(signal: AbortSignal): Promise<void>;
  /**
   * `supabase status -o json` for the `config.toml` in a staged tree: addresses and keys of the running local stack by name (`API_URL`,
   * `DB_URL`, `ANON_KEY`, `PUBLISHABLE_KEY`, …). `undefined` when none runs. Throws `cliMissing`, `untrusted`, `timedOut`.
   */
  localStatus(tree: string, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  /**
   * `supabase functions serve` for a place: ends with the signal, or by throwing `cliFailed` when the CLI ends by itself (without Docker,
   * without a running stack). Lines of output go to `onLine` as they come, masked. Throws also `cliUnsupported`, `cliMissing`, `untrusted`.
   */
  serveFunctions(folder: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Deploys one function from a staged tree. Lines of output go to `onLine`, masked. Throws `cliFailed`, `cliUnsupported`, `cliMissing`. */
  deployFunction(
    request: { readonly tree: string; readonly ref: string; readonly slug: string; readonly verifyJwt: boolean | undefined },
    onLine: (line: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Deno's type checker, where Deno is installed. It downloads modules and runs no code of the function. */
export interface TypeChecker {
  /** Faults of an entrypoint in a staged tree, paths relative to it; `undefined` without Deno. Throws `untrusted`, `timedOut`. */
  check(request: { readonly tree: string; readonly entrypoint: string; readonly importMap?: string }, signal: AbortSignal): Promise<readonly CodeFinding[] | undefined>;
}

/** The real Postgres grammar. */
export interface SqlGrammar {
  /** Parses one statement. */
  parse(statement: string, signal: AbortSignal): Promise<ParsedStatement>;
  /** Parses what a statement, `CREATE FUNCTION`, `CREATE PROCEDURE` or `DO`, has of PL/pgSQL in it. The statement itself must parse. */
  parseProcedural(statement: string, signal: AbortSignal): Promise<ParsedCode>;
}

/** `variables`: all that the code declares or is given, in whatever block. Of what is wrong there is no place but what the words say. */
export type ParsedCode = { readonly kind: 'parsed'; readonly variables: readonly string[] } | { readonly kind: 'invalid'; readonly message: string };

export type ParsedStatement =
  /** `tree` is libpg_query's JSON: one key, the node's name. */
  | { readonly kind: 'parsed'; readonly tree: Readonly<Record<string, unknown>> }
  /** `position` counts code points from 1. */
  | { readonly kind: 'invalid'; readonly message: string; readonly position: number };

/** Small values that survive a restart, per workspace or for the user. */
export interface Storage {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): Promise<void>;
}

/** Credentials; the editor's own secret store. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A line-wise append-only file in the extension's storage. */
export interface Journal {
  append(entry: unknown): Promise<void>;
  /** Entries that parse, in order; a line torn by a crash is skipped. */
  read(): Promise<readonly unknown[]>;
}

/** A journal that forgets its oldest entries when it has grown long. */
export interface RollingJournal extends Journal {
  /** Forgets all of them. */
  clear(): Promise<void>;
}

/** Locks between the windows of one user; a window that died holds none. */
export interface Locks {
  /** Gives the way to release it, or `undefined` when somebody holds it. */
  tryAcquire(name: string): Promise<(() => Promise<void>) | undefined>;
}

/** A hash of the pieces, one after the other, in lower-case hexadecimal digits. */
export type Digest = (algorithm: 'sha1' | 'sha256', ...pieces: Uint8Array[]) => string;

/** Reads TOML. */
export interface TomlReader {
  read(text: string): Promise<ParsedToml>;
}

/** `line` counts from 1. */
export type ParsedToml = { readonly kind: 'parsed'; readonly value: Readonly<Record<string, unknown>> } | { readonly kind: 'invalid'; readonly message: string; readonly line: number };

/** Which function a body is of: one that was deleted and deployed anew has another id, and begins again at version 1. */
export type BodyIdentity = Pick<EdgeFunction, 'id' | 'bundleSha256'>;

/** Bodies that were live before a deploy of ours replaced them: the platform keeps none. The newest few of each function are kept. */
export interface BodyArchive {
  put(ref: string, slug: string, version: number, body: FunctionBody, of: BodyIdentity): Promise<void>;
  /** `undefined` when that version was not kept, or what was kept is not `of` that function. */
  get(ref: string, slug: string, version: number, of?: BodyIdentity): Promise<FunctionBody | undefined>;
  /** Versions kept, newest first. */
  versions(ref: string, slug: string): Promise<readonly number[]>;
}
