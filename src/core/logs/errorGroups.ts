import { defined } from '../../util/defined.ts';
import { fingerprint } from './fingerprint.ts';
import type { LogLine, LogService } from './log.ts';

/** How often one message occurred, of one version of one function or of one service. Times are epoch milliseconds. */
export interface MessageCount {
  readonly service: LogService;
  readonly functionId?: string;
  readonly version?: string;
  /** Outside text, perhaps shortened. */
  readonly message: string;
  /** Of a call: HTTP status and the platform's own code. */
  readonly status?: number;
  readonly errorCode?: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** A version of a function that ran in the time looked at. */
export interface VersionSeen {
  readonly functionId: string;
  readonly version: string;
  readonly first: number;
  readonly last: number;
}

/** Errors that differ in nothing but numbers, ids and the like, of one function or service. */
export interface ErrorGroup {
  readonly fingerprint: string;
  /** The most frequent of its messages; outside text. */
  readonly example: string;
  readonly service: LogService;
  readonly functionId?: string;
  readonly status?: number;
  readonly errorCode?: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Ascending. */
  readonly versions: readonly string[];
  /** The version with which it began, where an earlier one ran in the time looked at without it. */
  readonly newSince?: string;
  /** The version that no longer has it. */
  readonly goneWith?: string;
}

/** Most frequent first. */
export function groupErrors(counts: readonly MessageCount[], seen: readonly VersionSeen[]): ErrorGroup[] {
  const groups = new Map<string, MessageCount[]>();
  for (const one of counts) {
    const key = JSON.stringify([one.service, one.functionId, one.status, one.errorCode, fingerprint(one.message)]);
    const group = groups.get(key) ?? [];
    group.push(one);
    groups.set(key, group);
  }
  return [...groups.values()].map((members) => toGroup(members, seen)).sort((a, b) => b.count - a.count || b.last - a.last);
}

function toGroup(members: readonly MessageCount[], seen: readonly VersionSeen[]): ErrorGroup {
  const [most] = [...members].sort((a, b) => b.count - a.count || b.last - a.last);
  const { message = '', service = 'functions', functionId, status, errorCode } = most ?? {};
  const versions = ascending(members.map(({ version }) => version));
  const ran = ascending(seen.filter((one) => one.functionId === functionId).map(({ version }) => version));
  const [earliest] = versions;
  const latest = versions.at(-1);
  const before = ran.some((version) => earliest !== undefined && compareVersions(version, earliest) < 0);
  const after = ran.find((version) => latest !== undefined && compareVersions(version, latest) > 0);
  return {
    fingerprint: fingerprint(message),
    example: message,
    service,
    ...defined({ functionId, status, errorCode }),
    count: members.reduce((sum, { count }) => sum + count, 0),
    first: Math.min(...members.map(({ first }) => first)),
    last: Math.max(...members.map(({ last }) => last)),
    versions,
    ...(before && earliest !== undefined ? { newSince: earliest } : {}),
    ...(after === undefined ? {} : { goneWith: after }),
  };
}

/** Each once. */
function ascending(versions: readonly (string | undefined)[]): string[] {
  return [...new Set(versions.filter((version) => version !== undefined))].sort(compareVersions);
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** For a store that cannot count: what its lines amount to. */
export function countMessages(lines: readonly LogLine[]): MessageCount[] {
  const counts = new Map<string, MessageCount>();
  for (const { service, functionId, version, message, status, errorCode, time } of lines) {
    const key = JSON.stringify([service, functionId, version, message, status, errorCode]);
    const known = counts.get(key);
    counts.set(key, {
      service,
      ...defined({ functionId, version, status, errorCode }),
      message,
      count: (known?.count ?? 0) + 1,
      first: Math.min(known?.first ?? time, time),
      last: Math.max(known?.last ?? time, time),
    });
  }
  return [...counts.values()];
}
