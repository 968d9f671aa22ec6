import { OpsError, isOpsError } from '../../core/errors.ts';
import { checkAccessToken, type Account, type Accounts } from '../../core/project/accounts.ts';
import type { ManagementApi } from '../../core/ports.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { SettingsSource } from '../../host/settings.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';

/** A token that lies on this machine: offered by name, read only when chosen (SAFETY 6). */
export interface FoundToken {
  /** `SUPABASE_ACCESS_TOKEN`, or the file's path. */
  readonly from: string;
  readonly read: () => Promise<string>;
}

export interface AccountNeeds {
  readonly accounts: Accounts;
  readonly commands: CommandRegistry;
  readonly settings: SettingsSource;
  readonly ui: Ui;
  readonly findTokens: () => Promise<readonly FoundToken[]>;
  /** An API client for a token that belongs to no account yet. */
  readonly managementFor: (token: string, origin: string) => Promise<ManagementApi>;
  /** After a sign-in: on to the project. */
  readonly whenSignedIn: () => Promise<void>;
}

export function registerAccount(needs: AccountNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(needs.commands.register('account.signIn', signIn(needs)));
  owned.add(needs.commands.register('account.signOut', signOut(needs)));
  return owned;
}

const tokenPage = 'https://supabase.com/dashboard/account/tokens';

export const signIn = (needs: AccountNeeds) => async (): Promise<void> => {
  const { settings, ui } = needs;
  const found = await needs.findTokens();
  const paste = async () =>
    ui.ask({
      title: l10n.t('Sign In to Supabase'),
      prompt: l10n.t('Access token, kept in the editor’s secret storage and sent only to {0}.', settings.current['opsbook.apiUrl']),
      placeholder: 'sbp_…',
      secret: true,
      check: (text) => (malformed(text) ? l10n.t('A token starts with sbp_ and has 40 hexadecimal digits.') : undefined),
    });
  const choices: Choice<() => Promise<string>>[] = [
    { label: l10n.t('Paste an access token'), icon: 'key', value: paste },
    ...found.map((token) => ({ label: l10n.t('Use the token of {0}', token.from), icon: 'file-symlink-file', value: token.read })),
    {
      label: l10n.t('Create an access token in the dashboard'),
      icon: 'link-external',
      value: async () => {
        await ui.openExternal(tokenPage);
        return paste();
      },
    },
  ];
  const read = await ui.pick(l10n.t('Sign In to Supabase'), choices);
  const account = await takeToken(needs, await read());
  ui.tell(l10n.t('Signed in to Supabase as {0}.', account.name));
  await needs.whenSignedIn();
};

/** Checks a token with the service and keeps it. Throws `tokenMalformed` or what the service says. */
export async function takeToken({ accounts, settings, managementFor, ui }: Pick<AccountNeeds, 'accounts' | 'settings' | 'managementFor' | 'ui'>, text: string): Promise<Account> {
  const token = checkAccessToken(text);
  const origin = new URL(settings.current['opsbook.apiUrl']).origin;
  const management = await managementFor(token, origin);
  const name = await ui.progress(l10n.t('Signing in to Supabase'), async (signal) => accountName(management, token, signal));
  return accounts.add(name, origin, token);
}

/** A scoped token may not read the profile and is still good: it is named by its last digits. */
async function accountName(management: ManagementApi, token: string, signal: AbortSignal): Promise<string> {
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

function malformed(text: string): boolean {
  try {
    checkAccessToken(text);
    return false;
  } catch {
    return true;
  }
}

export const signOut =
  ({ accounts, ui }: Pick<AccountNeeds, 'accounts' | 'ui'>) =>
  async (): Promise<void> => {
    const list = accounts.list();
    const [only] = list;
    if (!only) {
      throw new OpsError('notSignedIn', {});
    }
    const account =
      list.length === 1
        ? only
        : await ui.pick(
            l10n.t('Sign Out of Supabase'),
            list.map((known) => ({ label: known.name, description: known.origin, icon: 'account', value: known })),
          );
    await ui.consent({
      question: l10n.t('Sign {0} out?', account.name),
      detail: [l10n.t('The token is removed from this machine. It stays valid until it is revoked in the dashboard.')],
      action: l10n.t('Sign Out'),
    });
    await accounts.remove(account);
  };
