/** Accounts of the sandbox and the access tokens that act for them. */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Account {
  /** `gotrue_id` of `GET /v1/profile`. */
  id: string;
  email: string;
  username: string;
  /** Slugs of the organizations the account belongs to. */
  organizations: string[];
}

export interface Token {
  value: string;
  account: Account;
  revoked: boolean;
  /** Permissions a scoped token lacks; a classic token lacks none. */
  lacks: ReadonlySet<string>;
}

export class TokenRegistry {
  readonly #tokens = new Map<string, Token>();

  /** A classic personal access token: `sbp_` and 40 hex digits, all rights of its account. */
  issue(account: Account): string {
    return this.#add('sbp_', account, []);
  }

  /** A scoped token (`sbp_v0_`) that may do everything but what `lacks` names, e.g. `edge_functions_secrets_read`. */
  issueScoped(account: Account, lacks: readonly string[]): string {
    return this.#add('sbp_v0_', account, lacks);
  }

  revoke(value: string): void {
    const token = this.#tokens.get(value);
    if (token === undefined) {
      throw new Error('no such token');
    }
    token.revoked = true;
  }

  /** The token of an `Authorization` header, or undefined where it is absent, malformed, unknown or revoked. */
  find(authorization: string | undefined): Token | undefined {
    const value = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const token = value === undefined ? undefined : this.#tokens.get(value);
    return token?.revoked === true ? undefined : token;
  }

  #add(prefix: string, account: Account, lacks: readonly string[]): string {
    const value = prefix + randomBytes(20).toString('hex');
    this.#tokens.set(value, { value, account, revoked: false, lacks: new Set(lacks) });
    return value;
  }
}

export function createAccount(username: string, organizations: string[]): Account {
  return { id: randomUUID(), email: `${username}@example.test`, username, organizations };
}

/** True where one of the alternatives is wholly among the token's permissions. */
export function permits(token: Token, alternatives: readonly string[][]): boolean {
  return alternatives.length === 0 || alternatives.some((all) => all.every((permission) => !token.lacks.has(permission)));
}
