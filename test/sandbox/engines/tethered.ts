/**
 * A child process that cannot outlive this one.
 *
 * The sandbox's servers hold ports and folders; a test run that is killed (not merely interrupted) must not leave them
 * behind. So each runs under a few lines of shell that hold the read end of a pipe: when our end closes, for whatever
 * reason, the shell signals the server.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface TetheredOptions {
  /** Sent to the command when the tether is cut. A shell's background children ignore INT unless they install a handler. */
  endSignal: 'INT' | 'TERM';
  environment: Record<string, string>;
  directory: string;
  /** Run as this user; only root may. */
  user?: { uid: number; gid: number };
}

export interface Tethered {
  readonly process: ChildProcess;
  /** Resolves with the exit code (null after a signal) once the command is gone. */
  readonly exited: Promise<number | null>;
  /** Cuts the tether, and kills the process group when the command is still there after `graceMs`. */
  end(graceMs?: number): Promise<void>;
}

const tether = [
  'exec 3<&0',
  'signal=$1; shift',
  '"$@" </dev/null 3<&- &',
  'pid=$!',
  '(read -r line <&3; kill -"$signal" "$pid") >/dev/null 2>&1 &',
  'watcher=$!',
  'wait "$pid"',
  'code=$?',
  'kill "$watcher" 2>/dev/null',
  'exit "$code"',
].join('\n');

/** Starts `command` with standard output and error as pipes and no standard input. */
export function spawnTethered(command: string, args: string[], options: TetheredOptions): Tethered {
  const child = spawn('/bin/sh', ['-c', tether, 'tether', options.endSignal, command, ...args], {
    cwd: options.directory,
    env: options.environment,
    // Its own group: Ctrl-C in a terminal must end the sandbox in order, not everything at once.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.user ?? {}),
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  exited.catch(() => {});
  // Writing end only: a broken pipe here means that the shell has gone, which `exited` reports.
  child.stdin.on('error', () => {});
  return { process: child, exited, end: (graceMs = 5000) => endTethered(child, exited, graceMs) };
}

async function endTethered(child: ChildProcess, exited: Promise<number | null>, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
    return;
  }
  const group = -child.pid;
  child.stdin?.end();
  const timer = setTimeout(() => {
    try {
      process.kill(group, 'SIGKILL');
    } catch {
      // Gone in the meantime.
    }
  }, graceMs);
  await exited.finally(() => clearTimeout(timer));
}
