import { OpsError } from '../errors.ts';
import type { SecretStore, Storage } from '../ports.ts';
import { Emitter } from '../../util/event.ts';

/** A Supabase account that is signed in; several may be, side by side. Its token lies in the editor's secret store. */
export interface Account {
  /** Email address, or `token …1a2b` when the token may not read the profile. */
  readonly name: string;
  /** The API this token was saved for, and the only one it is ever sent to (SAFETY 7). */
  readonly origin: string;
  /** `<name> <origin>`: the key of everything kept per account. */
  readonly id: string;
}

/** Classic, scoped (`v0_`) and OAuth tokens; the CLI's own check. */
export const accessTokenPattern = /^sbp_(oauth_|v0_)?[a-f0-9]{40}$/;

const listKey = 'accounts';

export class Accounts {
  private readonly secrets: SecretStore;
  private readonly storage: Storage;
  private readonly changed = new Emitter<Account>();
  /** An account came, went, or has another token. */
  readonly onDidChange = this.changed.event;

  constructor({ secrets, storage }: { secrets: SecretStore; storage: Storage }) {
    this.secrets = secrets;
    this.storage = storage;
  }

  /** None is an empty list. */
  list(): readonly Account[] {
    return this.storage.get<Account[]>(listKey) ?? [];
  }

  find(id: string): Account | undefined {
    return this.list().find((account) => account.id === id);
  }

  /** Adds the account, or replaces the token of one that is known. The caller has checked that the service accepts it. */
  async add(name: string, origin: string, token: string): Promise<Account> {
    const account: Account = { id: `${name} ${origin}`, name, origin };
    await this.secrets.set(tokenKey(account.id), token);
    await this.storage.set(listKey, [...this.list().filter((known) => known.id !== account.id), account]);
    this.changed.fire(account);
    return account;
  }

  /** Throws `notSignedIn` when the account is gone or its token was removed by another window. */
  async token(account: Account): Promise<string> {
    const token = await this.secrets.get(tokenKey(account.id));
    if (token === undefined) {
      throw new OpsError('notSignedIn', {});
    }
    return token;
  }

  async remove(account: Account): Promise<void> {
    await this.secrets.delete(tokenKey(account.id));
    await this.storage.set(
      listKey,
      this.list().filter((known) => known.id !== account.id),
    );
    this.changed.fire(account);
  }
}

function tokenKey(accountId: string): string {
  return `token ${accountId}`;
}

/** Trims what copying leaves behind; throws `tokenMalformed` before anything is sent. */
export function checkAccessToken(text: string): string {
  const token = text.trim();
  if (!accessTokenPattern.test(token)) {
    throw new OpsError('tokenMalformed', {});
  }
  return token;
}
