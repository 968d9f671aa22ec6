import { OpsError } from '../../core/errors.ts';
import type { EdgeFunction } from '../../core/functions/edgeFunction.ts';
import type { TailKey } from '../../core/logs/activeTails.ts';
import { levelsFrom, lineConditions, readFilter, type LineFilter } from '../../core/logs/filterText.ts';
import type { LogFilter, LogLevel, LogService } from '../../core/logs/log.ts';
import { allServices, functionServices, isEverything, serviceTailKey, serviceWords } from '../../core/logs/services.ts';
import { l10n } from '../../util/l10n.ts';
import { visible } from '../../util/visible.ts';

/** What to tail, as rows and manuals ask for it: functions by slug (`*` for all) or services, narrowed by a filter. */
export interface TailRequest {
  readonly functions?: readonly string[] | '*';
  readonly services?: readonly LogService[];
  readonly level?: LogLevel;
  /** As typed: `status=5xx /timeout/`. */
  readonly text?: string;
  readonly sinceMinutes?: number;
  /** How many lines of the past. */
  readonly limit?: number;
}

export function isTailRequest(value: unknown): value is TailRequest {
  return typeof value === 'object' && value !== null && (('functions' in value && (value.functions === '*' || Array.isArray(value.functions))) || ('services' in value && Array.isArray(value.services)));
}

/** Whose lines; `served`: of functions that the CLI runs on this machine, whose ids are their slugs. */
export type TailTarget =
  | { readonly kind: 'functions'; readonly slugs: readonly string[] | '*' }
  | { readonly kind: 'services'; readonly services: readonly LogService[] }
  | { readonly kind: 'served' };

export function targetOf({ functions, services }: TailRequest): TailTarget {
  return functions === undefined ? { kind: 'services', services: services ?? allServices } : { kind: 'functions', slugs: functions };
}

export function keyOf(target: TailTarget): TailKey {
  if (target.kind === 'functions') {
    return target.slugs === '*' ? '*' : target.slugs.join(' ');
  }
  if (target.kind === 'served') {
    return 'served';
  }
  return serviceTailKey(target.services);
}

/** `mint-token`, `all functions`, `Postgres`, `everything`. */
export function targetWords(target: TailTarget): string {
  if (target.kind === 'functions') {
    return target.slugs === '*' ? l10n.t('all functions') : target.slugs.map(visible).join(', ');
  }
  if (target.kind === 'served') {
    return l10n.t('served on this machine');
  }
  return isEverything(target.services) ? l10n.t('everything') : target.services.map(serviceWords).join(', ');
}

/** A tail's channel: `Function logs: mint-token · acme`. */
export function channelName(target: TailTarget, project: string): string {
  const words = targetWords(target);
  return visible(`${target.kind !== 'services' ? l10n.t('Function logs: {0}', words) : l10n.t('Supabase logs: {0}', words)} · ${project}`);
}

/** What a request says of lines; `undefined` when it says nothing. Throws `badFilter`. */
export function filterOfRequest({ level, text, sinceMinutes, limit }: TailRequest): LineFilter | undefined {
  const read = text === undefined ? {} : parseFilter(text);
  const filter: LineFilter = {
    ...read,
    ...(level === undefined ? {} : { levels: levelsFrom(level) }),
    ...(sinceMinutes === undefined ? {} : { since: { kind: 'ago', milliseconds: sinceMinutes * 60_000 } }),
    ...(limit === undefined ? {} : { limit }),
  };
  return Object.keys(filter).length === 0 ? undefined : filter;
}

export function parseFilter(text: string): LineFilter {
  const reading = readFilter(text);
  if (reading.kind === 'refused') {
    throw new OpsError('badFilter', { problem: reading.because });
  }
  return reading.filter;
}

/** Slugs become ids: the logs know functions by id alone. Throws `notFound` for one that is not deployed. */
export function toLogFilter(target: TailTarget, lines: LineFilter, deployed: readonly EdgeFunction[]): LogFilter {
  const conditions = lineConditions(lines);
  if (target.kind === 'served') {
    return { services: ['functions'], ...(lines.functions ? { functionIds: lines.functions } : {}), ...conditions };
  }
  const slugs = lines.functions ?? (target.kind === 'functions' ? target.slugs : undefined);
  if (slugs === undefined) {
    return { services: target.kind === 'services' ? target.services : functionServices, ...conditions };
  }
  return { services: functionServices, ...(slugs === '*' ? {} : { functionIds: slugs.map((slug) => idOf(slug, deployed)) }), ...conditions };
}

/** Whether functions are named, so that their ids must be known. */
export function namesFunctions(target: TailTarget, lines: LineFilter): boolean {
  return namedFunctions(target, lines).length > 0;
}

/** Slugs of the functions that are named, by the filter or else by the target; none when it is all of them. */
export function namedFunctions(target: TailTarget, lines: LineFilter): readonly string[] {
  if (target.kind === 'served') {
    return [];
  }
  return lines.functions ?? (target.kind === 'functions' && target.slugs !== '*' ? target.slugs : []);
}

function idOf(slug: string, deployed: readonly EdgeFunction[]): string {
  const found = deployed.find((fn) => fn.slug === slug);
  if (!found) {
    throw new OpsError('notFound', { what: l10n.t('The deployed function {0}', slug) });
  }
  return found.id;
}
