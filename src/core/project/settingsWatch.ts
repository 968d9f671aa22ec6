import { OpsError, asFailure } from '../errors.ts';
import type { CallOptions, Clock, Journal, ManagementApi } from '../ports.ts';
import { isAlike, settingsHistory, settingsParts, toSettingsLook, type SettingsHistory, type SettingsLook, type SettingsPart } from './settings.ts';

export interface SettingsWatchNeeds {
  readonly ref: string;
  readonly management: Pick<ManagementApi, 'settings'>;
  /** What this machine keeps of the project's settings. */
  readonly journal: Journal;
  readonly clock: Clock;
}

export interface SettingsNews extends Pick<SettingsHistory, 'changes' | 'since'> {
  /** Parts that could not be read now, and why: they may have changed. */
  readonly unread: readonly { readonly part: SettingsPart; readonly error: OpsError }[];
}

/** Looks at the settings, keeps what is new, and tells what changed between all looks. Throws `cancelled`, `storageFailed`. */
export async function lookAtSettings({ ref, management, journal, clock }: SettingsWatchNeeds, options: CallOptions): Promise<SettingsNews> {
  const [before, read] = await Promise.all([readLooks(journal), Promise.all(settingsParts.map(async (part) => ({ part, found: await management.settings(ref, part, options).catch(asFailure) })))]);
  const { latest } = settingsHistory(before);
  const same: SettingsPart[] = [];
  const changed: Partial<Record<SettingsPart, Readonly<Record<string, string>>>> = {};
  for (const { part, found } of read) {
    const known = latest.get(part);
    if (found instanceof OpsError) {
      continue;
    }
    if (known && isAlike(known.settings, found)) {
      same.push(part);
    } else {
      changed[part] = found;
    }
  }
  const look: SettingsLook = { at: clock.now(), changed, same };
  await journal.append(look);
  const { changes, since } = settingsHistory([...before, look]);
  return { changes, since, unread: read.flatMap(({ part, found }) => (found instanceof OpsError ? [{ part, error: found }] : [])) };
}

/** When the settings were looked at last, epoch milliseconds; `undefined`: never. Throws `storageFailed`. */
export async function lastLook(journal: Journal): Promise<number | undefined> {
  return (await readLooks(journal)).at(-1)?.at;
}

async function readLooks(journal: Journal): Promise<SettingsLook[]> {
  return (await journal.read()).flatMap((entry) => toSettingsLook(entry) ?? []);
}
