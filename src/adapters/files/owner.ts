import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process made something on disk, so that after a crash it is known to be nobody's (SAFETY 21). */
export interface Owner {
  readonly pid: number;
  /** When the process started, as the system writes it; a process id alone is given out again. Absent where the system does not say. */
  readonly started?: string;
  /** A folder of ours may be shared between machines, where a process id means nothing. */
  readonly host: string;
}

export function thisProcess(): Owner {
  return processWith(process.pid);
}

export function processWith(pid: number): Owner {
  const started = startOf(pid);
  return { pid, host: hostname(), ...(started === undefined ? {} : { started }) };
}

/** `true` only when it is certain that it is this very process that runs, and no other that got its number. */
export function isAlive(owner: Owner): boolean {
  return owner.started !== undefined && owner.host === hostname() && startOf(owner.pid) === owner.started;
}

/** `false` only when it is certain that the process is gone. */
export function mayBeAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) {
    return true;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM' && sameStart(owner);
  }
  return sameStart(owner);
}

/** Reads what {@link thisProcess} gave, as JSON; `undefined` for anything else. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isOwner(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is Owner {
  return (
    typeof value === 'object' &&
    value !== null &&
    'pid' in value &&
    Number.isSafeInteger(value.pid) &&
    'host' in value &&
    typeof value.host === 'string' &&
    (!('started' in value) || typeof value.started === 'string')
  );
}

function sameStart(owner: Owner): boolean {
  const started = startOf(owner.pid);
  return owner.started === undefined || started === undefined || owner.started === started;
}

/** Linux: the boot's id and field 22 of `/proc/<pid>/stat`, clock ticks since then (proc(5)). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name, in parentheses, may hold spaces and parentheses itself.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    return undefined;
  }
}
