import { OpsError } from '../../core/errors.ts';
import { checkAccessToken } from '../../core/project/accounts.ts';
import type { CommandRegistry } from '../../host/commands.ts';
import type { Choice, Ui } from '../../host/ui.ts';
import { DisposableStore, type Disposable } from '../../util/dispose.ts';
import { l10n } from '../../util/l10n.ts';
import { takeToken, type TokenNeeds } from './takeToken.ts';

/** A token that lies on this machine: offered by name, read only when chosen (SAFETY 6). */
export interface FoundToken {
  /** `SUPABASE_ACCESS_TOKEN`, or the file's path. */
  readonly from: string;
  readonly read: () => Promise<string>;
}

export interface AccountNeeds extends TokenNeeds {
  readonly commands: CommandRegistry;
  readonly ui: Ui;
  readonly findTokens: () => Promise<readonly FoundToken[]>;
  /** After a sign-in: on to the project. */
  readonly whenSignedIn: () => Promise<void>;
}

export function registerAccount(needs: AccountNeeds): Disposable {
  const owned = new DisposableStore();
  owned.add(needs.commands.register('account.signIn', signIn(needs)));
  owned.add(needs.commands.register('account.signOut', signOut(needs)));
  return owned;
}

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
        await ui.openExternal(`${settings.current['opsbook.dashboardUrl']}/account/tokens`);
        return paste();
      },
    },
  ];
  const read = await ui.pick(l10n.t('Sign In to Supabase'), choices, l10n.t('What the Supabase CLI keeps in the system’s keyring is not read'));
  const account = await takeToken(needs, await read());
  ui.tell(l10n.t('Signed in to Supabase as {0}.', account.name));
  await needs.whenSignedIn();
};

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
