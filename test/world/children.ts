/**
 * Programs that the tests start and that never outlive them.
 *
 * Each runs in a process group of its own under a shell that watches a pipe to us: the pipe closes however this process
 * ends, `kill -9` included, and the shell then ends the group.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

// The trap is for the shell alone: it waits for the program that is asked to end in the same moment.
const guard = `
trap : TERM
exec 3<&0
"$@" 3<&- </dev/null &
child=$!
( read -r _ <&3; kill -KILL -$$ ) &
watch=$!
wait $child
status=$?
while kill -0 $child 2>/dev/null; do wait $child; status=$?; done
kill $watch 2>/dev/null
exit $status`;

export interface Child {
  readonly process: ChildProcess;
  /** Everything it has written so far, both streams; the end of it when it is long. */
  output(): string;
  /** The first match of `pattern` in its output. Rejects when it ends first, or after `milliseconds`. */
  says(pattern: RegExp, milliseconds: number): Promise<RegExpExecArray>;
  /** Its exit code; 128 and more when a signal ended it. */
  readonly exit: Promise<number>;
  /** Ends it with all it has started: asked first, forced after five seconds. */
  stop(): Promise<void>;
}

const running = new Set<Child>();

/** Starts a program; `environment` is all that it gets. */
export function startChild(command: string[], options: { cwd: string; environment: NodeJS.ProcessEnv }): Child {
  const process = spawn('/bin/sh', ['-c', guard, 'guard', ...command], {
    cwd: options.cwd,
    env: options.environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const text = collectOutput(process);
  const child: Child = {
    process,
    output: () => text.read(),
    exit: once(process, 'close').then(([code]) => (code as number | null) ?? 128),
    says: (pattern, milliseconds) => waitForText(process, text, pattern, milliseconds),
    stop: () => stopGroup(child),
  };
  running.add(child);
  process.once('exit', () => running.delete(child));
  return child;
}

/** Ctrl-C and its like end the children first, and then this process with code 130. */
export function endChildrenOnSignal(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stopChildren().finally(() => process.exit(130)));
  }
}

/** Ends everything that `startChild` started and that still runs. */
export async function stopChildren(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()));
}

interface Output {
  read(): string;
  onMore(listener: () => void): () => void;
}

const keep = 200_000;

function collectOutput(process: ChildProcess): Output {
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [process.stdout, process.stderr]) {
    stream?.setEncoding('utf8').on('data', (more: string) => {
      text = (text + more).slice(-keep);
      listeners.forEach((listener) => listener());
    });
  }
  return {
    read: () => text,
    onMore: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function waitForText(process: ChildProcess, text: Output, pattern: RegExp, milliseconds: number): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: RegExpExecArray | Error): void => {
      clearTimeout(timer);
      stopListening();
      process.off('exit', ended);
      if (outcome instanceof Error) {
        reject(outcome);
      } else {
        resolve(outcome);
      }
    };
    const look = (): void => {
      const match = pattern.exec(text.read());
      if (match) {
        settle(match);
      }
    };
    const ended = (): void => settle(new Error(`It ended before it said ${pattern}:\n${text.read()}`));
    const timer = setTimeout(
      () => settle(new Error(`It did not say ${pattern} in ${milliseconds} ms:\n${text.read()}`)),
      milliseconds,
    );
    const stopListening = text.onMore(look);
    process.once('exit', ended);
    look();
  });
}

async function stopGroup({ process }: Child): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) {
    return;
  }
  const ended = once(process, 'exit');
  signalGroup(process.pid, 'SIGTERM');
  const force = setTimeout((pid: number) => signalGroup(pid, 'SIGKILL'), 5000, process.pid);
  await ended;
  clearTimeout(force);
  // The shell is gone; what it had started may still be at it.
  signalGroup(process.pid, 'SIGKILL');
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
