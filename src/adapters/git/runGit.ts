import path from 'node:path';
import { OpsError, throwIfCancelled } from '../../core/errors.ts';
import { allowedEnvironment, homeVariables, type Environment } from '../process/environment.ts';

export interface Git {
  /** Absolute path of the program. */
  readonly program: string;
  /** Absolute path of a folder in the repository. */
  readonly folder: string;
  readonly environment: Environment;
}

export interface GitRun {
  /** Name of the subcommand and its arguments; validated by the caller. */
  readonly args: readonly string[];
  readonly input?: string;
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Exit codes that are answers; 0 when absent. */
  readonly accept?: readonly number[];
}

/**
 * Before every subcommand. What each keeps from running: the file system monitor and hooks a repository names (SAFETY 4); `gpg.program`,
 * which `log` starts when `log.showSignature` is on; a folder laid out as a bare repository inside a checkout.
 */
const quiet = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  '--literal-pathspecs',
  ...['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'log.showSignature=false', 'log.follow=false', 'log.showRoot=true', 'safe.bareRepository=explicit'].flatMap((setting) => ['-c', setting]),
];

/**
 * A partial clone fetches a missing object by itself, through whatever `core.sshCommand` says: `GIT_NO_LAZY_FETCH` forbids it, and to
 * versions that do not know it (before 2.45) no protocol is allowed.
 */
const fixedVariables = {
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_LAZY_FETCH: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  LC_ALL: 'C.UTF-8',
};

/** The environment of every git process: the user's own settings are read (they hold `safe.directory`), the caller's variables are not. */
export function gitEnvironment(source: NodeJS.ProcessEnv, searchPath: string): Environment {
  return { ...allowedEnvironment(source, homeVariables), PATH: searchPath, ...fixedVariables };
}

const timeLimitSeconds = 120;

/**
 * Runs git and feeds its output to `onChunk`; resolves with the exit code. Throws `gitMissing`, `notARepository`, `gitFailed`,
 * `timedOut`, `cancelled`.
 */
export async function runGit(git: Git, run: GitRun, signal: AbortSignal): Promise<number> {
  throwIfCancelled(signal);
  const { execa } = await import('execa');
  const child = execa(git.program, [...quiet, '-C', git.folder, ...run.args], {
    // Neutral: what git finds, it finds by `-C`.
    cwd: path.dirname(git.program),
    env: git.environment,
    extendEnv: false,
    preferLocal: false,
    input: run.input ?? '',
    encoding: 'buffer',
    buffer: { stdout: false, stderr: true },
    maxBuffer: { stderr: 64 * 1024 },
    cancelSignal: signal,
    timeout: timeLimitSeconds * 1000,
    forceKillAfterDelay: 1000,
    killDescendants: true,
    windowsHide: true,
    reject: false,
  });
  child.stdout.on('data', run.onChunk);
  const result = await child;
  throwIfCancelled(signal);
  if (result.timedOut) {
    throw new OpsError('timedOut', { operation: `git ${run.args[0] ?? ''}`, seconds: timeLimitSeconds });
  }
  if (result.exitCode !== undefined && (run.accept ?? [0]).includes(result.exitCode)) {
    return result.exitCode;
  }
  throw failure(git, run, result.code, new TextDecoder().decode(result.stderr).trim(), result);
}

/** All of a short output, as text. */
export async function gitText(git: Git, run: Omit<GitRun, 'onChunk'>, signal: AbortSignal): Promise<{ text: string; exitCode: number }> {
  const chunks: Uint8Array[] = [];
  const exitCode = await runGit(git, { ...run, onChunk: (chunk) => chunks.push(chunk) }, signal);
  return { text: Buffer.concat(chunks).toString('utf8'), exitCode };
}

/** git has one exit code for all its refusals, so its words (in the C locale) are all there is to tell them apart by. */
function failure(git: Git, run: GitRun, systemCode: string | undefined, stderr: string, cause: unknown): OpsError {
  if (systemCode === 'ENOENT' || systemCode === 'EACCES') {
    return new OpsError('gitMissing', {}, cause);
  }
  if (/not a git repository|cannot use bare repository/i.test(stderr)) {
    return new OpsError('notARepository', { folder: git.folder });
  }
  return new OpsError('gitFailed', { command: run.args[0] ?? '', message: stderr === '' ? (systemCode ?? 'no output') : stderr });
}
