import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { OpsError, isOpsError, throwIfCancelled } from '../../core/errors.ts';
import type { CliVersion, StagingArea, SupabaseCli } from '../../core/ports.ts';
import { checkAccessToken } from '../../core/project/accounts.ts';
import { endGroup } from '../process/endGroup.ts';
import { trustedSearchPath } from '../process/executable.ts';
import { noteProgram } from '../process/leftBehind.ts';
import { cliEnvironment, profileFile, profileText, type CliOrigin, type PrivateFolder } from './cliEnvironment.ts';
import { deployArguments, serveArguments, supportedMajor, type DeployRequest } from './deployArguments.ts';
import { Lines, presentable, reasonOf } from './output.ts';

export interface SupabaseCliNeeds {
  /** From `findCli`; asked once. */
  readonly find: () => Promise<string>;
  /** Private folders for the CLI's own use come and go here. */
  readonly staging: StagingArea;
  /** The account whose token deploys, and the origin that token was saved for. */
  readonly account: (signal: AbortSignal) => Promise<CliOrigin & { readonly token: string }>;
  /** The workspace's folders. */
  readonly forbiddenFolders: readonly string[];
  /** The editor's own environment; only what a program needs to run at all is passed on. */
  readonly environment: NodeJS.ProcessEnv;
  /** The editor's own proxy setting. */
  readonly proxy?: string;
  /** Asked before every process. */
  readonly isTrusted: () => boolean;
  /** Versions by the file that told them: asking takes as long as a deploy. Those who share it ask once for all of them. */
  readonly versions?: CliVersions;
}

export type CliVersions = Map<string, Promise<CliVersion>>;

/** Seconds; zero is no limit. */
const limits = { version: 30, deploy: 600, status: 20, serve: 0 } as const;

/** No service and no token: for commands that ask nothing of the platform. */
const nowhere: CliOrigin = { apiUrl: 'http://127.0.0.1:9', dashboardUrl: 'http://127.0.0.1:9', projectHost: 'invalid' };

/** The program is found once, with the first use; its version is asked once, until its file changes or a deploy by it fails. Besides the port's errors: `untrusted`, `timedOut`, `tokenMalformed`. */
export function createSupabaseCli(needs: SupabaseCliNeeds): SupabaseCli {
  const versions: CliVersions = needs.versions ?? new Map<string, Promise<CliVersion>>();
  let program: Promise<string> | undefined;
  const findOnce = () => (program ??= forgetOnFailure(needs.find(), () => (program = undefined)));
  const askOnce = async () => {
    const file = await findOnce();
    const name = await nameOf(file);
    // Shared by all who ask, so it does not end with the patience of the first of them.
    const asking = versions.get(name) ?? forgetOnFailure(askVersion(needs, file, new AbortController().signal), () => versions.delete(name));
    versions.set(name, asking);
    return asking;
  };
  const version = (signal: AbortSignal) => orCancelled(askOnce(), signal);
  return {
    version,
    async requireSupported(signal) {
      requireTrust(needs);
      supportedMajor(await version(signal));
    },
    async localStatus(tree, signal) {
      requireTrust(needs);
      return inPrivateFolder(needs, nowhere, async (folder) => askStatus(needs, { program: await findOnce(), args: ['status', '-o', 'json', '--workdir', tree], folder, token: '' }, signal));
    },
    async serveFunctions(folder, onLine, signal) {
      requireTrust(needs);
      const args = serveArguments(await version(signal), folder);
      await inPrivateFolder(needs, nowhere, async (own) => serve(needs, { program: await findOnce(), args, folder: own, token: '' }, onLine, signal));
    },
    async deployFunction(request, onLine, signal) {
      requireTrust(needs);
      const args = deployArguments(await version(signal), request);
      const [account, file] = await Promise.all([needs.account(signal), findOnce()]);
      try {
        await inPrivateFolder(needs, account, async (folder) => deploy(needs, { program: file, args, folder, token: checkAccessToken(account.token) }, request, onLine, signal));
      } catch (error) {
        // A launcher may start another version today than the one that it told.
        if (isOpsError(error, 'cliFailed')) {
          versions.delete(await nameOf(file));
        }
        throw error;
      }
    },
  };
}

function requireTrust(needs: SupabaseCliNeeds): void {
  if (!needs.isTrusted()) {
    throw new OpsError('untrusted', { what: 'Running the Supabase CLI' });
  }
}

/** A file that was replaced is another one. */
async function nameOf(file: string): Promise<string> {
  const { dev, ino, size, ctimeMs } = await stat(file).catch(() => ({ dev: 0, ino: 0, size: 0, ctimeMs: 0 }));
  return [file, dev, ino, size, ctimeMs].join(' ');
}

function forgetOnFailure<T>(asked: Promise<T>, forget: () => void): Promise<T> {
  asked.catch(forget);
  return asked;
}

/** The answer, unless the signal comes first. */
async function orCancelled<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = withReject();
  const cancel = () => reject(new OpsError('cancelled', {}));
  signal.addEventListener('abort', cancel, { once: true });
  try {
    throwIfCancelled(signal);
    return await Promise.race([answer, promise]);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function withReject(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, refuse) => (reject = refuse));
  return { promise, reject };
}

interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: PrivateFolder;
  /** Empty: none is given. */
  readonly token: string;
}

/** A profile of ours, an empty current directory and an empty home, removed afterwards. */
function inPrivateFolder<T>(needs: SupabaseCliNeeds, origin: CliOrigin, use: (folder: PrivateFolder) => Promise<T>): Promise<T> {
  const files = new Map([[profileFile, new TextEncoder().encode(profileText(origin))]]);
  return needs.staging.withTree(files, async (own) => {
    const folder = { current: path.join(own, 'current'), home: path.join(own, 'home'), profile: path.join(own, profileFile) };
    await Promise.all([folder.current, folder.home].map((name) => mkdir(name, { mode: 0o700 })));
    return use(folder);
  });
}

async function askVersion(needs: SupabaseCliNeeds, program: string, signal: AbortSignal): Promise<CliVersion> {
  requireTrust(needs);
  return inPrivateFolder(needs, nowhere, async (folder) => {
    const lines: string[] = [];
    const end = await run(needs, { program, args: ['--version'], folder, token: '' }, limits.version, (line) => lines.push(line), signal);
    const text = /\d+\.\d+\.\d+\S*/.exec(end.stdout)?.[0];
    if (end.exitCode !== 0 || text === undefined) {
      throw new OpsError('cliFailed', { command: 'supabase --version', exitCode: end.exitCode, message: presentable(reasonOf(end.stdout, lines), '') });
    }
    return { text, major: Number(text.split('.')[0]) };
  });
}

/** Docker is asked where the editor would ask it. */
function dockerOf({ environment }: SupabaseCliNeeds): Readonly<Record<string, string>> {
  const docker = environment['DOCKER_HOST'];
  return docker === undefined ? {} : { DOCKER_HOST: docker };
}

/** Without a running stack the CLI fails, and nothing is known. */
async function askStatus(needs: SupabaseCliNeeds, invocation: Invocation, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined> {
  const end = await run(needs, invocation, limits.status, () => {}, signal, { environment: dockerOf(needs) });
  if (end.exitCode !== 0) {
    return undefined;
  }
  try {
    const told: unknown = JSON.parse(end.stdout);
    return typeof told === 'object' && told !== null ? Object.fromEntries(Object.entries(told).filter((entry): entry is [string, string] => typeof entry[1] === 'string')) : undefined;
  } catch {
    return undefined;
  }
}

/** Both streams are the functions' own words; the CLI's reason for ending is among the last of them. */
async function serve(needs: SupabaseCliNeeds, invocation: Invocation, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const last: string[] = [];
  const show = (line: string) => {
    last.push(line);
    last.splice(0, last.length - 20);
    onLine(presentable(line, ''));
  };
  const end = await run(needs, invocation, limits.serve, show, signal, { environment: dockerOf(needs), streams: 'both' });
  throw new OpsError('cliFailed', { command: 'supabase functions serve', exitCode: end.exitCode, message: presentable(reasonOf('', last), '') });
}

async function deploy(needs: SupabaseCliNeeds, invocation: Invocation, request: DeployRequest, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  const { token } = invocation;
  const lines: string[] = [];
  const show = (line: string) => {
    lines.push(line);
    onLine(presentable(line, token));
  };
  try {
    const end = await run(needs, invocation, limits.deploy, show, signal);
    if (end.exitCode !== 0) {
      const message = presentable(reasonOf(end.stdout, lines), token);
      throw new OpsError('cliFailed', { command: `supabase functions deploy ${request.slug}`, exitCode: end.exitCode, message });
    }
  } catch (error) {
    if (signal.aborted) {
      onLine('Cancelled: the Supabase CLI and everything it had started were ended.');
    }
    throw error;
  }
}

interface End {
  readonly exitCode: number;
  readonly stdout: string;
}

interface Manner {
  readonly environment?: Readonly<Record<string, string>>;
  /** Which streams are followed line by line; `stderr` unless said, and then standard output comes back as a whole. */
  readonly streams?: 'stderr' | 'both';
}

/** Runs the CLI in its private folder; what it says on its error stream, or on both, goes to `onLine` as it comes. */
async function run(needs: SupabaseCliNeeds, invocation: Invocation, seconds: number, onLine: (line: string) => void, signal: AbortSignal, manner: Manner = {}): Promise<End> {
  throwIfCancelled(signal);
  const { execa } = await import('execa');
  const searchPath = await trustedSearchPath(needs.environment['PATH'] ?? '', needs.forbiddenFolders);
  const token = invocation.token === '' ? {} : { SUPABASE_ACCESS_TOKEN: invocation.token };
  const child = execa(invocation.program, invocation.args, {
    cwd: invocation.folder.current,
    env: { ...cliEnvironment(needs.environment, searchPath, invocation.folder, needs.proxy), ...manner.environment, ...token },
    extendEnv: false,
    preferLocal: false,
    stdin: 'ignore',
    buffer: { stdout: manner.streams !== 'both', stderr: false },
    maxBuffer: { stdout: 4 * 1024 * 1024 },
    cancelSignal: signal,
    timeout: seconds * 1000,
    forceKillAfterDelay: 2000,
    killDescendants: true,
    windowsHide: true,
    reject: false,
  });
  noteProgram(path.dirname(invocation.folder.profile), child.pid);
  const lines = follow(manner.streams === 'both' ? [child.stdout, child.stderr] : [child.stderr], onLine);
  const result = await child;
  lines.forEach((each) => each.end());
  if (signal.aborted || result.timedOut) {
    endGroup(child.pid);
  }
  throwIfCancelled(signal);
  if (result.timedOut) {
    throw new OpsError('timedOut', { operation: 'supabase', seconds });
  }
  if (result.exitCode === undefined && (result.code === 'ENOENT' || result.code === 'EACCES')) {
    throw new OpsError('cliMissing', {}, result);
  }
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout ?? '' };
}

/** Lines of each stream for itself, so that none is torn by the other. */
function follow(streams: readonly Readable[], onLine: (line: string) => void): readonly Lines[] {
  return streams.map((stream) => {
    const lines = new Lines(onLine);
    stream.setEncoding('utf8').on('data', (text: string) => lines.feed(text));
    return lines;
  });
}
