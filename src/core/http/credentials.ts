import type { SecretStore, Storage } from '../ports.ts';
import type { TextRange } from '../runbook/document.ts';
import type { Role } from './directives.ts';
import { readJwt } from './jwt.ts';
import { parseRequests } from './requestDocument.ts';
import { findCredentials } from './variables.ts';

/** Under which name the credential of a role is kept; the others send what is public, or nothing. */
export const roleCredentials: Readonly<Partial<Record<Role, string>>> = { service: 'service key', user: 'user JWT' };

export type CredentialProblem = 'notAServiceKey' | 'publicKey' | 'notAJwt' | 'expired';

/** Whether a text can be what it was pasted as; nothing is verified. */
export function credentialProblem(role: Role, value: string, now: number): CredentialProblem | undefined {
  const claims = readJwt(value);
  if (claims?.expires !== undefined && claims.expires <= now) {
    return 'expired';
  }
  switch (role) {
    case 'service':
      if (/^sb_publishable_/.test(value) || claims?.role === 'anon' || claims?.role === 'authenticated') {
        return 'publicKey';
      }
      return /^sb_secret_\w/.test(value) || claims !== undefined ? undefined : 'notAServiceKey';
    case 'user':
      return claims === undefined ? 'notAJwt' : undefined;
    default:
      return undefined;
  }
}

/** How a role's credential travels. The new secret keys are no JWTs: as a bearer token they would be refused. */
export function credentialHeaders(role: Role, value: string): Record<string, string> {
  switch (role) {
    case 'service':
      return value.startsWith('sb_') ? { apikey: value } : { apikey: value, authorization: `Bearer ${value}` };
    case 'user':
      return { authorization: `Bearer ${value}` };
    default:
      return {};
  }
}

/** Credentials for requests, bound to the address they were given for (SAFETY 7); names alone are remembered outside secret storage. */
export class RequestCredentials {
  private readonly secrets: SecretStore;
  private readonly storage: Storage;

  constructor({ secrets, storage }: { secrets: SecretStore; storage: Storage }) {
    this.secrets = secrets;
    this.storage = storage;
  }

  /** `undefined` when none is kept. */
  async get(origin: string, name: string): Promise<string | undefined> {
    return this.secrets.get(secretKey(origin, name));
  }

  async keep(origin: string, name: string, value: string): Promise<void> {
    await this.secrets.set(secretKey(origin, name), value);
    await this.storage.set(namesKey(origin), [...new Set([...this.names(origin), name])].sort());
  }

  async forget(origin: string, ...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.secrets.delete(secretKey(origin, name));
    }
    await this.storage.set(namesKey(origin), this.names(origin).filter((known) => !names.includes(known)));
  }

  names(origin: string): readonly string[] {
    return this.storage.get<readonly string[]>(namesKey(origin)) ?? [];
  }
}

function secretKey(origin: string, name: string): string {
  return `request ${origin} ${name}`;
}

function namesKey(origin: string): string {
  return `request.credentials ${origin}`;
}

export interface WrittenCredential {
  readonly range: TextRange;
  /** Its kind, such as `sb_secret_…`, or the header's name. */
  readonly shown: string;
}

const credentialHeader = /^(?:authorization|proxy-authorization|apikey|cookie)$|(?:secret|token|password|api-?key)$/i;

/** Credentials that stand in a document of requests: they belong into secret storage, where a role or `{{secret name}}` finds them. */
export function writtenCredentials(text: string): WrittenCredential[] {
  const byLook = findCredentials(text).map(({ start, end, shown }) => ({ range: { start, end }, shown }));
  const byHeader = parseRequests(text)
    .requests.flatMap(({ headers }) => headers)
    .filter(({ name, value }) => credentialHeader.test(name) && /\S/.test(value.replace(/\{\{.*?\}\}/g, '').replace(/^\s*(?:bearer|basic|token)\b/i, '')))
    .filter(({ range }) => !byLook.some((known) => known.range.start >= range.start && known.range.end <= range.end))
    .map(({ name, range }) => ({ range, shown: name }));
  return [...byLook, ...byHeader].sort((a, b) => a.range.start - b.range.start);
}
