import type { LogOutputChannel } from 'vscode';
import type { Logger } from '../core/ports.ts';
import { OpsError } from '../core/errors.ts';

/** Opsbook's own log. Facts whose name says credential are left out, whoever put them there. */
export function createLogger(channel: LogOutputChannel): Logger {
  const line = (message: string, facts?: Record<string, unknown>) => (facts ? `${message} ${JSON.stringify(facts, withoutCredentials)}` : message);
  return {
    debug: (message, facts) => channel.debug(line(message, facts)),
    info: (message, facts) => channel.info(line(message, facts)),
    warn: (message, facts) => channel.warn(line(message, facts)),
    error: (message, facts) => channel.error(line(message, facts)),
  };
}

const credentialName = /token|password|secretValue|authorization|apikey|connectionString/i;

function withoutCredentials(key: string, value: unknown): unknown {
  if (credentialName.test(key) && typeof value === 'string') {
    return '…';
  }
  return value;
}

/** What goes into the log of an error: our code and facts, or the foreign error's name and message, with its causes. */
export function describeForLog(error: unknown): Record<string, unknown> {
  if (error instanceof OpsError) {
    return { code: error.code, facts: error.facts, ...(error.cause === undefined ? {} : { cause: describeForLog(error.cause) }) };
  }
  if (error instanceof Error) {
    return { name: error.name, message: error.message, stack: error.stack, ...(error.cause === undefined ? {} : { cause: describeForLog(error.cause) }) };
  }
  return { value: String(error) };
}
