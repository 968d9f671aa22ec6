import { logSources } from '../logs/log.ts';
import type { LogLevel, LogService } from '../logs/log.ts';
import type { Call } from './meaning.ts';
import type { Argument, Operation } from './operation.ts';

type LogOperation = Extract<Operation, { kind: 'logs' }>;

/** What a function prints, and its calls with status and duration. */
const functionServices: readonly LogService[] = ['functions', 'invocations'];

const everyService = Object.keys(logSources) as LogService[];

/** Names that manuals and the CLI use for services. */
const services: Readonly<Record<string, readonly LogService[]>> = {
  function: functionServices,
  functions: functionServices,
  'edge-function': functionServices,
  'edge-functions': functionServices,
  'function-edge': ['invocations'],
  db: ['postgres'],
  database: ['postgres'],
  postgres: ['postgres'],
  auth: ['auth'],
  'auth-audit': ['authAudit'],
  api: ['api'],
  edge: ['api'],
  gateway: ['api'],
  rest: ['rest'],
  postgrest: ['rest'],
  storage: ['storage'],
  realtime: ['realtime'],
  pooler: ['pooler'],
  supavisor: ['pooler'],
  all: everyService,
};

const levels: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  log: 'info',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  fatal: 'error',
  critical: 'error',
  panic: 'error',
};

/** Manuals look for execution times in the text of the log, where none are. */
const durationWords = /execution[\s_]*time|duration/i;

export const logValueFlags = ['--type', '--service', '--filter', '--level', '--limit', '--since', '--resource', '-n', '--lines'];

/** `functions logs <slug>`, without a slug of all functions. A manual's `auth` is the Auth service where there is no such function. */
export function functionLogs(call: Call): Operation {
  const [slug] = call.operands;
  const filter = readFilter(call);
  const functions: LogOperation['functions'] = slug === undefined ? (filter.functions ?? '*') : [call.argument(slug)];
  if (slug !== undefined && isService(call, slug)) {
    return { ...reading(call), services: services[slug] ?? ['auth'] };
  }
  return { ...reading(call), services: functionServices, functions };
}

/** `logs --type db`, `logs --service auth`, `logs --type=function --filter="function_name=x"`. */
export function serviceLogs(call: Call): Operation | undefined {
  const name = (call.flag('--type', '--service') ?? call.operands[0] ?? 'all').toLowerCase();
  const found = services[name];
  if (found === undefined) {
    return undefined;
  }
  const ofFunctions = found === functionServices;
  return { ...reading(call), services: found, ...(ofFunctions ? { functions: readFilter(call).functions ?? '*' } : {}) };
}

/** What a reader is told beside a log command. */
export function logRemark(call: Call, operation: Operation): string | undefined {
  if (operation.kind !== 'logs') {
    return undefined;
  }
  if (operation.statistics) {
    return 'No log line holds execution times: Opsbook takes them from the calls themselves, with the matching lines below.';
  }
  const [slug] = call.operands;
  if (operation.functions === undefined && slug === 'auth') {
    return 'There is no function named auth: this is the log of the Auth service.';
  }
  if (operation.services[0] === 'postgres' && durationWords.test(operation.grep ?? '')) {
    return 'Statements that Postgres logged for taking long, with their duration.';
  }
  return undefined;
}

function isService(call: Call, slug: string): boolean {
  const { functionSlugs } = call.surroundings;
  return slug === 'auth' && functionSlugs !== undefined && !functionSlugs.has(slug);
}

function reading(call: Call): Omit<LogOperation, 'services' | 'functions'> {
  const filter = readFilter(call);
  const level = levels[(call.flag('--level') ?? filter.level ?? '').toLowerCase()];
  const limit = Number(call.flag('--limit', '-n', '--lines') ?? pipedLimit(call));
  const sinceMinutes = minutes(call.flag('--since') ?? '');
  return {
    kind: 'logs',
    follow: call.has('--tail', '-f', '--follow'),
    ...(level === undefined ? {} : { level }),
    ...(filter.text === undefined ? {} : { grep: filter.text }),
    ...(Number.isSafeInteger(limit) && limit > 0 ? { limit } : {}),
    ...(sinceMinutes === undefined ? {} : { sinceMinutes }),
    statistics: durationWords.test(filter.text ?? '') && !call.has('--type', '--service'),
  };
}

interface LogFilterText {
  readonly level?: string;
  readonly functions?: readonly Argument[];
  readonly text?: string;
}

/** `--filter` is a key with a value or a text to look for, as is `| grep`. */
function readFilter(call: Call): LogFilterText {
  const written = call.flag('--filter');
  const [, key, value = ''] = /^(level|function_name|function)\s*=\s*(.+)$/.exec(written ?? '') ?? [];
  if (key === 'level') {
    return { level: value, ...grep(call.greps[0]) };
  }
  return key === undefined ? grep(written ?? call.greps[0]) : { functions: [call.argument(value)], ...grep(call.greps[0]) };
}

function grep(text: string | undefined): LogFilterText {
  return text === undefined || text === '' ? {} : { text };
}

/** `| head -20`, `| tail -n 50` */
function pipedLimit(call: Call): string | undefined {
  const words = call.filters.find(([program]) => program === 'head' || program === 'tail');
  return words?.map((word) => /^-?n?(\d+)$/.exec(word)?.[1]).find((count) => count !== undefined);
}

const minutesOf: Readonly<Record<string, number>> = { s: 1 / 60, m: 1, min: 1, h: 60, hour: 60, d: 1440, day: 1440, w: 10_080, week: 10_080 };

function minutes(since: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+?)s?(?:\s+ago)?$/i.exec(since.trim()) ?? [];
  const factor = minutesOf[unit.toLowerCase()];
  return count === undefined || factor === undefined ? undefined : Math.max(1, Math.round(Number(count) * factor));
}
