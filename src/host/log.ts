import type { LogOutputChannel } from 'vscode';
import { isOpsError } from '../core/errors.ts';
import type { Logger } from '../core/ports.ts';
import { maskSecrets } from '../core/secrets/mask.ts';
import { visibleLine } from '../util/visible.ts';

/**
 * Opsbook's own log. Facts whose name says credential are left out and what looks like one is masked, whoever put it there; an entry
 * is one line, whatever outside text is in it.
 */
export function createLogger(channel: Pick<LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'>): Logger {
  const line = (message: string, facts?: Record<string, unknown>) => visibleLine(maskSecrets(facts ? `${message} ${print(facts)}` : message));
  return {
    debug: (message, facts) => channel.debug(line(message, facts)),
    info: (message, facts) => channel.info(line(message, facts)),
    warn: (message, facts) => channel.warn(line(message, facts)),
    error: (message, facts) => channel.error(line(message, facts)),
  };
}

const credentialName = /token|password|secretvalue|authorization|api[_-]?key|connection[_-]?string|cookie/i;

/** Logging never fails: what cannot be printed is named. */
function print(facts: Record<string, unknown>): string {
  try {
    return JSON.stringify(facts, printable);
  } catch (error) {
    return `{${Object.keys(facts).join(', ')}: ${error instanceof Error ? error.name : 'not printable'}}`;
  }
}

function printable(key: string, value: unknown): unknown {
  if (credentialName.test(key) && value !== null && ['string', 'object'].includes(typeof value)) {
    return '…';
  }
  return typeof value === 'bigint' ? String(value) : value;
}

/** Deeper causes say nothing more. */
const mostCauses = 5;

/** What goes into the log of an error: our code and facts, or the foreign error's name and message, with its causes. */
export function describeForLog(error: unknown, depth = 0): Record<string, unknown> {
  const cause = error instanceof Error && error.cause !== undefined && depth < mostCauses ? { cause: describeForLog(error.cause, depth + 1) } : {};
  if (isOpsError(error)) {
    return { code: error.code, facts: error.facts, ...cause };
  }
  if (error instanceof Error) {
    const parts = error instanceof AggregateError && depth < mostCauses ? { errors: error.errors.map((part) => describeForLog(part, depth + 1)) } : {};
    return { name: error.name, message: error.message, stack: error.stack, ...parts, ...cause };
  }
  return { value: typeof error === 'object' ? Object.prototype.toString.call(error) : String(error) };
}
