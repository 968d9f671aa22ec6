import type { Logger } from '../../core/ports.ts';
import type { Session } from '../../core/project/session.ts';
import { checkAccessToken, type Accounts } from '../../core/project/accounts.ts';
import { projectRefPattern } from '../../core/project/project.ts';
import type { ManagementApi } from '../../core/ports.ts';
import { accountName } from './takeToken.ts';

export interface EnvironmentNeeds {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly accounts: Accounts;
  readonly session: Session;
  readonly origin: string;
  readonly isTrusted: boolean;
  readonly managementFor: (token: string, origin: string) => Promise<ManagementApi>;
  readonly selectByRef: (ref: string, signal: AbortSignal) => Promise<void>;
  /** The environment names the project: the folder's own word is not offered beside it. */
  readonly declineOffer: () => Promise<void>;
  readonly log: Logger;
}

/**
 * Signs in with `OPSBOOK_ACCESS_TOKEN` and selects `OPSBOOK_PROJECT_REF`, for machines where nobody can paste: a codespace, a
 * container, a demonstration. The variables carry Opsbook's name, so setting them is the consent; `SUPABASE_ACCESS_TOKEN` is only
 * ever offered. Nothing is taken in a folder that is not trusted, and nothing is changed where something is chosen already. An account
 * whose token the editor has lost, as one in a browser does when its window is loaded anew, gets it again. Says whether a token was taken.
 */
export async function signInFromEnvironment(needs: EnvironmentNeeds): Promise<boolean> {
  const { environment, accounts, session, origin, log } = needs;
  const text = environment['OPSBOOK_ACCESS_TOKEN'];
  if (!text || !needs.isTrusted) {
    return false;
  }
  const signal = AbortSignal.timeout(30_000);
  const ref = environment['OPSBOOK_PROJECT_REF'];
  if (ref) {
    await needs.declineOffer();
  }
  const isMissing = !(await hasToken(accounts, origin));
  if (isMissing) {
    const token = checkAccessToken(text);
    const name = await accountName(await needs.managementFor(token, origin), token, signal);
    await accounts.add(name, origin, token);
    log.info('signed in with OPSBOOK_ACCESS_TOKEN', { account: name });
  }
  if (ref && projectRefPattern.test(ref) && session.state.kind === 'noProject') {
    await needs.selectByRef(ref, signal);
  }
  return isMissing;
}

async function hasToken(accounts: Accounts, origin: string): Promise<boolean> {
  const known = accounts.list().filter((account) => account.origin === origin);
  const tokens = await Promise.all(known.map(async (account) => accounts.token(account).catch(() => undefined)));
  return tokens.some((token) => token !== undefined);
}
