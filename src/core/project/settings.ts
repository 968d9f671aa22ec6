/** Settings of a hosted project, and what became of them between two looks: the platform keeps no list of changes. */

/** Parts that are asked for one by one; each needs a permission of its own. */
export const settingsParts = ['auth', 'dataApi', 'database', 'storage', 'realtime', 'tls', 'network'] as const;

export type SettingsPart = (typeof settingsParts)[number];

/** Values as text by dotted name, those that are not set left out. Of a secret it is only known that it is set. */
export type Settings = Readonly<Record<string, string>>;

/** What a look found: parts that are as they were are named alone. */
export interface SettingsLook {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly changed: Readonly<Partial<Record<SettingsPart, Settings>>>;
  readonly same: readonly SettingsPart[];
}

/** One setting, seen to be another than at the look before. */
export interface SettingChange {
  readonly part: SettingsPart;
  readonly name: string;
  /** Absent: it was not set. */
  readonly before?: string;
  readonly after?: string;
  /** Epoch milliseconds: it was still as before then, and was seen changed at `seenAt`. */
  readonly notBefore: number;
  readonly seenAt: number;
}

interface Known {
  readonly settings: Settings;
  readonly lastSeen: number;
}

/** What is known after many looks. */
export interface SettingsHistory {
  /** In the order of the looks. */
  readonly changes: readonly SettingChange[];
  readonly latest: ReadonlyMap<SettingsPart, Known>;
  /** When each part was looked at first. */
  readonly since: ReadonlyMap<SettingsPart, number>;
}

/** `looks` oldest first, as far as they are kept: what was changed before the first of them is not known. */
export function settingsHistory(looks: readonly SettingsLook[]): SettingsHistory {
  const latest = new Map<SettingsPart, Known>();
  const since = new Map<SettingsPart, number>();
  const changes: SettingChange[] = [];
  for (const { at, changed, same } of looks.toSorted((one, other) => one.at - other.at)) {
    for (const part of settingsParts) {
      const known = latest.get(part);
      const settings = changed[part] ?? (same.includes(part) ? known?.settings : undefined);
      if (settings) {
        changes.push(...(known ? difference(part, known, settings, at) : []));
        latest.set(part, { settings, lastSeen: at });
        since.set(part, since.get(part) ?? at);
      }
    }
  }
  return { changes, latest, since };
}

export function isAlike(one: Settings, other: Settings): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function difference(part: SettingsPart, { settings: before, lastSeen }: Known, after: Settings, at: number): SettingChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]);
  return names.sort().map((name) => ({
    part,
    name,
    ...(before[name] === undefined ? {} : { before: before[name] }),
    ...(after[name] === undefined ? {} : { after: after[name] }),
    notBefore: lastSeen,
    seenAt: at,
  }));
}

/** A line of a journal as a look; `undefined` for anything else. */
export function toSettingsLook(entry: unknown): SettingsLook | undefined {
  if (typeof entry !== 'object' || entry === null || !('at' in entry) || typeof entry.at !== 'number' || !('changed' in entry) || !('same' in entry)) {
    return undefined;
  }
  const { at, changed, same } = entry;
  if (typeof changed !== 'object' || changed === null || !Array.isArray(same)) {
    return undefined;
  }
  const parts = settingsParts.flatMap((part) => {
    const settings: unknown = (changed as Partial<Record<SettingsPart, unknown>>)[part];
    return typeof settings === 'object' && settings !== null ? [[part, Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]))] as const] : [];
  });
  return { at, changed: Object.fromEntries(parts), same: settingsParts.filter((part) => same.includes(part)) };
}
