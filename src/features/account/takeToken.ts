import { OpsError, isOpsError } from '../../core/errors.ts';
import { checkAccessToken, type Account, type Accounts } from '../../core/project/accounts.ts';
import type { ManagementApi } from '../../core/ports.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Ui } from '../../host/ui.ts';
import { l10n } from '../../util/l10n.ts';

export interface TokenNeeds {
  readonly accounts: Accounts;
  readonly settings: Pick<SettingsSource, 'current'>;
  /** An API client for a token that belongs to no account yet. */
  readonly managementFor: (token: string, origin: string) => Promise<ManagementApi>;
  readonly ui: Pick<Ui, 'progress'>;
}

/** Checks a token with the service and keeps it, bound to that service. Throws `tokenMalformed`, `badConfig` or what the service says. */
export async function takeToken({ accounts, settings, managementFor, ui }: TokenNeeds, text: string): Promise<Account> {
  const token = checkAccessToken(text);
  const origin = apiOrigin(settings.current['opsbook.apiUrl']);
  const management = await managementFor(token, origin);
  const name = await ui.progress(l10n.t('Signing in to Supabase'), async (signal) => accountName(management, token, signal));
  return accounts.add(name, origin, token);
}

/** A token that may not read the profile is still good: it is named by its last digits. */
export async function accountName(management: Pick<ManagementApi, 'profile'>, token: string, signal: AbortSignal): Promise<string> {
  try {
    const profile = await management.profile({ signal, priority: 'user' });
    return profile.email || profile.username;
  } catch (error) {
    if (isOpsError(error, 'permissionMissing')) {
      return l10n.t('token …{0}', token.slice(-4));
    }
    throw error;
  }
}

/** Of the setting: what a token is bound to. Throws `badConfig`. */
export function apiOrigin(url: string): string {
  if (!URL.canParse(url)) {
    throw new OpsError('badConfig', { file: l10n.t('The setting {0}', 'opsbook.apiUrl'), problem: l10n.t('{0} is no address', url) });
  }
  return new URL(url).origin;
}
