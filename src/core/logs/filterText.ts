/**
 * What a person types to filter logs, and what manuals write after `--filter`: `level=error status=5xx /time(d)? ?out/i`. Keys with
 * values narrow, a regular expression stands between slashes, everything else is text to look for.
 */
import { defined } from '../../util/defined.ts';
import { l10n } from '../../util/l10n.ts';
import type { LogFilter, LogLevel, StatusRange } from './log.ts';
import { readPattern, type LogPattern } from './pattern.ts';

/** A moment as it was written: so long ago, or a point in time (epoch milliseconds). */
export type Moment = { readonly kind: 'ago'; readonly milliseconds: number } | { readonly kind: 'at'; readonly time: number };

/** The part of a {@link LogFilter} that does not say whose lines, and the span that is looked at. */
export interface LineFilter extends Pick<LogFilter, 'levels' | 'text' | 'pattern' | 'statuses' | 'path' | 'executionId' | 'version'> {
  /** Slugs. */
  readonly functions?: readonly string[];
  /** Where to begin; absent: the usual look back. */
  readonly since?: Moment;
  /** Where to end; absent: it goes on. */
  readonly until?: Moment;
  /** How many lines of the past. */
  readonly limit?: number;
}

export type FilterReading = { readonly kind: 'filter'; readonly filter: LineFilter } | { readonly kind: 'refused'; readonly because: string };

/** Keys as they are written, with what else manuals call them. */
const keys: Readonly<Record<string, keyof LineFilter>> = {
  level: 'levels',
  status: 'statuses',
  path: 'path',
  function_name: 'functions',
  function: 'functions',
  execution_id: 'executionId',
  execution: 'executionId',
  version: 'version',
  since: 'since',
  until: 'until',
  limit: 'limit',
};

const allLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

const levelNames: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  trace: 'debug',
  log: 'info',
  info: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  fatal: 'error',
  critical: 'error',
  panic: 'error',
};

/** This level and the graver ones. */
export function levelsFrom(lowest: LogLevel): readonly LogLevel[] {
  return allLevels.slice(allLevels.indexOf(lowest));
}

/** The empty text is the filter that lets everything through. */
export function readFilter(text: string): FilterReading {
  const words: string[] = [];
  let filter: LineFilter = {};
  for (const token of tokens(text)) {
    const part = readToken(token);
    if ('because' in part) {
      return { kind: 'refused', because: part.because };
    }
    if (part.word === undefined) {
      filter = { ...filter, ...part.filter };
    } else {
      words.push(part.word);
    }
  }
  return { kind: 'filter', filter: words.length === 0 ? filter : { ...filter, text: words.join(' ') } };
}

/** `"two words"`, `key="two words"`, `/a pattern/i`, or what stands between spaces. A quote that is never closed is a plain character. */
const token = /(?:[a-z_]+=)?"[^"]*"(?=\s|$)|\/(?:[^/\\]|\\.)+\/i?(?=\s|$)|\S+/gi;

function tokens(text: string): string[] {
  return Array.from(text.matchAll(token), ([whole]) => whole);
}

type Part = { readonly filter: LineFilter; readonly word?: undefined } | { readonly word: string } | { readonly because: string };

function readToken(text: string): Part {
  const [, source, flags] = /^\/((?:[^/\\]|\\.)+)\/(i?)$/i.exec(text) ?? [];
  if (source !== undefined) {
    const reading = readPattern(source.replaceAll('\\/', '/'), (flags ?? '').toLowerCase());
    return reading.kind === 'refused' ? reading : { filter: { pattern: reading.pattern } };
  }
  const [, name = '', written = ''] = /^([a-z_]+)=(.+)$/is.exec(text) ?? [];
  const key = keys[name.toLowerCase()];
  return key === undefined ? { word: unquote(text) } : readKey(key, name, unquote(written));
}

function unquote(text: string): string {
  return /^".*"$/s.test(text) && text.length > 1 ? text.slice(1, -1) : text;
}

function readKey(key: keyof LineFilter, name: string, value: string): Part {
  const refuse = (expected: string): Part => ({ because: l10n.t('{0}={1} is not understood: {2}.', name, value, expected) });
  switch (key) {
    case 'levels': {
      const levels = readLevels(value);
      return levels ? { filter: { levels } } : refuse(l10n.t('a level is {0}', allLevels.join(', ')));
    }
    case 'statuses': {
      const statuses = readStatuses(value);
      return statuses ? { filter: { statuses } } : refuse(l10n.t('a status is like {0}', '500, 5xx, 4xx,5xx, >=400'));
    }
    case 'since':
    case 'until': {
      const moment = readMoment(value);
      return moment ? { filter: { [key]: moment } } : refuse(l10n.t('a time is like {0}', '30m, 24h, 7d, 2026-11-20T08:00'));
    }
    case 'limit': {
      const limit = Number(value);
      return Number.isSafeInteger(limit) && limit > 0 ? { filter: { limit } } : refuse(l10n.t('a number of lines is expected'));
    }
    case 'functions':
      return { filter: { functions: value.split(',').filter((slug) => slug !== '') } };
    default:
      return { filter: { [key]: value } };
  }
}

/** One level means it and the graver ones, several mean these. */
function readLevels(value: string): readonly LogLevel[] | undefined {
  const named = value.toLowerCase().split(',').map((name) => levelNames[name]);
  const known = named.filter((level) => level !== undefined);
  if (known.length < named.length) {
    return undefined;
  }
  const [only] = known;
  return only !== undefined && known.length === 1 ? levelsFrom(only) : allLevels.filter((level) => known.includes(level));
}

function readStatuses(value: string): readonly StatusRange[] | undefined {
  const ranges = value.split(',').map(readStatus);
  const known = ranges.filter((range) => range !== undefined);
  return known.length === ranges.length && known.length > 0 ? known : undefined;
}

function readStatus(text: string): StatusRange | undefined {
  const [, hundreds] = /^([1-5])xx$/i.exec(text) ?? [];
  if (hundreds !== undefined) {
    return { from: Number(hundreds) * 100, to: Number(hundreds) * 100 + 99 };
  }
  const [, least, from, to = from] = /^(>=)?([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  if (from === undefined) {
    return undefined;
  }
  return { from: Number(from), to: least === undefined ? Number(to) : 599 };
}

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Times without a zone are UTC, as the log lines' own are. */
function readMoment(text: string): Moment | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)(s|m|min|h|d|w)$/i.exec(text) ?? [];
  const factor = unitMs[unit.toLowerCase()];
  if (count !== undefined && factor !== undefined) {
    return { kind: 'ago', milliseconds: Math.round(Number(count) * factor) };
  }
  if (!/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/.test(text)) {
    return undefined;
  }
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text.slice('2026-11-20'.length)) ? text : text.length === '2026-11-20'.length ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(time) ? undefined : { kind: 'at', time };
}

/** Epoch milliseconds. */
export function toTime(moment: Moment, now: number): number {
  return moment.kind === 'at' ? moment.time : now - moment.milliseconds;
}

/** The filter as it would be typed; reading it again gives the same. */
export function printFilter(filter: LineFilter): string {
  const parts = [
    printed('level', filter.levels && printLevels(filter.levels)),
    printed('status', filter.statuses?.map(printStatus).join(',')),
    printed('path', filter.path),
    printed('function_name', filter.functions?.join(',')),
    printed('execution_id', filter.executionId),
    printed('version', filter.version),
    printed('since', filter.since && printMoment(filter.since)),
    printed('until', filter.until && printMoment(filter.until)),
    printed('limit', filter.limit === undefined ? undefined : String(filter.limit)),
    filter.pattern && printPattern(filter.pattern),
    filter.text === undefined ? undefined : printText(filter.text),
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function printed(key: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${key}=${/\s/.test(value) ? `"${value}"` : value}`;
}

function printLevels(levels: readonly LogLevel[]): string {
  const [lowest] = levels;
  if (lowest !== undefined && levels.length === levelsFrom(lowest).length) {
    return lowest;
  }
  // A single name would mean the graver ones as well.
  return (levels.length === 1 ? [...levels, ...levels] : levels).join(',');
}

function printStatus({ from, to }: StatusRange): string {
  if (from === to) {
    return String(from);
  }
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
}

function printMoment(moment: Moment): string {
  if (moment.kind === 'at') {
    return new Date(moment.time).toISOString().replace(/:00\.000Z$/, 'Z');
  }
  const [unit, size] = (['d', 'h', 'm', 's'] as const).map((name) => [name, unitMs[name] ?? 1] as const).find(([, each]) => moment.milliseconds % each === 0) ?? ['s', 1000];
  return `${moment.milliseconds / size}${unit}`;
}

export function printPattern({ source, ignoreCase }: LogPattern): string {
  return `/${source.replace(/(\\.)|\//g, (whole, escaped: string | undefined) => escaped ?? `\\${whole}`)}/${ignoreCase ? 'i' : ''}`;
}

/** Quoted when it would be read as something else. */
function printText(text: string): string {
  const reading = text.includes('"') ? undefined : readFilter(text);
  const plain = reading?.kind === 'filter' && reading.filter.text === text && Object.keys(reading.filter).length === 1;
  return plain || text.includes('"') ? text : `"${text}"`;
}

/** What is asked of the log store; functions and times are the caller's, who knows ids and the clock. */
export function lineConditions({ levels, text, pattern, statuses, path, executionId, version }: LineFilter): Omit<LogFilter, 'services' | 'functionIds'> {
  return defined({ levels, text, pattern, statuses, path, executionId, version });
}
